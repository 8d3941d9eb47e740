#include "ode/yoshida.h"

#include <doctest/doctest.h>

#include <cmath>
#include <stdexcept>

#include "support/function_field.h"

using namespace least_action;
using namespace least_action::testing;

namespace {

/// Hénon & Heiles: V = ½(q₁² + q₂²) + q₁²q₂ − q₂³/3.
FunctionField henon_heiles() {
  return FunctionField(
      2, [](double, ConstVectorRef p, VectorRef q_dot) { q_dot = p; },
      [](double, ConstVectorRef q, VectorRef p_dot) {
        p_dot << -q[0] - 2 * q[0] * q[1], -q[1] - q[0] * q[0] + q[1] * q[1];
      },
      {});
}
double energy(ConstVectorRef x) {
  return 0.5 * x.squaredNorm() + x[0] * x[0] * x[1] - x[1] * x[1] * x[1] / 3;
}

}  // namespace

TEST_SUITE("ode/yoshida") {
  TEST_CASE("the factors are symmetric, and their odd powers cancel up to the order") {
    // Oracle: the order conditions Σγ = 1, Σγ³ = 0, Σγ⁵ = 0, … of a composition of a symmetric
    // method (necessary; the order itself is measured in methods_test).
    for (const int order : {4, 6, 8}) {
      CAPTURE(order);
      const auto factors = yoshida_factors(order);
      CHECK(Index(factors.size()) == (order == 4 ? 3 : order == 6 ? 7 : 15));
      double largest = 0;
      for (std::size_t i = 0; i < factors.size(); ++i) {
        CHECK(factors[i] == factors[factors.size() - 1 - i]);
        largest = std::max(largest, std::abs(factors[i]));
      }
      for (int power = 1; power <= order + 1; power += 2) {
        CAPTURE(power);
        double sum = power == 1 ? -1 : 0;
        for (const double gamma : factors) sum += std::pow(gamma, power);
        if (power < order) {
          CHECK(std::abs(sum) < 1e-14);
        } else {
          CHECK(std::abs(sum) > 1e-3);
        }
      }
    }
    CHECK_THROWS_AS(yoshida_factors(5), std::invalid_argument);
  }

  TEST_CASE("a step in two degrees of freedom is symplectic, chaotic energy stays bounded") {
    // Oracle: invariants JᵀΩJ = Ω (by central differences) and H, near the escape energy.
    const FunctionField field = henon_heiles();
    Matrix omega = Matrix::Zero(4, 4);
    omega.topRightCorner(2, 2).setIdentity();
    omega.bottomLeftCorner(2, 2) = -Matrix::Identity(2, 2);
    const double delta = 1e-4;
    for (const int order : {4, 6, 8}) {
      CAPTURE(order);
      Yoshida method(order, field, 8);
      Matrix x(4, 8);
      x.colwise() = (Vector(4) << 0.1, -0.2, 0.4, 0.3).finished();
      const double start = energy(x.col(0));
      x.leftCols(4) += delta * Matrix::Identity(4, 4);
      x.rightCols(4) -= delta * Matrix::Identity(4, 4);
      REQUIRE(method.step(Vector::Zero(8), Vector::Constant(8, 0.3), x));
      const Matrix jacobian = (x.leftCols(4) - x.rightCols(4)) / (2 * delta);
      CHECK((jacobian.transpose() * omega * jacobian - omega).cwiseAbs().maxCoeff() < 1e-7);

      Matrix one(4, 1);
      one << 0.1, -0.2, 0.4, 0.3;
      double worst = 0, early = 0;
      for (int i = 0; i < 20000; ++i) {
        REQUIRE(method.step(Vector::Constant(1, 0.1 * i), Vector::Constant(1, 0.1), one));
        worst = std::max(worst, std::abs(energy(one.col(0)) - start));
        if (i == 2000) early = worst;
      }
      CHECK(worst < (order == 4 ? 1e-5 : order == 6 ? 1e-7 : 1e-10));
      CHECK(worst < 1.5 * early + 1e-13);
    }
  }
}
