#include "ode/radau5.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "ode/adaptive_runge_kutta.h"
#include "support/convergence.h"
#include "support/function_field.h"
#include "support/no_allocation.h"

using namespace least_action;
using namespace least_action::testing;

namespace {

const double kNan = std::numeric_limits<double>::quiet_NaN();

/// Van der Pol's equation in the scaled time of the test set, ẋ = v, v̇ = ((1 − x²)v − x) μ²,
/// with μ² as a third component, so that samples may differ.
FunctionField van_der_pol() {
  return FunctionField(
      3,
      [](double, ConstVectorRef x, VectorRef x_dot) {
        x_dot << x[1], ((1 - x[0] * x[0]) * x[1] - x[0]) * x[2], 0;
      },
      [](double, ConstVectorRef x, MatrixRef jacobian) {
        jacobian << 0, 1, 0,                                          //
            (-2 * x[0] * x[1] - 1) * x[2], (1 - x[0] * x[0]) * x[2],  //
            (1 - x[0] * x[0]) * x[1] - x[0], 0, 0, 0;
      });
}

FunctionField robertson() {
  return FunctionField(
      3,
      [](double, ConstVectorRef y, VectorRef y_dot) {
        const double slow = 0.04 * y[0], fast = 3e7 * y[1] * y[1], back = 1e4 * y[1] * y[2];
        y_dot << -slow + back, slow - back - fast, fast;
      },
      [](double, ConstVectorRef y, MatrixRef jacobian) {
        const double fast = 6e7 * y[1], b1 = 1e4 * y[2], b2 = 1e4 * y[1];
        jacobian << -0.04, b1, b2, 0.04, -b1 - fast, -b2, 0, fast, 0;
      });
}

/// ẏ = −10⁶ (y − cos t): Prothero & Robinson.
constexpr double kFast = 1e6;
FunctionField relaxation() {
  return FunctionField(
      1,
      [](double t, ConstVectorRef y, VectorRef y_dot) {
        y_dot[0] = -kFast * (y[0] - std::cos(t));
      },
      [](double, ConstVectorRef, MatrixRef jacobian) { jacobian(0, 0) = -kFast; });
}
double relaxed(double t) {
  return (kFast * kFast * std::cos(t) + kFast * std::sin(t)) / (kFast * kFast + 1);
}

SolveOptions tolerances(double relative, double absolute) {
  SolveOptions options;
  options.method = Method::kRadau5;
  options.relative_tolerance = relative;
  options.absolute_tolerance = absolute;
  return options;
}

/// A tolerance whose estimate, O(h⁴), passes at every h alike, and whose Newton iteration
/// leaves less than the O(h⁵) error.
double h_to_the_6(double h) { return 0.5 * std::pow(h, 6); }

void run(AdaptiveStepper<double>& stepper, double t0, double t_end, const Matrix& x0) {
  stepper.start(Vector::Constant(x0.cols(), t0), Vector::Constant(x0.cols(), t_end), x0);
  while (stepper.active() > 0) stepper.advance();
}

}  // namespace

