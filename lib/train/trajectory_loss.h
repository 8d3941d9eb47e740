#pragma once

#include "sensitivity/discrete_adjoint.h"
#include "train/loss.h"

namespace least_action {

/// Trajectory matching, the mean over B segments of
///
///   1/(2n K) Σ_{k=1…K} ‖W (x̂(t_k) − x_k)‖²,   x̂(t_0) = x_0,
///
/// where (t_0, x_0) … (t_K, x_K) are K + 1 observations in a row and x̂ is the learned flow. The
/// gradient is that of the discrete solution, exact to rounding (sensitivity/discrete_adjoint).
/// An example is a segment; segments overlap: one starts at every observation that has K more
/// behind it, counted through the trajectories in order. Components may be missing: a segment
/// starts where the state is complete, its later points are compared in what was observed of
/// them, and 2nK is the mean number of observed components of a segment (segment_starts).
///
/// x̂ takes `substeps` equal steps of classical RK4 from one observation to the next, of each
/// segment's own size, so times may be irregular. Residual networks take Euler steps instead:
/// with a step of their duration (blocks · block_time) each step is the network itself,
/// x + f₁(x) + …; with another step it is that network's field. No derivatives are needed, and
/// states are compared as they are: an angle has to be continuous along its trajectory.
template <class S>
class TrajectoryLoss final : public Loss<S> {
 public:
  /// Throws std::invalid_argument where no trajectory has such a segment, or sizes do not fit
  /// the model.
  TrajectoryLoss(const DynamicsModel<S>& model, const std::vector<Trajectory>& part,
                 const Vector& weights, Index length, Index substeps, Index capacity);

  Index num_examples() const override { return static_cast<Index>(starts_.size()); }
  Index capacity() const override { return solver_.max_batch(); }
  double evaluate(const VectorX<S>& theta, std::span<const Index> examples,
                  VectorRefX<S> gradient) override;

 private:
  const DynamicsModel<S>* model_;
  Index length_, substeps_;
  MatrixX<S> observed_;           // 2n × samples
  VectorX<S> gaps_;               // samples; the time to the next observation
  std::vector<Index> starts_;     // segments; where each starts in observed_
  double terms_per_segment_ = 0;  // components observed after the start, in the mean
  VectorX<S> weights_;
  DiscreteAdjoint<S> solver_;
  VectorX<S> t0_;           // capacity; 0, learned dynamics do not depend on time
  MatrixX<S> x0_, x0_bar_;  // 2n × capacity
  MatrixX<S> intervals_;    // capacity × length
  MatrixX<S> states_;       // 2n × capacity (length + 1); then the cotangents
};

}  // namespace least_action
