#pragma once

#include <memory>

#include "models/dynamics_model.h"
#include "nn/mlp_derivatives.h"

namespace least_action {

/// Separable Hamiltonian network: H(q, p; θ) = T(p; θ_T) + V(q; θ_V), two scalar networks of
/// the same hidden widths,
///
///   q̇ = ∂T/∂p,   ṗ = −∂V/∂q.
///
/// All of HamiltonianNetwork's properties, and the explicit symplectic methods apply:
/// `velocity` and `force` each evaluate one network only. It cannot represent a mass that
/// depends on the configuration (a double pendulum), only to fit it badly.
///
/// θ = (θ_T, θ_V). Of `spec.features`, V sees the first n and T the last n.
/// Sizes, tapes and verbs as in DynamicsModel.
template <class S>
class SeparableHamiltonianNetwork final : public DynamicsModel<S> {
 public:
  using Tape = typename DynamicsModel<S>::Tape;
  explicit SeparableHamiltonianNetwork(
      const ModelSpec& spec);  ///< Throws std::invalid_argument.

  const ModelSpec& spec() const override { return spec_; }
  Index num_parameters() const override {
    return kinetic_.num_parameters() + potential_.num_parameters();
  }
  std::vector<ParameterBlock> parameter_blocks() const override;
  /// Glorot: with one input each, the loss of softplus networks ends two to three times below
  /// that of an orthogonal start (pendulum, as for HamiltonianNetwork); tanh hardly minds.
  void initialize(const Random& random, VectorRefX<S> theta) const override;
  std::unique_ptr<Tape> make_tape(Index capacity) const override;
  void forward(ConstVectorRefX<S> theta, ConstMatrixRefX<S> x, MatrixRefX<S> x_dot,
               Tape& tape) const override;
  void vjp(ConstVectorRefX<S> theta, ConstMatrixRefX<S> w, MatrixRefX<S> x_bar,
           VectorRefX<S> theta_bar, Tape& tape) const override;
  void jvp(ConstVectorRefX<S> theta, ConstMatrixRefX<S> v, MatrixRefX<S> x_dot_tangent,
           Tape& tape) const override;
  void energy(ConstVectorRefX<S> theta, ConstMatrixRefX<S> x, MatrixRefX<S> energy,
              Tape& tape) const override;
  bool is_separable() const override { return true; }
  void velocity(ConstVectorRefX<S> theta, ConstMatrixRefX<S> p, MatrixRefX<S> q_dot,
                Tape& tape) const override;
  void force(ConstVectorRefX<S> theta, ConstMatrixRefX<S> q, MatrixRefX<S> p_dot,
             Tape& tape) const override;

 private:
  ModelSpec spec_;
  MlpDerivatives<S> kinetic_, potential_;
};

}  // namespace least_action
