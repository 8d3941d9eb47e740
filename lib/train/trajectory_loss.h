#pragma once

#include "sensitivity/sensitivity.h"
#include "train/loss.h"

namespace least_action {

/// Trajectory matching, the mean over B segments of
///
///   1/(2n K) Σ_{k=1…K} ‖W (x̂(t_k) − x_k)‖²,   x̂(t_0) = x_0,
///
/// where (t_0, x_0) … (t_K, x_K) are K + 1 observations in a row and x̂ is the learned flow. The
/// gradient is computed by `options.sensitivity`; all but the continuous adjoints give that of
/// the discrete solution, exact to rounding.
/// An example is a segment; segments overlap: one starts at every observation that has K more
/// behind it, counted through the trajectories in order. Components may be missing: a segment
/// starts where the state is complete, its later points are compared in what was observed of
/// them, and 2nK is the mean number of observed components of a segment (segment_starts).
///
/// x̂ takes `substeps` equal steps of `method` from one observation to the next, of each
/// segment's own size, so times may be irregular; adaptive methods choose each segment's steps
/// (with a relative tolerance of 8 ε of S at least) and end them at the observations. Residual
/// networks take Euler steps whatever the method: with a step of their duration
/// (blocks · block_time) each step is the network itself, x + f₁(x) + …; with another step it
/// is that network's field. No derivatives are needed, and states are compared as they are: an
/// angle has to be continuous along its trajectory. Where a roll-out fails the loss is NaN.
template <class S>
class TrajectoryLoss final : public Loss<S> {
 public:
  /// Throws std::invalid_argument where no trajectory has such a segment, sizes do not fit the
  /// model, or the model does not fit the method.
  TrajectoryLoss(const TrainerOptions& options, const DynamicsModel<S>& model,
                 const std::vector<Trajectory>& part, const Vector& weights, Index capacity);

  Index num_examples() const override { return static_cast<Index>(starts_.size()); }
  Index capacity() const override { return sensitivity_->max_batch(); }
  double evaluate(const VectorX<S>& theta, std::span<const Index> examples,
                  VectorRefX<S> gradient) override;
  LossCost cost() const override;

 private:
  const DynamicsModel<S>* model_;
  Index length_;
  MatrixX<S> observed_;           // 2n × samples
  Vector times_;                  // samples
  std::vector<Index> starts_;     // segments; where each starts in observed_
  double terms_per_segment_ = 0;  // components observed after the start, in the mean
  VectorX<S> weights_;
  std::unique_ptr<Sensitivity<S>> sensitivity_;
  MatrixX<S> x0_, x0_bar_;  // 2n × capacity
  Matrix segment_times_;    // capacity × (length + 1), from the segment's start
  Matrix no_times_bar_;
  MatrixX<S> states_;  // 2n × capacity (length + 1); then the cotangents
};

}  // namespace least_action
