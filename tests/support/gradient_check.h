#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/types.h"

namespace least_action::testing {

using ScalarFunction = std::function<double(const Vector&)>;

/// The Taylor remainder of a claimed gradient g of f along v,
///
///   R(h) = |f(x + h v) − f(x) − h gᵀv|,
///
/// which falls with slope 2 in log R against log h exactly when gᵀv is right (slope 1 when it
/// is not); far sharper than a difference with a tolerance. Steps whose remainder has sunk
/// under the rounding of f are left out.
///
///   const auto check = taylor_check(loss, theta, gradient, random_direction(theta.size(), 1));
///   INFO(check.text());
///   CHECK(check.slope() >= 1.9);
struct TaylorCheck {
  std::vector<double> steps;       ///< h, descending; only the usable ones.
  std::vector<double> remainders;  ///< R(h).
  std::vector<double> slopes;      ///< Between neighbours: one fewer.
  double claimed = 0;              ///< gᵀv.
  double difference = 0;           ///< Fourth-order central difference of f along v.

  /// The smallest slope: ≥ 1.9 says that the gradient is right. Infinite when f is affine along
  /// v to rounding (and g agrees); 0 when only one step was usable, so nothing was shown.
  double slope() const;
  /// |claimed − difference| / max(|claimed|, |difference|), for a readable second opinion.
  double relative_error() const;
  /// The table h, R(h), slope.
  std::string text() const;
};

struct TaylorOptions {
  double largest_step = 1e-2;
  double smallest_step = 1e-5;
  /// Relative rounding error of one evaluation of f (1e-6 for a float function).
  double rounding = 1e-15;
};

/// Evaluates f a dozen times; `x`, `gradient`, `direction` have one size.
TaylorCheck taylor_check(const ScalarFunction& f, const Vector& x, const Vector& gradient,
                         const Vector& direction, const TaylorOptions& options = {});

/// A direction of unit length, the same on every platform; every entry is non-zero.
Vector random_direction(Index size, std::uint64_t seed);

/// The `count` entries of `gradient` that differ most from central differences of f with step
/// `h`, as a table (2 · size evaluations of f: for small problems and failure messages).
std::string worst_entries(const ScalarFunction& f, const Vector& x, const Vector& gradient,
                          Index count = 5, double h = 1e-5);

}  // namespace least_action::testing
