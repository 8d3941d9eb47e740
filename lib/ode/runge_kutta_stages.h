#pragma once

#include <vector>

#include "base/types.h"
#include "ode/tableau.h"

namespace least_action {

/// The stages k₁ … k_s of one step of an explicit Runge–Kutta method for a batch in which every
/// sample has its own time t and step h, and the sums taken of them. What steps, step control
/// and the discrete adjoint share; who calls the field, and with which tape, is up to them.
/// Nothing allocates after construction. Shapes: t, h: B; x, kᵢ: dimension × B; B ≤ max_batch.
template <class S>
class RungeKuttaStages final {
 public:
  RungeKuttaStages(const ButcherTableau& tableau, Index dimension, Index max_batch);

  Index stages() const { return static_cast<Index>(b_.size()); }
  /// Without a last stage with b_s = 0, which only estimates the error or begins the next step.
  Index used_stages() const {
    return stages() > 1 && b_[stages() - 1] == 0 ? stages() - 1 : stages();
  }
  Index dimension() const { return stage_state_.rows(); }
  Index max_batch() const { return stage_state_.cols(); }
  S a(Index i, Index j) const { return a_(i, j); }
  S b(Index i) const { return b_[i]; }

  /// Writes tᵢ = t + cᵢ h and Xᵢ = x + h Σ_{j<i} aᵢⱼ kⱼ, to be read from stage_time and
  /// stage_state.
  void prepare(Index i, ConstVectorRefX<S> t, ConstVectorRefX<S> h, ConstMatrixRefX<S> x);
  auto stage_time(Index batch) const { return stage_time_.head(batch); }
  auto stage_state(Index batch) const { return stage_state_.leftCols(batch); }
  /// kᵢ, to be written by the caller.
  auto k(Index i, Index batch) { return k_.middleCols(i * max_batch(), batch); }
  auto k(Index i, Index batch) const { return k_.middleCols(i * max_batch(), batch); }

  /// Adds h Σ bᵢ kᵢ to x.
  void advance(ConstVectorRefX<S> h, MatrixRefX<S> x);
  /// Writes out = h Σ wᵢ kᵢ (weights: s). Terms with wᵢ = 0 are left out.
  void combine(ConstVectorRefX<S> weights, ConstVectorRefX<S> h, MatrixRefX<S> out);

 private:
  MatrixX<S> a_;
  VectorX<S> b_, c_;
  MatrixX<S> k_;  // dimension × max_batch · s
  MatrixX<S> stage_state_, sum_;
  VectorX<S> stage_time_;
};

}  // namespace least_action
