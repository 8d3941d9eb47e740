#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/types.h"
#include "nn/activation.h"
#include "nn/mlp.h"
#include "ode/vector_field.h"

namespace least_action {

/// Everything needed to build a flow; θ is separate.
struct FlowSpec {
  Index dimension = 2;  ///< d.
  std::vector<Index> hidden = {64, 64};
  Activation activation = Activation::kTanh;

  /// The network of f(t, x): inputs (x, t), outputs d.
  MlpLayout layout() const;
  void check() const;  ///< Throws std::invalid_argument.
};

/// How tr ∂f/∂x is had. An estimate is unbiased, E[εᵀ (∂f/∂x) ε] = tr ∂f/∂x for E[εεᵀ] = I, and
/// costs one tangent instead of d (Hutchinson 1989; Grathwohl et al., FFJORD, ICLR 2019).
enum class TraceEstimator {
  kExact,       ///< d tangents.
  kRademacher,  ///< ε = ±1: the estimator of least variance.
  kGaussian     ///< ε standard normal.
};
struct TraceTraits {
  TraceEstimator estimator;
  std::string_view name;   ///< "exact", "rademacher", "gaussian"
  std::string_view title;  ///< For people.
  std::string_view help;   ///< One line.
};
const std::vector<TraceTraits>& trace_estimators();
const TraceTraits& traits(TraceEstimator estimator);
TraceEstimator trace_named(std::string_view name);  ///< Throws, naming the known ones.

/// Writes a starting θ: Glorot's, with the last layer's weights a tenth of it, so that the flow
/// starts near the identity and the first solves are easy.
template <class S>
void initialize_flow(const FlowSpec& spec, const Random& random, VectorRefX<S> theta);

/// ẋ = f(t, x; θ): the field that carries the base density at t = 0, N(0, I), to the data's at
/// t = 1. Refers to `theta`, which must outlive it; its changes are seen by the next `forward`.
template <class S>
class FlowField final : public VectorField<S> {
 public:
  using Tape = typename VectorField<S>::Tape;
  FlowField(const FlowSpec& spec, const VectorX<S>& theta);

  Index dimension() const override { return dimension_; }
  Index num_parameters() const override { return mlp_.num_parameters(); }
  std::unique_ptr<Tape> make_tape(Index capacity) const override;
  void forward(ConstVectorRefX<S> t, ConstMatrixRefX<S> x, MatrixRefX<S> x_dot,
               Tape& tape) const override;
  void vjp(ConstMatrixRefX<S> w, MatrixRefX<S> x_bar, VectorRefX<S> theta_bar,
           Tape& tape) const override;
  void jvp(ConstMatrixRefX<S> v, MatrixRefX<S> x_dot_tangent, Tape& tape) const override;
  bool is_autonomous() const override { return false; }
  void time_vjp(ConstMatrixRefX<S> w, VectorRefX<S> t_bar, Tape& tape) const override;

 private:
  Index dimension_;
  Mlp<S> mlp_;
  const VectorX<S>* theta_;
};

/// What the state of `FlowDensityField` holds besides x.
struct FlowStateLayout {
  Index dimension = 2;
  TraceEstimator trace = TraceEstimator::kExact;
  bool kinetic = false;

  Index log_density() const { return dimension; }         ///< The row of ℓ.
  Index kinetic_energy() const { return dimension + 1; }  ///< The row of k, if there.
  Index noise() const {
    return dimension + (kinetic ? 2 : 1);
  }  ///< The first row of ε, if there.
  bool is_estimated() const { return trace != TraceEstimator::kExact; }
  Index size() const { return noise() + (is_estimated() ? dimension : 0); }

  /// Draws ε for every column of a state (nothing where the trace is exact).
  template <class S>
  void draw_noise(Random& random, MatrixRefX<S> state) const;
};

/// The flow with the log-density it carries along (instantaneous change of variables, Chen et
/// al., NeurIPS 2018, theorem 1), on the state (x, ℓ[, k][, ε]):
///
///   ẋ = f(t, x; θ),   ℓ̇ = −tr ∂f/∂x   or   −εᵀ (∂f/∂x) ε,   k̇ = ‖f‖²,   ε̇ = 0.
///
/// ε is part of the state, one vector a sample: so it is fixed for a solve however a solver
/// shares a batch out, and derivatives with respect to it are right, too. `vjp` differentiates
/// through the trace exactly (mlp_tangents.h). Cost of `forward`: 1 + d (exact) or 2 network
/// passes, of `vjp` twice that. `jvp` takes another d + 1 reverse passes (implicit methods).
template <class S>
class FlowDensityField final : public VectorField<S> {
 public:
  using Tape = typename VectorField<S>::Tape;
  FlowDensityField(const FlowSpec& spec, const VectorX<S>& theta,
                   TraceEstimator trace = TraceEstimator::kExact, bool kinetic = false);
  ~FlowDensityField() override;

  const FlowStateLayout& state() const { return layout_; }
  Index dimension() const override { return layout_.size(); }
  Index num_parameters() const override;
  std::unique_ptr<Tape> make_tape(Index capacity) const override;
  void forward(ConstVectorRefX<S> t, ConstMatrixRefX<S> x, MatrixRefX<S> x_dot,
               Tape& tape) const override;
  void vjp(ConstMatrixRefX<S> w, MatrixRefX<S> x_bar, VectorRefX<S> theta_bar,
           Tape& tape) const override;
  void jvp(ConstMatrixRefX<S> v, MatrixRefX<S> x_dot_tangent, Tape& tape) const override;
  bool is_autonomous() const override { return false; }
  void time_vjp(ConstMatrixRefX<S> w, VectorRefX<S> t_bar, Tape& tape) const override;

 private:
  struct Implementation;
  FlowStateLayout layout_;
  std::unique_ptr<const Implementation> implementation_;
};

}  // namespace least_action
