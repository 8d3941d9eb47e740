#pragma once

#include "ode/stepper.h"

namespace least_action {

/// Symplectic Euler, for separable H(t, q, p) = T(t, p) + V(t, q), x = (q, p):
///
///   p₁ = p₀ − h ∂V/∂q(t₀, q₀)
///   q₁ = q₀ + h ∂T/∂p(t₀ + h, p₁)
///
/// Order 1, symplectic, not reversible. The energy error stays O(h) over times exponentially
/// long in 1/h. With t as a coordinate of the extended phase space this is the composition of
/// the exact flows of V, of t and of T, so a driven system keeps the order.
///
/// Reference: Hairer, Lubich & Wanner, Geometric Numerical Integration, §I.1.2 and §VI.3.
class SymplecticEuler final : public Stepper<double> {
 public:
  /// Throws std::invalid_argument unless the field is separable.
  SymplecticEuler(const VectorField<double>& field, Index max_batch);

  bool step(ConstVectorRef t, ConstVectorRef h, MatrixRef x) override;
  void restart() override { calls_.reset(); }
  const FieldCalls<double>& calls() const override { return calls_; }

 private:
  FieldCalls<double> calls_;
  Matrix rate_;  // q̇ or ṗ, n × max_batch
  Vector end_;   // t₀ + h
};

}  // namespace least_action
