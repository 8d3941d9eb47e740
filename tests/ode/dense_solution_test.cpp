#include "ode/dense_solution.h"

#include <doctest/doctest.h>

#include <cmath>
#include <stdexcept>
#include <string>

#include "ode/solve.h"
#include "support/convergence.h"
#include "support/function_field.h"

using namespace least_action;
using namespace least_action::testing;

namespace {

Solution dense_solve(Method method, double from, double to, double tolerance,
                     double step = 0.01) {
  const FunctionField field = driven_pendulum();  // Gone before the solution is evaluated.
  SolveOptions options;
  options.method = method;
  options.step = step;
  options.relative_tolerance = options.absolute_tolerance = tolerance;
  SolveExtras extras;
  extras.dense = true;
  return solve(field, driven_pendulum_solution(from), {from, to}, options, extras);
}

double worst_error(const DenseSolution& dense, int points) {
  double worst = 0;
  for (int i = 0; i <= points; ++i) {
    const double t =
        dense.begin(0) + (dense.end(0) - dense.begin(0)) * static_cast<double>(i) / points;
    worst = std::max(worst, (dense.at(0, t) - driven_pendulum_solution(t)).norm());
  }
  return worst;
}

}  // namespace

TEST_SUITE("ode/dense_solution") {
  TEST_CASE("the solution is had everywhere to the tolerance, by every adaptive method") {
    // Oracle: analytic (manufactured solution).
    for (const MethodTraits& each : methods()) {
      if (!each.adaptive) continue;
      for (const double to : {6.0, -6.0}) {
        CAPTURE(std::string(each.name));
        const Solution solution = dense_solve(each.method, 0.5, to, 1e-7);
        REQUIRE(solution.ok());
        REQUIRE(solution.dense != nullptr);
        CHECK(solution.dense->begin(0) == 0.5);
        CHECK(solution.dense->end(0) == to);
        CHECK(solution.dense->steps(0) == solution.statistics.steps);
        CHECK(worst_error(*solution.dense, 500) < 1e-4);
        CHECK(solution.dense->at(0, 0.5) == driven_pendulum_solution(0.5));
        CHECK((solution.dense->at(0, to) - solution.state(1)).norm() < 1e-13);
      }
    }
  }

  TEST_CASE(
      "between fixed steps the solution has order 4, of which Hermite's cubic is capable") {
    // Oracle: analytic. The cubic's error is O(h⁴), as RK4's is.
    const Convergence convergence = measure_convergence(
        [](double h) {
          return worst_error(*dense_solve(Method::kRk4, 0.3, 2.3, 1, h).dense, 777);
        },
        halvings(0.1, 4));
    INFO(convergence.text());
    CHECK(convergence.order() == doctest::Approx(4).epsilon(0.05));
  }

  TEST_CASE("times outside the span, other samples and wrong sizes are refused") {
    const Solution solution = dense_solve(Method::kTsitouras54, 0, 1, 1e-6);
    Vector x(2), wrong(3);
    CHECK_THROWS_AS(solution.dense->evaluate(0, 1.001, x), std::invalid_argument);
    CHECK_THROWS_AS(solution.dense->evaluate(0, -0.001, x), std::invalid_argument);
    CHECK_THROWS_AS(solution.dense->evaluate(0, std::nan(""), x), std::invalid_argument);
    CHECK_THROWS_AS(solution.dense->evaluate(1, 0.5, x), std::invalid_argument);
    CHECK_THROWS_AS(solution.dense->evaluate(0, 0.5, wrong), std::invalid_argument);
  }

  TEST_CASE("where an event changes the state the pieces meet at its time") {
    // Oracle: analytic: ẋ = 1, x ← x − 1 at x = 1: the fractional part of t.
    const FunctionField field(1, [](double, ConstVectorRef, VectorRef x_dot) { x_dot[0] = 1; });
    SolveExtras extras;
    extras.dense = true;
    extras.events = {{.function = [](double, ConstVectorRef x) { return x[0] - 1; },
                      .action = EventAction::kChange,
                      .change = [](double, VectorRef x) { x[0] = 0; }}};
    const Solution solution = solve(field, Matrix::Zero(1, 1), {0, 3.5}, {}, extras);
    REQUIRE(solution.ok());
    CHECK(solution.events.size() == 3);
    for (double t = 0.05; t < 3.5; t += 0.1) {
      CAPTURE(t);
      CHECK(solution.dense->at(0, t)[0] == doctest::Approx(t - std::floor(t)).epsilon(1e-12));
    }
  }
}
