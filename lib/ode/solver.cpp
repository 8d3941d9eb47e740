#include "ode/solver.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include "base/contract.h"
#include "ode/fixed_steps.h"

namespace least_action {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
// Of the span: changes so near to each other are at one time, as far as times can tell.
constexpr double kNear = 64 * std::numeric_limits<double>::epsilon();

/// A number with the digits a reader wants.
std::string brief(double value) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.4g", value);
  return buffer;
}

std::string stopped(double t, double t_end) {
  return "Solve stopped at t = " + brief(t) + " s of " + brief(t_end) + " s: ";
}

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

void check_times(const char* where, const std::string& name, const double* data, Index stride,
                 Index count, bool may_repeat) {
  double first_difference = 0;
  for (Index k = 0; k < count; ++k) {
    const double t = data[k * stride];
    const std::string entry = name + std::to_string(k) + "]";
    if (!std::isfinite(t)) fail_value(where, entry, t, "finite");
    if (k == 0) continue;
    const double difference = t - data[(k - 1) * stride];
    if (first_difference == 0) first_difference = difference;
    const bool is_monotone = difference * first_difference > 0 ||
                             (difference == 0 && may_repeat) ||
                             (std::isinf(difference) && difference == first_difference);
    if (!is_monotone) {
      fail(where, entry + " is " + to_text(t) + " after " + to_text(data[(k - 1) * stride]) +
                      "; the times must be " + (may_repeat ? "" : "strictly ") +
                      "increasing or " + (may_repeat ? "" : "strictly ") + "decreasing");
    }
  }
  if (count > 0 && !std::isfinite(data[(count - 1) * stride] - data[0])) {
    fail(where, "the times span more than the largest number; expected a finite span");
  }
}

}  // namespace

Solver::Solver(const VectorField<double>& field, Index max_batch, const SolveOptions& options)
    : field_(&field), options_(options), max_batch_(max_batch) {
  if (const auto fault = find_fault(options)) fail("SolveOptions", *fault);
  if (max_batch < 1) fail_value("Solver", "max_batch", double(max_batch), "at least 1");
  if (traits(options.method).adaptive) {
    stepper_ = make_adaptive_stepper<double>(options, field, max_batch);
  } else {
    auto fixed = std::make_shared<FixedSteps>(options, field, max_batch);
    fixed_ = fixed.get();
    stepper_ = std::move(fixed);
  }
  tracks_.resize(at(max_batch));
  wanted_.reserve(at(max_batch));
  start_.setZero(max_batch);
  end_.setZero(max_batch);
  last_.setZero(max_batch);
  changed_.setZero(field.dimension());
}

void Solver::check_state(ConstMatrixRef x0) const {
  const char* where = "solve";
  if (x0.rows() != field_->dimension() || x0.cols() < 1 || x0.cols() > max_batch_) {
    fail(where, "x0 is " + std::to_string(x0.rows()) + " × " + std::to_string(x0.cols()) +
                    ", expected " + std::to_string(field_->dimension()) + " × 1 … " +
                    std::to_string(max_batch_) + " (dimension × samples)");
  }
  if (!x0.allFinite()) fail(where, "x0 has an entry that is NaN or infinite; expected numbers");
}

void Solver::solve(ConstMatrixRef x0, const std::vector<double>& times, Solution& solution,
                   const SolveExtras& extras) {
  check_state(x0);
  const Index count = static_cast<Index>(times.size());
  if (count == 0) fail("solve", "times is empty; expected the starting time at least");
  check_times("solve", "times[", times.data(), 1, count, false);
  run(x0, {times.data(), 0, 1, count}, solution, extras);
  Index reached = 0;
  for (const SampleReport& report : solution.samples) {
    reached = std::max(reached, report.reached);
  }
  solution.times.assign(times.begin(), times.begin() + reached);
  if (reached < count) {
    solution.states.conservativeResize(Eigen::NoChange, x0.cols() * reached);
  }
}

