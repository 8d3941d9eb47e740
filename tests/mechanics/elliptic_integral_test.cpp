#include "mechanics/elliptic_integral.h"

#include <doctest/doctest.h>

#include <limits>
#include <stdexcept>

using doctest::Approx;
using least_action::complete_elliptic_integral;

TEST_SUITE("mechanics/elliptic_integral") {
  TEST_CASE("matches tabulated and closed-form values of K") {
    // Oracle: K(0) = π/2; K(1/√2) = Γ(1/4)²/(4√π); K at m = 0.99 from Abramowitz & Stegun,
    // table 17.1.
    CHECK(complete_elliptic_integral(0) == Approx(1.5707963267948966).epsilon(1e-15));
    CHECK(complete_elliptic_integral(0.70710678118654752) ==
          Approx(1.8540746773013719).epsilon(1e-14));
    CHECK(complete_elliptic_integral(0.99498743710661995) ==
          Approx(3.695637362989875).epsilon(1e-13));
    CHECK(complete_elliptic_integral(-0.3) == complete_elliptic_integral(0.3));
  }

  TEST_CASE("the separatrix is refused") {
    CHECK_THROWS_AS(complete_elliptic_integral(1), std::invalid_argument);
    CHECK_THROWS_AS(complete_elliptic_integral(std::numeric_limits<double>::quiet_NaN()),
                    std::invalid_argument);
  }
}
