#include "models/mass_matrix.h"

#include <doctest/doctest.h>

#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <cmath>
#include <limits>

#include "models/sample_models.h"
#include "support/gradient_check.h"

using namespace least_action;
using namespace least_action::testing;

namespace {

/// A symmetric matrix with the given eigenvalues.
Matrix symmetric(const Vector& lambda, std::uint64_t seed) {
  const Matrix normal = random_matrix(lambda.size(), lambda.size(), seed);
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(normal + normal.transpose());
  const Matrix& u = eigen.eigenvectors();
  const Matrix m = u * lambda.asDiagonal() * u.transpose();
  return 0.5 * (m + m.transpose());
}

double cutoff(const Matrix& m) {
  return std::hypot(MassMatrix::kRelativeCutoff * m.norm(), MassMatrix::kAbsoluteCutoff);
}

Matrix inverse_of(MassMatrix& mass, const Matrix& m) {
  mass.start_batch();
  mass.invert(0, m.data());
  return Eigen::Map<const Matrix>(mass.inverse(0), m.rows(), m.cols());
}

/// wᵀ φ(M) r for the upper triangle of M.
double form(MassMatrix& mass, const Vector& triangle, const Vector& w, const Vector& r) {
  const Index n = w.size();
  Matrix m(n, n);
  for (Index j = 0, k = 0; j < n; ++j) {
    for (Index i = 0; i <= j; ++i) m(i, j) = m(j, i) = triangle[k++];
  }
  return w.dot(inverse_of(mass, m) * r);
}

}  // namespace

