#include "ode/batch_control.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "ode/adaptive_runge_kutta.h"
#include "support/function_field.h"

using namespace least_action;
using namespace least_action::testing;

namespace {

const double kInfinity = std::numeric_limits<double>::infinity();

std::vector<const ButcherTableau*> tableaux() {
  return {&bogacki_shampine_tableau(), &dormand_prince_tableau(), &tsitouras_tableau(),
          &dormand_prince_853_tableau()};
}

Vector all(Index count, double value) { return Vector::Constant(count, value); }

SolveOptions with_tolerance(double tolerance) {
  SolveOptions options;
  options.relative_tolerance = options.absolute_tolerance = tolerance;
  return options;
}

void run_to_end(AdaptiveStepper<double>& stepper) {
  for (int guard = 0; stepper.active() > 0 && guard < 1000000; ++guard) stepper.advance();
  REQUIRE(stepper.active() == 0);
}

}  // namespace

TEST_SUITE("ode/batch_control") {
  TEST_CASE("every sample takes the steps it takes alone, to the bit, beside a hard one") {
    // Oracle: the samples solved alone. The second is stirred 40 times faster.
    const FunctionField field(3, [](double t, ConstVectorRef x, VectorRef x_dot) {
      x_dot[0] = x[1];
      x_dot[1] = -std::sin(x[0]) + 0.1 * std::cos(t) + x[2] * std::sin(x[2] * t);
      x_dot[2] = 0;
    });
    Matrix x0(3, 4);
    x0 << 0.1, 0.2, -1.4, 2.0, 0.3, 0.7, 0.2, -0.3, 0, 40, 0, 0.5;
    const Vector t0 = (Vector(4) << 0, 0, 1, 0.5).finished();
    const Vector end = (Vector(4) << 5, 5, 8, -2).finished();
    for (const ButcherTableau* tableau : tableaux()) {
      CAPTURE(std::string(tableau->name));
      AdaptiveRungeKutta<double> together(*tableau, field, 4, with_tolerance(1e-6));
      together.start(t0, end, x0);
      run_to_end(together);
      Vector x(3), y(3);
      for (Index b = 0; b < 4; ++b) {
        CAPTURE(b);
        AdaptiveRungeKutta<double> alone(*tableau, field, 1, with_tolerance(1e-6));
        alone.start(t0.segment(b, 1), end.segment(b, 1), x0.col(b));
        run_to_end(alone);
        CHECK(together.states().col(b) == alone.states().col(0));
        // Also what was kept of a last step long ago.
        const double t = 0.3 * alone.previous_time(0) + 0.7 * alone.time(0);
        together.interpolate(b, t, x);
        alone.interpolate(0, t, y);
        CHECK(x == y);
        CHECK(together.statistics(b).evaluations == alone.statistics(0).evaluations);
        CHECK(together.statistics(b).steps == alone.statistics(0).steps);
        CHECK(together.statistics(b).rejected == alone.statistics(0).rejected);
      }
      CHECK(together.statistics(1).steps > 5 * together.statistics(0).steps);
    }
  }

  TEST_CASE("samples that have arrived are not evaluated, and the columns seen are counted") {
    // Oracle: the field's own counter of columns.
    Index columns = 0;
    const FunctionField field(1, [&](double t, ConstVectorRef x, VectorRef x_dot) {
      ++columns;
      x_dot[0] = -x[0] + std::sin(7 * t);
    });
    AdaptiveRungeKutta<double> stepper(dormand_prince_853_tableau(), field, 3, {});
    const Vector end = (Vector(3) << 1, 20, 0.1).finished();
    stepper.start(all(3, 0), end, Matrix::Ones(1, 3));
    run_to_end(stepper);
    Vector x(1);
    stepper.interpolate(1, 0.5 * (stepper.previous_time(1) + stepper.time(1)), x);
    Index counted = 0;
    for (Index b = 0; b < 3; ++b) {
      counted += stepper.statistics(b).evaluations;
      CHECK(stepper.statistics(b).evaluations ==
            2 + 12 * (stepper.statistics(b).steps + stepper.statistics(b).rejected) +
                (b == 1 ? 3 : 0));
    }
    CHECK(counted == columns);
    CHECK(stepper.statistics(1).evaluations > 3 * stepper.statistics(0).evaluations);
  }

  TEST_CASE(
      "shared steps are those of the worst sample, and a failing one lets the rest go on") {
    // Oracle: analytic: ẋ = x² blows up at t = 1/x₀.
    const FunctionField field(
        1, [](double, ConstVectorRef x, VectorRef x_dot) { x_dot[0] = x[0] * x[0]; });
    SolveOptions options = with_tolerance(1e-8);
    options.shared_steps = true;
    AdaptiveRungeKutta<double> stepper(tsitouras_tableau(), field, 3, options);
    Matrix x0(1, 3);
    x0 << 0.1, 1, -1;
    stepper.start(all(3, 0), all(3, 2), x0);
    while (stepper.status(1) == SolveStatus::kReachedEnd && stepper.active() == 3) {
      if (stepper.advance() == 0) continue;
      if (stepper.accepted().size() < 3) break;
      CHECK(stepper.time(0) == stepper.time(1));
      CHECK(stepper.time(0) == stepper.time(2));
    }
    run_to_end(stepper);
    CHECK(stepper.status(1) != SolveStatus::kReachedEnd);
    CHECK(stepper.time(1) == doctest::Approx(1).epsilon(1e-6));
    CHECK(stepper.status(0) == SolveStatus::kReachedEnd);
    CHECK(stepper.status(2) == SolveStatus::kReachedEnd);
    CHECK(stepper.states()(0, 0) == doctest::Approx(0.1 / (1 - 0.2)).epsilon(1e-7));
    CHECK(stepper.states()(0, 2) == doctest::Approx(-1.0 / 3).epsilon(1e-7));
  }

  TEST_CASE("an end moved further goes on with the step it had, and reaches the same states") {
    // Oracle: analytic, and the number of steps without stops.
    const FunctionField field = driven_pendulum();
    AdaptiveRungeKutta<double> stepper(dormand_prince_tableau(), field, 1,
                                       with_tolerance(1e-8));
    stepper.start(all(1, 0), all(1, 10), driven_pendulum_solution(0));
    run_to_end(stepper);
    const Index steps = stepper.statistics(0).steps;
    stepper.start(all(1, 0), all(1, 0), driven_pendulum_solution(0));
    CHECK(stepper.active() == 0);
    for (int k = 1; k <= 20; ++k) {
      const double end = 0.5 * k;
      stepper.extend(0, end);
      CHECK(stepper.active() == 1);
      run_to_end(stepper);
      CHECK(stepper.time(0) == end);
      CHECK((stepper.states().col(0) - driven_pendulum_solution(end)).norm() < 1e-6);
    }
    CHECK(stepper.statistics(0).steps <= steps + 21);
    CHECK(stepper.statistics(0).evaluations ==
          2 + 6 * (stepper.statistics(0).steps + stepper.statistics(0).rejected));
    CHECK_THROWS_AS(stepper.extend(0, 9), std::invalid_argument);
    CHECK_THROWS_AS(stepper.extend(0, kInfinity), std::invalid_argument);
    CHECK_THROWS_AS(stepper.extend(1, 11), std::invalid_argument);
  }

  TEST_CASE("a state replaced within the last step is where the sample goes on from") {
    // Oracle: analytic: ẋ = −x, doubled at t = 0.5 gives 2 e^{−t}.
    const FunctionField field(
        1, [](double, ConstVectorRef x, VectorRef x_dot) { x_dot[0] = -x[0]; });
    AdaptiveRungeKutta<double> stepper(tsitouras_tableau(), field, 2, with_tolerance(1e-10));
    stepper.start(all(2, 0), all(2, 2), Matrix::Ones(1, 2));
    while (stepper.time(1) < 0.5) stepper.advance();
    Vector x(1);
    stepper.interpolate(1, 0.5, x);
    const double step = stepper.step(1);
    x *= 2;
    stepper.replace(1, 0.5, x);
    CHECK(stepper.time(1) == 0.5);
    CHECK(stepper.step(1) == step);
    CHECK(stepper.states()(0, 1) == x[0]);
    run_to_end(stepper);
    CHECK(stepper.states()(0, 0) == doctest::Approx(std::exp(-2.0)).epsilon(1e-8));
    CHECK(stepper.states()(0, 1) == doctest::Approx(2 * std::exp(-2.0)).epsilon(1e-8));
    CHECK_THROWS_AS(stepper.replace(1, 0.1, x), std::invalid_argument);
    CHECK_THROWS_AS(stepper.replace(0, 2, Vector::Zero(2)), std::invalid_argument);
    // At its end: it is on its way again only if it is put before it.
    stepper.replace(0, 2, x);
    CHECK(stepper.active() == 0);
  }

  TEST_CASE(
      "a blow-up is an underflow in words, and radau5 is named where the field is stiff") {
    // Oracle: analytic: ẋ = x², x = 1/(1 − t).
    const FunctionField field(
        1, [](double, ConstVectorRef x, VectorRef x_dot) { x_dot[0] = x[0] * x[0]; });
    for (const ButcherTableau* tableau : tableaux()) {
      CAPTURE(std::string(tableau->name));
      AdaptiveRungeKutta<double> stepper(*tableau, field, 1, with_tolerance(1e-6));
      stepper.start(all(1, 0), all(1, 2), Matrix::Ones(1, 1));
      run_to_end(stepper);
      CHECK(stepper.status(0) == SolveStatus::kStepUnderflow);
      INFO(stepper.message(0));
      CHECK(stepper.message(0).find("Solve stopped at t = 1 s of 2 s: the step fell to ") == 0);
      CHECK(stepper.message(0).find("singular or stiff") != std::string::npos);
      CHECK(stepper.time(0) == doctest::Approx(1).epsilon(1e-3));
      CHECK(stepper.states().allFinite());
      CHECK_THROWS_AS(stepper.extend(0, 3), std::invalid_argument);
    }
  }

  TEST_CASE("a state or rate that is not finite fails its sample alone") {
    const FunctionField field(1, [](double t, ConstVectorRef x, VectorRef x_dot) {
      x_dot[0] = x[0] > 1 && t > 0.5 ? kInfinity : std::tanh(x[0]);
    });
    for (const ButcherTableau* tableau : tableaux()) {
      CAPTURE(std::string(tableau->name));
      AdaptiveRungeKutta<double> stepper(*tableau, field, 3, with_tolerance(1e-6));
      Matrix x0(1, 3);
      x0 << 0.1, 2, std::numeric_limits<double>::quiet_NaN();
      stepper.start(all(3, 0), all(3, 1), x0);
      run_to_end(stepper);
      CHECK(stepper.status(0) == SolveStatus::kReachedEnd);
      CHECK(stepper.states()(0, 0) ==
            doctest::Approx(std::asinh(std::exp(1.0) * std::sinh(0.1))).epsilon(1e-5));
      CHECK(stepper.status(1) == SolveStatus::kNonFinite);
      CHECK(stepper.time(1) <= 0.5);
      CHECK(std::isfinite(stepper.states()(0, 1)));
      CHECK(stepper.status(2) == SolveStatus::kNonFinite);
      CHECK(stepper.time(2) == 0);
      CHECK(stepper.message(1).find("infinite or NaN") != std::string::npos);
    }
  }
}
