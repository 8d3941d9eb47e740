#pragma once

#include <functional>
#include <memory>

#include "ode/vector_field.h"

namespace least_action::testing {

/// A vector field written as functions of one sample, for tests.
class FunctionField final : public VectorField<double> {
 public:
  using Rate = std::function<void(double t, ConstVectorRef x, VectorRef x_dot)>;
  using Jacobian = std::function<void(double t, ConstVectorRef x, MatrixRef jacobian)>;

  explicit FunctionField(Index dimension, Rate rate, Jacobian jacobian = {});
  /// A separable field from ∂T/∂p(t, p) and −∂V/∂q(t, q), each of n → n.
  FunctionField(Index degrees_of_freedom, Rate velocity, Rate force, Jacobian jacobian);

  Index dimension() const override { return dimension_; }
  std::unique_ptr<Tape> make_tape(Index capacity) const override;
  void forward(ConstVectorRef t, ConstMatrixRef x, MatrixRef x_dot, Tape& tape) const override;
  void vjp(ConstMatrixRef w, MatrixRef x_bar, VectorRef theta_bar, Tape& tape) const override;
  void jvp(ConstMatrixRef v, MatrixRef x_dot_tangent, Tape& tape) const override;
  bool is_separable() const override { return static_cast<bool>(velocity_); }
  void velocity(ConstVectorRef t, ConstMatrixRef p, MatrixRef q_dot, Tape& tape) const override;
  void force(ConstVectorRef t, ConstMatrixRef q, MatrixRef p_dot, Tape& tape) const override;

  /// Calls of forward, velocity, force and jvp so far: counted here, independently.
  mutable Index calls = 0;

 private:
  Index dimension_;
  Rate rate_, velocity_, force_;
  Jacobian jacobian_;
};

/// A pendulum driven in two ways, with a solution in closed form (it is manufactured):
///
///   q̇ = g(t) p,   ṗ = −sin q + u(t),   g = 1 + 0.3 sin 1.3t,
///
/// where u is what makes q(t) = 1.2 sin t + 0.3 cos 2.1t a solution. Nonlinear, separable,
/// and both T and V depend on time, so a wrong time in either half shows.
FunctionField driven_pendulum();
Vector driven_pendulum_solution(double t);

/// q̈ = −sin q with its energy ½p² − cos q.
FunctionField pendulum();
double pendulum_energy(ConstVectorRef x);

}  // namespace least_action::testing
