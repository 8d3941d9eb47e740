#include "analysis/accuracy_dial.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <stdexcept>

#include "support/convergence.h"
#include "support/function_field.h"

using namespace least_action;
using namespace least_action::testing;

namespace {

const std::vector<double>& times() {
  static const std::vector<double> all = {0, 0.5, 1.7, 3, 5};
  return all;
}

AccuracyDialOptions dial(Method method, std::vector<double> settings) {
  AccuracyDialOptions options;
  options.solve.method = method;
  options.settings = std::move(settings);
  return options;
}

/// ẋ = cos(10⁹ t²): no step is short enough.
FunctionField rough_field() {
  return FunctionField(
      1, [](double t, ConstVectorRef, VectorRef x_dot) { x_dot[0] = std::cos(1e9 * t * t); });
}

}  // namespace

TEST_SUITE("analysis/accuracy_dial") {
  TEST_CASE("the error is that against the exact solution, and falls with the tolerance") {
    // Oracle: analytic (driven_pendulum), by solves made here.
    const FunctionField field = driven_pendulum();
    const Matrix x0 = driven_pendulum_solution(0);
    AccuracyDialOptions options =
        dial(Method::kDormandPrince54, logarithmic_range(1e-3, 1e-9, 7));
    options.scale = Vector::Constant(2, 0.5);
    const AccuracyTable table = accuracy_dial(field, x0, times(), options);
    REQUIRE(table.rows.size() == 7);
    CHECK(table.by_tolerance);
    CHECK(table.message.empty());
    CHECK(table.reference_tolerance == doctest::Approx(1e-12));
    for (std::size_t i = 0; i < 7; ++i) {
      const AccuracyRow& row = table.rows[i];
      CAPTURE(row.setting);
      SolveOptions solve_options;
      solve_options.relative_tolerance = row.setting;
      solve_options.absolute_tolerance = 1e-2 * row.setting;
      const Solution solution = solve(field, x0, times(), solve_options);
      double largest = 0;
      for (Index k = 1; k < 5; ++k) {
        const Vector exact = driven_pendulum_solution(times()[std::size_t(k)]);
        largest =
            std::max(largest, (solution.state(k).col(0) - exact).norm() / 0.5 / std::sqrt(2.0));
      }
      CHECK(row.error == doctest::Approx(largest).epsilon(0.01));
      CHECK(row.evaluations == solution.statistics.evaluations);
      CHECK(row.steps == solution.statistics.steps);
      CHECK(row.reached == 5);
      CHECK(row.status == SolveStatus::kReachedEnd);
      CHECK(row.milliseconds == 0);
      if (i > 0) CHECK(row.evaluations > table.rows[i - 1].evaluations);
    }
    const Convergence convergence = measure_convergence(
        [&](double tolerance) {
          for (const AccuracyRow& row : table.rows) {
            if (row.setting == tolerance) return row.error;
          }
          return std::numeric_limits<double>::quiet_NaN();
        },
        options.settings);
    INFO(convergence.text());
    CHECK(convergence.order() == doctest::Approx(1).epsilon(0.15));
  }

  TEST_CASE("with fixed steps the dial turns the step, and shows the method's order") {
    const FunctionField field = driven_pendulum();
    const AccuracyTable table = accuracy_dial(field, driven_pendulum_solution(0), times(),
                                              dial(Method::kRk4, {0.1, 0.05, 0.025}));
    REQUIRE(table.rows.size() == 3);
    CHECK_FALSE(table.by_tolerance);
    const double order = std::log2(table.rows[1].error / table.rows[2].error);
    CHECK(order == doctest::Approx(4).epsilon(0.05));
    CHECK(table.rows[0].evaluations == 4 * 50);
    CHECK(table.rows[2].evaluations == 4 * 200);
  }

  TEST_CASE(
      "a field too rough to follow leaves a partial table within the evaluations allowed") {
    const FunctionField field = rough_field();
    AccuracyDialOptions options = dial(Method::kDormandPrince54, {1e-2, 1e-6, 1e-8});
    options.max_evaluations = 2000;
    const AccuracyTable table = accuracy_dial(field, Matrix::Zero(1, 1), {0, 1, 2}, options);
    CHECK(field.calls <= 2 * 2000);
    CHECK(table.reference_evaluations == 2000);
    CHECK(table.message.find("2000 evaluations") != std::string::npos);
    REQUIRE(table.rows.size() == 3);
    Index spent = 0;
    for (const AccuracyRow& row : table.rows) {
      CHECK(row.status == SolveStatus::kStepLimit);
      CHECK_FALSE(row.message.empty());
      CHECK(std::isnan(row.error));
      spent += row.evaluations;
    }
    CHECK(spent == 2000);
    CHECK(table.rows[2].evaluations == 0);
  }

  TEST_CASE("where a solve ends early, the error is that of the part it reached") {
    // ẋ = x²: x = 1/(1 − t) becomes infinite at t = 1.
    const FunctionField field(
        1, [](double, ConstVectorRef x, VectorRef x_dot) { x_dot[0] = x[0] * x[0]; });
    AccuracyDialOptions options = dial(Method::kDormandPrince54, {1e-4, 1e-7});
    options.max_evaluations = 20000;
    const AccuracyTable table =
        accuracy_dial(field, Matrix::Ones(1, 1), {0, 0.5, 0.9, 2}, options);
    CHECK_FALSE(table.message.empty());
    REQUIRE(table.rows.size() == 2);
    for (const AccuracyRow& row : table.rows) {
      CHECK(row.status != SolveStatus::kReachedEnd);
      CHECK(row.reached == 0.9);
      CHECK(row.error > 0);
      CHECK(row.error < 100 * row.setting);
    }
  }

  TEST_CASE("time is what the clock says, the least of a short solve's three") {
    const FunctionField field = driven_pendulum();
    double now = 0;
    int readings = 0;
    AccuracyDialOptions options = dial(Method::kDormandPrince54, {1e-3});
    options.clock = [&] {
      now += ++readings <= 2 ? 3.5 : 2.5;
      return now;
    };
    const AccuracyTable table =
        accuracy_dial(field, driven_pendulum_solution(0), times(), options);
    CHECK(readings == 6);
    CHECK(table.rows[0].milliseconds == 2.5);
  }

  TEST_CASE("errors are measured in what the view makes of states") {
    // Oracle: linearity: a view that doubles the states doubles the error.
    const FunctionField field = driven_pendulum();
    AccuracyDialOptions options = dial(Method::kDormandPrince54, {1e-4});
    options.scale = Vector::Ones(2);
    const Matrix x0 = driven_pendulum_solution(0);
    const double plain = accuracy_dial(field, x0, times(), options).rows[0].error;
    options.view = [](Matrix& states) { states *= 2; };
    CHECK(accuracy_dial(field, x0, times(), options).rows[0].error == 2 * plain);
  }

  TEST_CASE("a reference made before serves any table of the same motion") {
    // Oracle: the table that makes its own.
    const FunctionField field = driven_pendulum();
    const Matrix x0 = driven_pendulum_solution(0);
    AccuracyDialOptions options = dial(Method::kDormandPrince54, {1e-3, 1e-6});
    options.reference_tolerance = 1e-12;
    options.view = [](Matrix& states) { states.row(1) *= 3; };
    const AccuracyTable whole = accuracy_dial(field, x0, times(), options);
    const AccuracyReference reference = accuracy_reference(field, x0, times(), options);
    CHECK(reference.evaluations == whole.reference_evaluations);
    CHECK(reference.times == times());
    for (const AccuracyRow& row : whole.rows) {
      options.settings = {row.setting};
      const AccuracyTable one = accuracy_dial(field, x0, times(), options, reference);
      CHECK(one.rows.at(0).error == row.error);
      CHECK(one.rows.at(0).evaluations == row.evaluations);
      CHECK(one.reference_tolerance == 1e-12);
    }
    CHECK_THROWS_AS(accuracy_dial(field, x0, {0, 0.5, 1.8, 3, 5}, options, reference),
                    std::invalid_argument);
    CHECK_THROWS_AS(accuracy_dial(field, x0, {0, 0.5}, options, reference),
                    std::invalid_argument);
    CHECK_THROWS_AS(accuracy_dial(field, x0, times(), options, AccuracyReference()),
                    std::invalid_argument);
    const Matrix two = x0.replicate(1, 2);
    CHECK_THROWS_AS(accuracy_dial(field, two, times(), options, reference),
                    std::invalid_argument);
  }

  TEST_CASE("wrong calls are refused") {
    const FunctionField field = driven_pendulum();
    const Matrix x0 = driven_pendulum_solution(0);
    const AccuracyDialOptions good = dial(Method::kDormandPrince54, {1e-3});
    const auto refuses = [&](const AccuracyDialOptions& options, std::vector<double> at) {
      CHECK_THROWS_AS(accuracy_dial(field, x0, at, options), std::invalid_argument);
    };
    CHECK_NOTHROW(accuracy_dial(field, x0, times(), good));
    refuses(good, {0});
    refuses(good, {0, 2, 1});
    refuses(good, {0, std::numeric_limits<double>::infinity()});
    for (const double setting : {0.0, -1e-3, std::numeric_limits<double>::quiet_NaN()}) {
      refuses(dial(Method::kDormandPrince54, {1e-3, setting}), times());
      refuses(dial(Method::kRk4, {setting}), times());
    }
    refuses(dial(Method::kRk4, {}), times());
    AccuracyDialOptions bad = good;
    bad.scale = Vector::Ones(3);
    refuses(bad, times());
    bad.scale = Vector::Zero(2);
    refuses(bad, times());
    bad = good;
    bad.max_evaluations = 0;
    refuses(bad, times());
    bad = good;
    bad.reference_method = Method::kRk4;
    refuses(bad, times());
    bad = good;
    bad.reference_tolerance = -1;
    refuses(bad, times());
    CHECK_THROWS_AS(logarithmic_range(0, 1, 3), std::invalid_argument);
    CHECK_THROWS_AS(logarithmic_range(1, 2, 1), std::invalid_argument);
  }

  TEST_CASE("a logarithmic range has equal ratios and its ends exactly") {
    const std::vector<double> range = logarithmic_range(1e-2, 1e-10, 9);
    REQUIRE(range.size() == 9);
    CHECK(range.front() == 1e-2);
    CHECK(range.back() == 1e-10);
    for (std::size_t i = 1; i < 9; ++i) {
      CHECK(range[i] / range[i - 1] == doctest::Approx(0.1));
    }
  }
}
