#include "ode/solve.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

#include "ode/solver.h"
#include "support/function_field.h"

using namespace least_action;
using namespace least_action::testing;

namespace {

const double kNan = std::numeric_limits<double>::quiet_NaN();
const double kInfinity = std::numeric_limits<double>::infinity();

std::vector<double> uniform_times(double from, double to, int intervals) {
  std::vector<double> times;
  for (int i = 0; i <= intervals; ++i) times.push_back(from + (to - from) * i / intervals);
  return times;
}

double worst_error(const Solution& solution) {
  double worst = 0;
  for (std::size_t k = 0; k < solution.times.size(); ++k) {
    const Vector exact = driven_pendulum_solution(solution.times[k]);
    worst = std::max(worst, (solution.state(Index(k)).colwise() - exact).cwiseAbs().maxCoeff());
  }
  return worst;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

SolveOptions with_method(Method method, double step = 0.01) {
  SolveOptions options;
  options.method = method;
  options.step = step;
  return options;
}

}  // namespace

TEST_SUITE("ode/solve") {
  TEST_CASE("every method reaches irregular times forward and backward") {
    // Oracle: analytic (manufactured solution); errors of the order of the method's.
    const FunctionField field = driven_pendulum();
    for (const bool backward : {false, true}) {
      std::vector<double> times = {0.2, 0.25, 0.9, 1.7, 1.701, 3};
      if (backward) std::reverse(times.begin(), times.end());
      for (const MethodTraits& each : methods()) {
        CAPTURE(std::string(each.name));
        const Matrix x0 = driven_pendulum_solution(times[0]);
        const Solution solution = solve(field, x0, times, with_method(each.method));
        REQUIRE(solution.ok());
        CHECK(solution.message.empty());
        CHECK(solution.times == times);
        CHECK(solution.state(0) == x0);
        const double expected = each.adaptive     ? 1e-7
                                : each.order == 1 ? 5e-2
                                : each.order == 2 ? 5e-4
                                                  : 1e-6;
        CHECK(worst_error(solution) < expected);
      }
    }
  }

  TEST_CASE("solving back recovers the start") {
    // Oracle: invariant; within the tolerance for Dormand–Prince.
    const FunctionField field = driven_pendulum();
    const Matrix x0 = driven_pendulum_solution(0);
    SolveOptions options;
    options.relative_tolerance = 1e-11;
    options.absolute_tolerance = 1e-13;
    const Solution there = solve(field, x0, {0, 5}, options);
    const Matrix end = there.state(1);
    const Solution back = solve(field, end, {5, 0}, options);
    CHECK((back.state(1) - x0).norm() < 1e-9);
    CHECK((back.state(1) - x0).norm() > 0);
  }

  TEST_CASE("the error of Dormand–Prince is proportional to the tolerance") {
    // Oracle: analytic. Ten times tighter gives an error about ten times smaller.
    const FunctionField field = driven_pendulum();
    double previous = 0;
    for (const double tolerance : {1e-5, 1e-7, 1e-9, 1e-11}) {
      CAPTURE(tolerance);
      SolveOptions options;
      options.relative_tolerance = options.absolute_tolerance = tolerance;
      const double error = worst_error(
          solve(field, driven_pendulum_solution(0), uniform_times(0, 10, 97), options));
      CHECK(error < 100 * tolerance);
      CHECK(error > 0.01 * tolerance);
      if (previous > 0) CHECK(previous / error > 20);
      if (previous > 0) CHECK(previous / error < 500);
      previous = error;
    }
  }

  TEST_CASE("requested times cost Dormand–Prince no steps and no accuracy") {
    // Oracle: analytic, and the same solve with its end only.
    const FunctionField field = driven_pendulum();
    const Matrix x0 = driven_pendulum_solution(0);
    const Solution few = solve(field, x0, {0, 10});
    const Solution many = solve(field, x0, uniform_times(0, 10, 2000));
    CHECK(many.statistics.steps == few.statistics.steps);
    CHECK(many.statistics.evaluations == few.statistics.evaluations);
    CHECK(many.state(2000) == few.state(1));
    CHECK(worst_error(many) < 3e-7);
  }

  TEST_CASE("evaluations are counted exactly") {
    // Oracle: the field's own counter, and 6 a step with one or two at the start.
    const FunctionField field = driven_pendulum();
    const Matrix x0 = driven_pendulum_solution(0);
    SolveOptions options;
    Solution solution = solve(field, x0, {0, 1, 10}, options);
    CHECK(solution.statistics.evaluations == field.calls);
    CHECK(field.calls == 2 + 6 * (solution.statistics.steps + solution.statistics.rejected));
    field.calls = 0;
    options.initial_step = 5;  // Far too long: must be rejected.
    solution = solve(field, x0, {0, 1, 10}, options);
    CHECK(solution.statistics.rejected > 0);
    CHECK(solution.statistics.evaluations == field.calls);
    CHECK(field.calls == 1 + 6 * (solution.statistics.steps + solution.statistics.rejected));
    field.calls = 0;
    solution = solve(field, x0, {0, 1, 2.5}, with_method(Method::kRk4, 0.1));
    CHECK(solution.statistics.steps == 25);
    CHECK(solution.statistics.evaluations == 100);
    CHECK(field.calls == 100);
    CHECK(solve(field, x0, {0, 1, 2.5}, with_method(Method::kStormerVerlet, 0.1))
              .statistics.evaluations == 51);
    CHECK(solve(field, x0, {3}).statistics.evaluations == 0);
  }

  TEST_CASE("a fixed step is never longer than asked and not shorter than needed") {
    // Oracle: analytic: ⌈interval / step⌉ however the quotient is rounded.
    const FunctionField field = driven_pendulum();
    const Matrix x0 = driven_pendulum_solution(0);
    const auto steps = [&](const std::vector<double>& times, double step) {
      return solve(field, x0, times, with_method(Method::kEuler, step)).statistics.steps;
    };
    CHECK(steps({0, 3 * 0.1}, 0.1) == 3);
    CHECK(steps({0, 0.7}, 0.1) == 7);
    CHECK(steps({0, 0.05, 0.3001, 1}, 0.1) == 1 + 3 + 7);
    CHECK(steps({1, 0.69}, 0.1) == 4);
  }

  TEST_CASE("a purely relative tolerance lets a pendulum start from rest") {
    // Oracle: the same motion with an absolute tolerance as well.
    const FunctionField field = pendulum();
    Matrix x0(2, 1);
    x0 << 1.5, 0;
    SolveOptions options;
    const Solution expected = solve(field, x0, {0, 1}, options);
    options.absolute_tolerance = 0;
    const Solution relative = solve(field, x0, {0, 1}, options);
    INFO(relative.message);
    REQUIRE(relative.ok());
    CHECK((relative.state(1) - expected.state(1)).norm() < 1e-7);
  }

  TEST_CASE("a batch gives every sample what it gets alone, to the bit, or shares its steps") {
    // Oracle: the samples solved alone.
    const FunctionField field = driven_pendulum();
    Matrix x0(2, 3);
    x0 << 0.1, -1.4, 2.0, 0.7, 0.2, -0.3;
    const std::vector<double> times = {0, 0.5, 4};
    for (const bool is_shared : {false, true}) {
      SolveOptions options;
      options.shared_steps = is_shared;
      const Solution together = solve(field, x0, times, options);
      REQUIRE(together.ok());
      CHECK(together.states.cols() == 9);
      for (Index b = 0; b < 3; ++b) {
        const Solution alone = solve(field, x0.col(b), times);
        CHECK(together.statistics.steps >= alone.statistics.steps);
        const Index steps = together.samples[static_cast<std::size_t>(b)].statistics.steps;
        CHECK((steps == together.statistics.steps || !is_shared));
        for (Index k = 0; k < 3; ++k) {
          if (is_shared) {
            CHECK((together.state(k).col(b) - alone.state(k)).norm() < 1e-6);
          } else {
            CHECK(together.state(k).col(b) == alone.state(k).col(0));
          }
        }
      }
    }
  }

  TEST_CASE("a single time gives the initial state") {
    const FunctionField field = driven_pendulum();
    const Matrix x0 = driven_pendulum_solution(1);
    for (const MethodTraits& each : methods()) {
      const Solution solution = solve(field, x0, {1}, with_method(each.method));
      CHECK(solution.ok());
      CHECK(solution.states == x0);
      CHECK(solution.times.size() == 1);
    }
  }

  TEST_CASE("a field that turns NaN stops the solve at the last good time") {
    // Oracle: the solution before t = 3 is x = t.
    const FunctionField field(
        1, [](double t, ConstVectorRef, VectorRef x_dot) { x_dot[0] = t < 3 ? 1.0 : kNan; });
    for (const Method method :
         {Method::kRk4, Method::kDormandPrince54, Method::kEuler, Method::kImplicitMidpoint}) {
      CAPTURE(std::string(traits(method).name));
      const Solution solution =
          solve(field, Matrix::Zero(1, 1), uniform_times(0, 10, 20), with_method(method));
      CHECK(solution.status == SolveStatus::kNonFinite);
      INFO(solution.message);
      CHECK(contains(solution.message, "Solve stopped at t = "));
      CHECK(contains(solution.message, " of 10 s: the state or its rate of change became"));
      CHECK(solution.times.back() >= 2.5);
      CHECK(solution.times.back() <= 3);
      CHECK(solution.states.cols() == Index(solution.times.size()));
      CHECK(solution.states(0, solution.states.cols() - 1) ==
            doctest::Approx(solution.times.back()));
    }
  }

  TEST_CASE("a field that is NaN from the start stops there") {
    const FunctionField field(1,
                              [](double, ConstVectorRef, VectorRef x_dot) { x_dot[0] = kNan; });
    for (const Method method :
         {Method::kRk4, Method::kDormandPrince54, Method::kImplicitMidpoint}) {
      const Solution solution = solve(field, Matrix::Zero(1, 1), {2, 10}, with_method(method));
      CHECK(solution.status == SolveStatus::kNonFinite);
      CHECK(solution.times == std::vector<double>{2});
      CHECK(contains(solution.message, "at t = 2 s of 10 s"));
    }
  }

  TEST_CASE("a blow-up keeps the states before it") {
    // Oracle: analytic: ẋ = x², x = 1/(1 − t).
    const FunctionField field(
        1, [](double, ConstVectorRef x, VectorRef x_dot) { x_dot[0] = x[0] * x[0]; },
        [](double, ConstVectorRef x, MatrixRef jacobian) { jacobian(0, 0) = 2 * x[0]; });
    const Matrix x0 = Matrix::Ones(1, 1);
    const Solution adaptive = solve(field, x0, uniform_times(0, 2, 20));
    INFO(adaptive.message);
    const bool singular = adaptive.status == SolveStatus::kStepUnderflow ||
                          adaptive.status == SolveStatus::kNonFinite;
    CHECK(singular);
    CHECK(contains(adaptive.message, "at t = 1 s of 2 s"));
    REQUIRE(adaptive.times.size() >= 10);
    CHECK(adaptive.state(9)(0, 0) == doctest::Approx(10).epsilon(1e-5));
    const Solution fixed = solve(field, x0, uniform_times(0, 2, 20), with_method(Method::kRk4));
    CHECK(fixed.status == SolveStatus::kNonFinite);
    CHECK(fixed.times.size() >= 10);
    const Solution implicit =
        solve(field, x0, uniform_times(0, 2, 20), with_method(Method::kImplicitMidpoint, 0.05));
    CHECK(implicit.status == SolveStatus::kNoConvergence);
    CHECK(contains(implicit.message, "could not be solved; try a smaller step"));
    CHECK(implicit.times.size() >= 10);
  }

  TEST_CASE("a singular field underflows the step, with a message that says so") {
    // ẋ = −1/(2x), x = √(1 − t), has no solution after t = 1; beyond, the field jumps about.
    const FunctionField field(1, [](double, ConstVectorRef x, VectorRef x_dot) {
      x_dot[0] = x[0] > 0 ? -0.5 / x[0] : 1e6;
    });
    SolveOptions options;
    options.min_step = 1e-9;
    const Solution solution = solve(field, Matrix::Ones(1, 1), {0, 0.5, 2}, options);
    INFO(solution.message);
    CHECK(solution.status == SolveStatus::kStepUnderflow);
    CHECK(contains(solution.message, "below the smallest, 1e-09 s"));
    REQUIRE(solution.times.size() == 2);
    CHECK(solution.state(1)(0, 0) == doctest::Approx(std::sqrt(0.5)).epsilon(1e-7));
  }

  TEST_CASE("the step limit stops an adaptive solve and refuses a fixed-step one") {
    const FunctionField field = driven_pendulum();
    const Matrix x0 = driven_pendulum_solution(0);
    SolveOptions options;
    options.max_steps = 20;
    const Solution adaptive = solve(field, x0, uniform_times(0, 100, 400), options);
    CHECK(adaptive.status == SolveStatus::kStepLimit);
    CHECK(adaptive.statistics.steps + adaptive.statistics.rejected == 20);
    CHECK(contains(adaptive.message, "max_steps 20 were used up; try"));
    CHECK(adaptive.times.size() > 1);
    CHECK(worst_error(adaptive) < 1e-6);

    field.calls = 0;
    options = with_method(Method::kRk4, 1e-300);
    const Solution fixed = solve(field, x0, {0, 1}, options);
    CHECK(fixed.status == SolveStatus::kStepLimit);
    CHECK(contains(fixed.message,
                   "Solve did not start: 1 s in steps of 1e-300 s are 1e+300 steps"));
    CHECK(fixed.times == std::vector<double>{0});
    CHECK(field.calls == 0);
    options.step = 0.1;
    options.max_steps = 10;
    CHECK(solve(field, x0, {0, 1}, options).ok());
    options.max_steps = 9;
    CHECK(solve(field, x0, {0, 1}, options).status == SolveStatus::kStepLimit);
  }

  TEST_CASE("wrong calls are refused") {
    const FunctionField field = driven_pendulum();
    const FunctionField plain(2, [](double, ConstVectorRef x, VectorRef x_dot) { x_dot = x; });
    const Matrix x0 = driven_pendulum_solution(0);
    const Matrix none(2, 0), tall = Matrix::Zero(3, 1);
    Matrix broken = x0;
    broken(1, 0) = kNan;
    CHECK_THROWS_AS(solve(field, none, {0, 1}), std::invalid_argument);
    CHECK_THROWS_AS(solve(field, tall, {0, 1}), std::invalid_argument);
    CHECK_THROWS_AS(solve(field, broken, {0, 1}), std::invalid_argument);
    CHECK_THROWS_AS(solve(plain, x0, {0, 1}, with_method(Method::kYoshida4)),
                    std::invalid_argument);
    const double huge = std::numeric_limits<double>::max();
    const std::vector<std::vector<double>> bad_times = {
        {}, {kNan}, {0, kInfinity}, {0, 0}, {0, 1, 0.5}, {0, -1, 1}, {0, 1, 1}, {-huge, huge}};
    for (const std::vector<double>& times : bad_times) {
      CHECK_THROWS_AS(solve(field, x0, times), std::invalid_argument);
    }
    CHECK_THROWS_WITH_AS(
        solve(field, x0, std::vector<double>{0, 1, 0.5}),
        "solve: times[2] is 0.5 after 1; the times must be strictly increasing "
        "or strictly decreasing",
        std::invalid_argument);
    SolveOptions options;
    options.relative_tolerance = -0.001;
    CHECK_THROWS_WITH_AS(
        solve(field, x0, {0, 1}, options),
        "SolveOptions: relative_tolerance is -0.001; it must be positive and finite",
        std::invalid_argument);
  }

  TEST_CASE("every fault of the options is found and the defaults have none") {
    CHECK_FALSE(find_fault({}).has_value());
    const auto fault = [](auto change) {
      SolveOptions options;
      change(options);
      return find_fault(options).value_or("none");
    };
    for (const double bad : {0.0, -1.0, kNan, kInfinity}) {
      CHECK(contains(fault([&](SolveOptions& o) { o.step = bad; }), "step is"));
      CHECK(contains(fault([&](SolveOptions& o) { o.relative_tolerance = bad; }), "relative"));
    }
    CHECK(contains(fault([&](SolveOptions& o) { o.relative_tolerance = 1e-17; }), "rounding"));
    for (const double bad : {-1.0, kNan, kInfinity}) {
      CHECK(contains(fault([&](SolveOptions& o) { o.absolute_tolerance = bad; }), "absolute"));
      CHECK(contains(fault([&](SolveOptions& o) { o.initial_step = bad; }), "initial_step"));
      CHECK(contains(fault([&](SolveOptions& o) { o.min_step = bad; }), "min_step"));
      CHECK(contains(fault([&](SolveOptions& o) { o.max_step = bad; }), "max_step"));
    }
    CHECK(contains(fault([&](SolveOptions& o) { o.max_steps = 0; }), "max_steps"));
    CHECK(contains(fault([&](SolveOptions& o) { o.method = static_cast<Method>(99); }),
                   "method"));
  }

  TEST_CASE("one sample that blows up leaves the others to every method") {
    // Oracle: analytic: ẋ = x², x = x₀/(1 − x₀ t): the second ends at t = 1.
    const FunctionField field(
        1, [](double, ConstVectorRef x, VectorRef x_dot) { x_dot[0] = x[0] * x[0]; },
        [](double, ConstVectorRef x, MatrixRef jacobian) { jacobian(0, 0) = 2 * x[0]; });
    Matrix x0(1, 3);
    x0 << 0.25, 1, -1;
    for (const MethodTraits& each : methods()) {
      if (each.needs_separable || each.method == Method::kTao2) continue;
      CAPTURE(std::string(each.name));
      const Solution solution =
          solve(field, x0, uniform_times(0, 2, 8), with_method(each.method, 0.01));
      INFO(solution.message);
      CHECK_FALSE(solution.ok());
      CHECK(contains(solution.message, "Sample 1: Solve stopped at t = "));
      REQUIRE(solution.times.size() == 9);
      CHECK(solution.samples[1].reached >= 4);
      CHECK(solution.samples[1].reached <= 6);
      CHECK(std::isnan(solution.state(8)(0, 1)));
      const double allowed = each.order == 1 ? 3e-2 : 1e-3;
      CHECK(solution.state(3)(0, 1) == doctest::Approx(4).epsilon(allowed * 10));
      for (const Index b : {Index{0}, Index{2}}) {
        CHECK(solution.samples[static_cast<std::size_t>(b)].status == SolveStatus::kReachedEnd);
        CHECK(solution.state(8)(0, b) ==
              doctest::Approx(x0(0, b) / (1 - 2 * x0(0, b))).epsilon(allowed));
      }
    }
  }

  TEST_CASE("every sample may have times of its own, with padding") {
    // Oracle: analytic (manufactured solution).
    const FunctionField field = driven_pendulum();
    Matrix times(3, 4);
    times << 0, 0.5, 0.5, 2, 1, 0.2, -1, -1, 3, 3, 3, 3;
    Matrix x0(2, 3);
    for (Index b = 0; b < 3; ++b) x0.col(b) = driven_pendulum_solution(times(b, 0));
    for (const MethodTraits& each : methods()) {
      CAPTURE(std::string(each.name));
      const Solution solution = solve_each(field, x0, times, with_method(each.method));
      REQUIRE(solution.ok());
      CHECK(solution.times.empty());
      const double allowed = each.adaptive ? 1e-7 : each.order == 1 ? 5e-2 : 1e-3;
      for (Index k = 0; k < 4; ++k) {
        for (Index b = 0; b < 3; ++b) {
          CHECK((solution.state(k).col(b) - driven_pendulum_solution(times(b, k))).norm() <
                allowed);
        }
      }
      CHECK(solution.state(1).col(0) == solution.state(2).col(0));
      CHECK(solution.samples[2].statistics.steps == 0);
    }
    times(1, 2) = 0.5;
    CHECK_THROWS_AS(solve_each(field, x0, times), std::invalid_argument);
    times(1, 2) = kNan;
    CHECK_THROWS_AS(solve_each(field, x0, times), std::invalid_argument);
    CHECK_THROWS_AS(solve_each(field, x0, times.topRows(2)), std::invalid_argument);
    CHECK_THROWS_AS(solve_each(field, x0, Matrix(3, 0)), std::invalid_argument);
  }

  TEST_CASE("the step callback sees every step and can stop the solve") {
    const FunctionField field = driven_pendulum();
    const Matrix x0 = driven_pendulum_solution(0);
    for (const Method method : {Method::kTsitouras54, Method::kRk4}) {
      SolveExtras extras;
      double covered = 0, last = 0;
      Index steps = 0;
      extras.on_step = [&](const StepReport& report) {
        covered += report.step;
        last = report.time;
        CHECK((report.state - driven_pendulum_solution(report.time)).norm() < 1e-6);
        return ++steps < 1000;
      };
      Solution solution = solve(field, x0, {0, 1, 2}, with_method(method), extras);
      CHECK(solution.ok());
      CHECK(steps == solution.statistics.steps);
      CHECK(covered == doctest::Approx(2));
      CHECK(last == 2);
      extras.on_step = [](const StepReport& report) { return report.time < 1.2; };
      solution = solve(field, x0, {0, 1, 2}, with_method(method), extras);
      CHECK(solution.status == SolveStatus::kStopped);
      CHECK(contains(solution.message, "callback"));
      CHECK(solution.times == std::vector<double>{0, 1});
    }
  }

  TEST_CASE("a stiff solve says so and names the method to take, another does not") {
    // Oracle: Van der Pol's known stiffness at μ = 1000 (Hairer & Wanner, Solving ODEs II,
    // IV.1).
    const FunctionField stiff(2, [](double, ConstVectorRef x, VectorRef x_dot) {
      x_dot[0] = x[1];
      x_dot[1] = 1000 * (1 - x[0] * x[0]) * x[1] - x[0];
    });
    Matrix x0(2, 1);
    x0 << 2, 0;
    const Solution solution = solve(stiff, x0, {0, 1}, with_method(Method::kDormandPrince54));
    REQUIRE(solution.ok());
    CHECK(contains(solution.remark, "The field is stiff: stability, not accuracy, held down "));
    CHECK(contains(solution.remark, "radau5"));
    CHECK(2 * solution.samples[0].stiff_steps > solution.statistics.steps);
    CHECK(solve(pendulum(), x0, {0, 50}).remark.empty());
  }

  TEST_CASE("an absurd batch is refused before anything is allocated") {
    const FunctionField field = driven_pendulum();
    for (const Method method : {Method::kDormandPrince54, Method::kRk4}) {
      CHECK_THROWS_AS(Solver(field, std::numeric_limits<Index>::max() / 4, with_method(method)),
                      std::invalid_argument);
      CHECK_THROWS_AS(Solver(field, -1, with_method(method)), std::invalid_argument);
    }
  }
}
