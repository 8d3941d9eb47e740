#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/types.h"
#include "ode/solve_options.h"
#include "ode/step_control.h"

namespace least_action {

/// The bookkeeping of an adaptive method for a batch: every sample's time, step, step
/// controller, status and statistics, and who is still on the way. It knows no state and no
/// field: the method plans a round, tries the steps and hands in the scaled errors.
///
///   while (control.plan()) {
///     … try control.trial(sample) for each sample of control.active(), write errors …
///     control.judge(errors);
///   }
///
/// With SolveOptions::shared_steps the smallest step of the batch is everyone's and the largest
/// error decides. Construction allocates, nothing else does.
class BatchControl final {
 public:
  /// `order`: p of an error estimate O(h^p).
  BatchControl(const SolveOptions& options, Index max_batch, int order);

  /// Throws std::invalid_argument where sizes do not fit or times are not finite. Samples begin
  /// without a step (0), which `set_step` must give before `plan`.
  void start(const char* where, ConstVectorRef t0, ConstVectorRef t_end);
  void set_step(Index sample, double size);  ///< Its sign does not matter.
  void extend(const char* where, Index sample, double t_end);
  void replace(const char* where, Index sample, double t);
  void fail(Index sample, SolveStatus status);

  /// Drops samples that cannot go on (step limit, underflow) and gives the others the step to
  /// try. False where nobody is left.
  bool plan();
  /// Of the active samples, in order: a step with an error of at most 1 is accepted.
  void judge(std::span<const double> errors);

  Index batch() const { return static_cast<Index>(batch_); }
  Index max_batch() const { return static_cast<Index>(samples_.size()); }
  /// Of the last plan (after `judge` still those that were tried), ascending.
  std::span<const Index> active() const { return active_; }
  Index on_way() const { return on_way_; }
  std::span<const Index> accepted() const { return accepted_; }
  void clear_accepted() { accepted_.clear(); }

  double trial(Index sample) const { return at(sample).trial; }  ///< Signed.
  double step(Index sample) const { return at(sample).direction * at(sample).step; }
  double time(Index sample) const { return at(sample).t; }
  double previous_time(Index sample) const { return at(sample).t_previous; }
  double last_step(Index sample) const { return at(sample).last_step; }
  double end(Index sample) const { return at(sample).t_end; }
  double direction(Index sample) const { return at(sample).direction; }
  bool is_on_way(Index sample) const { return at(sample).on_way; }
  SolveStatus status(Index sample) const { return at(sample).status; }
  std::string message(Index sample, bool is_stiff) const;
  const SolveStatistics& statistics(Index sample) const { return at(sample).statistics; }
  void count_evaluations(Index sample, Index evaluations) {
    samples_[static_cast<std::size_t>(sample)].statistics.evaluations += evaluations;
  }
  std::size_t bytes() const;

 private:
  struct Sample {
    double t_start, t, t_previous, t_end, direction;
    double step;   // Size of the next, before it is cut to end at t_end.
    double trial;  // This round's, signed.
    double last_step;
    double failed_step;  // Size of the step below the smallest.
    bool on_way, reaches_end, last_was_finite;
    bool decides;  // Whether its error set the step's size.
    PiController controller;
    SolveStatus status;
    SolveStatistics statistics;
  };

  const Sample& at(Index sample) const { return samples_[static_cast<std::size_t>(sample)]; }
  Sample& at(Index sample) { return samples_[static_cast<std::size_t>(sample)]; }
  double smallest_step(const Sample& sample) const;
  bool reaches(double rest, double step) const;
  double limited(double step) const;
  void accept(Sample& sample, double error);
  void list_active();
  void set_on_way(Sample& sample, bool on_way);

  SolveOptions options_;
  PiController new_controller_;
  std::size_t batch_ = 0;
  Index on_way_ = 0;
  bool changed_ = false;
  std::vector<Sample> samples_;
  std::vector<Index> active_, accepted_;
};

}  // namespace least_action