TEST_SUITE("models/mass_matrix") {
  TEST_CASE("a well-conditioned matrix gets its inverse, definite or not") {
    // Oracle: Eigen's LU.
    for (Index n = 1; n <= 6; ++n) {
      for (std::uint64_t seed = 1; seed < 20; ++seed) {
        Vector lambda = random_vector(n, seed);
        lambda = (lambda.array() + lambda.array().sign() * 0.1).matrix();
        const Matrix m = symmetric(lambda, seed + 50);
        MassMatrix mass(n, 1);
        const Matrix expected = m.inverse();
        const double condition = lambda.cwiseAbs().maxCoeff() / lambda.cwiseAbs().minCoeff();
        CHECK((inverse_of(mass, m) - expected).norm() <= 1e-14 * condition * expected.norm());
        CHECK(mass.health().damped_samples == 0);
        // The estimate is exact for n ≤ 2 and the 1-norm's above, which is within a factor n.
        CHECK(mass.health().worst_condition >= 0.999 * condition);
        CHECK(mass.health().worst_condition <=
              1.001 * condition * (n <= 2 ? 1.0 : static_cast<double>(n)));
      }
    }
  }

  TEST_CASE("pivoting inverts a matrix with a zero corner") {
    // Oracle: analytic; this permutation is its own inverse.
    Matrix m = Matrix::Zero(3, 3);
    m(0, 2) = m(1, 1) = m(2, 0) = 1;
    MassMatrix mass(3, 1);
    CHECK((inverse_of(mass, m) - m).norm() < 1e-15);
    CHECK(mass.health().damped_samples == 0);
  }

  TEST_CASE("a singular direction gets no acceleration and is counted") {
    // Oracle: analytic; φ(M) is the pseudo-inverse where λ is 1 or 0.
    for (Index n = 1; n <= 5; ++n) {
      Vector lambda = Vector::Ones(n);
      lambda[0] = 0;
      const Matrix m = symmetric(lambda, 3);
      MassMatrix mass(n, 1);
      const Matrix inverse = inverse_of(mass, m);
      // A zero rounded to 1e-16 gives 2e-16/ε² = 2e-6 at the cut-off ε = 1e-5 √n.
      CHECK((inverse - m).norm() < 1e-4);
      CHECK(mass.health().damped_samples == 1);
      CHECK(mass.damped_samples().size() == 1);
      CHECK(mass.health().worst_condition > 1e10);
      inverse_of(mass, Matrix::Zero(n, n));
      CHECK(mass.health().damped_samples == 1);
      CHECK(std::isinf(mass.health().worst_condition));
      CHECK(inverse_of(mass, Matrix::Zero(n, n)).norm() == 0);
    }
  }

  TEST_CASE("φ joins the inverse with its value and slope, and stays below 1.09/ε") {
    // Oracle: analytic. 1/λ and −1/λ² at λ = ε, from both sides.
    MassMatrix mass(2, 1);
    Matrix m = Matrix::Zero(2, 2);
    m(0, 0) = 1;
    const auto phi = [&](double lambda) {
      m(1, 1) = lambda;
      return inverse_of(mass, m)(1, 1);
    };
    const double e = cutoff(m);  // λ ≪ 1 does not move it.
    for (const double sign : {1.0, -1.0}) {
      CHECK(phi(sign * e * 0.999999) == doctest::Approx(sign / e).epsilon(1e-5));
      CHECK(phi(sign * e * 1.000001) == doctest::Approx(sign / e).epsilon(1e-5));
      const double h = 1e-3 * e;
      const double inside = (phi(sign * e) - phi(sign * (e - h))) / (sign * h);
      CHECK(inside == doctest::Approx(-1 / (e * e)).epsilon(0.01));
    }
    double largest = 0;
    for (double lambda = 0; lambda < 3 * e; lambda += 0.01 * e) {
      largest = std::max(largest, std::abs(phi(lambda)));
    }
    CHECK(largest == doctest::Approx(1.0887 / e).epsilon(1e-3));
  }

  TEST_CASE("the cotangent of damping is the derivative of what invert computed") {
    // Oracle: Taylor remainder in the entries of M, with eigenvalues of scale 1, inside the
    // damped range and just outside.
    for (Index n = 1; n <= 4; ++n) {
      for (const double inside : {0.6, -0.3, 0.1, 1.7}) {
        CAPTURE(n);
        CAPTURE(inside);
        // n = 1 can only be damped by ε₀; bigger matrices by δ‖M‖.
        Vector lambda =
            n == 1 ? Vector::Zero(1) : Vector(1 + Vector::LinSpaced(n, 0, 1).array());
        const double scale = n == 1 ? MassMatrix::kAbsoluteCutoff
                                    : MassMatrix::kRelativeCutoff * lambda.tail(n - 1).norm();
        lambda[0] = inside * scale;
        const Matrix m = symmetric(lambda, 9);
        MassMatrix mass(n, 1);
        const Vector w = random_vector(n, 1), r = random_vector(n, 2);
        const Matrix inverse = inverse_of(mass, m);
        CHECK((mass.health().damped_samples == 1) == (std::abs(inside) < 1));
        Matrix e(n, n);
        mass.damping_cotangent(m.data(), w.data(), r.data(), e.data());
        if (std::abs(inside) > 1) CHECK(e.norm() == 0);
        const Matrix bar = e - (inverse * w) * (inverse * r).transpose();
        Vector triangle(n * (n + 1) / 2), gradient(triangle.size());
        for (Index j = 0, k = 0; j < n; ++j) {
          for (Index i = 0; i <= j; ++i, ++k) {
            triangle[k] = m(i, j);
            gradient[k] = i == j ? bar(i, i) : bar(i, j) + bar(j, i);
          }
        }
        // In units of the cut-off, where the curvature is of order one.
        TaylorOptions options;
        options.largest_step = 1e-2;
        options.smallest_step = 3e-4;
        options.rounding = 1e-10;  // M's own rounding, 1e-16/scale, enlarged by 1/λ.
        const auto check = taylor_check(
            [&](const Vector& moved) { return form(mass, triangle + scale * moved, w, r); },
            Vector::Zero(triangle.size()), scale * gradient,
            random_direction(triangle.size(), 5), options);
        CHECK(check.steps.size() >= 3);
        INFO(check.text());
        CHECK(check.slope() >= 1.9);
        CHECK(check.relative_error() < 1e-3);
      }
    }
  }

  TEST_CASE("entries that are not finite are counted, and stay visible") {
    for (Index n = 1; n <= 3; ++n) {
      for (const double bad : {std::nan(""), HUGE_VAL}) {
        Matrix m = Matrix::Identity(n, n);
        m(n - 1, n - 1) = bad;
        MassMatrix mass(n, 1);
        const Matrix inverse = inverse_of(mass, m);
        CHECK(mass.health().damped_samples == 1);
        CHECK(std::isinf(mass.health().worst_condition));
        CHECK(std::isnan(inverse(0, 0)));
        CHECK(mass.damped_samples().empty());
      }
    }
  }
}
