#include "analysis/accuracy_dial.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "analysis/budgeted_field.h"
#include "base/contract.h"
#include "ode/solver.h"

namespace least_action {
namespace {

constexpr double kFinestReference = 1e-13;
constexpr double kReferenceFactor = 1e-3, kReferenceAbsolute = 1e-2;
/// Solves this short are timed three times, and the fastest counts.
constexpr Index kShortSolve = 2000;

SolveOptions turned(const AccuracyDialOptions& options, double setting) {
  SolveOptions solve = options.solve;
  if (traits(solve.method).adaptive) {
    solve.absolute_tolerance *= setting / solve.relative_tolerance;
    solve.relative_tolerance = setting;
  } else {
    solve.step = setting;
  }
  return solve;
}

double reference_tolerance(const AccuracyDialOptions& options) {
  if (options.reference_tolerance > 0) return options.reference_tolerance;
  if (!traits(options.solve.method).adaptive) return kFinestReference;
  const double finest = *std::min_element(options.settings.begin(), options.settings.end());
  return std::max(kFinestReference, kReferenceFactor * finest);
}

SolveOptions reference_options(const AccuracyDialOptions& options) {
  SolveOptions solve;
  solve.method = options.reference_method;
  solve.relative_tolerance = reference_tolerance(options);
  solve.absolute_tolerance = kReferenceAbsolute * solve.relative_tolerance;
  solve.max_steps = options.max_evaluations;  // The field's budget is what ends it.
  return solve;
}

std::string out_of_work(Index evaluations) {
  return "Stopped where " + std::to_string(evaluations) +
         " evaluations were used up; try looser settings.";
}

/// The reference and what errors are measured by.
struct Measure {
  const Matrix& states;  // as compared, dimension × (batch · times reached)
  Vector inverse_scale;
  Index batch, reached;

