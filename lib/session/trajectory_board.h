#pragma once

#include <memory>
#include <vector>

#include "session/clock.h"
#include "session/rollout.h"
#include "session/session_view.h"

namespace least_action {

/// Keeps the compared trajectories of a view up to date a few milliseconds at a time: the
/// truth, and every model's with its newest parameters, all from one initial state.
class TrajectoryBoard final {
 public:
  /// `system` must outlive this.
  TrajectoryBoard(const System& system,
                  std::vector<std::shared_ptr<const DynamicsModel<double>>> models,
                  Clock now = now_milliseconds);

  /// Another initial state, other times or another solver: everything is computed anew, and
  /// shown as it grows.
  void restart(const Vector& x0, const Vector& times, const SolveOptions& options);
  /// Newer parameters: that model's trajectory is computed anew in the background of the old.
  void set_theta(Index model, const Vector& theta);

  /// Works for `milliseconds` (over by at most a solver step, at least one) and writes what it
  /// has to the trajectories and figures of `view`; true when something there changed. What is
  /// shown in the end does not depend on how the time was cut. `hold_back`: while parameters
  /// change all the time, recomputes at most every 150 ms and in at most about a fourth of the
  /// time.
  bool advance(double milliseconds, bool hold_back, SessionView& view);
  /// True while `advance` has something to do.
  bool pending(bool hold_back = false) const;

 private:
  struct Track {
    std::unique_ptr<Dynamics> dynamics;  // with the parameters of the rollout at work
    Vector newest_theta;
    std::unique_ptr<Rollout> rollout;  // at work, or null
    bool stale = false;
    bool show_growing = false;  // a prefix may replace what is shown
    bool compared = true;       // what is shown, with the truth
    double started = -1e9, cost = 0;
  };
  bool is_due(const Track& track, bool hold_back, double now) const;
  void begin(Track& track, double now);
  bool work(Track& track, double until, bool hold_back, TrajectoryView& shown);
  void compare(Index model, SessionView& view) const;

  const System* system_;
  Track truth_;
  std::vector<Track> models_;
  std::size_t first_ = 0;  // the model to begin with: who comes after the last at work
  Clock now_;
  Vector x0_, times_;
  SolveOptions options_;
};

}  // namespace least_action
