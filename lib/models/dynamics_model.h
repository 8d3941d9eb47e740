#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/types.h"
#include "mechanics/chart.h"
#include "nn/activation.h"
#include "nn/mlp.h"
#include "ode/vector_field.h"

namespace least_action {

enum class ModelKind {
  kNeuralOde,
  kResidual,
  kHamiltonian,
  kSeparableHamiltonian,
  kLagrangian
};

struct ModelTraits {
  ModelKind kind;
  std::string_view name;   ///< "node", "resnet", "hnn", "separable-hnn", "lnn"
  std::string_view title;  ///< "Neural ODE", "Residual network", "Hamiltonian network", …
  Chart chart;             ///< The chart it is trained in here.
  bool has_energy;         ///< Has a learned energy (H, or q̇ᵀ∂L/∂q̇ − L).
};
const std::vector<ModelTraits>& model_kinds();
const ModelTraits& traits(ModelKind kind);
ModelKind model_kind_named(
    std::string_view name);  ///< Throws std::invalid_argument naming the known ones.

/// Everything needed to build a model; θ is separate.
struct ModelSpec {
  ModelKind kind = ModelKind::kHamiltonian;
  Index degrees_of_freedom = 1;  ///< n; the state has 2n components.
  std::vector<Index> hidden = {32, 32};
  Activation activation = Activation::kTanh;
  /// One per state component (2n), or empty. Periodic ones feed (sin, cos).
  std::vector<InputFeature> features = {};
  /// Residual network only: Φ = (I + f_K)∘…∘(I + f_1) advances the state by `block_time · K`.
  Index blocks = 1;
  double block_time = 0.1;

  void check() const;  ///< Throws std::invalid_argument.
};

/// A weight matrix or a bias of θ: entries [offset, offset + rows · columns), column by column.
struct ParameterBlock {
  /// "network.0.weight", "kinetic.2.bias", "block1.network.0.weight", …, all counted from 0.
  std::string name;
  Index offset = 0;
  Index rows = 0, columns = 1;  ///< A bias has one column.
  bool is_bias = false;
};

/// A trainable dynamics ẋ = f(x; θ). Immutable; θ is one flat vector owned by the caller.
/// Sizes, tapes and verbs as in VectorField. S is float or double.
template <class S>
class DynamicsModel {
 public:
  using Tape = typename VectorField<S>::Tape;
  virtual ~DynamicsModel() = default;

  virtual const ModelSpec& spec() const = 0;
  virtual Index num_parameters() const = 0;
  Index dimension() const { return 2 * spec().degrees_of_freedom; }
  /// The weights and biases that θ is made of: in order, without gaps, from 0 to its end.
  virtual std::vector<ParameterBlock> parameter_blocks() const = 0;

  /// Writes a starting θ (the initialiser that suits the model).
  virtual void initialize(const Random& random, VectorRefX<S> theta) const = 0;

  virtual std::unique_ptr<Tape> make_tape(Index capacity) const = 0;
  virtual void forward(ConstVectorRefX<S> theta, ConstMatrixRefX<S> x, MatrixRefX<S> x_dot,
                       Tape& tape) const = 0;
  virtual void vjp(ConstVectorRefX<S> theta, ConstMatrixRefX<S> w, MatrixRefX<S> x_bar,
                   VectorRefX<S> theta_bar, Tape& tape) const = 0;
  virtual void jvp(ConstVectorRefX<S> theta, ConstMatrixRefX<S> v, MatrixRefX<S> x_dot_tangent,
                   Tape& tape) const = 0;

  /// Learned energy (1 × B) where traits(kind).has_energy; throws std::logic_error elsewhere.
  /// Defined up to an additive constant (H) or scale and constant (L has a gauge).
  virtual void energy(ConstVectorRefX<S> theta, ConstMatrixRefX<S> x, MatrixRefX<S> energy,
                      Tape& tape) const;

  virtual bool is_separable() const { return false; }
  virtual void velocity(ConstVectorRefX<S> theta, ConstMatrixRefX<S> p, MatrixRefX<S> q_dot,
                        Tape& tape) const;
  virtual void force(ConstVectorRefX<S> theta, ConstMatrixRefX<S> q, MatrixRefX<S> p_dot,
                     Tape& tape) const;
};

/// Builds the model of `spec` (throws std::invalid_argument for a bad one).
template <class S>
std::unique_ptr<DynamicsModel<S>> make_model(const ModelSpec& spec);

/// A model with its parameters, as a vector field. Refers to both: they must outlive it, and a
/// change of `theta` is seen by the next `forward`.
template <class S>
class ModelField final : public VectorField<S> {
 public:
  using Tape = typename VectorField<S>::Tape;
  ModelField(const DynamicsModel<S>& model, const VectorX<S>& theta);

  Index dimension() const override;
  Index num_parameters() const override;
  std::unique_ptr<Tape> make_tape(Index capacity) const override;
  void forward(ConstVectorRefX<S> t, ConstMatrixRefX<S> x, MatrixRefX<S> x_dot,
               Tape& tape) const override;
  void vjp(ConstMatrixRefX<S> w, MatrixRefX<S> x_bar, VectorRefX<S> theta_bar,
           Tape& tape) const override;
  void jvp(ConstMatrixRefX<S> v, MatrixRefX<S> x_dot_tangent, Tape& tape) const override;
  bool is_separable() const override;
  void velocity(ConstVectorRefX<S> t, ConstMatrixRefX<S> p, MatrixRefX<S> q_dot,
                Tape& tape) const override;
  void force(ConstVectorRefX<S> t, ConstMatrixRefX<S> q, MatrixRefX<S> p_dot,
             Tape& tape) const override;

 private:
  const DynamicsModel<S>* model_;
  const VectorX<S>* theta_;
};

}  // namespace least_action
