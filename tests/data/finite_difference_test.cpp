#include "data/finite_difference.h"

#include <doctest/doctest.h>

#include <cmath>
#include <stdexcept>
#include <string>

using namespace least_action;
using doctest::Approx;

namespace {

/// Times from 0 to 2 with spacings that alternate between 0.4 and 1.6 of the mean.
Vector alternating_times(Index intervals) {
  Vector times(intervals + 1);
  const double mean = 2.0 / static_cast<double>(intervals);
  times(0) = 0;
  for (Index k = 1; k <= intervals; ++k) {
    times(k) = times(k - 1) + (k % 2 == 1 ? 0.4 : 1.6) * mean;
  }
  return times;
}

struct Errors {
  double first, middle, last;
};

Errors errors_with(Index intervals) {
  const Vector times = alternating_times(intervals);
  Matrix states(2, times.size()), derivatives(2, times.size()), exact(2, times.size());
  for (Index k = 0; k < times.size(); ++k) {
    states.col(k) << std::sin(3 * times(k)), std::exp(-times(k));
    exact.col(k) << 3 * std::cos(3 * times(k)), -std::exp(-times(k));
  }
  differentiate(times, states, derivatives);
  const Matrix error = (derivatives - exact).cwiseAbs();
  return {error.col(0).maxCoeff(), error.middleCols(1, times.size() - 2).maxCoeff(),
          error.col(times.size() - 1).maxCoeff()};
}

}  // namespace

TEST_SUITE("data/finite_difference") {
  TEST_CASE("is of second order inside and at both ends of an irregular grid") {
    // Oracle: analytic derivatives; two-sided on the slope between two halvings.
    const Errors coarse = errors_with(200), fine = errors_with(400);
    CHECK(std::log2(coarse.middle / fine.middle) == Approx(2).epsilon(0.05));
    CHECK(std::log2(coarse.first / fine.first) == Approx(2).epsilon(0.05));
    CHECK(std::log2(coarse.last / fine.last) == Approx(2).epsilon(0.05));
  }

  TEST_CASE("is exact for parabolas at any spacing, also for just three points") {
    // Oracle: analytic.
    Vector times(3);
    times << -0.3, 0.1, 1.7;
    Matrix states(1, 3), derivatives(1, 3);
    for (Index k = 0; k < 3; ++k) states(0, k) = 2 - 3 * times(k) + 4 * times(k) * times(k);
    differentiate(times, states, derivatives);
    for (Index k = 0; k < 3; ++k) {
      CHECK(derivatives(0, k) == Approx(-3 + 8 * times(k)).epsilon(1e-13));
    }
  }

  TEST_CASE("wrong shapes, too few points and times that stand still are refused") {
    Matrix two(1, 2), three(1, 3), out(1, 3);
    two.setZero();
    three.setZero();
    Vector times(3);
    times << 0, 1, 2;
    CHECK_NOTHROW(differentiate(times, three, out));
    CHECK_THROWS_AS(differentiate(times, two, out), std::invalid_argument);
    CHECK_THROWS_AS(differentiate(times, three, two), std::invalid_argument);
    CHECK_THROWS_AS(differentiate(times.head(2), two, two), std::invalid_argument);
    times(2) = 1;
    CHECK_THROWS_WITH_AS(
        differentiate(times, three, out),
        "differentiate: times(2) is 1; it must be greater than the time before, 1",
        std::invalid_argument);
  }
}
