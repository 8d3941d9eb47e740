#include "analysis/round_trip.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <stdexcept>

#include "support/function_field.h"
#include "systems/system.h"

using namespace least_action;
using namespace least_action::testing;

namespace {

RoundTripOptions with(Method method, double tolerance_or_step) {
  RoundTripOptions options;
  options.solve.method = method;
  options.solve.relative_tolerance = tolerance_or_step;
  options.solve.absolute_tolerance = 1e-2 * tolerance_or_step;
  options.solve.step = tolerance_or_step;
  return options;
}

/// ẋ = −20 (x − cos t).
FunctionField damped() {
  return FunctionField(1, [](double t, ConstVectorRef x, VectorRef x_dot) {
    x_dot[0] = -20 * (x[0] - std::cos(t));
  });
}

}  // namespace

TEST_SUITE("analysis/round_trip") {
  TEST_CASE("every conservative system returns to its start to tolerance") {
    for (const SystemTraits& known : systems()) {
      const auto system = make_system(known.name);
      if (!system->is_conservative()) continue;
      CAPTURE(known.name);
      Vector x0(system->dimension());
      system->typical_state(x0);
      const SystemField field(*system, Chart::kCanonical);
      const double span = system->typical_period();
      for (const double end : {span, -span}) {
        const RoundTrip trip =
            round_trip(field, x0, 0.3, 0.3 + end, with(Method::kDormandPrince54, 1e-9));
        CHECK(trip.returned_to_start());
        CHECK(trip.error < 1e-5);
        CHECK((trip.returned - x0).norm() < 1e-5 * x0.norm());
        CHECK(trip.evaluations == trip.forward.evaluations + trip.backward.evaluations);
        CHECK(trip.message.find("Returned to its start") == 0);
      }
    }
  }

  TEST_CASE("the error falls in proportion to the tolerance") {
    const FunctionField field = driven_pendulum();
    const Matrix x0 = driven_pendulum_solution(0);
    const auto error = [&](double tolerance) {
      return round_trip(field, x0, 0, 5, with(Method::kDormandPrince54, tolerance)).error;
    };
    const double slope = std::log10(error(1e-5) / error(1e-9)) / 4;
    CHECK(slope == doctest::Approx(1).epsilon(0.25));
  }

  TEST_CASE("contracting motion loses its start") {
    // Oracle: analytic: backward, errors grow by e^{20·3} = 10²⁶; over a tenth of that, e² = 7.
    const FunctionField field = damped();
    const Matrix x0 = Matrix::Constant(1, 1, 2.0);
    const RoundTrip far = round_trip(field, x0, 0, 3, with(Method::kDormandPrince54, 1e-9));
    CHECK_FALSE(far.error < 0.1);  // Or it did not return at all.
    CHECK_FALSE(far.message.find("Returned") == 0);
    const RoundTrip near = round_trip(field, x0, 0, 0.1, with(Method::kDormandPrince54, 1e-9));
    CHECK(near.error < 1e-7);
  }

  TEST_CASE("a symmetric method retraces its own steps to rounding, Runge–Kutta does not") {
    const FunctionField field = pendulum();
    const Matrix x0 = (Matrix(2, 1) << 1.2, 0.4).finished();
    for (const Method method : {Method::kStormerVerlet, Method::kYoshida4}) {
      CAPTURE(traits(method).name);
      const RoundTrip trip = round_trip(field, x0, 0, 10, with(method, 0.2));
      CHECK(trip.error < 1e-12);
      CHECK(trip.message.find("to rounding") != std::string::npos);
    }
    CHECK(round_trip(field, x0, 0, 10, with(Method::kRk4, 0.2)).error > 1e-6);
    CHECK(round_trip(field, x0, 0, 10, with(Method::kSymplecticEuler, 0.2)).error > 1e-3);
  }

  TEST_CASE("what does not return says on which way and keeps no state") {
    // ẋ = x² becomes infinite at t = 1; ẋ = −x³ … backward from t = 1.
    const FunctionField blows_up(
        1, [](double, ConstVectorRef x, VectorRef x_dot) { x_dot[0] = x[0] * x[0]; });
    const RoundTrip lost =
        round_trip(blows_up, Matrix::Ones(1, 1), 0, 2, with(Method::kDormandPrince54, 1e-6));
    CHECK(lost.forward_status != SolveStatus::kReachedEnd);
    CHECK(lost.backward_status == SolveStatus::kStopped);
    CHECK(std::isnan(lost.error));
    CHECK(lost.returned.size() == 0);
    CHECK(lost.message.find("on the way forward") != std::string::npos);

    const FunctionField field = driven_pendulum();
    RoundTripOptions options = with(Method::kDormandPrince54, 1e-9);
    const Matrix x0 = driven_pendulum_solution(0);
    options.max_evaluations = round_trip(field, x0, 0, 5, options).forward.evaluations + 10;
    field.calls = 0;
    const RoundTrip half = round_trip(field, x0, 0, 5, options);
    CHECK(half.forward_status == SolveStatus::kReachedEnd);
    CHECK(half.backward_status == SolveStatus::kStepLimit);
    CHECK(half.message.find("on the way back") != std::string::npos);
    CHECK(field.calls == options.max_evaluations);
  }

  TEST_CASE("the error is in units of the scale, in what the view shows") {
    // Oracle: linearity.
    const FunctionField field = driven_pendulum();
    const Matrix x0 = driven_pendulum_solution(0);
    RoundTripOptions options = with(Method::kDormandPrince54, 1e-6);
    options.scale = Vector::Ones(2);
    const double plain = round_trip(field, x0, 0, 5, options).error;
    options.scale *= 4;
    CHECK(round_trip(field, x0, 0, 5, options).error == plain / 4);
    options.view = [](Matrix& states) { states *= 8; };
    CHECK(round_trip(field, x0, 0, 5, options).error == 2 * plain);
  }

  TEST_CASE("wrong calls are refused") {
    const FunctionField field = pendulum();
    const Matrix x0 = Matrix::Ones(2, 1);
    CHECK_NOTHROW(round_trip(field, x0, 0, 1));
    CHECK_THROWS_AS(round_trip(field, x0, 1, 1), std::invalid_argument);
    CHECK_THROWS_AS(round_trip(field, x0, 0, std::numeric_limits<double>::quiet_NaN()),
                    std::invalid_argument);
    CHECK_THROWS_AS(round_trip(field, Matrix::Ones(3, 1), 0, 1), std::invalid_argument);
    CHECK_THROWS_AS(round_trip(field, Matrix(2, 0), 0, 1), std::invalid_argument);
    RoundTripOptions options;
    options.scale = Vector::Zero(2);
    CHECK_THROWS_AS(round_trip(field, x0, 0, 1, options), std::invalid_argument);
    options.scale = Vector::Ones(3);
    CHECK_THROWS_AS(round_trip(field, x0, 0, 1, options), std::invalid_argument);
    options = {};
    options.max_evaluations = 0;
    CHECK_THROWS_AS(round_trip(field, x0, 0, 1, options), std::invalid_argument);
    options = {};
    options.solve.relative_tolerance = -1;
    CHECK_THROWS_AS(round_trip(field, x0, 0, 1, options), std::invalid_argument);
  }
}
