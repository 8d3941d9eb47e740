#include "support/gradient_check.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <numeric>

#include "base/contract.h"
#include "base/random.h"

namespace least_action::testing {

double TaylorCheck::slope() const {
  if (steps.empty()) return std::numeric_limits<double>::infinity();
  if (slopes.empty()) return 0;
  return *std::min_element(slopes.begin(), slopes.end());
}

double TaylorCheck::relative_error() const {
  const double scale = std::max(std::abs(claimed), std::abs(difference));
  return scale == 0 ? 0 : std::abs(claimed - difference) / scale;
}

std::string TaylorCheck::text() const {
  char line[120];
  std::snprintf(line, sizeof line, "claimed %.12g, difference %.12g\n", claimed, difference);
  std::string table = line;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    std::snprintf(line, sizeof line, "h %.2e  R %.3e  slope %s\n", steps[i], remainders[i],
                  i == 0 ? "" : to_text(slopes[i - 1]).c_str());
    table += line;
  }
  return table;
}

TaylorCheck taylor_check(const ScalarFunction& f, const Vector& x, const Vector& gradient,
                         const Vector& direction, const TaylorOptions& options) {
  if (gradient.size() != x.size())
    fail_size("taylor_check", "gradient", gradient.size(), x.size());
  if (direction.size() != x.size())
    fail_size("taylor_check", "direction", direction.size(), x.size());
  TaylorCheck check;
  check.claimed = gradient.dot(direction);
  const auto along = [&](double h) { return f(Vector(x + h * direction)); };
  const double at_x = f(x);
  const double d = std::pow(options.rounding, 0.2);  // Balances d⁴ against rounding / d.
  check.difference = (8 * (along(d) - along(-d)) - (along(2 * d) - along(-2 * d))) / (12 * d);

  const double factor = std::sqrt(10.0);
  for (double h = options.largest_step; h > 0.99 * options.smallest_step; h /= factor) {
    const double value = along(h);
    const double remainder = std::abs(value - at_x - h * check.claimed);
    const double noise = options.rounding * (std::abs(value) + std::abs(at_x));
    if (!(remainder > 20 * noise) && std::isfinite(remainder)) break;
    check.steps.push_back(h);
    check.remainders.push_back(remainder);
  }
  for (std::size_t i = 1; i < check.steps.size(); ++i) {
    // A remainder that is not a number must fail, and NaN would compare its way past a minimum.
    const double slope = std::log(check.remainders[i - 1] / check.remainders[i]) /
                         std::log(check.steps[i - 1] / check.steps[i]);
    check.slopes.push_back(std::isfinite(slope) ? slope : 0);
  }
  return check;
}

Vector random_direction(Index size, std::uint64_t seed) {
  Random random(seed);
  Vector direction(size);
  for (double& entry : direction) {
    entry = random.uniform(0.25, 1) * (random.below(2) == 0 ? 1 : -1);
  }
  return direction / direction.norm();
}

std::string worst_entries(const ScalarFunction& f, const Vector& x, const Vector& gradient,
                          Index count, double h) {
  Vector difference(x.size());
  Vector moved = x;
  for (Index i = 0; i < x.size(); ++i) {
    moved[i] = x[i] + h;
    const double ahead = f(moved);
    moved[i] = x[i] - h;
    difference[i] = (ahead - f(moved)) / (2 * h);
    moved[i] = x[i];
  }
  std::vector<Index> order(static_cast<std::size_t>(x.size()));
  std::iota(order.begin(), order.end(), Index{0});
  std::sort(order.begin(), order.end(), [&](Index i, Index j) {
    return std::abs(gradient[i] - difference[i]) > std::abs(gradient[j] - difference[j]);
  });
  std::string table = "entry  gradient  difference  error\n";
  for (Index k = 0; k < std::min(count, x.size()); ++k) {
    const Index i = order[static_cast<std::size_t>(k)];
    char line[120];
    std::snprintf(line, sizeof line, "%5td  %.9g  %.9g  %.2e\n", i, gradient[i], difference[i],
                  gradient[i] - difference[i]);
    table += line;
  }
  return table;
}

}  // namespace least_action::testing
