#include "ode/step_control.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace least_action;

TEST_SUITE("ode/step_control") {
  TEST_CASE("the scaled norm is the root mean square of the worst sample") {
    // Oracle: analytic, by hand.
    Matrix v(2, 2), x(2, 2), y(2, 2);
    v << 0.3, 0.01, 0.4, 0.01;
    x << 1, 1, -3, 1;
    y << -2, 1, 1, 1;
    // Sample 0: scales 0.1 + 0.5·2 = 1.1 and 0.1 + 0.5·3 = 1.6.
    const double expected =
        std::sqrt(((0.3 / 1.1) * (0.3 / 1.1) + (0.4 / 1.6) * (0.4 / 1.6)) / 2);
    CHECK(scaled_norm(v, x, y, {0.5, 0.1}) == doctest::Approx(expected).epsilon(1e-14));
  }

  TEST_CASE("the scaled norm lets NaN and infinity through, in any sample") {
    const Matrix x = Matrix::Ones(2, 3);
    for (const double bad :
         {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
      for (Index sample = 0; sample < 3; ++sample) {
        Matrix v = Matrix::Ones(2, 3);
        v(1, sample) = bad;
        CHECK_FALSE(std::isfinite(scaled_norm(v, x, x, {1e-3, 1e-3})));
      }
    }
  }

  TEST_CASE("a purely relative tolerance tells an exact zero from an error at zero") {
    const Matrix zero = Matrix::Zero(1, 1);
    const Matrix one = Matrix::Ones(1, 1);
    CHECK(scaled_norm(zero, zero, zero, {1e-3, 0}) == 0);
    CHECK(std::isinf(scaled_norm(one, zero, zero, {1e-3, 0})));
  }

  TEST_CASE("an error at the tolerance keeps nine tenths of the step") {
    // Oracle: analytic: e = 1 twice, 0.9 · 1 · 1.
    PiController controller(5);
    controller.accept(1);
    CHECK(controller.accept(1) == doctest::Approx(0.9).epsilon(1e-15));
  }

  TEST_CASE("the controller follows its formula between its limits") {
    // Oracle: analytic.
    const double beta = 0.04, alpha = 0.2 - 0.03;
    PiController controller(5);
    controller.accept(0.5);
    CHECK(controller.accept(0.25) ==
          doctest::Approx(0.9 * std::pow(0.25, -alpha) * std::pow(0.5, beta)).epsilon(1e-14));
    CHECK(controller.accept(0) == 10);
    CHECK(controller.reject(20) == doctest::Approx(0.9 * std::pow(20, -alpha)).epsilon(1e-14));
    CHECK(controller.reject(1e30) == 0.2);
    CHECK(controller.reject(std::numeric_limits<double>::quiet_NaN()) == 0.2);
    CHECK(controller.accept(1e-12) == 1);  // Just after a rejection: no growth.
    CHECK(controller.accept(1e-12) > 1);
  }

  TEST_CASE("the first step resolves the time scale of the field") {
    // Oracle: analytic: ẋ = λx at x = 1 with unit tolerances has d₀ = 1, d₁ = λ, d₂ = λ²: the
    // trial step is 0.01/λ, the start (0.01/λ²)^{1/6} where that is less than 100 of it.
    const double lambda = 50;
    const double h0 = trial_step(1, lambda, 10);
    CHECK(h0 == doctest::Approx(0.01 / lambda));
    const double expected = std::min(100 * h0, std::pow(0.01 / (lambda * lambda), 1.0 / 6));
    CHECK(starting_step(h0, lambda, lambda * lambda, 5, 10) == doctest::Approx(expected));
    CHECK(trial_step(1, lambda, 1e-9) == 1e-9);
    CHECK(starting_step(1e-9, lambda, 1, 5, 1e-9) == 1e-9);
  }

  TEST_CASE("a field at rest and one that is not finite still give a step") {
    CHECK(trial_step(0, 0, 10) > 0);
    CHECK(starting_step(1e-6, 0, 0, 5, 10) > 0);
    const double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK(starting_step(1e-6, 1, nan, 5, 10) > 0);
    CHECK(starting_step(1e-6, 1, std::numeric_limits<double>::infinity(), 5, 10) > 0);
  }
}
