#include "analysis/round_trip.h"

#include <cmath>
#include <cstdio>
#include <limits>

#include "analysis/budgeted_field.h"
#include "base/contract.h"
#include "ode/solver.h"

namespace least_action {
namespace {

constexpr double kRounding = 1e-11;  // of many steps
constexpr double kLost = 0.1;        // of the size of the motion
constexpr double kGrown = 1e4;       // times the tolerance

std::string brief(double value) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.2g", value);
  return buffer;
}

std::string describe(double error, const SolveOptions& solve) {
  const std::string size = brief(error) + " of its size";
  if (error > kLost) {
    return "The start is lost: what came back is off by " + size +
           ". The motion forgets it (backward, its errors grow), or it was computed too "
           "coarsely.";
  }
  if (error < kRounding) return "Returned to its start to rounding: off by " + size + ".";
  std::string text = "Returned to its start: off by " + size;
  if (!traits(solve.method).adaptive) return text + ".";
  text += " at tolerance " + brief(solve.relative_tolerance);
  if (error < kGrown * solve.relative_tolerance) return text + ".";
  return text + ". On the way back the errors grew " + brief(error / solve.relative_tolerance) +
         " times.";
}

}  // namespace

std::optional<std::string> find_fault(const RoundTripOptions& options) {
  if (const auto fault = find_fault(options.solve)) return fault;
  for (const double size : options.scale) {
    if (!(size > 0 && std::isfinite(size))) {
      return "scale has the entry " + to_text(size) + "; it must be positive and finite";
    }
  }
  if (options.max_evaluations < 1) {
    return "max_evaluations is " + std::to_string(options.max_evaluations) +
           "; it must be at least 1";
  }
  return std::nullopt;
}

RoundTrip round_trip(const VectorField<double>& field, ConstMatrixRef x0, double t0, double t1,
                     const RoundTripOptions& options) {
  constexpr std::string_view kWhere = "round_trip";
  if (const auto fault = find_fault(options)) fail(kWhere, *fault);
  if (options.scale.size() != 0 && options.scale.size() != field.dimension()) {
    fail_size(kWhere, "scale", options.scale.size(), field.dimension(), "components, or 0");
  }
  if (x0.cols() < 1) fail(kWhere, "x0 has no columns; expected one for each sample");
  if (t0 == t1) fail_value(kWhere, "t1", t1, "different from t0");

  BudgetedField budgeted(field, options.max_evaluations);
  Solver solver(budgeted, x0.cols(), options.solve);
  RoundTrip trip;
  trip.error = std::numeric_limits<double>::quiet_NaN();
  Solution solution;
  const auto one_way = [&](ConstMatrixRef from, double begin, double end, SolveStatus& status,
                           SolveStatistics& statistics, const char* way) {
    solver.solve(from, {begin, end}, solution);
    status = budgeted.is_spent() ? SolveStatus::kStepLimit : solution.status;
    statistics = solution.statistics;
    trip.evaluations = budgeted.calls();
    if (status == SolveStatus::kReachedEnd) return true;
    trip.message = std::string("Did not return: on the way ") + way + ", " +
                   (budgeted.is_spent() ? "all " + std::to_string(budgeted.calls()) +
                                              " evaluations were used up."
                                        : "the solve failed. " + solution.message);
    return false;
  };
  trip.backward_status = SolveStatus::kStopped;
  if (!one_way(x0, t0, t1, trip.forward_status, trip.forward, "forward")) return trip;
  const Matrix far = solution.state(1);
  if (!one_way(far, t1, t0, trip.backward_status, trip.backward, "back")) return trip;

  trip.returned = solution.state(1);
  Matrix start = x0, end = far;
  if (options.view) {
    options.view(start);
    options.view(end);
    options.view(trip.returned);
  }
  Vector scale = options.scale;
  if (scale.size() == 0) {
    scale = start.cwiseAbs().cwiseMax(end.cwiseAbs()).rowwise().maxCoeff();
    for (double& size : scale) size = size > 0 ? size : 1;
  }
  const Matrix difference = scale.cwiseInverse().asDiagonal() * (trip.returned - start);
  trip.error = std::sqrt(difference.squaredNorm() / static_cast<double>(difference.size()));
  trip.message = describe(trip.error, options.solve);
  return trip;
}

}  // namespace least_action
