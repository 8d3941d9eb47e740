#include "mechanics/euler_lagrange.h"

#include <doctest/doctest.h>

#include <cmath>
#include <stdexcept>

using namespace least_action;

TEST_SUITE("mechanics/euler_lagrange") {
  TEST_CASE("gives the textbook accelerations in polar coordinates") {
    // Oracle: analytic. L = ½m(ṙ² + r²φ̇²) − V(r): r̈ = rφ̇² − V'/m, φ̈ = −2ṙφ̇/r.
    const double m = 1.7, r = 0.8, r_dot = -0.6, phi_dot = 2.3, slope = 1.1;
    Vector force(2), q_dot(2), q_ddot(2);
    Matrix mass(2, 2), coriolis(2, 2);
    q_dot << r_dot, phi_dot;
    force << m * r * phi_dot * phi_dot - slope, 0;
    mass << m, 0, 0, m * r * r;
    coriolis << 0, 0, 2 * m * r * phi_dot, 0;
    REQUIRE(solve_acceleration({force, mass, coriolis}, q_dot, q_ddot));
    CHECK(q_ddot(0) == doctest::Approx(r * phi_dot * phi_dot - slope / m).epsilon(1e-14));
    CHECK(q_ddot(1) == doctest::Approx(-2 * r_dot * phi_dot / r).epsilon(1e-14));
  }

  TEST_CASE("does not care about the sign of L, and solves indefinite masses") {
    // Oracle: invariant; −L has the same equations of motion.
    Vector force(2), q_dot(2), first(2), second(2);
    Matrix mass(2, 2), coriolis(2, 2);
    force << 0.3, -0.8;
    q_dot << 1.2, 0.4;
    mass << 0.1, 2, 2, 0.3;  // One negative eigenvalue.
    coriolis << 0.5, -0.2, 0.7, 0.1;
    REQUIRE(solve_acceleration({force, mass, coriolis}, q_dot, first));
    REQUIRE(solve_acceleration({-force, -mass, -coriolis}, q_dot, second));
    CHECK((first - second).norm() < 1e-14);
    CHECK((mass * first + coriolis * q_dot - force).norm() < 1e-14);
  }

  TEST_CASE("refuses a rank-1 mass matrix and leaves the acceleration alone") {
    Matrix mass(2, 2);
    mass << 1, 2, 2, 4;
    const Vector force = Vector::Ones(2), q_dot = Vector::Ones(2);
    const Matrix coriolis = Matrix::Zero(2, 2);
    Vector q_ddot = Vector::Constant(2, 42);
    CHECK_FALSE(solve_acceleration({force, mass, coriolis}, q_dot, q_ddot));
    CHECK(q_ddot == Vector::Constant(2, 42));
  }

  TEST_CASE("solves more degrees of freedom than fit on its stack") {
    // Oracle: the residual of M q̈ = F − C q̇.
    const Index n = 11;
    Matrix mass = Matrix::Identity(n, n), coriolis(n, n);
    Vector force(n), q_dot(n), q_ddot(n);
    for (Index i = 0; i < n; ++i) {
      force(i) = std::sin(1.0 + static_cast<double>(i));
      q_dot(i) = std::cos(2.0 * static_cast<double>(i));
      for (Index j = 0; j < n; ++j) {
        mass(i, j) += 0.1 * std::cos(static_cast<double>(i * j));
        coriolis(i, j) = std::sin(static_cast<double>(i + 2 * j));
      }
    }
    REQUIRE(solve_acceleration({force, mass, coriolis}, q_dot, q_ddot));
    CHECK((mass * q_ddot + coriolis * q_dot - force).norm() < 1e-12);
  }

  TEST_CASE("wrong sizes are refused") {
    const Vector two = Vector::Ones(2), three = Vector::Ones(3);
    const Matrix square = Matrix::Identity(2, 2), tall = Matrix::Ones(3, 2);
    Vector out(2);
    const auto call = [&](const Vector& f, const Matrix& m, const Matrix& c) {
      return solve_acceleration({f, m, c}, two, out);
    };
    CHECK_THROWS_AS((void)call(three, square, square), std::invalid_argument);
    CHECK_THROWS_AS((void)call(two, tall, square), std::invalid_argument);
    CHECK_THROWS_AS((void)call(two, square, tall), std::invalid_argument);
  }
}
