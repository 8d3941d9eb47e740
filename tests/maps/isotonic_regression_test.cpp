#include "maps/isotonic_regression.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <stdexcept>

#include "maps/sample_maps.h"

using namespace least_action;
using namespace least_action::testing;

TEST_SUITE("maps/isotonic_regression") {
  TEST_CASE("no partition into runs of their means does better") {
    // Oracle: brute force. The best non-decreasing sequence is constant on runs; all 2ⁿ⁻¹
    // partitions are tried, those whose means increase kept.
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      const Index n = 7;
      const Vector y = random_vector(n, seed);
      const Vector fitted = isotonic_regression(y);
      CHECK((fitted.tail(n - 1) - fitted.head(n - 1)).minCoeff() >= 0);
      double best = std::numeric_limits<double>::infinity();
      for (int cuts = 0; cuts < 1 << (n - 1); ++cuts) {
        Vector candidate(n);
        for (Index start = 0; start < n;) {
          Index end = start + 1;
          while (end < n && !((cuts >> (end - 1)) & 1)) ++end;
          candidate.segment(start, end - start)
              .setConstant(y.segment(start, end - start).mean());
          start = end;
        }
        if ((candidate.tail(n - 1) - candidate.head(n - 1)).minCoeff() < 0) continue;
        best = std::min(best, (candidate - y).squaredNorm());
      }
      CHECK((fitted - y).squaredNorm() == doctest::Approx(best).epsilon(1e-12));
    }
  }

  TEST_CASE("an increasing sequence stays and a decreasing one becomes its mean") {
    // Oracle: analytic.
    const Vector up = Vector::LinSpaced(50, -2, 3);
    CHECK(isotonic_regression(up) == up);
    const Vector down = -up;
    CHECK((isotonic_regression(down).array() - down.mean()).abs().maxCoeff() < 1e-14);
  }

  TEST_CASE("nothing and numbers that are not finite are refused") {
    CHECK_THROWS_AS(isotonic_regression(Vector()), std::invalid_argument);
    Vector y = Vector::Zero(3);
    y[1] = std::nan("");
    CHECK_THROWS_AS(isotonic_regression(y), std::invalid_argument);
  }
}
