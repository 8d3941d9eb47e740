#include "ode/implicit_runge_kutta.h"

#include <doctest/doctest.h>

#include <Eigen/LU>
#include <array>
#include <cmath>
#include <limits>
#include <string>

#include "support/convergence.h"
#include "support/function_field.h"
#include "support/no_allocation.h"

using namespace least_action;
using namespace least_action::testing;

namespace {

const double kNan = std::numeric_limits<double>::quiet_NaN();

std::array<const CollocationTableau*, 4> all_tableaux() {
  return {&gauss_tableau(1), &gauss_tableau(2), &gauss_tableau(3), &radau_tableau()};
}

FunctionField linear_field(const Matrix& a) {
  return FunctionField(
      a.rows(), [a](double, ConstVectorRef x, VectorRef x_dot) { x_dot.noalias() = a * x; },
      [a](double, ConstVectorRef, MatrixRef jacobian) { jacobian = a; });
}

/// The stability function R(Z) of a method, by its published Padé approximation N(Z)/D(Z) of
/// exp Z (Hairer & Wanner, Solving ODEs II, §IV.3).
Matrix pade(const CollocationTableau& tableau, const Matrix& z) {
  const Matrix one = Matrix::Identity(z.rows(), z.cols());
  const Matrix z2 = z * z, z3 = z2 * z;
  Matrix numerator, denominator;
  if (&tableau == &radau_tableau()) {
    numerator = one + 2.0 / 5 * z + 1.0 / 20 * z2;
    denominator = one - 3.0 / 5 * z + 3.0 / 20 * z2 - 1.0 / 60 * z3;
  } else if (tableau.stages() == 1) {
    numerator = one + z / 2;
    denominator = one - z / 2;
  } else if (tableau.stages() == 2) {
    numerator = one + z / 2 + z2 / 12;
    denominator = one - z / 2 + z2 / 12;
  } else {
    numerator = one + z / 2 + z2 / 10 + z3 / 120;
    denominator = one - z / 2 + z2 / 10 - z3 / 120;
  }
  return denominator.fullPivLu().solve(numerator);
}

/// H = ½(1 + q₁²)p₁² + ½(2 + sin q₂ + q₁)p₂² + ½q₁² + cos(q₁ − q₂), not separable, and a force
/// sin t on q₁.
FunctionField coupled_field() {
  return FunctionField(
      4,
      [](double t, ConstVectorRef x, VectorRef x_dot) {
        const double q1 = x[0], q2 = x[1], p1 = x[2], p2 = x[3], s = std::sin(q1 - q2);
        x_dot[0] = (1 + q1 * q1) * p1;
        x_dot[1] = (2 + std::sin(q2) + q1) * p2;
        x_dot[2] = -q1 * p1 * p1 - 0.5 * p2 * p2 - q1 + s + std::sin(t);
        x_dot[3] = -0.5 * std::cos(q2) * p2 * p2 - s;
      },
      [](double, ConstVectorRef x, MatrixRef jacobian) {
        const double q1 = x[0], q2 = x[1], p1 = x[2], p2 = x[3], c = std::cos(q1 - q2);
        jacobian << 2 * q1 * p1, 0, 1 + q1 * q1, 0,  //
            p2, std::cos(q2) * p2, 0, 2 + std::sin(q2) + q1, -p1 * p1 - 1 + c, -c, -2 * q1 * p1,
            -p2, -c, 0.5 * std::sin(q2) * p2 * p2 + c, 0, -std::cos(q2) * p2;
      });
}

/// ẋ = x² + 1 where x ≥ 0: with a large step its equation has no real solution.
FunctionField exploding_field() {
  return FunctionField(
      1, [](double, ConstVectorRef x, VectorRef x_dot) { x_dot[0] = x[0] * x[0] + 1; },
      [](double, ConstVectorRef x, MatrixRef jacobian) { jacobian(0, 0) = 2 * x[0]; });
}

}  // namespace

