#include "ode/solver.h"

#include <cmath>
#include <cstdio>

#include "base/contract.h"

namespace least_action {
namespace {

/// A number with the digits a reader wants.
std::string brief(double value) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.4g", value);
  return buffer;
}

std::string stopped(double t, double t_end) {
  return "Solve stopped at t = " + brief(t) + " s of " + brief(t_end) + " s: ";
}

constexpr const char* kNonFiniteReason =
    "the state or its rate of change became infinite or NaN there. ";

}  // namespace

Solver::Solver(const VectorField<double>& field, Index max_batch, const SolveOptions& options)
    : field_(&field), options_(options), max_batch_(max_batch) {
  if (const auto fault = find_fault(options)) fail("SolveOptions", *fault);
  if (max_batch < 1) fail_value("Solver", "max_batch", double(max_batch), "at least 1");
  if (traits(options.method).adaptive) {
    adaptive_ = std::make_unique<DormandPrince>(field, max_batch, options);
  } else {
    stepper_ = make_stepper(options.method, field, max_batch);
  }
  x_.setZero(field.dimension(), max_batch);
  t_.setZero(max_batch);
  h_.setZero(max_batch);
}

void Solver::check(ConstMatrixRef x0, const std::vector<double>& times) const {
  const char* where = "solve";
  if (x0.rows() != field_->dimension() || x0.cols() < 1 || x0.cols() > max_batch_) {
    fail(where, "x0 is " + std::to_string(x0.rows()) + " × " + std::to_string(x0.cols()) +
                    ", expected " + std::to_string(field_->dimension()) + " × 1 … " +
                    std::to_string(max_batch_) + " (dimension × samples)");
  }
  if (!x0.allFinite()) fail(where, "x0 has an entry that is NaN or infinite; expected numbers");
  if (times.empty()) fail(where, "times is empty; expected the starting time at least");
  for (std::size_t k = 0; k < times.size(); ++k) {
    const std::string name = "times[" + std::to_string(k) + "]";
    if (!std::isfinite(times[k])) fail_value(where, name, times[k], "finite");
    if (k == 0) continue;
    const bool increases = times[1] > times[0];
    if (increases ? !(times[k] > times[k - 1]) : !(times[k] < times[k - 1])) {
      fail(where, name + " is " + to_text(times[k]) + " after " + to_text(times[k - 1]) +
                      "; the times must be strictly increasing or strictly decreasing");
    }
  }
  if (!std::isfinite(times.back() - times.front())) {
    fail(where, "the times span more than the largest number; expected a finite span");
  }
}

void Solver::solve(ConstMatrixRef x0, const std::vector<double>& times, Solution& solution) {
  check(x0, times);
  const Index batch = x0.cols();
  solution.status = SolveStatus::kReachedEnd;
  solution.message.clear();
  solution.dimension = x0.rows();
  solution.batch = batch;
  solution.statistics = {};
  solution.health = {};
  solution.states.resize(x0.rows(), batch * Index(times.size()));
  solution.times.assign(1, times[0]);
  solution.times.reserve(times.size());
  solution.states.leftCols(batch) = x0;
  if (times.size() > 1) {
    if (adaptive_) {
      solve_adaptive(x0, times, solution);
    } else {
      solve_fixed(x0, times, solution);
    }
  }
  const Index reached = Index(solution.times.size());
  if (reached < Index(times.size())) {
    solution.states.conservativeResize(Eigen::NoChange, batch * reached);
  }
}

void Solver::solve_adaptive(ConstMatrixRef x0, const std::vector<double>& times,
                            Solution& solution) {
  const Index batch = x0.cols();
  const double direction = times[1] > times[0] ? 1 : -1;
  DormandPrince& integrator = *adaptive_;
  integrator.start(times.front(), times.back(), x0);
  std::size_t next = 1;
  while (next < times.size()) {
    solution.status = integrator.advance();
    if (solution.status != SolveStatus::kReachedEnd) break;
    for (; next < times.size() && direction * (integrator.time() - times[next]) >= 0; ++next) {
      auto state = solution.states.middleCols(Index(next) * batch, batch);
      if (times[next] == integrator.time()) {
        state = integrator.state();
      } else {
        integrator.interpolate(times[next], state);
      }
      solution.times.push_back(times[next]);
    }
  }
  solution.statistics = integrator.statistics();
  solution.health = integrator.health();
  if (solution.ok()) return;
  const std::string begin = stopped(integrator.time(), times.back());
  switch (solution.status) {
    case SolveStatus::kStepLimit:
      solution.message = begin + "max_steps " + std::to_string(options_.max_steps) +
                         " were used up; try a looser tolerance or a larger max_steps.";
      break;
    case SolveStatus::kStepUnderflow:
      solution.message = begin + "the step fell to " + brief(std::abs(integrator.step())) +
                         " s, below the smallest, " + brief(integrator.smallest_step()) +
                         " s. The field may be singular here; try a looser tolerance or "
                         "another initial state.";
      break;
    case SolveStatus::kNonFinite:
      solution.message =
          begin + kNonFiniteReason + "Try another initial state, or an earlier end.";
      break;
    default:
      break;
  }
}

double Solver::steps_between(double from, double to) const {
  // Less a hair, so that 0.3 / 0.1 is 3 steps however it was rounded.
  return std::max(1.0, std::ceil(std::abs(to - from) / options_.step * (1 - 1e-12)));
}

void Solver::solve_fixed(ConstMatrixRef x0, const std::vector<double>& times,
                         Solution& solution) {
  const Index batch = x0.cols();
  double needed = 0;
  for (std::size_t k = 1; k < times.size(); ++k)
    needed += steps_between(times[k - 1], times[k]);
  if (needed > static_cast<double>(options_.max_steps)) {
    const double span = std::abs(times.back() - times.front());
    solution.status = SolveStatus::kStepLimit;
    solution.message = "Solve did not start: " + brief(span) + " s in steps of " +
                       brief(options_.step) + " s are " + brief(needed) +
                       " steps, above max_steps " + std::to_string(options_.max_steps) +
                       "; try a larger step.";
    return;
  }

  auto x = x_.leftCols(batch);
  const auto t = t_.head(batch);
  const auto h = h_.head(batch);
  x = x0;
  stepper_->restart();
  for (std::size_t k = 1; k < times.size() && solution.ok(); ++k) {
    const double count = steps_between(times[k - 1], times[k]);
    const double step = (times[k] - times[k - 1]) / count;
    h_.setConstant(step);
    double now = times[k - 1];
    for (double i = 0; i < count && solution.ok(); ++i) {
      now = times[k - 1] + i * step;
      t_.setConstant(now);
      if (!stepper_->step(t, h, x)) {
        solution.status = SolveStatus::kNoConvergence;
        solution.message = stopped(now, times.back()) + "the equation of a step of " +
                           brief(std::abs(step)) +
                           " s could not be solved; try a smaller step.";
      } else if (!x.allFinite()) {
        solution.status = SolveStatus::kNonFinite;
        solution.message = stopped(now, times.back()) + kNonFiniteReason +
                           "Try a smaller step than " + brief(std::abs(step)) +
                           " s, or another initial state.";
      } else {
        ++solution.statistics.steps;
      }
    }
    if (!solution.ok()) break;
    solution.states.middleCols(Index(k) * batch, batch) = x;
    solution.times.push_back(times[k]);
  }
  solution.statistics.evaluations = stepper_->calls().evaluations();
  solution.health = stepper_->calls().health();
}

}  // namespace least_action
