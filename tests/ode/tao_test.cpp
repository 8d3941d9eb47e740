#include "ode/tao.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "support/convergence.h"
#include "support/function_field.h"
#include "support/no_allocation.h"

using namespace least_action;
using namespace least_action::testing;

namespace {

/// Tao's example H = ½(q² + 1)(p² + 1), not separable.
double oscillator_energy(double q, double p) { return 0.5 * (q * q + 1) * (p * p + 1); }
FunctionField oscillator() {
  return FunctionField(2, [](double, ConstVectorRef x, VectorRef x_dot) {
    x_dot[0] = (x[0] * x[0] + 1) * x[1];
    x_dot[1] = -x[0] * (x[1] * x[1] + 1);
  });
}

/// A double pendulum, lengths, masses and gravity 1: H = T(q, p) − 2 cos q₁ − cos q₂.
double double_pendulum_energy(ConstVectorRef x) {
  const double c = std::cos(x[0] - x[1]), s = std::sin(x[0] - x[1]);
  return (x[2] * x[2] + 2 * x[3] * x[3] - 2 * x[2] * x[3] * c) / (2 * (1 + s * s)) -
         2 * std::cos(x[0]) - std::cos(x[1]);
}
FunctionField double_pendulum() {
  return FunctionField(4, [](double, ConstVectorRef x, VectorRef x_dot) {
    const double c = std::cos(x[0] - x[1]), s = std::sin(x[0] - x[1]), d = 1 + s * s;
    const double above = x[2] * x[2] + 2 * x[3] * x[3] - 2 * x[2] * x[3] * c;
    // ∂T/∂(q₁ − q₂)
    const double torque = x[2] * x[3] * s / d - above * s * c / (d * d);
    x_dot[0] = (x[2] - x[3] * c) / d;
    x_dot[1] = (2 * x[3] - x[2] * c) / d;
    x_dot[2] = -torque - 2 * std::sin(x[0]);
    x_dot[3] = torque - std::sin(x[1]);
  });
}

/// Largest error of the energy of the double pendulum in `steps` steps, and in the first tenth.
struct Drift {
  double worst = 0, early = 0;
};
Drift double_pendulum_drift(double coupling, double h, int steps, bool keep_copies = true) {
  const FunctionField field = double_pendulum();
  Tao method(field, 1, coupling);
  Matrix x(4, 1);
  x << 1.5, 1, 0.2, 0;
  const double start = double_pendulum_energy(x.col(0));
  const Vector step = Vector::Constant(1, h);
  Drift drift;
  for (int i = 0; i < steps; ++i) {
    const Vector t = Vector::Constant(1, i * h);
    if (!keep_copies) method.restart();
    REQUIRE(method.step(t, step, x));
    drift.worst = std::max(drift.worst, std::abs(double_pendulum_energy(x.col(0)) - start));
    if (i == steps / 10) drift.early = drift.worst;
  }
  return drift;
}

}  // namespace

