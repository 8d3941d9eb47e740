#include "maps/spectral_norm.h"

#include <doctest/doctest.h>

#include <Eigen/SVD>
#include <limits>
#include <stdexcept>

#include "maps/sample_maps.h"
#include "support/gradient_check.h"
#include "support/no_allocation.h"

using namespace least_action;
using namespace least_action::testing;

namespace {

double largest_singular_value(const Matrix& w) {
  return Eigen::JacobiSVD<Matrix>(w).singularValues()[0];
}

}  // namespace

TEST_SUITE("maps/spectral_norm") {
  TEST_CASE("the bound lies between the largest singular value and its stated multiple") {
    // Oracle: Eigen's Jacobi SVD.
    struct Shape {
      Index rows, cols;
    };
    for (const Shape& shape :
         {Shape{1, 1}, Shape{2, 32}, Shape{32, 2}, Shape{32, 32}, Shape{9, 14}}) {
      for (const double scale : {1e-150, 1e-3, 1.0, 1e150}) {
        SpectralNorm<double> norm(shape.rows, shape.cols);
        const Matrix w = random_matrix(shape.rows, shape.cols, 1, scale);
        const double exact = largest_singular_value(w), bound = norm.bound(w);
        CAPTURE(shape.rows);
        CAPTURE(shape.cols);
        CAPTURE(scale);
        CHECK(bound >= exact * (1 - 1e-13));
        CHECK(bound <= exact * norm.worst_ratio() * (1 + 1e-13));
      }
    }
    // The worst case is met: all singular values equal.
    SpectralNorm<double> norm(16, 16, 3);
    const Matrix w = 3 * Matrix::Identity(16, 16);
    CHECK(norm.bound(w) == doctest::Approx(3 * norm.worst_ratio()).epsilon(1e-12));
    CHECK(norm.worst_ratio() == doctest::Approx(std::pow(16, 1.0 / 16)).epsilon(1e-12));
  }

  TEST_CASE("two singular values that nearly agree are no trouble") {
    // Oracle: analytic. The power method on one vector stalls here, from below.
    Matrix w = Matrix::Zero(3, 3);
    w.diagonal() << 1, 1 - 1e-9, 0.5;
    SpectralNorm<double> norm(3, 3);
    CHECK(norm.bound(w) >= 1);
    CHECK(norm.bound(w) <= norm.worst_ratio());
  }

  TEST_CASE("the gradient has a second-order Taylor remainder") {
    // Oracle: Taylor's theorem; Euler's identity for homogeneous functions.
    for (const Index rows : {Index{3}, Index{8}}) {
      const Index cols = 11 - rows;
      const Vector start = random_vector(rows * cols, 2);
      const auto shaped = [&](const Vector& at) -> Matrix {
        return Eigen::Map<const Matrix>(at.data(), rows, cols);
      };
      SpectralNorm<double> norm(rows, cols);
      const auto f = [&](const Vector& at) { return norm.bound(shaped(at)); };
      f(start);
      const Matrix g = norm.gradient(shaped(start));
      const Vector gradient = Eigen::Map<const Vector>(g.data(), g.size());
      const auto check = taylor_check(f, start, gradient, random_direction(start.size(), 3));
      INFO(check.text());
      CHECK(check.slope() >= 1.9);
      CHECK(gradient.dot(start) == doctest::Approx(f(start)).epsilon(1e-12));
    }
  }

  TEST_CASE("zero, NaN and wrong shapes are answered") {
    SpectralNorm<float> norm(2, 3);
    MatrixX<float> w = MatrixX<float>::Zero(2, 3);
    CHECK(norm.bound(w) == 0);
    CHECK(norm.gradient(w).isZero(0));
    w(1, 1) = std::numeric_limits<float>::quiet_NaN();
    CHECK(std::isnan(norm.bound(w)));
    CHECK_THROWS_AS(norm.bound(MatrixX<float>::Zero(3, 2)), std::invalid_argument);
    CHECK_THROWS_AS(SpectralNorm<float>(0, 1), std::invalid_argument);
    CHECK_THROWS_AS(SpectralNorm<float>(2, 2, 99), std::invalid_argument);
  }

  TEST_CASE("no call allocates") {
    SpectralNorm<float> norm(32, 20);
    const MatrixX<float> w = random_matrix(32, 20, 4).cast<float>();
    float sum = 0;
    CHECK(allocations_in([&] { sum += norm.bound(w) + norm.gradient(w)(0, 0); }) == 0);
    CHECK(std::isfinite(sum));
  }
}
