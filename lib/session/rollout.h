#pragma once

#include <memory>
#include <string>

#include "ode/solve.h"
#include "session/dynamics.h"
#include "session/session_view.h"

namespace least_action {

/// A trajectory in the making: solved a short stretch at a time, so that a page can go on
/// drawing meanwhile. The stretches are the same however often `advance` is called, and so are
/// the numbers.
class Rollout final {
 public:
  /// From the canonical state x0 at times[0] through `times` (at least one, strictly
  /// increasing). `dynamics` must outlive this and not change meanwhile. Throws
  /// std::invalid_argument on wrong sizes or values.
  Rollout(const Dynamics& dynamics, const Vector& x0, const Vector& times,
          const SolveOptions& options);

  /// Works until `deadline_milliseconds` (see `now_milliseconds`) has passed, at least one
  /// stretch; true when there is nothing left to do.
  bool advance(double deadline_milliseconds);
  bool done() const { return done_; }
  /// What is there so far, in canonical coordinates.
  TrajectoryView view() const;

 private:
  void solve_stretch();
  void stop(const std::string& status);

  const Dynamics* dynamics_;
  Vector times_;
  SolveOptions options_;
  std::string status_, note_;
  Matrix states_;    // 2n × m, in the dynamics' own chart
  Index known_ = 0;  // columns of it
  Index evaluations_ = 0, steps_ = 0, max_steps_ = 0;
  bool done_ = false;
};

/// A steady clock.
double now_milliseconds();

/// The times of the compared trajectories: 60 in each typical period, but not over 3001; a
/// multiple of `map_time` apart where that is positive (a residual network is iterated as a
/// map and knows no other times).
Vector rollout_times(double period, double periods, double map_time);

/// The time that one application of a residual network covers; 0 for any other model.
double map_time(const ModelSpec& spec);

}  // namespace least_action
