#include "mechanics/elliptic_integral.h"

#include <cmath>
#include <limits>

#include "base/contract.h"

namespace least_action {

double complete_elliptic_integral(double modulus) {
  if (!(std::abs(modulus) < 1)) {
    fail_value("complete_elliptic_integral", "modulus", modulus, "between -1 and 1, exclusive");
  }
  double a = 1;
  double g = std::sqrt((1 - modulus) * (1 + modulus));
  // Each round squares the relative difference, so below √ε the next mean is exact.
  while (a - g > std::sqrt(std::numeric_limits<double>::epsilon()) * a) {
    const double mean = (a + g) / 2;
    g = std::sqrt(a * g);
    a = mean;
  }
  constexpr double kPi = 3.14159265358979323846;
  return kPi / (a + g);
}

}  // namespace least_action
