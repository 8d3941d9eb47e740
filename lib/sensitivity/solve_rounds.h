#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/types.h"
#include "ode/adaptive_stepper.h"
#include "ode/methods.h"
#include "sensitivity/field_reference.h"
#include "sensitivity/sensitivity.h"

namespace least_action {

/// The samples that step together, with a time and a step each.
template <class S>
struct Round {
  Index size = 0;
  bool whole = false;  ///< All samples of the batch, in order.
  Index first = 0;     ///< Steps of all samples in the rounds before.
  /// Of each: its number in the batch; its place among the steps of the round as it was taken,
  /// which counts samples that have failed since; the observation it came from.
  std::vector<Index> samples, places, points;
  VectorX<S> t, h;                ///< As given to the method; the first `size` are used.
  Vector exact_time, exact_step;  ///< Before they were rounded to S.
};

/// The steps of a batch through its observation times, in the order in which they are taken:
/// what all exact sensitivities walk forth and back. A fixed-step method's rounds hold the
/// whole batch and are computed when asked for, equal steps from one observation to the next.
/// An adaptive method's rounds are those of its stepper, each sample with steps of its own from
/// observation to observation; of every accepted step (sample, point, t, h) is logged, so a
/// sample that needs few steps costs no more on the way back. Knows which samples have failed.
template <class S>
class SolveRounds final {
 public:
  SolveRounds(const SensitivityOptions& options, const VectorField<S>& field, Index max_batch,
              Index max_points);

  /// Checks the arguments of Sensitivity::forward and keeps the times.
  void begin(const VectorField<S>& field, ConstMatrixRef times, ConstMatrixRefX<S> x0,
             MatrixRefX<S> states);
  /// Checks the arguments of Sensitivity::backward.
  void check_backward(const VectorField<S>& field, ConstMatrixRefX<S> states_bar,
                      MatrixRefX<S> x0_bar, VectorRefX<S> theta_bar, MatrixRef times_bar) const;

  bool is_adaptive() const { return stepper_ != nullptr; }
  /// Adaptive: solves, logs, and writes all states but block 0. Where `kept` is given, the
  /// state each step started from is written there, one column for each step.
  void solve(const VectorField<S>& field, ConstMatrixRefX<S> x0, MatrixRefX<S> states,
             MatrixX<S>* kept);

  Index batch() const { return batch_; }
  Index points() const { return points_; }
  Index max_batch() const { return max_batch_; }
  Index max_points() const { return max_points_; }
  Index dimension() const { return dimension_; }
  /// The most rounds of any batch, 0 where only the times tell.
  Index most_rounds() const { return substeps_ * max_points_; }
  Index count() const { return rounds_; }
  Index steps() const;  ///< Of all samples.
  double time(Index sample, Index point) const {
    return times_(shared_times_ ? 0 : sample, point);
  }

  /// Round r without the samples that have failed.
  const Round<S>& load(Index r);
  /// The observation that fixed steps reach with round r, or 0.
  Index arrival(Index r) const;

  /// Takes a sample out of all rounds; its states are NaN from `point` on.
  void fail_sample(Index sample, SolveStatus status, Index point, const std::string& message,
                   MatrixRefX<S> states);
  bool has_failed(Index sample) const {
    return status_[std::size_t(sample)] != SolveStatus::kReachedEnd;
  }
  Index failed() const { return failed_; }
  SolveStatus status(Index sample) const { return status_[std::size_t(sample)]; }
  SolveStatus worst_status() const { return worst_; }
  const std::string& message() const { return message_; }

  const SolveStatistics& statistics() const { return statistics_; }  ///< Of `solve`.
  FieldHealth health() const;                                        ///< Of `solve`.
  std::size_t bytes() const;

 private:
  struct Step {
    std::int32_t sample, point;
    double t, h;
  };
  void divide_intervals();
  Index interval_of(Index r) const;
  bool arrive(Index sample, MatrixRefX<S> states);

  SolveOptions options_;
  Index substeps_, dimension_, max_batch_, max_points_;
  FieldReference<S> field_;
  std::unique_ptr<AdaptiveStepper<S>> stepper_;  // Adaptive methods only.

  Index batch_ = 0, points_ = 0, rounds_ = 0, failed_ = 0;
  bool shared_times_ = false;
  Matrix times_;                    // max_batch × (max_points + 1)
  std::vector<Index> round_begin_;  // Fixed: first round of each interval. Adaptive: first
                                    // step of each round. One more at the end.
  mutable Index interval_ = 0;      // Where the last round was found.
  std::vector<Step> log_;
  std::vector<Index> next_point_;  // Adaptive: the observation a sample is on its way to.
  Vector start_, target_;
  std::vector<SolveStatus> status_;
  SolveStatus worst_ = SolveStatus::kReachedEnd;
  std::string message_;
  SolveStatistics statistics_;
  Round<S> round_;
};

}  // namespace least_action
