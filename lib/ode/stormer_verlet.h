#pragma once

#include "ode/stepper.h"

namespace least_action {

/// Störmer–Verlet in kick–drift–kick form, for separable H(t, q, p) = T(t, p) + V(t, q),
/// x = (q, p):
///
///   p½ = p₀ − ½h ∂V/∂q(t₀, q₀)
///   q₁ = q₀ +  h ∂T/∂p(t₀ + ½h, p½)
///   p₁ = p½ − ½h ∂V/∂q(t₀ + h, q₁)
///
/// Order 2, symplectic, and symmetric: a step of −h undoes a step of h. The energy error stays
/// O(h²) over times exponentially long in 1/h, but energy itself is not conserved. It is the
/// symmetric composition of the exact flows of V, of the extended phase space's t and of T,
/// so a driven system keeps order and symmetry.
///
/// The last force of a step is the first of the next: two calls a step, three for the first.
///
/// Reference: Hairer, Lubich & Wanner, Acta Numerica 12 (2003), 399–450, §1.
class StormerVerlet final : public Stepper<double> {
 public:
  /// Throws std::invalid_argument unless the field is separable.
  StormerVerlet(const VectorField<double>& field, Index max_batch);

  bool step(ConstVectorRef t, ConstVectorRef h, MatrixRef x) override;
  void restart() override;
  const FieldCalls<double>& calls() const override { return calls_; }

 private:
  bool force_is_known(ConstVectorRef t, ConstVectorRef h,
                      const Eigen::Ref<const Matrix>& q) const;

  FieldCalls<double> calls_;
  Matrix velocity_, force_;  // n × max_batch
  Matrix force_q_;           // Where force_ was evaluated …
  Vector force_t_;           // … and when.
  Vector middle_;            // t₀ + ½h
  Index force_batch_ = 0;    // 0: no force is kept.
};

/// The degrees of freedom n of a separable field; throws std::invalid_argument otherwise.
Index check_separable(const char* where, const VectorField<double>& field);

}  // namespace least_action
