#pragma once

#include <memory>
#include <string>

#include "ode/adaptive_stepper.h"
#include "ode/solve.h"
#include "ode/stepper.h"
#include "session/clock.h"
#include "session/dynamics.h"
#include "session/session_view.h"

namespace least_action {

/// A trajectory in the making: one solver step after another, so that a page can go on drawing
/// meanwhile. The steps are the same however often `advance` is called, and so are the numbers.
///
/// A learned field can be so rough that an adaptive method all but stands still in it: after
/// `evaluation_limit` evaluations the trajectory ends there, and its status says so. The work
/// of a fixed-step method is known beforehand, that of the truth is limited by max_steps alone.
class Rollout final {
 public:
  /// From the canonical state x0 at times[0] through `times` (at least one, strictly
  /// increasing). `dynamics` must outlive this and not change meanwhile. Throws
  /// std::invalid_argument on wrong sizes or values.
  Rollout(const Dynamics& dynamics, const Vector& x0, const Vector& times,
          const SolveOptions& options);

  /// Works until `now` reaches `deadline`, looking after every solver step, but takes at least
  /// one; true when there is nothing left to do.
  bool advance(double deadline, const Clock& now = now_milliseconds);
  bool done() const { return done_; }
  Index evaluations() const;  ///< So far.
  /// What is there so far, in canonical coordinates.
  TrajectoryView view() const;

 private:
  void take_step();
  void take_adaptive_step();
  void take_fixed_step();
  void keep(double time, const Vector& own);  // the next column
  void stop(double time, const std::string& reason);

  const Dynamics* dynamics_;
  Vector times_;
  SolveOptions options_;
  std::unique_ptr<AdaptiveStepper<double>> adaptive_;  // one of these two
  std::unique_ptr<Stepper<double>> stepper_;
  std::string status_, note_;
  Matrix states_;        // 2n × m, canonical
  Vector energy_;        // m
  Vector own_;           // 2n, in the dynamics' own chart: at the last of the times known
  Vector start_, size_;  // 1: time and size of a fixed step
  Index known_ = 0;      // columns
  double substeps_ = 0;  // fixed steps taken since the last of the times known
  Index steps_ = 0;      // fixed steps
  bool done_ = false;
};

/// The evaluations an adaptive solve of a learned field is allowed over `periods` typical
/// periods: at least `least`, else `per_period` of them, more where the tolerance is finer than
/// the default's 1e-6 (the number of steps grows as tolerance^(−1/5)).
Index evaluation_limit(double periods, Index least, Index per_period,
                       const SolveOptions& options);
/// The largest max_steps with which an adaptive method stays within that many evaluations (an
/// implicit one, whose steps differ, about).
Index steps_within(Index evaluations, Method method = Method::kDormandPrince54);

/// The times of the compared trajectories: 60 in each typical period, but not over 3001; a
/// multiple of `map_time` apart where that is positive (a residual network is iterated as a
/// map and knows no other times).
Vector rollout_times(double period, double periods, double map_time);

/// The time that one application of a residual network covers; 0 for any other model.
double map_time(const ModelSpec& spec);

}  // namespace least_action
