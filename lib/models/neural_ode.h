#pragma once

#include <memory>

#include "models/dynamics_model.h"

namespace least_action {

/// Plain neural ODE: the vector field itself is a network,
///
///   ẋ = f(x; θ),   f: R²ⁿ → R²ⁿ fully connected.
///
/// Nothing mechanical is built in: no energy is conserved, and orbits of a conservative system
/// drift. It is the baseline the structured models are compared with.
///
/// Source: Chen, Rubanova, Bettencourt & Duvenaud, NeurIPS 2018, eq. 2.
/// Sizes, tapes and verbs as in DynamicsModel.
template <class S>
class NeuralOde final : public DynamicsModel<S> {
 public:
  using Tape = typename DynamicsModel<S>::Tape;
  explicit NeuralOde(const ModelSpec& spec);  ///< Throws std::invalid_argument.

  const ModelSpec& spec() const override { return spec_; }
  Index num_parameters() const override { return mlp_.num_parameters(); }
  std::vector<ParameterBlock> parameter_blocks() const override;
  void initialize(const Random& random, VectorRefX<S> theta) const override;
  std::unique_ptr<Tape> make_tape(Index capacity) const override;
  void forward(ConstVectorRefX<S> theta, ConstMatrixRefX<S> x, MatrixRefX<S> x_dot,
               Tape& tape) const override;
  void vjp(ConstVectorRefX<S> theta, ConstMatrixRefX<S> w, MatrixRefX<S> x_bar,
           VectorRefX<S> theta_bar, Tape& tape) const override;
  void jvp(ConstVectorRefX<S> theta, ConstMatrixRefX<S> v, MatrixRefX<S> x_dot_tangent,
           Tape& tape) const override;

 private:
  ModelSpec spec_;
  Mlp<S> mlp_;
};

}  // namespace least_action