void Solver::solve_each(ConstMatrixRef x0, const Matrix& times, Solution& solution,
                        const SolveExtras& extras) {
  check_state(x0);
  if (times.rows() != x0.cols() || times.cols() < 1) {
    fail_shape("solve_each", "times", times.rows(), times.cols(), x0.cols(),
               std::max<Index>(1, times.cols()), "samples × times, at least one");
  }
  for (Index b = 0; b < times.rows(); ++b) {
    check_times("solve_each", "times[" + std::to_string(b) + ", ", times.data() + b,
                times.rows(), times.cols(), true);
  }
  run(x0, {times.data(), 1, times.rows(), times.cols()}, solution, extras);
  solution.times.clear();
}

void Solver::run(ConstMatrixRef x0, const Times& times, Solution& solution,
                 const SolveExtras& extras) {
  check_events(extras);
  const Index batch = x0.cols();
  search_.reset();
  dense_.reset();
  begin(x0, times, solution);
  if (!extras.events.empty()) {
    search_.emplace(extras.events, *stepper_, batch);
    for (Index b = 0; b < batch; ++b) search_->begin(b, times(b, 0), x0.col(b));
  }
  if (extras.dense) {
    dense_ = std::make_shared<DenseSolution>(stepper_, start_.head(batch), x0);
  }
  if (fixed_ != nullptr) refuse_too_many_steps(times, solution);
  follow(times, solution, extras);
  finish(times, solution);
}

void Solver::begin(ConstMatrixRef x0, const Times& times, Solution& solution) {
  const Index batch = x0.cols();
  solution.status = SolveStatus::kReachedEnd;
  solution.message.clear();
  solution.remark.clear();
  solution.dimension = x0.rows();
  solution.batch = batch;
  solution.statistics = {};
  solution.health = {};
  solution.events.clear();
  solution.dense.reset();
  solution.states.resize(x0.rows(), batch * times.count);
  solution.samples.resize(at(batch));
  for (Index b = 0; b < batch; ++b) {
    SampleReport& report = solution.samples[at(b)];
    report.status = SolveStatus::kReachedEnd;
    report.message.clear();
    report.statistics = {};
    report.stiff_steps = 0;
    Track& track = tracks_[at(b)];
    track = {};
    start_[b] = times(b, 0);
    const double last = last_[b] = times(b, times.count - 1);
    track.direction = last < start_[b] ? -1 : 1;
    while (track.next < times.count && times(b, track.next) == start_[b]) {
      solution.states.col(track.next++ * batch + b) = x0.col(b);
    }
    // The dense output serves adaptive methods on the way; fixed steps end at every time.
    end_[b] = fixed_ == nullptr || track.next == times.count ? last : times(b, track.next);
  }
  stepper_->start(start_.head(batch), end_.head(batch), x0);
  if (fixed_ == nullptr) return;
  for (Index b = 0; b < batch; ++b) fixed_->set_goal(b, last_[b]);
}

void Solver::refuse_too_many_steps(const Times& times, Solution& solution) {
  for (Index b = 0; b < solution.batch; ++b) {
    double needed = 0;
    for (Index k = 1; k < times.count; ++k) {
      if (times(b, k) == times(b, k - 1)) continue;
      needed += FixedSteps::steps_between(times(b, k - 1), times(b, k), options_.step);
    }
    if (needed <= static_cast<double>(options_.max_steps)) continue;
    const double span = std::abs(last_[b] - start_[b]);
    SampleReport& report = solution.samples[at(b)];
    report.status = SolveStatus::kStepLimit;
    report.message = "Solve did not start: " + brief(span) + " s in steps of " +
                     brief(options_.step) + " s are " + brief(needed) +
                     " steps, above max_steps " + std::to_string(options_.max_steps) +
                     "; try a larger step.";
    tracks_[at(b)].is_ended = true;
    stepper_->extend(b, start_[b]);
  }
}

