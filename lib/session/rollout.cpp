#include "session/rollout.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <vector>

#include "base/contract.h"

namespace least_action {
namespace {

constexpr Index kStretch = 20;  // times solved at once
constexpr Index kStretchSteps = 5000;
constexpr Index kTimesPerPeriod = 60;
constexpr Index kMaxTimes = 3001;

// How this dynamics can be solved, where the options ask for what it has not.
SolveOptions suited(const Dynamics& dynamics, const SolveOptions& asked, std::string& note) {
  SolveOptions options = asked;
  const MethodTraits& method = traits(asked.method);
  const double map = dynamics.is_truth() ? 0 : map_time(dynamics.model()->spec());
  if (map > 0 && method.adaptive) {
    options.method = Method::kEuler;
    options.step = map;
    note = "iterated as a map of " + to_text(std::round(map * 1e6) / 1e6) + " s";
  } else if (method.needs_separable && !dynamics.field().is_separable()) {
    options.method = Method::kImplicitMidpoint;
    note = "not separable: implicit midpoint instead of " + std::string(method.title);
  }
  return options;
}

}  // namespace

double now_milliseconds() {
  using Clock = std::chrono::steady_clock;
  return std::chrono::duration<double, std::milli>(Clock::now().time_since_epoch()).count();
}

double map_time(const ModelSpec& spec) {
  if (spec.kind != ModelKind::kResidual) return 0;
  return spec.block_time * static_cast<double>(spec.blocks);
}

Vector rollout_times(double period, double periods, double map_time) {
  const double span = period * periods;
  double spacing = std::max(period / static_cast<double>(kTimesPerPeriod),
                            span / static_cast<double>(kMaxTimes - 1));
  if (map_time > 0) {
    double multiple = std::max(1.0, std::round(spacing / map_time));
    if (std::ceil(span / (multiple * map_time)) > static_cast<double>(kMaxTimes - 1))
      ++multiple;
    spacing = multiple * map_time;
  }
  const Index intervals =
      std::max<Index>(1, static_cast<Index>(std::floor(span / spacing * (1 + 1e-12) + 1e-9)));
  Vector times(intervals + 1);
  for (Index k = 0; k <= intervals; ++k) times[k] = static_cast<double>(k) * spacing;
  return times;
}

Rollout::Rollout(const Dynamics& dynamics, const Vector& x0, const Vector& times,
                 const SolveOptions& options)
    : dynamics_(&dynamics), times_(times) {
  const Index dimension = dynamics.system().dimension();
  if (x0.size() != dimension) {
    fail_size("Rollout", "x0", x0.size(), dimension, "positions, then momenta");
  }
  if (!x0.allFinite()) fail("Rollout", "x0 has a component that is not finite");
  if (times.size() < 1) fail("Rollout", "there are no times; expected at least one");
  for (Index k = 0; k < times.size(); ++k) {
    if (!std::isfinite(times[k]) || (k > 0 && times[k] <= times[k - 1])) {
      fail("Rollout", "times must be finite and strictly increasing");
    }
  }
  options_ = suited(dynamics, options, note_);
  max_steps_ = options_.max_steps;
  states_ = Matrix::Zero(dimension, times.size());
  Vector start = x0;
  dynamics.system().convert(Chart::kCanonical, dynamics.chart(), x0, start);
  if (!start.allFinite()) {
    stop("the initial state has no velocity");
    return;
  }
  states_.col(0) = start;
  known_ = 1;
  done_ = times_.size() == 1;
}

void Rollout::stop(const std::string& status) {
  status_ = status;
  done_ = true;
}

void Rollout::solve_stretch() {
  const Index first = known_ - 1;
  const Index last = std::min(first + kStretch, times_.size() - 1);
  std::vector<double> stretch;
  for (Index k = first; k <= last; ++k) stretch.push_back(times_[k]);
  options_.max_steps = max_steps_ - steps_;
  if (traits(options_.method).adaptive) {
    options_.max_steps = std::min(options_.max_steps, kStretchSteps);
  }
  if (options_.max_steps < 1) return stop("the limit of steps was reached");
  const Solution solution = solve(dynamics_->field(), states_.col(first), stretch, options_);
  evaluations_ += solution.statistics.evaluations;
  steps_ += solution.statistics.steps;
  const Index reached = static_cast<Index>(solution.times.size());
  for (Index k = 1; k < reached; ++k) {
    if (!solution.states.col(k).allFinite()) return stop("the state became infinite");
    states_.col(first + k) = solution.states.col(k);
    known_ = first + k + 1;
  }
  if (!solution.ok()) return stop(solution.message);
  // The next stretch begins with the average step of this one instead of a search.
  if (traits(options_.method).adaptive && solution.statistics.steps > 0) {
    options_.initial_step =
        (times_[last] - times_[first]) / static_cast<double>(solution.statistics.steps);
  }
  done_ = known_ == times_.size();
}

bool Rollout::advance(double deadline_milliseconds) {
  while (!done_) {
    solve_stretch();
    if (now_milliseconds() >= deadline_milliseconds) break;
  }
  return done_;
}

TrajectoryView Rollout::view() const {
  TrajectoryView view;
  view.states = states_.leftCols(known_);
  Dynamics::convert(dynamics_->system(), dynamics_->chart(), Chart::kCanonical, view.states);
  Index finite = 0;
  while (finite < known_ && view.states.col(finite).allFinite()) ++finite;
  view.states.conservativeResize(Eigen::NoChange, finite);
  view.energy.resize(finite);
  for (Index k = 0; k < finite; ++k)
    view.energy[k] = dynamics_->system().energy(Chart::kCanonical, view.states.col(k));
  view.status = status_;
  view.note = note_;
  view.evaluations = evaluations_;
  return view;
}

}  // namespace least_action
