#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/types.h"
#include "ode/adaptive_stepper.h"
#include "sensitivity/field_reference.h"
#include "sensitivity/sensitivity.h"
#include "sensitivity/step_pullback.h"
#include "sensitivity/step_records.h"

namespace least_action {

/// The way forward of the continuous adjoints: a batch's solution through its observation
/// times, by any method. Keeps the states at those times, K + 1 of each sample whatever the
/// number of steps, and where asked for a record of every step, from which the state at any
/// time can be had again: adaptive methods by their own dense output, fixed-step methods by
/// cubic Hermite interpolation of the step's two ends, which takes one evaluation a step more.
template <class S>
class ForwardPath final {
 public:
  enum class Keep { kObservations, kAllSteps };

  /// Throws std::invalid_argument for a fault in the options, and a method that does not fit
  /// the field.
  ForwardPath(const SensitivityOptions& options, const VectorField<S>& field, Index max_batch,
              Index max_points, Keep keep);

  /// As Sensitivity::forward. Allocates only where steps are kept and there are more of them
  /// than ever before.
  SolveStatus solve(const VectorField<S>& field, ConstMatrixRef times, ConstMatrixRefX<S> x0,
                    MatrixRefX<S> states);
  /// Throws std::invalid_argument where the arguments of Sensitivity::backward do not fit the
  /// last `solve`.
  void check_backward(const VectorField<S>& field, ConstMatrixRefX<S> states_bar,
                      MatrixRefX<S> x0_bar, VectorRefX<S> theta_bar, MatrixRef times_bar) const;

  Index dimension() const { return observed_.rows(); }
  Index max_batch() const { return max_batch_; }
  Index max_points() const { return max_points_; }
  Index batch() const { return batch_; }    ///< Of the last `solve`.
  Index points() const { return points_; }  ///< K of the last `solve`.
  double time(Index sample, Index k) const { return times_(sample, k); }
  /// The states at observation k (dimension × batch); finite also where the solve failed.
  auto observed(Index k) const { return observed_.middleCols(k * max_batch_, batch_); }
  /// Writes x(t) of a sample from the records: Keep::kAllSteps.
  void state_at(Index sample, double t, VectorRefX<S> x) const;
  /// On the way back from `from` to `to`: the end of the last-taken step that holds `from`, or
  /// `to` where no more than one other step begins before it.
  double smooth_until(Index sample, double from, double to) const;

  SolveStatus status(Index sample) const { return status_[static_cast<std::size_t>(sample)]; }
  const std::string& message() const { return message_; }
  const SolveStatistics& statistics() const { return statistics_; }
  FieldHealth health() const { return health_; }
  std::size_t bytes() const;

 private:
  void solve_adaptive(ConstMatrixRefX<S> x0);
  void solve_fixed(const VectorField<S>& field, ConstMatrixRefX<S> x0);
  Index steps_in_interval(Index k) const;
  void take_fixed_step(const VectorField<S>& field, Index k, Index step, Index count);
  void keep_fixed_step(const VectorField<S>& field, bool is_first);
  Index observe(Index sample, Index k, ConstVectorRefX<S> x);
  void fail_sample(Index sample, SolveStatus status, const std::string& message);

  SensitivityOptions options_;
  Index max_batch_, max_points_;
  bool keeps_steps_;
  FieldReference<S> field_;
  std::unique_ptr<AdaptiveStepper<S>> stepper_;  // one of these two
  std::unique_ptr<StepPullback<S>> step_;
  std::unique_ptr<typename StepPullback<S>::Tape> step_tape_;
  std::unique_ptr<typename VectorField<S>::Tape> end_tape_;  // fixed steps that are kept
  FieldUse<S> end_use_;

  Index batch_ = 0, points_ = 0;
  Matrix times_;             // max_batch × (max_points + 1)
  MatrixX<S> observed_;      // dimension × max_batch · (max_points + 1)
  std::vector<Index> next_;  // the observation each sample is on its way to
  mutable StepRecords<S> records_;
  MatrixX<S> x_, x_start_, rate_, rate_start_;  // dimension × max_batch: fixed steps
  VectorX<S> t_, h_;
  Vector first_, target_;
  std::vector<SolveStatus> status_;
  std::string message_;
  SolveStatistics statistics_;
  FieldHealth health_;
};

}  // namespace least_action