TEST_SUITE("ode/tao") {
  TEST_CASE("a step is symplectic in the extended phase space, driven and for any coupling") {
    // Oracle: invariant JᵀΩJ = Ω on (q, y, x, p), J by central differences (error ≈ 1e-9). One
    // degree of freedom: Ω pairs q with p and x with y.
    const FunctionField field(2, [](double t, ConstVectorRef x, VectorRef x_dot) {
      x_dot[0] = (x[0] * x[0] + 1) * x[1];
      x_dot[1] = -x[0] * (x[1] * x[1] + 1) + std::sin(3 * t);
    });
    Matrix omega = Matrix::Zero(4, 4);
    omega(0, 3) = omega(2, 1) = 1;
    omega(3, 0) = omega(1, 2) = -1;
    const double delta = 1e-4;
    for (const double coupling : {0.0, 3.0, 20.0}) {
      CAPTURE(coupling);
      Matrix extended(4, 8);
      extended.colwise() = (Vector(4) << 0.5, -0.3, 0.45, -0.35).finished();
      extended.leftCols(4) += delta * Matrix::Identity(4, 4);
      extended.rightCols(4) -= delta * Matrix::Identity(4, 4);
      Matrix z = extended.topRows(2), w = extended.bottomRows(2);
      Tao method(field, 8, coupling);
      for (int i = 0; i < 3; ++i) {
        method.step_extended(Vector::Constant(8, 0.2 * i), Vector::Constant(8, 0.2), z, w);
      }
      extended << z, w;
      const Matrix jacobian = (extended.leftCols(4) - extended.rightCols(4)) / (2 * delta);
      CHECK((jacobian.transpose() * omega * jacobian - omega).cwiseAbs().maxCoeff() < 1e-7);
      CHECK((jacobian - Matrix::Identity(4, 4)).norm() > 0.1);
    }
  }

  TEST_CASE("the order is 2 for a fixed coupling too, driven, forward and backward") {
    // Oracle: analytic (manufactured solution); the default coupling is in methods_test.
    const FunctionField field = driven_pendulum();
    for (const double coupling : {2.0, 10.0}) {
      for (const double span : {2.0, -2.0}) {
        const double t0 = span > 0 ? 0.3 : 2.3;
        const auto error = [&](double h) {
          Tao method(field, 1, coupling);
          const int steps = static_cast<int>(std::lround(2 / h));
          Matrix x = driven_pendulum_solution(t0);
          for (int i = 0; i < steps; ++i) {
            (void)method.step(Vector::Constant(1, t0 + i * span / steps),
                              Vector::Constant(1, span / steps), x);
          }
          return (x - driven_pendulum_solution(t0 + span)).norm();
        };
        const Convergence convergence = measure_convergence(error, halvings(1.0 / 64, 4));
        CAPTURE(coupling);
        CAPTURE(span);
        INFO(convergence.text());
        CHECK(convergence.order() == doctest::Approx(2).epsilon(0.05));
      }
    }
  }

  TEST_CASE("the energy error on ½(q² + 1)(p² + 1) is bounded over 10⁵ steps, and O(h²)") {
    // Oracle: invariant; a hundredth of the time shows as much as all of it.
    double worst[2];
    for (const int halving : {0, 1}) {
      const double h = halving == 0 ? 0.05 : 0.025;
      const FunctionField field = oscillator();
      Tao method(field, 1);
      Matrix x(2, 1);
      x << -3, 0;
      double early = 0;
      worst[halving] = 0;
      for (int i = 0; i < 100000; ++i) {
        REQUIRE(method.step(Vector::Constant(1, i * h), Vector::Constant(1, h), x));
        const double error = std::abs(oscillator_energy(x(0, 0), x(1, 0)) - 5);
        worst[halving] = std::max(worst[halving], error);
        if (i == 1000) early = worst[halving];
      }
      CHECK(worst[halving] < 0.01);
      CHECK(worst[halving] < 1.2 * early);
    }
    CHECK(worst[0] / worst[1] == doctest::Approx(4).epsilon(0.1));
  }

  TEST_CASE("copies are held together on chaotic motion, by the default but not by ω = 1") {
    // Oracle: invariant (energy of the double pendulum, between −3 and 3 up to its motion).
    const Drift bounded = double_pendulum_drift(0, 0.025, 20000);
    CHECK(bounded.worst < 3e-3);
    CHECK(bounded.worst < 3 * bounded.early);
    CHECK(double_pendulum_drift(1, 0.025, 20000).worst > 0.5);
  }

  TEST_CASE("copies made equal in every step would let the energy drift") {
    // Oracle: invariant; this is why they are kept.
    const double kept = double_pendulum_drift(0, 0.025, 20000).worst;
    CHECK(double_pendulum_drift(0, 0.025, 20000, false).worst > 5 * kept);
  }

  TEST_CASE("a sample that was moved begins with equal copies, the others go on") {
    // Oracle: the method itself, on each sample alone (bit for bit).
    const FunctionField field = oscillator();
    const Vector h = Vector::Constant(2, 0.1), one = Vector::Constant(1, 0.1);
    Tao both(field, 2), undisturbed(field, 1), fresh(field, 1);
    Matrix x(2, 2);
    x << 1, -0.5, 0.3, 0.8;
    Matrix alone = x.col(0);
    for (int i = 0; i < 5; ++i) {
      (void)both.step(Vector::Constant(2, 0.1 * i), h, x);
      (void)undisturbed.step(Vector::Constant(1, 0.1 * i), one, alone);
    }
    x.col(1) << 0.4, 0.2;
    Matrix moved = x.col(1);
    for (int i = 5; i < 8; ++i) {
      (void)both.step(Vector::Constant(2, 0.1 * i), h, x);
      (void)undisturbed.step(Vector::Constant(1, 0.1 * i), one, alone);
      (void)fresh.step(Vector::Constant(1, 0.1 * i), one, moved);
    }
    CHECK(x.col(0) == alone.col(0));
    CHECK(x.col(1) == moved.col(0));
    // Another time is noticed as well: the same state a second later is a new start.
    Matrix jumped = alone;
    (void)undisturbed.step(Vector::Constant(1, 1.8), one, jumped);
    Tao another(field, 1);
    (void)another.step(Vector::Constant(1, 1.8), one, alone);
    CHECK(jumped == alone);
  }

  TEST_CASE("a NaN rate spoils its own sample only") {
    const FunctionField field(2, [](double, ConstVectorRef x, VectorRef x_dot) {
      x_dot << x[1], x[0] > 5 ? std::numeric_limits<double>::quiet_NaN() : -x[0];
    });
    Tao method(field, 2);
    Matrix x(2, 2);
    x << 6, 1, 0, 0;
    for (int i = 0; i < 3; ++i) {
      CHECK(method.step(Vector::Constant(2, 0.1 * i), Vector::Constant(2, 0.1), x));
    }
    CHECK(std::isnan(x(0, 0)));
    CHECK(x(0, 1) == doctest::Approx(std::cos(0.3)).epsilon(1e-3));
  }

  TEST_CASE("a field of odd dimension and a coupling that is no number are refused") {
    const FunctionField odd(3, [](double, ConstVectorRef x, VectorRef x_dot) { x_dot = x; });
    CHECK_THROWS_AS(Tao(odd, 1), std::invalid_argument);
    const FunctionField field = oscillator();
    CHECK_THROWS_AS(Tao(field, 1, -1), std::invalid_argument);
    CHECK_THROWS_AS(Tao(field, 1, std::nan("")), std::invalid_argument);
    Tao method(field, 2);
    Matrix z = Matrix::Zero(2, 2), w = Matrix::Zero(2, 1);
    CHECK_THROWS_AS(method.step_extended(Vector::Zero(2), Vector::Zero(2), z, w),
                    std::invalid_argument);
  }

  TEST_CASE("the extended step does not allocate") {
    const FunctionField field = oscillator();
    Tao method(field, 3);
    Matrix z = Matrix::Constant(2, 3, 0.3), w = z;
    const Vector t = Vector::Zero(3), h = Vector::Constant(3, 0.1);
    CHECK(allocations_in([&] { method.step_extended(t, h, z, w); }) == 0);
  }
}
