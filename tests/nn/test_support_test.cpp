// The tools of tests/support are tested here, where they were first needed.
#include <doctest/doctest.h>

#include <cmath>
#include <memory>

#include "support/gradient_check.h"
#include "support/no_allocation.h"

using namespace least_action;
using namespace least_action::testing;

namespace {

double wavy(const Vector& x) {
  double sum = 0;
  for (Index i = 0; i < x.size(); ++i) sum += std::sin(x[i] * (1.0 + 0.3 * double(i)));
  return sum * sum + x.squaredNorm();
}

Vector wavy_gradient(const Vector& x) {
  double sum = 0;
  for (Index i = 0; i < x.size(); ++i) sum += std::sin(x[i] * (1.0 + 0.3 * double(i)));
  Vector gradient(x.size());
  for (Index i = 0; i < x.size(); ++i) {
    const double k = 1.0 + 0.3 * double(i);
    gradient[i] = 2 * sum * k * std::cos(k * x[i]) + 2 * x[i];
  }
  return gradient;
}

}  // namespace

TEST_SUITE("support/gradient_check") {
  TEST_CASE("a right gradient has slope 2 and one wrong by 1e-3 in one entry has not") {
    // Oracle: analytic.
    const Vector x = random_direction(6, 3);
    const Vector v = random_direction(6, 4);
    Vector gradient = wavy_gradient(x);
    const TaylorCheck right = taylor_check(wavy, x, gradient, v);
    INFO(right.text());
    CHECK(right.slope() >= 1.9);
    CHECK(right.slope() <= 2.1);
    CHECK(right.slopes.size() >= 5);
    CHECK(right.relative_error() < 1e-8);

    gradient[2] *= 1.001;
    CHECK(taylor_check(wavy, x, gradient, v).slope() < 1.6);
    CHECK(worst_entries(wavy, x, gradient, 1).find("\n    2 ") != std::string::npos);
  }

  TEST_CASE("an affine function passes with its gradient only, and NaN never passes") {
    const Vector x = random_direction(3, 5);
    const Vector g = random_direction(3, 6);
    const ScalarFunction affine = [&](const Vector& y) { return g.dot(y) + 2; };
    CHECK(taylor_check(affine, x, g, x).slope() > 1.9);
    CHECK(taylor_check(affine, x, Vector(1.01 * g), x).slope() < 1.9);
    const ScalarFunction broken = [&](const Vector& y) { return std::sqrt(-1 - y.norm()); };
    CHECK(taylor_check(broken, x, g, x).slope() < 1.9);
  }
}

TEST_SUITE("support/no_allocation") {
  TEST_CASE("the count is live: it sees new, malloc and Eigen's temporaries") {
    CHECK(allocations_in([] {}) == 0);
    // A compiler may leave out a new whose result nobody sees.
    std::unique_ptr<double[]> block;
    CHECK(allocations_in([&] { block = std::make_unique<double[]>(100); }) >= 1);
    CHECK(block[99] == 0);
    const Vector x = Vector::Ones(100);
    double sum = 0;
    CHECK(allocations_in([&] { sum += Vector(2 * x).sum(); }) >= 1);
    CHECK(allocations_in([&] { sum += (2 * x).sum(); }) == 0);
    CHECK(sum == 400);
  }
}
