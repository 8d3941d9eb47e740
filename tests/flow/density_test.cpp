#include "flow/density.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <stdexcept>

#include "support/no_allocation.h"

using namespace least_action;
using namespace least_action::testing;

namespace {

/// ∫ g(p) over [−4.8, 4.8]² by the trapezoidal rule, which converges faster than any power for
/// these smooth densities; the nodes are the middles of the checkerboard's cells' parts.
struct Integrals {
  double mass = 0, entropy = 0, mean_x = 0, mean_y = 0, square = 0;
};
Integrals integrate(const Density& density, double h) {
  Integrals sum;
  const auto n = static_cast<int>(std::lround(4.8 / h));
  for (int i = -n; i < n; ++i) {
    for (int j = -n; j < n; ++j) {
      const double x = (i + 0.5) * h, y = (j + 0.5) * h;
      const double log_p = density.log_density(x, y);
      const double p = std::exp(log_p) * h * h;
      sum.mass += p;
      if (p > 0) sum.entropy -= p * log_p;
      sum.mean_x += p * x;
      sum.mean_y += p * y;
      sum.square += p * (x * x + y * y);
    }
  }
  return sum;
}

}  // namespace

TEST_SUITE("flow/density") {
  TEST_CASE("every density integrates to 1, has the stated entropy, and is centred") {
    // Oracle: quadrature on a grid. The checkerboard's edges lie on cell borders of the grid.
    for (const DensityTraits& each : densities()) {
      INFO(each.name);

      const Integrals sum = integrate(*make_density(each.kind), 0.1);
      CHECK(sum.mass == doctest::Approx(1).epsilon(1e-6));
      CHECK(sum.entropy == doctest::Approx(each.entropy).epsilon(1e-6));
      CHECK(std::abs(sum.mean_x) < 1e-3);
      CHECK(std::abs(sum.mean_y) < 1e-3);
      const double spread = std::sqrt(sum.square / 2);
      CHECK(spread > 0.85);
      CHECK(spread < 1.2);
    }
    CHECK(traits(DensityKind::kCheckerboard).entropy == std::log(8.0));
  }

  TEST_CASE("the samples are drawn from the density that log_density states") {
    // Oracle: counts in a grid of squares against the integral of the density over each, by
    // Pearson's χ²: about its degrees of freedom k where right, k + 6√(2k) in a billion.
    for (const DensityTraits& each : densities()) {
      INFO(each.name);
      const auto density = make_density(each.kind);
      Random random(7);
      const Index count = 20000;
      Matrix x(2, count);
      density->sample(random, x);
      constexpr int kCells = 24;
      constexpr double kSide = 0.25;
      Matrix observed = Matrix::Zero(kCells, kCells), expected = observed;
      const auto cell = [](double at) {
        return static_cast<Index>(std::floor(at / kSide)) + kCells / 2;
      };
      Index outside = 0;
      for (Index b = 0; b < count; ++b) {
        const Index i = cell(x(0, b)), j = cell(x(1, b));
        if (i < 0 || j < 0 || i >= kCells || j >= kCells) {
          ++outside;
        } else {
          observed(i, j) += 1;
        }
      }
      CHECK(outside < count / 200);
      constexpr int kNodes = 6;
      const double h = kSide / kNodes;
      for (int i = 0; i < kCells * kNodes; ++i) {
        for (int j = 0; j < kCells * kNodes; ++j) {
          const double u = (i + 0.5) * h - 3, v = (j + 0.5) * h - 3;
          expected(i / kNodes, j / kNodes) +=
              static_cast<double>(count) * h * h * std::exp(density->log_density(u, v));
        }
      }
      double chi_squared = 0, degrees = 0;
      for (Index i = 0; i < kCells; ++i) {
        for (Index j = 0; j < kCells; ++j) {
          if (expected(i, j) < 5) continue;
          const double difference = observed(i, j) - expected(i, j);
          chi_squared += difference * difference / expected(i, j);
          degrees += 1;
        }
      }
      CHECK(degrees > 60);
      CHECK(chi_squared < degrees + 6 * std::sqrt(2 * degrees));
      CHECK(chi_squared > degrees - 6 * std::sqrt(2 * degrees));
    }
  }

  TEST_CASE("samples depend on the generator alone and cost no allocation") {
    for (const DensityTraits& each : densities()) {
      const auto density = make_density(each.kind);
      Random first(3), second(3);
      Matrix x(2, 50), y(2, 50);
      density->sample(first, x);
      CHECK(allocations_in([&] { density->sample(second, y); }) == 0);
      CHECK(x == y);
      CHECK(x.allFinite());
    }
  }

  TEST_CASE("far away and at not-a-number the density is small or none, never a crash") {
    for (const DensityTraits& each : densities()) {
      INFO(each.name);
      const auto density = make_density(each.kind);
      CHECK(density->log_density(1e3, -1e3) < -1e3);
      CHECK(density->log_density(0, 0) < 0);
      const double at_nan = density->log_density(std::nan(""), 0);
      CHECK((std::isnan(at_nan) || at_nan == -std::numeric_limits<double>::infinity()));
    }
  }

  TEST_CASE("names lead back to their densities, and a wrong one is explained") {
    for (const DensityTraits& each : densities()) {
      CHECK(density_named(each.name) == each.kind);
      CHECK(make_density(each.kind)->kind() == each.kind);
    }
    CHECK_THROWS_WITH_AS(density_named("moon"), doctest::Contains("did you mean \"moons\"?"),
                         std::invalid_argument);
  }
}
