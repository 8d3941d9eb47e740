#include "session/trajectory_board.h"

#include <algorithm>
#include <limits>
#include <utility>

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
    const System& system, std::vector<std::shared_ptr<const DynamicsModel<double>>> models,
    Clock now)
    : system_(&system), now_(std::move(now)) {
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

// Works on one track; true when what it shows has changed.
bool TrajectoryBoard::work(Track& track, double until, bool hold_back, TrajectoryView& shown) {
  const double begun = now_();
  if (is_due(track, hold_back, begun)) begin(track, begun);
  if (!track.rollout) return false;
  const bool done = track.rollout->advance(until, now_);
  track.cost += now_() - begun;
  const bool show = done || track.show_growing;
  if (show) shown = track.rollout->view();
  if (done) {
    track.rollout.reset();
    track.show_growing = false;
    track.compared = false;
  }
  return show;
}

bool TrajectoryBoard::advance(double milliseconds, bool hold_back, SessionView& view) {
  const double begun = now_();
  const double deadline = begun + milliseconds;
  bool changed = false;
  // The models need not wait for the truth, though they are compared when it is known.
  if (truth_.stale || truth_.rollout) {
    changed = work(truth_, begun + milliseconds / 2, hold_back, view.truth);
    for (Track& track : models_) track.compared = track.compared && !changed;
  }
  bool worked = changed;
  const std::size_t count = models_.size(), first = first_;
  for (std::size_t k = 0; k < count; ++k) {
    const std::size_t i = (first + k) % count;
    const double now = now_();
    if (!is_due(models_[i], hold_back, now) && !models_[i].rollout) continue;
    if (worked && now >= deadline) break;
    // What is left is shared evenly, so no model waits for another's slow trajectory.
    const double share = (deadline - now) / static_cast<double>(count - k);
    changed = work(models_[i], now + share, hold_back, view.models[i].trajectory) || changed;
    worked = true;
    first_ = (i + 1) % count;  // Where the time is up now, the others come first next.
  }
  const bool truth_known = !truth_.rollout && !truth_.stale;
  for (std::size_t i = 0; i < count && truth_known; ++i) {
    Track& track = models_[i];
    if (track.compared || (track.show_growing && (track.stale || track.rollout))) continue;
    compare(static_cast<Index>(i), view);
    track.compared = true;
    changed = true;
  }
  return changed;
}

bool TrajectoryBoard::pending(bool hold_back) const {
  const double now = now_();
  const auto busy = [&](const Track& track) {
    return track.rollout != nullptr || is_due(track, hold_back, now);
  };
  return busy(truth_) || std::any_of(models_.begin(), models_.end(), busy);
}

}  // namespace least_action
