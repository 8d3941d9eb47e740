#include "analysis/round_trip.h"

#include <cmath>
#include <cstdio>
#include <limits>
#include <vector>

#include "analysis/budgeted_field.h"
#include "base/contract.h"
#include "ode/solver.h"

namespace least_action {
namespace {

constexpr int kParts = 8;            // of the span, for the size of the motion
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

/// From t0 to t1 by way of points between them, where there is room.
std::vector<double> way(double t0, double t1) {
  std::vector<double> times = {t0};
  for (int i = 1; i < kParts; ++i) {
    const double t = t0 + (t1 - t0) / kParts * i;
    if ((t - times.back()) * (t1 - t) > 0) times.push_back(t);
  }
  times.push_back(t1);
  return times;
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
  const auto one_way = [&](ConstMatrixRef from, const std::vector<double>& times,
                           SolveStatus& status, SolveStatistics& statistics,
                           const char* direction) {
    solver.solve(from, times, solution);
    status = budgeted.is_spent() ? SolveStatus::kStepLimit : solution.status;
    statistics = solution.statistics;
    trip.evaluations = budgeted.calls();
    if (status == SolveStatus::kReachedEnd) return true;
    trip.message = std::string("Did not return: on the way ") + direction + ", " +
                   (budgeted.is_spent() ? "all " + std::to_string(budgeted.calls()) +
                                              " evaluations were used up."
                                        : "the solve failed. " + solution.message);
    return false;
  };
  const std::vector<double> there = way(t0, t1);
  const std::vector<double> back(there.rbegin(), there.rend());
  const Index last = static_cast<Index>(there.size()) - 1;
  trip.backward_status = SolveStatus::kStopped;
  if (!one_way(x0, there, trip.forward_status, trip.forward, "forward")) return trip;
  const Matrix far = solution.state(last);
  Matrix seen = solution.states;
  if (!one_way(far, back, trip.backward_status, trip.backward, "back")) return trip;

  trip.returned = solution.state(last);
  if (options.view) {
    options.view(seen);
    options.view(trip.returned);
  }
  const auto start = seen.leftCols(x0.cols());
  Vector scale = options.scale;
  if (scale.size() == 0) {
    scale = seen.cwiseAbs().rowwise().maxCoeff();
    for (double& size : scale) size = size > 0 ? size : 1;
  }
  const Matrix difference = scale.cwiseInverse().asDiagonal() * (trip.returned - start);
  trip.error = std::sqrt(difference.squaredNorm() / static_cast<double>(difference.size()));
  trip.message = describe(trip.error, options.solve);
  return trip;
}

}  // namespace least_action