void Solver::follow(const Times& times, Solution& solution, const SolveExtras& extras) {
  const bool is_dense = search_.has_value() || dense_ != nullptr;
  while (stepper_->active() > 0) {
    if (stepper_->advance() == 0) continue;
    prepare_dense(times, is_dense);
    for (const Index b : stepper_->accepted()) {
      const double from = stepper_->previous_time(b);
      if (stepper_->is_stiff(b)) ++solution.samples[at(b)].stiff_steps;
      take_in(b, times, solution, extras);
      if (tracks_[at(b)].is_ended) continue;
      if (extras.on_step) {
        const auto states = stepper_->states();
        const double now = stepper_->time(b);
        if (!extras.on_step({b, now, now - from, states.col(b), stepper_->statistics(b)})) {
          for (Index other = 0; other < solution.batch; ++other) {
            stop(other, stepper_->time(other), SolveStatus::kStopped,
                 "the step callback asked for it.", solution);
          }
          return;
        }
      }
      go_on(b, times);
    }
  }
}

/// All samples' dense output in one batch, where it costs evaluations.
void Solver::prepare_dense(const Times& times, bool is_always_needed) {
  wanted_.clear();
  for (const Index b : stepper_->accepted()) {
    const Track& track = tracks_[at(b)];
    const bool is_inside = track.next < times.count &&
                           track.direction * (stepper_->time(b) - times(b, track.next)) > 0;
    if (is_inside || is_always_needed) wanted_.push_back(b);
  }
  stepper_->prepare_dense(wanted_);
}

void Solver::take_in(Index b, const Times& times, Solution& solution,
                     const SolveExtras& extras) {
  if (search_) {
    search_->enter_step(b);
    while (const auto found = search_->next()) {
      const std::string name = "event " + std::to_string(found->event);
      const Event& event = extras.events[at(found->event)];
      const bool goes_on = !found->is_nan && event.action == EventAction::kRecord;
      if (!found->is_nan) {
        solution.events.push_back({found->event, b, found->time, search_->state()});
      }
      if (goes_on) continue;
      write_states(b, found->time, times, solution);
      if (dense_) dense_->append(b, found->time);
      if (found->is_nan) {
        stop(b, found->time, SolveStatus::kNonFinite,
             "the function of " + name + " is NaN there.", solution);
      } else if (event.action == EventAction::kStop) {
        stop(b, found->time, SolveStatus::kStopped, name + " ends it.", solution);
      } else {
        change(b, found->event, found->time, solution, extras);
      }
      return;
    }
  }
  const double now = stepper_->time(b);
  write_states(b, now, times, solution);
  if (dense_) dense_->append(b, now);
}

/// Whether the changes that one event makes have no end (the bounces of a ball): intervals
/// that shrink by a steady ratio q from Δ on have Δ q/(1 − q) left in all.
bool Solver::accumulates(Track& track, Index event, double t, double span) const {
  constexpr double kSteady = 4, kShrinking = 0.95;
  const bool is_same = event == track.last_event;
  const double interval = track.changes > 0 ? std::abs(t - track.last_change) : 0;
  const double ratio = track.interval > 0 ? interval / track.interval : 0;
  const bool is_steady = ratio > 0 && ratio < kShrinking && track.ratio <= kSteady * ratio &&
                         ratio <= kSteady * track.ratio;
  const double left = is_steady ? interval * ratio / (1 - ratio) : interval;
  track.last_change = t;
  track.interval = interval;
  track.ratio = ratio;
  track.last_event = event;
  return is_same && left <= kNear * std::max(std::abs(t), span);
}

void Solver::change(Index b, Index event, double t, Solution& solution,
                    const SolveExtras& extras) {
  Track& track = tracks_[at(b)];
  const std::string name = "event " + std::to_string(event);
  if (accumulates(track, event, t, std::abs(last_[b] - start_[b]))) {
    return stop(b, t, SolveStatus::kStopped,
                name + " happens again and again in no time, after " +
                    std::to_string(track.changes) +
                    " changes of state: they accumulate there. Let the change come to rest, or "
                    "end the solve before.",
                solution);
  }
  if (++track.changes > extras.max_events) {
    return stop(b, t, SolveStatus::kStopped,
                "max_events " + std::to_string(extras.max_events) +
                    " changes of state were used up; try a larger max_events.",
                solution);
  }
  changed_ = search_->state();
  extras.events[at(event)].change(t, changed_);
  if (!changed_.allFinite()) {
    return stop(b, t, SolveStatus::kNonFinite,
                "the change of " + name + " made the state infinite or NaN.", solution);
  }
  stepper_->replace(b, t, changed_);
  search_->begin(b, t, changed_, event);
}

