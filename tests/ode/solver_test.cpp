#include "ode/solver.h"

#include <doctest/doctest.h>

#include <string>

#include "support/function_field.h"
#include "support/no_allocation.h"

using namespace least_action;
using namespace least_action::testing;

TEST_SUITE("ode/solver") {
  TEST_CASE("a solver used again gives the same bits as a new one") {
    // Oracle: invariant: what it keeps between solves must not show.
    const FunctionField field = driven_pendulum();
    const std::vector<double> times = {0, 0.4, 2};
    for (const MethodTraits& each : methods()) {
      CAPTURE(std::string(each.name));
      SolveOptions options;
      options.method = each.method;
      Solver solver(field, 3, options);
      Solution again;
      solver.solve(Matrix::Constant(2, 3, 0.7), {5, 4, 3.5, 1}, again);
      const Matrix x0 = driven_pendulum_solution(0);
      solver.solve(x0, times, again);
      const Solution fresh = solve(field, x0, times, options);
      CHECK(again.states == fresh.states);
      CHECK(again.times == fresh.times);
      CHECK(again.statistics.evaluations == fresh.statistics.evaluations);
      CHECK(again.statistics.steps == fresh.statistics.steps);
    }
  }

  TEST_CASE("solving into the same solution does not allocate") {
    const FunctionField field = driven_pendulum();
    const std::vector<double> times = {0, 0.4, 2};
    const Matrix x0 = Matrix::Constant(2, 3, 0.4);
    for (const MethodTraits& each : methods()) {
      CAPTURE(std::string(each.name));
      SolveOptions options;
      options.method = each.method;
      Solver solver(field, 3, options);
      Solution solution;
      solver.solve(x0, times, solution);
      CHECK(allocations_in([&] { solver.solve(x0, times, solution); }) == 0);
      CHECK(solution.ok());
    }
  }

  TEST_CASE("a solution can be used again after a solve that failed") {
    const FunctionField field(
        1, [](double, ConstVectorRef x, VectorRef x_dot) { x_dot[0] = x[0] * x[0]; });
    Solver solver(field, 1);
    Solution solution;
    solver.solve(Matrix::Ones(1, 1), {0, 0.5, 3}, solution);
    CHECK_FALSE(solution.ok());
    solver.solve(Matrix::Constant(1, 1, -1.0), {0, 0.5, 3}, solution);
    CHECK(solution.ok());
    CHECK(solution.message.empty());
    CHECK(solution.state(2)(0, 0) == doctest::Approx(-0.25).epsilon(1e-7));
  }
}