  /// RMS over components and samples at one of the times.
  double distance(const Matrix& x, Index k) const {
    const auto difference =
        x.middleCols(k * batch, batch) - states.middleCols(k * batch, batch);
    return std::sqrt((inverse_scale.asDiagonal() * difference).squaredNorm() /
                     static_cast<double>(inverse_scale.size() * batch));
  }
};

Vector inverse_scale(const Vector& asked, const Matrix& states) {
  if (asked.size() > 0) return asked.cwiseInverse();
  Vector scale = states.cwiseAbs().rowwise().maxCoeff();
  for (double& entry : scale) entry = entry > 0 && std::isfinite(entry) ? 1 / entry : 1;
  return scale;
}

AccuracyRow try_setting(BudgetedField& field, ConstMatrixRef x0,
                        const std::vector<double>& times, const AccuracyDialOptions& options,
                        double setting, const Measure& measure) {
  const Index budget = field.left();
  AccuracyRow row;
  row.setting = setting;
  row.error = std::numeric_limits<double>::quiet_NaN();
  row.reached = times.front();
  if (budget == 0) {
    row.status = SolveStatus::kStepLimit;
    row.message = "Not tried: the evaluations for the whole table were used up.";
    return row;
  }
  Solver solver(field, x0.cols(), turned(options, setting));
  Solution solution;
  const auto timed_solve = [&] {
    const double begun = options.clock ? options.clock() : 0;
    solver.solve(x0, times, solution);
    return options.clock ? options.clock() - begun : 0;
  };
  row.milliseconds = timed_solve();
  row.evaluations = budget - field.left();
  row.steps = solution.statistics.steps;
  row.rejected = solution.statistics.rejected;
  row.status = solution.status;
  row.message = solution.message;
  if (field.is_spent()) {
    row.status = SolveStatus::kStepLimit;
    row.message = out_of_work(row.evaluations);
  }
  Matrix& states = solution.states;
  if (options.view) options.view(states);
  const Index common = std::min(Index(solution.times.size()), measure.reached);
  for (Index k = 1; k < common; ++k) {
    const double distance = measure.distance(states, k);
    // Not std::max alone, which lets a NaN pass by.
    row.error = k == 1 || !(distance <= row.error) ? distance : row.error;
    row.reached = times[std::size_t(k)];
    if (std::isnan(distance)) break;
  }
  if (options.clock && solution.ok() && row.evaluations <= kShortSolve) {
    const Index before = field.left();
    for (int i = 0; i < 2; ++i) {
      field.renew(row.evaluations);
      row.milliseconds = std::min(row.milliseconds, timed_solve());
    }
    field.renew(before);
  }
  return row;
}

void check(const VectorField<double>& field, ConstMatrixRef x0,
           const std::vector<double>& times, const AccuracyDialOptions& options) {
  constexpr std::string_view kWhere = "accuracy_dial";
  if (const auto fault = find_fault(options)) fail(kWhere, *fault);
  if (options.scale.size() != 0 && options.scale.size() != field.dimension()) {
    fail_size(kWhere, "scale", options.scale.size(), field.dimension(), "components, or 0");
  }
  if (x0.cols() < 1) fail(kWhere, "x0 has no columns; expected one for each sample");
  if (times.size() < 2) {
    fail_size(kWhere, "times", Index(times.size()), 2, "a start and an end at least");
  }
}

}  // namespace

std::optional<std::string> find_fault(const AccuracyDialOptions& options) {
  if (options.settings.empty()) return "settings is empty; expected at least one";
  if (const auto fault = find_fault(options.solve)) return fault;
  for (const double setting : options.settings) {
    if (const auto fault = find_fault(turned(options, setting))) return fault;
  }
  for (const double size : options.scale) {
    if (!(size > 0 && std::isfinite(size))) {
      return "scale has the entry " + to_text(size) + "; it must be positive and finite";
    }
  }
  if (options.max_evaluations < 1) {
    return "max_evaluations is " + std::to_string(options.max_evaluations) +
           "; it must be at least 1";
  }
  if (!std::isfinite(options.reference_tolerance) || options.reference_tolerance < 0) {
    return "reference_tolerance is " + to_text(options.reference_tolerance) +
           "; it must be positive, or 0 for automatic";
  }
  if (const auto fault = find_fault(reference_options(options))) {
    return "the reference's " + *fault;
  }
  if (!traits(options.reference_method).adaptive) {
    return "reference_method is " + std::string(traits(options.reference_method).name) +
           "; it must be an adaptive one";
  }
  return std::nullopt;
}

AccuracyReference accuracy_reference(const VectorField<double>& field, ConstMatrixRef x0,
                                     const std::vector<double>& times,
                                     const AccuracyDialOptions& options) {
  check(field, x0, times, options);
  BudgetedField budgeted(field, options.max_evaluations);
  Solution solution = solve(budgeted, x0, times, reference_options(options));
  AccuracyReference reference;
  reference.tolerance = reference_tolerance(options);
  reference.evaluations = budgeted.calls();
  if (!solution.ok()) {
    reference.message =
        "Errors are known only up to t = " + to_text(solution.times.back()) +
        ", where the reference ended. " +
        (budgeted.is_spent() ? out_of_work(budgeted.calls()) : solution.message);
  }
  if (options.view) options.view(solution.states);
  reference.states = std::move(solution.states);
  reference.times.assign(solution.times.begin(), solution.times.end());
  return reference;
}

AccuracyTable accuracy_dial(const VectorField<double>& field, ConstMatrixRef x0,
                            const std::vector<double>& times,
                            const AccuracyDialOptions& options) {
  return accuracy_dial(field, x0, times, options,
                       accuracy_reference(field, x0, times, options));
}

AccuracyTable accuracy_dial(const VectorField<double>& field, ConstMatrixRef x0,
                            const std::vector<double>& times,
                            const AccuracyDialOptions& options,
                            const AccuracyReference& reference) {
  constexpr std::string_view kWhere = "accuracy_dial";
  check(field, x0, times, options);
  const auto reached = static_cast<Index>(reference.times.size());
  if (reference.times.empty() || reference.times.size() > times.size() ||
      !std::equal(reference.times.begin(), reference.times.end(), times.begin())) {
    fail(kWhere, "the reference is at other times");
  }
  if (reference.states.rows() != field.dimension() ||
      reference.states.cols() != reached * x0.cols()) {
    fail_shape(kWhere, "the reference's states", reference.states.rows(),
               reference.states.cols(), field.dimension(), reached * x0.cols());
  }
  AccuracyTable table;
  table.by_tolerance = traits(options.solve.method).adaptive;
  table.reference_tolerance = reference.tolerance;
  table.reference_evaluations = reference.evaluations;
  table.message = reference.message;
  const Measure measure{reference.states, inverse_scale(options.scale, reference.states),
                        x0.cols(), reached};
  BudgetedField budgeted(field, options.max_evaluations);
  for (const double setting : options.settings) {
    table.rows.push_back(try_setting(budgeted, x0, times, options, setting, measure));
  }
  return table;
}

std::vector<double> logarithmic_range(double from, double to, Index count) {
  constexpr std::string_view kWhere = "logarithmic_range";
  if (!(from > 0 && std::isfinite(from))) fail_value(kWhere, "from", from, "positive");
  if (!(to > 0 && std::isfinite(to))) fail_value(kWhere, "to", to, "positive");
  if (count < 2) fail_value(kWhere, "count", static_cast<double>(count), "at least 2");
  std::vector<double> values;
  for (Index i = 0; i < count; ++i) {
    const double part = static_cast<double>(i) / static_cast<double>(count - 1);
    values.push_back(from * std::pow(to / from, part));
  }
  values.back() = to;
  return values;
}

}  // namespace least_action
