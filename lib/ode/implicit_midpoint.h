#pragma once

#include <memory>

#include "ode/stepper.h"

namespace least_action {

/// The implicit midpoint rule, for any field:
///
///   d = ½h f(t + ½h, x₀ + d),   x₁ = x₀ + 2d.
///
/// Order 2, symmetric, A-stable, and symplectic for every Hamiltonian field, separable or not;
/// it conserves quadratic invariants exactly. On ẋ = Ax a step is the Cayley transform
/// (I − ½hA)⁻¹(I + ½hA).
///
/// The equation is solved to rounding, or the structure would be lost: by fixed-point iteration
/// d ← ½h f(x₀ + d) while that contracts fast, else by Newton's method, with ∂f/∂x from one
/// `jvp` for each dimension. Where neither converges `step` returns false and leaves x alone.
///
/// Reference: Hairer, Lubich & Wanner, Geometric Numerical Integration, §II.1.2, §VIII.6.
class ImplicitMidpoint final : public Stepper<double> {
 public:
  ImplicitMidpoint(const VectorField<double>& field, Index max_batch);
  ~ImplicitMidpoint() override;

  bool step(ConstVectorRef t, ConstVectorRef h, MatrixRef x) override;
  void restart() override { calls_.reset(); }
  const FieldCalls<double>& calls() const override { return calls_; }

  /// Newton iterations since construction: 0 where fixed-point iteration was enough.
  Index newton_iterations() const { return newton_iterations_; }

 private:
  enum class Outcome { kSolved, kTooSlow, kNonFinite };

  void evaluate(ConstVectorRef h, const Eigen::Ref<const Matrix>& x);
  double change(const Eigen::Ref<const Matrix>& x) const;
  Outcome iterate_fixed_point(ConstVectorRef h, const Eigen::Ref<const Matrix>& x);
  Outcome iterate_newton(ConstVectorRef h, const Eigen::Ref<const Matrix>& x);
  void newton_correction(ConstVectorRef h, Index batch);

  FieldCalls<double> calls_;
  Matrix d_, delta_, state_, rate_, direction_;  // dimension × max_batch
  Matrix jacobian_columns_;                      // dimension × max_batch · dimension
  struct NewtonSystem;                           // of one sample
  std::unique_ptr<NewtonSystem> newton_;
  Vector middle_;  // t + ½h
  Index newton_iterations_ = 0;
};

}  // namespace least_action