TEST_SUITE("ode/radau5") {
  TEST_CASE("Van der Pol's equation with μ = 1000 is solved to the published reference") {
    // Oracle: Hairer & Wanner's test set (Van der Pol, ε = 10⁻⁶, t = 2).
    const FunctionField field = van_der_pol();
    Matrix x0(3, 1);
    x0 << 2, 0, 1e6;
    Index evaluations[2];
    int k = 0;
    for (const double tolerance : {1e-5, 1e-9}) {
      Radau5 method(field, 1, tolerances(tolerance, tolerance));
      run(method, 0, 2, x0);
      REQUIRE(method.status(0) == SolveStatus::kReachedEnd);
      CHECK(method.time(0) == 2);
      const auto x = method.states();
      CHECK(x(0, 0) == doctest::Approx(1.706167732170469).epsilon(20 * tolerance));
      CHECK(x(1, 0) == doctest::Approx(-0.8928097010248125).epsilon(20 * tolerance));
      const SolveStatistics statistics = method.statistics(0);
      evaluations[k++] = statistics.evaluations;
      CHECK(method.jacobians() < statistics.steps + statistics.rejected);
      CHECK(method.calls().evaluations() <= statistics.evaluations);
      CHECK(field.calls > 0);
    }
    CHECK(evaluations[0] < 4000);
    CHECK(evaluations[1] < 20000);
  }

  TEST_CASE("where the solution is smooth but stiff it takes far fewer calls than dopri5") {
    const FunctionField field = van_der_pol();
    Matrix x0(3, 1);
    x0 << 2, 0, 1e6;
    Radau5 radau(field, 1, tolerances(1e-6, 1e-6));
    run(radau, 0, 0.01, x0);
    AdaptiveRungeKutta<double> dopri(dormand_prince_tableau(), field, 1,
                                     tolerances(1e-6, 1e-6));
    run(dopri, 0, 0.01, x0);
    CHECK((radau.states() - dopri.states()).topRows(1).norm() < 1e-5);
    CHECK(100 * radau.statistics(0).evaluations < dopri.statistics(0).evaluations);
  }

  TEST_CASE("Robertson's reaction is followed to t = 10¹¹ to the published reference") {
    // Oracle: the test set for IVP solvers (ROBER); the sum of the species is conserved.
    const FunctionField field = robertson();
    Matrix y0(3, 1);
    y0 << 1, 0, 0;
    SolveOptions options = tolerances(1e-8, 1e-18);
    options.min_step = 1e-15;  // The default is a part of the span, too much for the start.
    Radau5 method(field, 1, options);
    run(method, 0, 1e11, y0);
    REQUIRE(method.status(0) == SolveStatus::kReachedEnd);
    const auto y = method.states();
    CHECK(y(0, 0) == doctest::Approx(0.2083340149701255e-7).epsilon(1e-6));
    CHECK(y(1, 0) == doctest::Approx(0.8333360770334713e-13).epsilon(1e-6));
    CHECK(y(2, 0) == doctest::Approx(0.9999999791665050).epsilon(1e-10));
    CHECK(std::abs(y.sum() - 1) < 1e-12);
    CHECK(method.statistics(0).evaluations < 8000);
  }

  TEST_CASE("a transient a million times faster than the solution costs a few steps only") {
    // Oracle: analytic.
    const FunctionField field = relaxation();
    Radau5 method(field, 1, tolerances(1e-7, 1e-7));
    run(method, 0, 10, Matrix::Constant(1, 1, 2));
    REQUIRE(method.status(0) == SolveStatus::kReachedEnd);
    CHECK(std::abs(method.states()(0, 0) - relaxed(10)) < 1e-6);
    CHECK(method.statistics(0).steps < 60);
    CHECK(method.jacobians() == 1);  // It is constant, and known to be by the contraction.
  }

  TEST_CASE("with the step held at max_step the order is 5, forward and backward") {
    // Oracle: analytic. The field is linear in x, so that Newton's method ends at rounding
    // however loose the tolerance: ẋ₁ = x₂, ẋ₂ = −4x₁ − ½x₂ + u(t), where u is what makes x₁ =
    // sin 1.3t + ½ cos 2t a solution.
    const auto solution = [](double t) {
      return Vector(Eigen::Vector2d(std::sin(1.3 * t) + 0.5 * std::cos(2 * t),
                                    1.3 * std::cos(1.3 * t) - std::sin(2 * t)));
    };
    const FunctionField field(
        2,
        [&](double t, ConstVectorRef x, VectorRef x_dot) {
          const Vector there = solution(t);
          const double acceleration = -1.69 * std::sin(1.3 * t) - 2 * std::cos(2 * t);
          x_dot << x[1], acceleration - 4 * (x[0] - there[0]) - 0.5 * (x[1] - there[1]);
        },
        [](double, ConstVectorRef, MatrixRef jacobian) { jacobian << 0, 1, -4, -0.5; });
    for (const double span : {2.0, -2.0}) {
      const double t0 = span > 0 ? 0.25 : 2.25;
      const auto error = [&](double h) {
        SolveOptions options = tolerances(1e-2, 1e-2);
        options.max_step = options.initial_step = h;
        Radau5 method(field, 1, options);
        run(method, t0, t0 + span, solution(t0));
        CHECK(method.time(0) == t0 + span);
        CHECK(method.statistics(0).steps == std::lround(2 / h));
        CHECK(method.factorizations() <= 2);
        return (method.states().col(0) - solution(t0 + span)).norm();
      };
      const Convergence convergence = measure_convergence(error, halvings(1.0 / 8, 4));
      CAPTURE(span);
      INFO(convergence.text());
      CHECK(convergence.order() == doctest::Approx(5).epsilon(0.03));
    }
  }

  TEST_CASE("on a nonlinear driven field too, up to what the iteration leaves") {
    // Oracle: analytic (manufactured solution).
    const FunctionField field = driven_pendulum();
    for (const double span : {2.0, -2.0}) {
      const double t0 = span > 0 ? 0.3 : 2.3;
      const auto error = [&](double h) {
        SolveOptions options = tolerances(h_to_the_6(h), h_to_the_6(h));
        options.max_step = options.initial_step = h;
        Radau5 method(field, 1, options);
        run(method, t0, t0 + span, driven_pendulum_solution(t0));
        return (method.states().col(0) - driven_pendulum_solution(t0 + span)).norm();
      };
      const Convergence convergence = measure_convergence(error, halvings(1.0 / 16, 3));
      CAPTURE(span);
      INFO(convergence.text());
      CHECK(convergence.order() == doctest::Approx(5).epsilon(0.1));
    }
  }

  TEST_CASE("the error is about proportional to the tolerance") {
    // Oracle: analytic (manufactured solution).
    const FunctionField field = driven_pendulum();
    double error[3];
    int k = 0;
    for (const double tolerance : {1e-5, 1e-7, 1e-9}) {
      Radau5 method(field, 1, tolerances(tolerance, tolerance));
      run(method, 0, 10, driven_pendulum_solution(0));
      error[k] = (method.states().col(0) - driven_pendulum_solution(10)).norm();
      CHECK(error[k] < 30 * tolerance);
      CHECK(error[k] > 1e-3 * tolerance);
      ++k;
    }
    CHECK(std::log10(error[0] / error[2]) == doctest::Approx(4).epsilon(0.3));
  }

  TEST_CASE("dense output has order 3, meets the ends, and a record gives the same later") {
    // Oracle: analytic (manufactured solution): its error is O(h⁴).
    const FunctionField field = driven_pendulum();
    const auto error = [&](double h) {
      SolveOptions options = tolerances(h_to_the_6(h), h_to_the_6(h));
      options.max_step = options.initial_step = h;
      Radau5 method(field, 1, options);
      const Matrix x0 = driven_pendulum_solution(0.3);
      method.start(Vector::Constant(1, 0.3), Vector::Constant(1, 2.3), x0);
      double worst = 0;
      Vector x(2), again(2), record(method.record_size());
      while (method.active() > 0) {
        if (method.advance() == 0) continue;
        const double t0 = method.previous_time(0), last = method.last_step(0);
        method.record(0, record);
        for (const double sigma : {0.0, 0.3, 0.5, 0.9, 1.0}) {
          const double t = sigma == 1 ? method.time(0) : t0 + sigma * last;
          method.interpolate(0, t, x);
          method.interpolate_record(record, t0, last, t, again);
          CHECK((x - again).norm() < 1e-14);
          if (sigma == 0) CHECK(x == method.previous_states().col(0));
          if (sigma == 1) CHECK(x == method.states().col(0));
          worst = std::max(worst, (x - driven_pendulum_solution(t)).norm());
        }
      }
      return worst;
    };
    const Convergence convergence = measure_convergence(error, halvings(1.0 / 16, 3));
    INFO(convergence.text());
    CHECK(convergence.order() == doctest::Approx(4).epsilon(0.05));
  }

  TEST_CASE("a hard sample neither slows nor spoils an easy one beside it") {
    // Oracle: the method itself, on each sample alone.
    const FunctionField field = van_der_pol();
    Matrix x0(3, 3);
    x0 << 2, 2, 2, 0, 0, 0, 1e6, 1, kNan;
    Radau5 together(field, 3, tolerances(1e-6, 1e-6));
    run(together, 0, 2, x0);
    CHECK(together.status(2) == SolveStatus::kNonFinite);
    for (const Index b : {0, 1}) {
      CAPTURE(b);
      Radau5 alone(field, 1, tolerances(1e-6, 1e-6));
      run(alone, 0, 2, x0.col(b));
      CHECK(together.status(b) == SolveStatus::kReachedEnd);
      CHECK(together.states().col(b) == alone.states().col(0));
      CHECK(together.statistics(b).steps == alone.statistics(0).steps);
      CHECK(together.statistics(b).evaluations == alone.statistics(0).evaluations);
    }
    CHECK(10 * together.statistics(1).steps < together.statistics(0).steps);
  }

  TEST_CASE("steps may be shared, the hard sample deciding") {
    const FunctionField field = van_der_pol();
    Matrix x0(3, 2);
    x0 << 2, 2, 0, 0, 1e4, 1;
    SolveOptions options = tolerances(1e-5, 1e-5);
    options.shared_steps = true;
    Radau5 method(field, 2, options);
    method.start(Vector::Zero(2), Vector::Constant(2, 0.9), x0);
    while (method.active() > 0) {
      method.advance();
      CHECK(method.time(0) == method.time(1));
    }
    CHECK(method.status(0) == SolveStatus::kReachedEnd);
    CHECK(method.statistics(0).steps == method.statistics(1).steps);
  }

  TEST_CASE("a singular field ends with a status in words, its neighbours arrive") {
    const FunctionField field(
        2,
        [](double t, ConstVectorRef x, VectorRef x_dot) {
          const double kind = x[1];
          x_dot[0] = kind == 0   ? x[0] * x[0]               // Infinite at t = 1.
                     : kind == 1 ? (t < 0.5 ? -x[0] : kNan)  // NaN from t = 0.5 on.
                     : kind == 2 ? -0.5 / x[0]               // √(1 − t): ends at t = 1.
                                 : -x[0];
          x_dot[1] = 0;
        },
        [](double, ConstVectorRef x, MatrixRef jacobian) {
          jacobian.setZero();
          jacobian(0, 0) = x[1] == 0 ? 2 * x[0] : x[1] == 2 ? 0.5 / (x[0] * x[0]) : -1;
        });
    Matrix x0(2, 4);
    x0 << 1, 1, 1, 1, 0, 1, 2, 3;
    Radau5 method(field, 4, tolerances(1e-6, 1e-6));
    run(method, 0, 2, x0);
    CHECK(method.status(0) != SolveStatus::kReachedEnd);
    CHECK(method.time(0) == doctest::Approx(1).epsilon(1e-3));
    CHECK(method.status(1) == SolveStatus::kNonFinite);
    CHECK(method.time(1) == doctest::Approx(0.5).epsilon(1e-3));
    CHECK(method.status(2) != SolveStatus::kReachedEnd);
    CHECK(method.time(2) == doctest::Approx(1).epsilon(1e-2));
    for (const Index b : {0, 1, 2}) {
      CAPTURE(b);
      CHECK(method.states().col(b).allFinite());
      CHECK(method.message(b).find("topped at t = ") != std::string::npos);
      CHECK(method.statistics(b).steps + method.statistics(b).rejected < 1000);
    }
    CHECK(method.status(3) == SolveStatus::kReachedEnd);
    CHECK(method.message(3).empty());
    CHECK(method.states()(0, 3) == doctest::Approx(std::exp(-2.0)).epsilon(1e-5));
  }

  TEST_CASE("an iteration that fails at every step down to the smallest is called that") {
    // A Jacobian of the wrong sign: the iteration diverges unless h is far below 10⁻⁶.
    const FunctionField field(
        1, [](double, ConstVectorRef x, VectorRef x_dot) { x_dot[0] = -1e6 * x[0]; },
        [](double, ConstVectorRef, MatrixRef jacobian) { jacobian(0, 0) = 1e6; });
    SolveOptions options = tolerances(1e-6, 1e-6);
    options.initial_step = 0.1;
    options.min_step = 1e-4;
    Radau5 method(field, 1, options);
    run(method, 0, 1, Matrix::Ones(1, 1));
    CHECK(method.status(0) == SolveStatus::kNoConvergence);
    CHECK(method.message(0).find("Newton's method") != std::string::npos);
    CHECK(method.time(0) == 0);
  }

  TEST_CASE("a solve may be extended, and go on from a state that was replaced") {
    // Oracle: the method itself from there, and the analytic solution.
    const FunctionField field = driven_pendulum();
    Radau5 method(field, 1, tolerances(1e-8, 1e-8));
    run(method, 0, 1, driven_pendulum_solution(0));
    method.extend(0, 2);
    CHECK(method.active() == 1);
    while (method.active() > 0) method.advance();
    CHECK(method.time(0) == 2);
    CHECK((method.states().col(0) - driven_pendulum_solution(2)).norm() < 1e-7);
    Vector moved(2);
    moved << -0.4, 0.9;
    method.replace(0, 2, moved);
    method.extend(0, 3);
    while (method.active() > 0) method.advance();
    Radau5 fresh(field, 1, tolerances(1e-8, 1e-8));
    run(fresh, 2, 3, moved);
    CHECK((method.states() - fresh.states()).norm() < 1e-7);
    CHECK_THROWS_AS(method.extend(0, 2.5), std::invalid_argument);
    CHECK_THROWS_AS(method.replace(0, 3, Vector::Zero(3)), std::invalid_argument);
  }

  TEST_CASE("a zero-length solve arrives at once, wrong calls and settings are refused") {
    const FunctionField field = driven_pendulum();
    Radau5 method(field, 2, tolerances(1e-6, 1e-6));
    run(method, 1, 1, driven_pendulum_solution(1));
    CHECK(method.status(0) == SolveStatus::kReachedEnd);
    CHECK(method.active() == 0);
    CHECK(method.advance() == 0);
    CHECK(method.accepted().empty());
    const Vector one = Vector::Zero(1), two = Vector::Zero(2);
    CHECK_THROWS_AS(method.start(two, one, Matrix::Zero(2, 2)), std::invalid_argument);
    CHECK_THROWS_AS(method.start(one, one, Matrix::Zero(3, 1)), std::invalid_argument);
    CHECK_THROWS_AS(method.start(one, one, Matrix::Zero(2, 2)), std::invalid_argument);
    CHECK_THROWS_AS(method.start(one, Vector::Constant(1, kNan), Matrix::Zero(2, 1)),
                    std::invalid_argument);
    CHECK_THROWS_AS(Radau5(field, 0, tolerances(1e-6, 1e-6)), std::invalid_argument);
    CHECK_THROWS_AS(Radau5(field, std::numeric_limits<Index>::max(), tolerances(1e-6, 1e-6)),
                    std::invalid_argument);
    CHECK_THROWS_AS(Radau5(field, 1, tolerances(-1, 1e-6)), std::invalid_argument);
  }

  TEST_CASE("no round allocates") {
    const FunctionField field = van_der_pol();
    Matrix x0(3, 2);
    x0 << 2, 2, 0, 0, 1e6, 5;
    Radau5 method(field, 2, tolerances(1e-6, 1e-6));
    const Vector t0 = Vector::Zero(2), t_end = Vector::Constant(2, 2);
    Vector x(3);
    CHECK(allocations_in([&] {
            method.start(t0, t_end, x0);
            for (int i = 0; i < 200; ++i) method.advance();
            method.interpolate(0, method.time(0) - 0.5 * method.last_step(0), x);
          }) == 0);
    CHECK(method.statistics(0).steps > 100);
    CHECK(method.jacobians() > 5);
  }
}
