#include "session/trajectory_board.h"

#include <algorithm>
#include <limits>

#include "analysis/metrics.h"

namespace least_action {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kShortestWait = 150;  // [ms] between two computations of one trajectory
constexpr double kCostShare = 4;       // … and this many times what the last one took

// The truth is computed well below anything a learned model gets right.
SolveOptions exact_options() {
  SolveOptions options;
  options.method = Method::kDormandPrince54;
  options.relative_tolerance = 1e-10;
  options.absolute_tolerance = 1e-11;
  options.max_steps = 200000;
  return options;
}

}  // namespace

TrajectoryBoard::TrajectoryBoard(
    const System& system, std::vector<std::shared_ptr<const DynamicsModel<double>>> models)
    : system_(&system) {
  truth_.dynamics = std::make_unique<Dynamics>(system);
  for (auto& model : models) {
    Track track;
    track.dynamics = std::make_unique<Dynamics>(system, std::move(model));
    track.newest_theta = track.dynamics->theta();
    models_.push_back(std::move(track));
  }
}

void TrajectoryBoard::restart(const Vector& x0, const Vector& times,
                              const SolveOptions& options) {
  x0_ = x0;
  times_ = times;
  options_ = options;
  const auto invalidate = [](Track& track) {
    track.rollout.reset();
    track.stale = true;
    track.show_growing = true;
  };
  invalidate(truth_);
  for (Track& track : models_) invalidate(track);
}

void TrajectoryBoard::set_theta(Index model, const Vector& theta) {
  Track& track = models_[static_cast<std::size_t>(model)];
  track.newest_theta = theta;
  track.stale = true;
}

bool TrajectoryBoard::is_due(const Track& track, bool hold_back, double now) const {
  if (!track.stale || track.rollout) return false;
  if (track.show_growing || !hold_back) return true;
  return now - track.started >= std::max(kShortestWait, kCostShare * track.cost);
}

void TrajectoryBoard::begin(Track& track, double now) {
  const bool is_truth = track.dynamics->is_truth();
  if (!is_truth) track.dynamics->set_theta(track.newest_theta);
  track.rollout = std::make_unique<Rollout>(*track.dynamics, x0_, times_,
                                            is_truth ? exact_options() : options_);
  track.stale = false;
  track.started = now;
  track.cost = 0;
}

void TrajectoryBoard::compare(Index model, SessionView& view) const {
  ModelView& shown = view.models[static_cast<std::size_t>(model)];
  const Index known = view.truth.states.cols();
  if (known < 2 || shown.trajectory.states.cols() < 1) {
    shown.energy_drift = shown.trajectory_error = shown.valid_time = kNan;
    shown.valid_throughout = false;
    return;
  }
  const Index predicted = std::min(known, shown.trajectory.states.cols());
  const TrajectoryMetrics metrics =
      compare_trajectories(*system_, Chart::kCanonical, view.times.head(known),
                           view.truth.states, shown.trajectory.states.leftCols(predicted));
  shown.energy_drift = metrics.energy_drift;
  shown.trajectory_error = metrics.trajectory_error;
  shown.valid_time = metrics.valid_time;
  shown.valid_throughout = metrics.valid_throughout;
}

bool TrajectoryBoard::advance(double milliseconds, bool hold_back, SessionView& view) {
  const double deadline = now_milliseconds() + milliseconds;
  bool changed = false;
  // Works on one track for its share; true where its trajectory is complete.
  const auto work = [&](Track& track, double until, TrajectoryView& shown) {
    const double begun = now_milliseconds();
    if (is_due(track, hold_back, begun)) begin(track, begun);
    if (!track.rollout) return false;
    const bool done = track.rollout->advance(until);
    track.cost += now_milliseconds() - begun;
    if (done || track.show_growing) {
      shown = track.rollout->view();
      changed = true;
    }
    if (!done) return false;
    track.rollout.reset();
    track.show_growing = false;
    return true;
  };
  const bool truth_done = work(truth_, deadline, view.truth);
  const bool truth_known = !truth_.rollout && !truth_.stale;
  for (std::size_t i = 0; i < models_.size(); ++i) {
    // What is left is shared evenly, so no model waits for another's slow trajectory.
    const double now = now_milliseconds();
    const double share = (deadline - now) / static_cast<double>(models_.size() - i);
    const bool done = work(models_[i], now + share, view.models[i].trajectory);
    if ((done && truth_known) || (truth_done && !models_[i].rollout)) {
      compare(static_cast<Index>(i), view);
    }
  }
  return changed;
}

bool TrajectoryBoard::pending() const {
  const auto busy = [](const Track& track) { return track.stale || track.rollout != nullptr; };
  return busy(truth_) || std::any_of(models_.begin(), models_.end(), busy);
}

}  // namespace least_action
