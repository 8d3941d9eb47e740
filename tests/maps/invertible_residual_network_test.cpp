#include "maps/invertible_residual_network.h"

#include <doctest/doctest.h>

#include <Eigen/LU>
#include <limits>
#include <stdexcept>

#include "maps/sample_maps.h"

using namespace least_action;
using namespace least_action::testing;

namespace {

MapSpec spec_of(Index dimension, double contraction = 0.9) {
  MapSpec spec;
  spec.kind = MapKind::kInvertibleResidual;
  spec.inputs = spec.outputs = dimension;
  spec.hidden = {16};
  spec.blocks = 5;
  spec.contraction = contraction;
  return spec;
}

/// Far larger than the start, so that every spectral bound binds.
Vector wild_theta(const LearnedMap<double>& map, std::uint64_t seed) {
  return random_vector(map.num_parameters(), seed, 2);
}

}  // namespace

TEST_SUITE("maps/invertible_residual_network") {
  TEST_CASE("each block is a contraction away from the identity, however wild the weights") {
    // Oracle: difference quotients of a network of one block, between random points near and
    // far; the bound must hold for all and be nearly met by none above c.
    for (const Activation activation : kActivations) {
      for (const double c : {0.5, 0.97}) {
        MapSpec spec = spec_of(3, c);
        spec.blocks = 1;
        spec.hidden = {8, 6};
        spec.activation = activation;
        const InvertibleResidualNetwork<double> map(spec);
        const Vector theta = wild_theta(map, 1);
        const auto tape = map.make_tape(1);
        CHECK(map.lipschitz_bound(theta, 0, *tape) == doctest::Approx(c).epsilon(1e-12));
        double largest = 0;
        for (std::uint64_t k = 0; k < 60; ++k) {
          const double distance = k % 2 == 0 ? 1e-4 : 1.0;
          const Matrix a = random_matrix(3, 1, 100 + k, 0.5),
                       b = a + random_matrix(3, 1, 200 + k, distance);
          const Matrix g = output_of(map, theta, a) - a - (output_of(map, theta, b) - b);
          largest = std::max(largest, g.norm() / (a - b).norm());
        }
        CAPTURE(c);
        CAPTURE(name(activation));
        CHECK(largest <= c);
        CHECK(largest > 0.02 * c);  // Not a network of zeros.
      }
    }
    CHECK(lipschitz_constant(Activation::kSilu) >= 1.09983);
  }

  TEST_CASE("small weights pass unchanged") {
    // Oracle: the plain network of the same θ.
    MapSpec spec = spec_of(2);
    spec.blocks = 1;
    const InvertibleResidualNetwork<double> map(spec);
    const Vector theta = random_vector(map.num_parameters(), 2, 0.02);
    MlpLayout layout;
    layout.inputs = layout.outputs = 2;
    layout.hidden = spec.hidden;
    const Mlp<double> plain(layout);
    const Matrix x = random_matrix(2, 5, 3);
    Matrix g(2, 5);
    plain.forward(theta, x, g, *plain.make_tape(5));
    CHECK((output_of(map, theta, x) - x - g).norm() < 1e-14);
  }

  TEST_CASE("the inverse recovers the input to 1e-10 and its error bound holds") {
    // Oracle: the input itself.
    const InvertibleResidualNetwork<double> map(spec_of(2, 0.8));
    for (const std::uint64_t seed : {1, 2, 3}) {
      const Vector theta = wild_theta(map, seed);
      const Matrix x = random_matrix(2, 50, 4 + seed);
      const Matrix y = output_of(map, theta, x);
      Matrix found(2, 50);
      const auto tape = map.make_tape(50);
      const InverseReport report = map.inverse(theta, y, found, *tape);
      CAPTURE(report.error_bound);
      CHECK(report.status == InverseStatus::kConverged);
      CHECK(report.message.empty());
      const double error = (found - x).colwise().norm().maxCoeff();
      CHECK(error <= 1e-10);
      CHECK((y - x).norm() > 0.1);  // The map is not the identity.
      // A loose tolerance: the bound must cover the true error, and not by accident of
      // rounding.
      const InverseReport loose = map.inverse(theta, y, found, *tape, {.tolerance = 1e-3});
      const double loose_error = (found - x).colwise().norm().maxCoeff();
      CHECK(loose.error_bound <= 1e-3);
      CHECK(loose_error <= loose.error_bound);
      CHECK(loose_error > 1e-12);
      CHECK(loose.iterations < report.iterations);
    }
  }

  TEST_CASE("the fixed point converges at least at the rate c") {
    // Oracle: the contraction theorem, |s_j − s*| ≤ c^j/(1 − c) |s₁ − s₀|: rounds needed.
    for (const double c : {0.3, 0.9}) {
      MapSpec spec = spec_of(2, c);
      spec.blocks = 1;
      const InvertibleResidualNetwork<double> map(spec);
      const Vector theta = wild_theta(map, 5);
      const Matrix x = random_matrix(2, 20, 6);
      const Matrix y = output_of(map, theta, x);
      Matrix found(2, 20);
      const auto tape = map.make_tape(20);
      const InverseReport report = map.inverse(theta, y, found, *tape, {.tolerance = 1e-8});
      const double first = 0.5 * (y - x).colwise().norm().maxCoeff();
      const double rounds = std::log(1e-8 * (1 - c) / (4 * first)) / std::log(c);
      CAPTURE(rounds);
      CHECK(report.iterations <= rounds + 2);
      CHECK(report.iterations >= 3);
    }
  }

  TEST_CASE("an inverse that is not found says so, and how near it is") {
    const InvertibleResidualNetwork<double> map(spec_of(2));
    const Vector theta = wild_theta(map, 7);
    const Matrix x = random_matrix(2, 3, 8), y = output_of(map, theta, x);
    Matrix found(2, 3);
    const auto tape = map.make_tape(3);
    const InverseReport few = map.inverse(theta, y, found, *tape, {.max_iterations = 2});
    CHECK(few.status == InverseStatus::kIterationLimit);
    CHECK(few.iterations == 2 * 5);
    CHECK(few.message.find("10 rounds") != std::string::npos);
    CHECK((found - x).colwise().norm().maxCoeff() <= few.error_bound);  // Usable all the same.
    const InverseReport fine = map.inverse(theta, y, found, *tape, {.tolerance = 1e-300});
    CHECK(fine.status == InverseStatus::kIterationLimit);
    Matrix bad = y;
    bad(0, 1) = std::numeric_limits<double>::infinity();
    const InverseReport broken = map.inverse(theta, bad, found, *tape);
    CHECK(broken.status == InverseStatus::kNonFinite);
    CHECK(std::isnan(broken.error_bound));
    Vector nan = theta;
    nan[0] = std::nan("");
    CHECK(map.inverse(nan, y, found, *tape).status == InverseStatus::kNonFinite);
    CHECK_THROWS_AS(map.inverse(theta, y, found, *tape, {.tolerance = 0}),
                    std::invalid_argument);
    CHECK_THROWS_AS(map.inverse(theta, y, found, *tape, {.max_iterations = 0}),
                    std::invalid_argument);
  }

  TEST_CASE("the log-determinant is that of the Jacobian") {
    // Oracle: Eigen's determinant of central differences.
    const InvertibleResidualNetwork<double> map(spec_of(3));
    const Vector theta = wild_theta(map, 9);
    const Matrix x = random_matrix(3, 4, 10);
    const auto tape = map.make_tape(4);
    Matrix y(3, 4);
    Vector log_det(4);
    CHECK_THROWS_AS(map.log_determinant(log_det, *tape), std::invalid_argument);
    map.forward(theta, x, y, *tape);
    map.log_determinant(log_det, *tape);
    for (Index b = 0; b < 4; ++b) {
      Matrix jacobian(3, 3);
      for (Index i = 0; i < 3; ++i) {
        const double h = 1e-5;
        Matrix left = x.col(b), right = left;
        left(i, 0) -= h;
        right(i, 0) += h;
        jacobian.col(i) =
            (output_of(map, theta, right) - output_of(map, theta, left)) / (2 * h);
      }
      CHECK(jacobian.determinant() > 0);
      CHECK(log_det[b] == doctest::Approx(std::log(jacobian.determinant())).epsilon(1e-6));
    }
  }

  TEST_CASE("on a line it keeps the order of points, whatever the weights") {
    // Oracle: 1 + g' ≥ 1 − c > 0.
    const InvertibleResidualNetwork<double> map(spec_of(1, 0.99));
    const Matrix x = Vector::LinSpaced(400, -3, 3).transpose();
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
      const Matrix y = output_of(map, wild_theta(map, seed), x);
      CHECK((y.rightCols(399) - y.leftCols(399)).minCoeff() > 0);
    }
  }
}
