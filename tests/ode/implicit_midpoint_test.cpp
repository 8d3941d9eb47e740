#include "ode/implicit_midpoint.h"

#include <doctest/doctest.h>

#include <Eigen/LU>
#include <cmath>
#include <limits>

#include "support/convergence.h"
#include "support/function_field.h"
#include "support/no_allocation.h"

using namespace least_action;
using namespace least_action::testing;

namespace {

FunctionField linear_field(const Matrix& a) {
  return FunctionField(
      a.rows(), [a](double, ConstVectorRef x, VectorRef x_dot) { x_dot.noalias() = a * x; },
      [a](double, ConstVectorRef, MatrixRef jacobian) { jacobian = a; });
}

/// The Cayley transform (I − ½hA)⁻¹(I + ½hA).
Matrix cayley(const Matrix& a, double h) {
  const Matrix identity = Matrix::Identity(a.rows(), a.cols());
  return (identity - 0.5 * h * a).partialPivLu().solve(identity + 0.5 * h * a);
}

/// H = ½(1 + q²)p² + ½q², not separable, driven by a force: q̇ = (1 + q²)p, ṗ = −qp² − q + sin
/// t.
FunctionField coupled_field() {
  return FunctionField(
      2,
      [](double t, ConstVectorRef x, VectorRef x_dot) {
        x_dot[0] = (1 + x[0] * x[0]) * x[1];
        x_dot[1] = -x[0] * x[1] * x[1] - x[0] + std::sin(t);
      },
      [](double, ConstVectorRef x, MatrixRef jacobian) {
        jacobian << 2 * x[0] * x[1], 1 + x[0] * x[0], -x[1] * x[1] - 1, -2 * x[0] * x[1];
      });
}

}  // namespace

TEST_SUITE("ode/implicit_midpoint") {
  TEST_CASE("on a linear field a step is the Cayley transform, by fixed point or by Newton") {
    // Oracle: analytic (the matrix itself, by LU).
    Matrix a(3, 3);
    a << 0, 1, 0.5, -1, -0.2, 0, 0.3, 0, -2;
    const FunctionField field = linear_field(a);
    for (const double h : {0.02, -0.02, 1.0, 40.0}) {
      CAPTURE(h);
      ImplicitMidpoint method(field, 2);
      Matrix x(3, 2);
      x << 1, 0.2, -2, 0.1, 0.5, 3;
      const Matrix expected = cayley(a, h) * x;
      REQUIRE(method.step(Vector::Zero(2), Vector::Constant(2, h), x));
      CHECK((x - expected).norm() < 1e-13 * expected.norm());
      CHECK((method.newton_iterations() > 0) == (std::abs(h) >= 1));
    }
  }

  TEST_CASE("samples of one batch may have steps of their own, stiff and not") {
    // Oracle: analytic (Cayley transform).
    Matrix a(2, 2);
    a << -1000, 1, 0, -1;
    const FunctionField field = linear_field(a);
    ImplicitMidpoint method(field, 2);
    Matrix x = Matrix::Ones(2, 2);
    const Matrix start = x;
    Vector h(2);
    h << 1e-5, 0.5;
    REQUIRE(method.step(Vector::Zero(2), h, x));
    CHECK((x.col(0) - cayley(a, h[0]) * start.col(0)).norm() < 1e-13);
    CHECK((x.col(1) - cayley(a, h[1]) * start.col(1)).norm() < 1e-13);
  }

  TEST_CASE("quadratic invariants are conserved to rounding") {
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
    ImplicitMidpoint method(field, 1);
    Matrix x(3, 1);
    x << 0.6, -0.8, 1.1;
    const double start = x.squaredNorm();
    for (int i = 0; i < 1000; ++i) {
      REQUIRE(method.step(Vector::Constant(1, 0.1 * i), Vector::Constant(1, 0.1), x));
    }
    CHECK(x.squaredNorm() == doctest::Approx(start).epsilon(1e-13));
    CHECK(method.newton_iterations() == 0);
  }

  TEST_CASE("the step solves its equation on a field that is not separable, and keeps area") {
    // Oracle: the defining equation x₁ − x₀ = h f(t + ½h, ½(x₀ + x₁)); det = 1 by differences.
    const FunctionField field = coupled_field();
    for (const double h : {0.05, 0.6}) {
      CAPTURE(h);
      const double delta = 1e-4;
      ImplicitMidpoint method(field, 5);
      Matrix x(2, 5);
      x.colwise() = (Vector(2) << 0.8, -0.5).finished();
      x.middleCols(1, 2) += delta * Matrix::Identity(2, 2);
      x.rightCols(2) -= delta * Matrix::Identity(2, 2);
      const Matrix start = x;
      REQUIRE(method.step(Vector::Constant(5, 0.3), Vector::Constant(5, h), x));
      const Matrix middle = 0.5 * (start + x);
      Matrix rate(2, 5);
      const auto tape = field.make_tape(5);
      field.forward(Vector::Constant(5, 0.3 + 0.5 * h), middle, rate, *tape);
      CHECK((x - start - h * rate).cwiseAbs().maxCoeff() < 4e-15);
      const Matrix jacobian = (x.middleCols(1, 2) - x.rightCols(2)) / (2 * delta);
      CHECK(std::abs(jacobian.determinant() - 1) < 1e-7);
    }
  }

  TEST_CASE("an equation without a solution is reported and the state left alone") {
    // ẋ = x² + 1 with h = 3 at x = 0: d = 1.5(d² + 1) has no real root.
    const FunctionField field(
        1, [](double, ConstVectorRef x, VectorRef x_dot) { x_dot[0] = x[0] * x[0] + 1; },
        [](double, ConstVectorRef x, MatrixRef jacobian) { jacobian(0, 0) = 2 * x[0]; });
    ImplicitMidpoint method(field, 1);
    Matrix x = Matrix::Zero(1, 1);
    CHECK_FALSE(method.step(Vector::Zero(1), Vector::Constant(1, 3.0), x));
    CHECK(x(0, 0) == 0);
    CHECK(method.step(Vector::Zero(1), Vector::Constant(1, 0.1), x));  // Still usable.
  }

  TEST_CASE("a field that returns NaN makes the state NaN") {
    const FunctionField field(1, [](double, ConstVectorRef, VectorRef x_dot) {
      x_dot[0] = std::numeric_limits<double>::quiet_NaN();
    });
    ImplicitMidpoint method(field, 1);
    Matrix x = Matrix::Zero(1, 1);
    CHECK(method.step(Vector::Zero(1), Vector::Constant(1, 0.1), x));
    CHECK(std::isnan(x(0, 0)));
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
      ImplicitMidpoint method(field, 2);
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
    ImplicitMidpoint method(field, 3);
    Matrix x = Matrix::Ones(dimension, 3);
    const Vector t = Vector::Zero(3), h = Vector::Ones(3);
    bool solved = true;
    CHECK(allocations_in([&] { solved = method.step(t, h, x); }) == 0);
    CHECK(solved);
    CHECK(method.newton_iterations() > 0);
  }
}
