#include "ode/runge_kutta_stages.h"

#include <algorithm>

#include "base/contract.h"

namespace least_action {
namespace {

/// Writes sum = Σ wᵢ kᵢ over the first `count` blocks; `weight(i)` is wᵢ. Zeros are skipped, so
/// that a stage not yet computed is not read. `sum` has the rows of the stages and is
/// contiguous; four terms at a time, for a batch of a few samples is over before a loop has
/// begun.
template <class S, class Stages, class Weight>
void weighted_sum(const Stages& stages, Index count, Weight weight, S* sum, Index columns) {
  const Index size = stages.dimension() * columns;
  const S* k[4];
  S w[4];
  int terms = 0;
  bool empty = true;
  const auto flush = [&] {
    for (; terms < 4; ++terms) {  // 0 · a block that is there
      k[terms] = k[0];
      w[terms] = 0;
    }
    const S w0 = w[0], w1 = w[1], w2 = w[2], w3 = w[3];
    const S *const k0 = k[0], *const k1 = k[1], *const k2 = k[2], *const k3 = k[3];
    if (empty) {
      for (Index i = 0; i < size; ++i)
        sum[i] = w0 * k0[i] + w1 * k1[i] + w2 * k2[i] + w3 * k3[i];
    } else {
      for (Index i = 0; i < size; ++i)
        sum[i] = sum[i] + w0 * k0[i] + w1 * k1[i] + w2 * k2[i] + w3 * k3[i];
    }
    empty = false;
    terms = 0;
  };
  for (Index i = 0; i < count; ++i) {
    const S each = weight(i);
    if (each == 0) continue;
    w[terms] = each;
    k[terms] = stages.k(i, columns).data();
    if (++terms == 4) flush();
  }
  if (terms > 0) flush();
  if (empty) std::fill(sum, sum + size, S{0});
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
  weighted_sum<S>(
      *this, i, [&](Index j) { return a_(i, j); }, sum_.data(), batch);
  const Index n = dimension();
  const S* sum = sum_.data();
  S* out = stage_state_.data();
  for (Index b = 0; b < batch; ++b) {
    const S* from = x.data() + b * x.outerStride();
    const S size = h[b];
    for (Index r = 0; r < n; ++r, ++out, ++sum) *out = from[r] + *sum * size;
  }
}

template <class S>
void RungeKuttaStages<S>::advance(ConstVectorRefX<S> h, MatrixRefX<S> x) {
  weighted_sum<S>(
      *this, stages(), [&](Index i) { return b_[i]; }, sum_.data(), x.cols());
  x += sum_.leftCols(x.cols()) * h.asDiagonal();
}

template <class S>
void RungeKuttaStages<S>::combine(ConstVectorRefX<S> weights, ConstVectorRefX<S> h,
                                  MatrixRefX<S> out) {
  weighted_sum<S>(
      *this, stages(), [&](Index i) { return weights[i]; }, sum_.data(), out.cols());
  const S* sum = sum_.data();
  for (Index b = 0; b < out.cols(); ++b) {
    S* to = out.data() + b * out.outerStride();
    const S size = h[b];
    for (Index r = 0; r < dimension(); ++r, ++sum) to[r] = *sum * size;
  }
}

template class RungeKuttaStages<float>;
template class RungeKuttaStages<double>;

}  // namespace least_action
