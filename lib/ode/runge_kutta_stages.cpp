#include "ode/runge_kutta_stages.h"

#include "base/contract.h"

namespace least_action {
namespace {

/// Writes sum = Σ wᵢ kᵢ over the first `count` blocks; `weight(i)` is wᵢ. Zeros are skipped, so
/// that a stage not yet computed is not read.
template <class Stages, class Weight, class Sum>
void weighted_sum(const Stages& stages, Index count, Weight weight, Sum sum) {
  bool empty = true;
  for (Index i = 0; i < count; ++i) {
    const auto w = weight(i);
    if (w == 0) continue;
    if (empty) {
      sum = w * stages.k(i, sum.cols());
    } else {
      sum += w * stages.k(i, sum.cols());
    }
    empty = false;
  }
  if (empty) sum.setZero();
}

}  // namespace

template <class S>
RungeKuttaStages<S>::RungeKuttaStages(const ButcherTableau& tableau, Index dimension,
                                      Index max_batch)
    : a_(tableau.a.cast<S>()), b_(tableau.b.cast<S>()), c_(tableau.c.cast<S>()) {
  if (dimension < 1 || max_batch < 1) {
    fail("RungeKuttaStages", "dimension " + std::to_string(dimension) + " and max_batch " +
                                 std::to_string(max_batch) + "; both must be at least 1");
  }
  k_.setZero(dimension, max_batch * stages());
  stage_state_.setZero(dimension, max_batch);
  sum_.setZero(dimension, max_batch);
  stage_time_.setZero(max_batch);
}

template <class S>
void RungeKuttaStages<S>::prepare(Index i, ConstVectorRefX<S> t, ConstVectorRefX<S> h,
                                  ConstMatrixRefX<S> x) {
  const Index batch = x.cols();
  stage_time_.head(batch) = t + c_[i] * h;
  auto stage = stage_state_.leftCols(batch);
  if (i == 0) {
    stage = x;
    return;
  }
  auto sum = sum_.leftCols(batch);
  weighted_sum(
      *this, i, [&](Index j) { return a_(i, j); }, sum);
  stage = x + sum * h.asDiagonal();
}

template <class S>
void RungeKuttaStages<S>::advance(ConstVectorRefX<S> h, MatrixRefX<S> x) {
  auto sum = sum_.leftCols(x.cols());
  weighted_sum(
      *this, stages(), [&](Index i) { return b_[i]; }, sum);
  x += sum * h.asDiagonal();
}

template <class S>
void RungeKuttaStages<S>::combine(ConstVectorRefX<S> weights, ConstVectorRefX<S> h,
                                  MatrixRefX<S> out) const {
  weighted_sum(
      *this, stages(), [&](Index i) { return weights[i]; }, out.leftCols(out.cols()));
  out = out * h.asDiagonal();
}

template class RungeKuttaStages<float>;
template class RungeKuttaStages<double>;

}  // namespace least_action
