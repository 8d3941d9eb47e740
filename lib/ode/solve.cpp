#include "ode/solve.h"

#include <cmath>
#include <limits>

#include "base/contract.h"
#include "ode/solver.h"

namespace least_action {
namespace {

std::string must_be(const char* what, double is, const char* expected) {
  return std::string(what) + " is " + to_text(is) + "; it must be " + expected;
}

bool is_known(Method method) {
  for (const MethodTraits& each : methods()) {
    if (each.method == method) return true;
  }
  return false;
}

}  // namespace

std::string_view name(SolveStatus status) {
  switch (status) {
    case SolveStatus::kReachedEnd:
      return "reached the end";
    case SolveStatus::kStepLimit:
      return "step limit";
    case SolveStatus::kStepUnderflow:
      return "step underflow";
    case SolveStatus::kNonFinite:
      return "not finite";
    case SolveStatus::kNoConvergence:
      return "no convergence";
    case SolveStatus::kStopped:
      return "stopped";
  }
  return "unknown";
}

std::optional<std::string> find_fault(const SolveOptions& options) {
  // Below this, rounding in a step is larger than the tolerance.
  constexpr double kSmallestTolerance = 10 * std::numeric_limits<double>::epsilon();
  const auto positive = [](double value) { return std::isfinite(value) && value > 0; };
  const auto not_negative = [](double value) { return std::isfinite(value) && value >= 0; };
  if (!is_known(options.method)) return "method is not one of methods()";
  if (!positive(options.step)) return must_be("step", options.step, "positive and finite");
  if (!positive(options.relative_tolerance)) {
    return must_be("relative_tolerance", options.relative_tolerance, "positive and finite");
  }
  if (options.relative_tolerance < kSmallestTolerance) {
    return must_be("relative_tolerance", options.relative_tolerance,
                   "at least 2.3e-15, the rounding of a step");
  }
  if (!not_negative(options.absolute_tolerance)) {
    return must_be("absolute_tolerance", options.absolute_tolerance,
                   "zero or positive, and finite");
  }
  if (!not_negative(options.initial_step)) {
    return must_be("initial_step", options.initial_step, "positive, or 0 for automatic");
  }
  if (!not_negative(options.min_step)) {
    return must_be("min_step", options.min_step, "positive, or 0 for automatic");
  }
  if (!not_negative(options.max_step)) {
    return must_be("max_step", options.max_step, "positive, or 0 for none");
  }
  if (options.max_step > 0 && options.min_step > options.max_step) {
    return must_be("min_step", options.min_step, "at most max_step");
  }
  if (options.max_steps < 1) {
    return must_be("max_steps", static_cast<double>(options.max_steps), "at least 1");
  }
  return std::nullopt;
}

Solution solve(const VectorField<double>& field, ConstMatrixRef x0,
               const std::vector<double>& times, const SolveOptions& options,
               const SolveExtras& extras) {
  if (x0.cols() < 1) fail("solve", "x0 has no columns; expected one for each sample");
  Solution solution;
  Solver(field, x0.cols(), options).solve(x0, times, solution, extras);
  return solution;
}

Solution solve_each(const VectorField<double>& field, ConstMatrixRef x0, const Matrix& times,
                    const SolveOptions& options, const SolveExtras& extras) {
  if (x0.cols() < 1) fail("solve_each", "x0 has no columns; expected one for each sample");
  Solution solution;
  Solver(field, x0.cols(), options).solve_each(x0, times, solution, extras);
  return solution;
}

}  // namespace least_action
