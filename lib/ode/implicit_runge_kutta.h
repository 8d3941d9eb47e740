#pragma once

#include <memory>
#include <vector>

#include "ode/collocation.h"
#include "ode/stepper.h"

namespace least_action {

/// A collocation method with fixed steps, for any field: Gauss–Legendre (implicit midpoint,
/// orders 4 and 6) or Radau IIA. With the stages' increments Zᵢ of collocation.h,
///
///   Zᵢ = h Σⱼ aᵢⱼ f(t + cⱼh, x + Zⱼ),   x₁ = x + Σ dᵢ Zᵢ.
///
/// Gauss methods are symplectic for every Hamiltonian field, separable or not, symmetric, and
/// conserve quadratic invariants; on ẋ = Ax a step is a Padé approximation of exp(hA), for one
/// stage the Cayley transform (I − ½hA)⁻¹(I + ½hA).
///
/// The equations are solved to rounding, or the structure would be lost: by fixed-point
/// iteration while that contracts fast, else by Newton's method, with ∂f/∂x at every stage from
/// one `jvp` for each dimension. Every sample is iterated until it is solved and no longer: one
/// that is hard, or has no solution, or meets NaN, leaves the others alone.
///
/// Reference: Hairer, Lubich & Wanner, Geometric Numerical Integration, §II.1, §VIII.6.
template <class S>
class ImplicitRungeKutta final : public Stepper<S> {
 public:
  ImplicitRungeKutta(const CollocationTableau& tableau, const VectorField<S>& field,
                     Index max_batch);
  ~ImplicitRungeKutta() override;

  bool step(ConstVectorRefX<S> t, ConstVectorRefX<S> h, MatrixRefX<S> x) override;
  bool solved(Index sample) const override { return phase(sample) != Phase::kFailed; }
  void restart() override { calls_.reset(); }
  const FieldCalls<S>& calls() const override { return calls_; }

  const CollocationTableau& tableau() const { return *tableau_; }
  /// The increments Z₁ … Z_s of a sample solved in the last step (dimension × s).
  auto increments(Index sample) const { return z_.middleCols(sample * stages(), stages()); }
  /// Newton iterations of all samples since construction: 0 where fixed-point iteration was
  /// enough.
  Index newton_iterations() const { return newton_iterations_; }
  std::size_t bytes() const;

 private:
  enum class Phase { kFixedPoint, kNewton, kSolved, kFailed, kNonFinite };

  Index stages() const { return tableau_->stages(); }
  Phase phase(Index sample) const { return phases_[static_cast<std::size_t>(sample)]; }
  void set_phase(Index sample, Phase phase) {
    phases_[static_cast<std::size_t>(sample)] = phase;
  }
  auto z(Index sample) { return z_.middleCols(sample * stages(), stages()); }

  bool gather(Phase phase, Index batch);
  void predict(ConstVectorRefX<S> t, ConstVectorRefX<S> h, ConstMatrixRefX<S> x);
  void evaluate(ConstVectorRefX<S> t, ConstVectorRefX<S> h, ConstMatrixRefX<S> x);
  double update(Index column, ConstMatrixRefX<S> x);
  void iterate_fixed_point(ConstVectorRefX<S> t, ConstVectorRefX<S> h, ConstMatrixRefX<S> x);
  void iterate_newton(ConstVectorRefX<S> t, ConstVectorRefX<S> h, ConstMatrixRefX<S> x);
  void correct(ConstVectorRefX<S> h);

  const CollocationTableau* tableau_;
  MatrixX<S> a_;
  VectorX<S> c_, d_;
  FieldCalls<S> calls_;
  std::vector<Phase> phases_;      // of each sample
  std::vector<Index> gathered_;    // The samples being iterated.
  std::vector<double> last_size_;  // of the change, for each sample
  MatrixX<S> z_;                   // dimension × max_batch · s, by sample
  // Of the gathered samples, s columns for each; `delta_` is the change of Z, and what Newton's
  // method begins with.
  MatrixX<S> state_, rate_, delta_, direction_;
  VectorX<S> time_;
  MatrixX<S> jacobian_columns_;  // ∂f/∂xⱼ: block j of dimension × max_batch · s
  struct NewtonSystem;           // of one sample
  std::unique_ptr<NewtonSystem> newton_;
  Index newton_iterations_ = 0;
};

}  // namespace least_action
