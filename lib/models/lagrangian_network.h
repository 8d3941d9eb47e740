#pragma once

#include <memory>

#include "models/dynamics_model.h"
#include "nn/mlp_derivatives.h"

namespace least_action {

/// Lagrangian network: a scalar network L(q, q̇; θ) and the motion of least action,
///
///   q̈ = M⁻¹ r,   r = ∂L/∂q − C q̇,   M = ∂²L/∂q̇²,   C_ij = ∂²L/∂q̇_i∂q_j,
///
/// of x = (q, q̇), the solution of d/dt ∂L/∂q̇ = ∂L/∂q. Whatever θ is, the exact flow conserves
/// E = q̇ᵀ∂L/∂q̇ − L. M is symmetric but need not be positive; where it is close to singular the
/// inverse is damped (see MassMatrix), the tape's health says so, and E is no longer conserved.
/// L is learned up to its gauge αL + d/dt F(q).
///
/// `forward` takes 2 + 2n passes of the network, `vjp` 8 more: with u = M⁻¹w held fixed,
///
///   wᵀ dq̈ = d[ D_a L − D_b D_c L ],   a = (u, 0),  b = (0, u),  c = (q̇, q̈),
///
/// is one mixed second derivative of the network, never a third-order tensor. A batch with
/// damped samples takes n such derivatives more, which keeps `vjp` the exact derivative of what
/// `forward` computed. `jvp` builds the n × 2n Jacobian of q̈ by n cotangents, once for each
/// `forward`; every further `jvp` of that forward is a product with it.
///
/// Source: Cranmer, Greydanus, Hoyer, Battaglia, Spergel & Ho, ICLR 2020 workshop, eq. 6; the
/// reverse pass is this project's own. Sizes, tapes and verbs as in DynamicsModel.
template <class S>
class LagrangianNetwork final : public DynamicsModel<S> {
 public:
  using Tape = typename DynamicsModel<S>::Tape;
  explicit LagrangianNetwork(const ModelSpec& spec);  ///< Throws std::invalid_argument.

  const ModelSpec& spec() const override { return spec_; }
  Index num_parameters() const override { return lagrangian_.num_parameters(); }
  std::vector<ParameterBlock> parameter_blocks() const override;
  /// The scalar network L itself, with n Hessian columns: for what acts on L rather than on q̈.
  const MlpDerivatives<S>& network() const { return lagrangian_; }
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

 private:
  ModelSpec spec_;
  MlpDerivatives<S> lagrangian_;
};

}  // namespace least_action
