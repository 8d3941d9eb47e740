#pragma once

#include "ode/vector_field.h"

namespace least_action::testing {

/// A nonlinear field with six parameters and explicit time, differentiated by hand:
///
///   ẋ₁ = θ₀ sin x₂ + θ₁ cos(θ₂ t) x₁,   ẋ₂ = tanh(θ₃ x₁ x₂ + θ₄ t) − θ₅ x₂².
///
/// Counts its calls.
template <class S>
class ParametricField final : public VectorField<S> {
 public:
  using typename VectorField<S>::Tape;

  explicit ParametricField(const VectorX<S>& theta) : theta_(theta) {}

  Index dimension() const override { return 2; }
  Index num_parameters() const override { return 6; }
  std::unique_ptr<Tape> make_tape(Index capacity) const override;
  void forward(ConstVectorRefX<S> t, ConstMatrixRefX<S> x, MatrixRefX<S> x_dot,
               Tape& tape) const override;
  void vjp(ConstMatrixRefX<S> w, MatrixRefX<S> x_bar, VectorRefX<S> theta_bar,
           Tape& tape) const override;
  void jvp(ConstMatrixRefX<S> v, MatrixRefX<S> x_dot_tangent, Tape& tape) const override;
  bool is_autonomous() const override { return false; }
  void time_vjp(ConstMatrixRefX<S> w, VectorRefX<S> t_bar, Tape& tape) const override;

  mutable Index forwards = 0, vjps = 0;

 private:
  struct Point;
  VectorX<S> theta_;
};

}  // namespace least_action::testing
