#include "ode/tableau.h"

#include <cmath>
#include <string>

#include "base/contract.h"

namespace least_action {
namespace {

ButcherTableau make_euler() {
  ButcherTableau tableau;
  tableau.name = "Euler";
  tableau.order = 1;
  tableau.a = Matrix::Zero(1, 1);
  tableau.b = Vector::Ones(1);
  tableau.c = Vector::Zero(1);
  return tableau;
}

ButcherTableau make_midpoint() {
  ButcherTableau tableau;
  tableau.name = "explicit midpoint";
  tableau.order = 2;
  tableau.a = Matrix::Zero(2, 2);
  tableau.a(1, 0) = 0.5;
  tableau.b = Vector::Unit(2, 1);
  tableau.c = 0.5 * Vector::Unit(2, 1);
  return tableau;
}

ButcherTableau make_rk4() {
  ButcherTableau tableau;
  tableau.name = "Runge–Kutta 4";
  tableau.order = 4;
  tableau.a = Matrix::Zero(4, 4);
  tableau.a(1, 0) = tableau.a(2, 1) = 0.5;
  tableau.a(3, 2) = 1;
  tableau.b = (Vector(4) << 1.0 / 6, 1.0 / 3, 1.0 / 3, 1.0 / 6).finished();
  tableau.c = (Vector(4) << 0, 0.5, 0.5, 1).finished();
  return tableau;
}

}  // namespace

const ButcherTableau& euler_tableau() {
  static const ButcherTableau tableau = make_euler();
  return tableau;
}

const ButcherTableau& midpoint_tableau() {
  static const ButcherTableau tableau = make_midpoint();
  return tableau;
}

const ButcherTableau& rk4_tableau() {
  static const ButcherTableau tableau = make_rk4();
  return tableau;
}

void dense_corrections(double sigma, double (&weights)[4]) {
  const double rest = 1 - sigma;
  weights[0] = sigma * sigma * rest * rest;
  weights[1] = weights[0] * sigma;
  weights[2] = weights[1] * rest;
  weights[3] = weights[2] * sigma;
}

void dense_weights(const ButcherTableau& tableau, double sigma, VectorRef weights) {
  const Index s = tableau.stages();
  const Index all = s + tableau.extra_stages();
  if (tableau.dense_order == 0) {
    fail("dense_weights", std::string(tableau.name) + " has no dense output");
  }
  if (weights.size() != all)
    fail_size("dense_weights", "weights", weights.size(), all, "stages");
  const double rest = 1 - sigma;
  double corrections[4];
  dense_corrections(sigma, corrections);
  for (Index i = 0; i < all; ++i) {
    const double first = i == 0 ? 1 : 0;
    const double last = i == s - 1 ? 1 : 0;
    const double b = i < s ? tableau.b[i] : 0;
    weights[i] = sigma * (b + rest * (first - b + sigma * (2 * b - first - last)));
    for (Index m = 0; m < tableau.dense.cols(); ++m) {
      weights[i] += corrections[m] * tableau.dense(i, m);
    }
  }
}

double real_stability_limit(const ButcherTableau& tableau) {
  const Index s = tableau.stages();
  const auto growth = [&](double x) {  // |R(−x)|, R(z) = 1 + z Σ bᵢ kᵢ for ẋ = z x, x = 1.
    Vector k(s);
    for (Index i = 0; i < s; ++i) k[i] = 1 - x * tableau.a.row(i).head(i).dot(k.head(i));
    return std::abs(1 - x * tableau.b.dot(k));
  };
  constexpr double kScan = 0.01, kFarthest = 100;
  double stable = kScan;
  while (stable < kFarthest && growth(stable + kScan) <= 1) stable += kScan;
  double unstable = stable + kScan;
  for (int i = 0; i < 50; ++i) {
    const double middle = 0.5 * (stable + unstable);
    (growth(middle) <= 1 ? stable : unstable) = middle;
  }
  return stable;
}

}  // namespace least_action