void Solver::write_states(Index b, double until, const Times& times, Solution& solution) {
  Track& track = tracks_[at(b)];
  for (; track.next < times.count; ++track.next) {
    const double t = times(b, track.next);
    if (track.direction * (until - t) < 0) return;
    auto state = solution.states.col(track.next * solution.batch + b);
    if (t == stepper_->time(b)) {
      state = stepper_->states().col(b);
    } else {
      stepper_->interpolate(b, t, state);
    }
  }
}

/// Ends a sample's way, unless it has failed or has arrived.
void Solver::stop(Index b, double t, SolveStatus status, const std::string& reason,
                  Solution& solution) {
  Track& track = tracks_[at(b)];
  if (track.is_ended || stepper_->status(b) != SolveStatus::kReachedEnd) return;
  if (stepper_->time(b) == last_[b] && t == last_[b] && status == SolveStatus::kStopped) return;
  track.is_ended = true;
  stepper_->extend(b, stepper_->time(b));
  SampleReport& report = solution.samples[at(b)];
  report.status = status;
  report.message = stopped(t, last_[b]) + reason;
}

/// A method of fixed steps goes from one requested time to the next.
void Solver::go_on(Index b, const Times& times) {
  const Track& track = tracks_[at(b)];
  if (fixed_ == nullptr || track.is_ended || track.next == times.count) return;
  if (stepper_->time(b) != end_[b]) return;
  end_[b] = times(b, track.next);
  stepper_->extend(b, end_[b]);
}

void Solver::finish(const Times& times, Solution& solution) {
  const Index batch = solution.batch;
  Index failed = 0, first = -1, stiff = 0, stiff_steps = 0, steps = 0;
  for (Index b = 0; b < batch; ++b) {
    SampleReport& report = solution.samples[at(b)];
    if (!tracks_[at(b)].is_ended) {
      report.status = stepper_->status(b);
      if (report.status != SolveStatus::kReachedEnd) report.message = stepper_->message(b);
    }
    report.reached = tracks_[at(b)].next;
    report.statistics = stepper_->statistics(b);
    for (Index k = report.reached; k < times.count; ++k) {
      solution.states.col(k * batch + b).setConstant(kNan);
    }
    solution.statistics.steps = std::max(solution.statistics.steps, report.statistics.steps);
    solution.statistics.rejected =
        std::max(solution.statistics.rejected, report.statistics.rejected);
    // A few steps at the edge of stability are no reason to change the method.
    if (10 * report.stiff_steps > report.statistics.steps) {
      ++stiff;
      stiff_steps += report.stiff_steps;
      steps += report.statistics.steps;
    }
    if (report.status == SolveStatus::kReachedEnd) continue;
    ++failed;
    const bool is_worse =
        first < 0 || (solution.samples[at(first)].status == SolveStatus::kStopped &&
                      report.status != SolveStatus::kStopped);
    if (is_worse) first = b;
  }
  solution.statistics.evaluations = stepper_->calls().evaluations();
  if (fixed_ != nullptr) solution.statistics.evaluations += fixed_->dense_evaluations();
  solution.health = stepper_->calls().health();
  solution.dense = std::move(dense_);
  if (stiff > 0) {
    solution.remark = "The field is stiff: stability, not accuracy, held down " +
                      std::to_string(stiff_steps) + " of " + std::to_string(steps) + " steps" +
                      (batch > 1 ? " of " + std::to_string(stiff) + " samples" : "") +
                      ". radau5 would take far fewer.";
  }
  if (first < 0) return;
  const SampleReport& report = solution.samples[at(first)];
  solution.status = report.status;
  solution.message = report.message;
  if (batch == 1) return;
  solution.message = "Sample " + std::to_string(first) + ": " + report.message;
  if (failed > 1) {
    solution.message += " (" + std::to_string(failed) + " of " + std::to_string(batch) +
                        " samples did not reach the end.)";
  }
}

}  // namespace least_action
