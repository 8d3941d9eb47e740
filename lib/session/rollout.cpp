#include "session/rollout.h"

#include <algorithm>
#include <cmath>

#include "base/contract.h"
#include "ode/methods.h"
#include "session/summary.h"

namespace least_action {
namespace {

constexpr Index kLeastEvaluations = 20000;
constexpr Index kEvaluationsPerPeriod = 2000;  // ten times what a smooth model takes
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

Index evaluation_limit(double periods, Index least, Index per_period,
                       const SolveOptions& options) {
  constexpr double kUsualTolerance = 1e-6;
  const double finer = std::max(1.0, kUsualTolerance / options.relative_tolerance);
  const double wanted =
      std::max(static_cast<double>(least), static_cast<double>(per_period) * periods);
  return static_cast<Index>(std::min(1e9, wanted * std::pow(finer, 0.2)));
}

Index steps_within(Index evaluations, Method method) {
  constexpr Index kToBegin = 2, kPerImplicitStep = 20;
  const ButcherTableau* tableau = explicit_tableau(method);
  Index per_step = kPerImplicitStep;
  if (tableau != nullptr) {
    // The last stage is the next step's first; times inside the step may need more.
    per_step = tableau->stages() - 1 + tableau->extra_stages();
  }
  return std::max<Index>(1, (evaluations - kToBegin) / per_step);
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
  if (const auto fault = find_fault(options_)) fail("SolveOptions", *fault);
  states_ = Matrix::Zero(dimension, times.size());
  energy_ = Vector::Zero(times.size());
  own_ = x0;
  dynamics.system().convert(Chart::kCanonical, dynamics.chart(), x0, own_);
  if (!own_.allFinite()) {
    status_ = "The initial state has no velocity.";
    done_ = true;
    return;
  }
  keep(times_[0], own_);
  if (done_) return;
  if (!traits(options_.method).adaptive) {
    stepper_ = make_stepper(options_.method, dynamics.field(), 1);
    stepper_->restart();
    start_ = size_ = Vector::Zero(1);
    return;
  }
  const double end = times_[times_.size() - 1];
  if (!dynamics.is_truth()) {
    const double periods = (end - times_[0]) / dynamics.system().typical_period();
    options_.max_steps = std::min(
        options_.max_steps, steps_within(evaluation_limit(periods, kLeastEvaluations,
                                                          kEvaluationsPerPeriod, options_),
                                         options_.method));
  }
  adaptive_ = make_adaptive_stepper<double>(options_, dynamics.field(), 1);
  adaptive_->start(times_.head(1), times_.tail(1), own_);
}

Index Rollout::evaluations() const {
  if (adaptive_) return adaptive_->statistics(0).evaluations;
  return stepper_ ? stepper_->calls().evaluations() : 0;
}

void Rollout::stop(double time, const std::string& reason) {
  status_ = "Stopped at t = " + short_number(time) + " s of " +
            short_number(times_[times_.size() - 1]) + " s: " + reason;
  done_ = true;
}

void Rollout::keep(double time, const Vector& own) {
  const System& system = dynamics_->system();
  const Chart chart = dynamics_->chart();
  auto state = states_.col(known_);
  system.convert(chart, Chart::kCanonical, own, state);
  if (!state.allFinite()) return stop(time, "the state became infinite.");
  energy_[known_] = system.energy(Chart::kCanonical, state);
  ++known_;
  done_ = known_ == times_.size();
}

void Rollout::take_adaptive_step() {
  const Index accepted = adaptive_->advance();
  const double now = adaptive_->time(0);
  switch (adaptive_->status(0)) {
    case SolveStatus::kReachedEnd:
      break;
    case SolveStatus::kStepLimit:
      return stop(now, "it is too rough to be followed further within " +
                           std::to_string(evaluations()) + " evaluations.");
    case SolveStatus::kStepUnderflow:
      return stop(now, "the step fell to nothing; the motion may be singular there.");
    default:
      return stop(now, "the state or its rate of change became infinite.");
  }
  if (accepted == 0) return;
  while (!done_ && times_[known_] <= now) {
    if (times_[known_] == now) {
      own_ = adaptive_->states().col(0);
    } else {
      adaptive_->interpolate(0, times_[known_], own_);
    }
    keep(times_[known_], own_);
  }
}

void Rollout::take_fixed_step() {
  const double from = times_[known_ - 1], to = times_[known_];
  // Less a hair, so that 0.3 / 0.1 is 3 steps however it was rounded.
  const double count = std::max(1.0, std::ceil((to - from) / options_.step * (1 - 1e-12)));
  size_[0] = (to - from) / count;
  start_[0] = from + substeps_ * size_[0];
  if (steps_ == options_.max_steps) {
    return stop(start_[0],
                "that took " + std::to_string(steps_) + " steps; try a larger step.");
  }
  if (!stepper_->step(start_, size_, own_)) {
    return stop(start_[0], "the equation of a step of " + short_number(size_[0]) +
                               " s could not be solved; try a smaller step.");
  }
  if (!own_.allFinite()) {
    return stop(start_[0], "the state became infinite; try a smaller step.");
  }
  ++steps_;
  if (++substeps_ < count) return;
  substeps_ = 0;
  keep(to, own_);
}

void Rollout::take_step() {
  if (adaptive_) {
    take_adaptive_step();
  } else {
    take_fixed_step();
  }
}

bool Rollout::advance(double deadline, const Clock& now) {
  while (!done_) {
    take_step();
    if (now() >= deadline) break;
  }
  return done_;
}

TrajectoryView Rollout::view() const {
  return {states_.leftCols(known_), energy_.head(known_), status_, note_, evaluations()};
}

}  // namespace least_action