TEST_SUITE("ode/implicit_runge_kutta") {
  TEST_CASE("on a linear field a step is the Padé approximation of exp(hA), both ways solved") {
    // Oracle: analytic (the rational function of the matrix itself, by LU).
    Matrix a(3, 3);
    a << 0, 1, 0.5, -1, -0.2, 0, 0.3, 0, -2;
    const FunctionField field = linear_field(a);
    for (const CollocationTableau* tableau : all_tableaux()) {
      for (const double h : {0.02, -0.02, 1.0, 40.0}) {
        CAPTURE(std::string(tableau->name));
        CAPTURE(h);
        ImplicitRungeKutta<double> method(*tableau, field, 2);
        Matrix x(3, 2);
        x << 1, 0.2, -2, 0.1, 0.5, 3;
        const Matrix expected = pade(*tableau, h * a) * x;
        REQUIRE(method.step(Vector::Zero(2), Vector::Constant(2, h), x));
        CHECK((x - expected).norm() < 3e-13 * expected.norm());
        CHECK((method.newton_iterations() > 0) == (std::abs(h) >= 1));
      }
    }
  }

  TEST_CASE("samples of one batch may have steps of their own, stiff and not") {
    // Oracle: analytic (Padé approximation).
    Matrix a(2, 2);
    a << -1000, 1, 0, -1;
    const FunctionField field = linear_field(a);
    for (const CollocationTableau* tableau : all_tableaux()) {
      CAPTURE(std::string(tableau->name));
      ImplicitRungeKutta<double> method(*tableau, field, 2);
      Matrix x = Matrix::Ones(2, 2);
      const Matrix start = x;
      Vector h(2);
      h << 1e-5, 0.5;
      REQUIRE(method.step(Vector::Zero(2), h, x));
      CHECK((x.col(0) - pade(*tableau, h[0] * a) * start.col(0)).norm() < 1e-13);
      CHECK((x.col(1) - pade(*tableau, h[1] * a) * start.col(1)).norm() < 1e-12);
    }
  }

  TEST_CASE("Gauss methods conserve quadratic invariants to rounding, Radau does not") {
    // Oracle: invariant: ‖x‖² under a skew-symmetric matrix that depends on the state.
    const FunctionField field(
        3,
        [](double t, ConstVectorRef x, VectorRef x_dot) {
          // Euler's equations of a rigid body (I = 1, 2, 3), shaken about the first axis.
          const double w1 = x[0] + 0.2 * std::sin(t), w2 = x[1] / 2, w3 = x[2] / 3;
          x_dot[0] = x[1] * w3 - x[2] * w2;
          x_dot[1] = x[2] * w1 - x[0] * w3;
          x_dot[2] = x[0] * w2 - x[1] * w1;
        },
        [](double, ConstVectorRef, MatrixRef jacobian) { jacobian.setZero(); });
    for (const CollocationTableau* tableau : all_tableaux()) {
      CAPTURE(std::string(tableau->name));
      ImplicitRungeKutta<double> method(*tableau, field, 1);
      Matrix x(3, 1);
      x << 0.6, -0.8, 1.1;
      const double start = x.squaredNorm();
      for (int i = 0; i < 1000; ++i) {
        REQUIRE(method.step(Vector::Constant(1, 0.1 * i), Vector::Constant(1, 0.1), x));
      }
      const double change = std::abs(x.squaredNorm() / start - 1);
      CHECK(method.newton_iterations() == 0);
      if (tableau->symplectic) {
        CHECK(change < 1e-13);
      } else {
        CHECK(change > 1e-11);
      }
    }
  }

  TEST_CASE("a step of a Gauss method is a symplectic map where H is not separable") {
    // Oracle: invariant JᵀΩJ = Ω, J = ∂x₁/∂x₀ by central differences (error ≈ 1e-9 at the
    // larger step); Radau shows that the check can fail.
    const FunctionField field = coupled_field();
    Matrix omega = Matrix::Zero(4, 4);
    omega.topRightCorner(2, 2).setIdentity();
    omega.bottomLeftCorner(2, 2) = -Matrix::Identity(2, 2);
    const double delta = 1e-4;
    for (const CollocationTableau* tableau : all_tableaux()) {
      for (const double h : {0.05, 0.6}) {
        CAPTURE(std::string(tableau->name));
        CAPTURE(h);
        ImplicitRungeKutta<double> method(*tableau, field, 8);
        Matrix x(4, 8);
        x.colwise() = (Vector(4) << 0.5, -0.3, 0.4, 0.2).finished();
        x.leftCols(4) += delta * Matrix::Identity(4, 4);
        x.rightCols(4) -= delta * Matrix::Identity(4, 4);
        REQUIRE(method.step(Vector::Constant(8, 0.3), Vector::Constant(8, h), x));
        const Matrix jacobian = (x.leftCols(4) - x.rightCols(4)) / (2 * delta);
        const double fault =
            (jacobian.transpose() * omega * jacobian - omega).cwiseAbs().maxCoeff();
        if (tableau->symplectic) {
          CHECK(fault < 1e-7);
        } else if (h == 0.6) {
          CHECK(fault > 1e-4);
        }
      }
    }
  }

  TEST_CASE("the increments solve the stage equations, and Newton's method finds the same") {
    // Oracle: the defining equations, with the rates evaluated here.
    const FunctionField field = coupled_field();
    for (const CollocationTableau* tableau : all_tableaux()) {
      for (const double h : {0.05, 0.9}) {
        CAPTURE(std::string(tableau->name));
        CAPTURE(h);
        const Index s = tableau->stages();
        ImplicitRungeKutta<double> method(*tableau, field, 1);
        Matrix x(4, 1);
        x << 0.8, -0.5, 0.3, 0.6;
        const Matrix start = x;
        REQUIRE(method.step(Vector::Constant(1, 0.3), Vector::Constant(1, h), x));
        CHECK((method.newton_iterations() > 0) == (h == 0.9));
        const Matrix z = method.increments(0);
        const Matrix stages = z.colwise() + start.col(0);
        Matrix rate(4, s);
        const auto tape = field.make_tape(s);
        const Vector times = (0.3 + h * tableau->c.array()).matrix();
        field.forward(times, stages, rate, *tape);
        CHECK((z - h * rate * tableau->a.transpose()).cwiseAbs().maxCoeff() < 1e-14);
        CHECK((x - start - h * rate * tableau->b).cwiseAbs().maxCoeff() < 2e-14);
      }
    }
  }

  TEST_CASE("with fixed steps Radau has order 5 on the driven pendulum, both ways in time") {
    // Oracle: analytic (manufactured solution).
    const FunctionField field = driven_pendulum();
    for (const bool backward : {false, true}) {
      CAPTURE(backward);
      const double t0 = backward ? 2.3 : 0.3, span = backward ? -2 : 2;
      const auto error = [&](double h) {
        ImplicitRungeKutta<double> method(radau_tableau(), field, 1);
        const int steps = static_cast<int>(std::lround(std::abs(span) / h));
        Matrix x = driven_pendulum_solution(t0);
        bool solved = true;
        for (int i = 0; i < steps; ++i) {
          solved = method.step(Vector::Constant(1, t0 + i * span / steps),
                               Vector::Constant(1, span / steps), x) &&
                   solved;
        }
        CHECK(solved);
        return (x - driven_pendulum_solution(t0 + span)).norm();
      };
      const Convergence convergence = measure_convergence(error, halvings(1.0 / 8, 4));
      INFO(convergence.text());
      CHECK(convergence.order() == doctest::Approx(5).epsilon(0.05));
    }
  }

  TEST_CASE("an equation without a solution is reported, its state alone, and left alone") {
    // With h = 4 at x = 0, where the solution tan t is infinite before the step's end, the
    // equations have no real root (midpoint: d = 2(d² + 1)). Oracle for the other sample:
    // alone.
    const FunctionField field = exploding_field();
    for (const CollocationTableau* tableau : all_tableaux()) {
      CAPTURE(std::string(tableau->name));
      for (const Index hopeless : {0, 1}) {
        CAPTURE(hopeless);
        ImplicitRungeKutta<double> method(*tableau, field, 2);
        Matrix x = Matrix::Zero(1, 2), alone = Matrix::Zero(1, 1);
        Vector h = Vector::Constant(2, 0.1);
        h[hopeless] = 4;
        CHECK_FALSE(method.step(Vector::Zero(2), h, x));
        CHECK_FALSE(method.solved(hopeless));
        CHECK(method.solved(1 - hopeless));
        CHECK(x(0, hopeless) == 0);
        ImplicitRungeKutta<double> single(*tableau, field, 1);
        REQUIRE(single.step(Vector::Zero(1), Vector::Constant(1, 0.1), alone));
        CHECK(x(0, 1 - hopeless) == alone(0, 0));
        CHECK(method.step(Vector::Zero(2), Vector::Constant(2, 0.1), x));  // Still usable.
        CHECK(method.solved(hopeless));
      }
    }
  }

  TEST_CASE("a rate that is NaN makes the state of its own sample NaN") {
    const FunctionField field(
        1,
        [](double t, ConstVectorRef x, VectorRef x_dot) {
          x_dot[0] = x[0] < 0 || t > 5 ? kNan : -x[0];
        },
        [](double, ConstVectorRef, MatrixRef jacobian) { jacobian(0, 0) = -1; });
    for (const CollocationTableau* tableau : all_tableaux()) {
      CAPTURE(std::string(tableau->name));
      ImplicitRungeKutta<double> method(*tableau, field, 3);
      Matrix x(1, 3);
      x << -1, 1, 1;
      Vector t(3);
      t << 0, 0, 4.99;  // The last one's rate is NaN within the step.
      CHECK(method.step(t, Vector::Constant(3, 0.1), x));
      CHECK(std::isnan(x(0, 0)));
      CHECK(x(0, 1) == doctest::Approx(std::exp(-0.1)).epsilon(1e-3));
      CHECK(std::isnan(x(0, 2)));
    }
  }

  TEST_CASE("one sample whose iteration overflows does not spoil the batch") {
    // Oracle: the defining equation. At x = 10 the fixed-point iterates of ẋ = −sinh x are
    // infinite after two rounds, while those of the other sample converge at once.
    const FunctionField field(
        1, [](double, ConstVectorRef x, VectorRef x_dot) { x_dot[0] = -std::sinh(x[0]); },
        [](double, ConstVectorRef x, MatrixRef jacobian) {
          jacobian(0, 0) = -std::cosh(x[0]);
        });
    for (const Index wild : {0, 1}) {
      CAPTURE(wild);
      ImplicitRungeKutta<double> method(gauss_tableau(1), field, 2);
      Matrix x(1, 2);
      x(0, wild) = 10;
      x(0, 1 - wild) = 1e-3;
      const Matrix start = x;
      Vector h = Vector::Constant(2, 0.1);
      h[wild] = 1;
      REQUIRE(method.step(Vector::Zero(2), h, x));
      for (Index b = 0; b < 2; ++b) {
        const double rate = -std::sinh((start(0, b) + x(0, b)) / 2);
        CHECK(x(0, b) - start(0, b) == doctest::Approx(h[b] * rate).epsilon(1e-13));
      }
    }
  }

  TEST_CASE("Newton's method does not allocate") {
    const Index dimension = 8;
    const Matrix a =
        -50 * Matrix::Identity(dimension, dimension) +
        Matrix::Ones(dimension, dimension).triangularView<Eigen::Upper>().toDenseMatrix();
    const FunctionField field = linear_field(a);
    for (const CollocationTableau* tableau : all_tableaux()) {
      CAPTURE(std::string(tableau->name));
      ImplicitRungeKutta<double> method(*tableau, field, 3);
      Matrix x = Matrix::Ones(dimension, 3);
      const Vector t = Vector::Zero(3), h = Vector::Ones(3);
      bool solved = true;
      CHECK(allocations_in([&] { solved = method.step(t, h, x); }) == 0);
      CHECK(solved);
      CHECK(method.newton_iterations() > 0);
    }
  }
}
