#include "models/lagrangian_network.h"

#include <doctest/doctest.h>

#include <Eigen/LU>
#include <cmath>

#include "models/mass_matrix.h"
#include "models/sample_models.h"
#include "support/gradient_check.h"

using namespace least_action;
using namespace least_action::testing;

namespace {

MlpLayout layout_of(const ModelSpec& spec) {
  MlpLayout layout;
  layout.inputs = 2 * spec.degrees_of_freedom;
  layout.hidden = spec.hidden;
  layout.activation = spec.activation;
  layout.features = spec.features;
  return layout;
}

/// L of one state, by the forward pass of a plain network.
double lagrangian(const Mlp<double>& mlp, const Vector& theta, const Matrix& x) {
  Matrix value(1, 1);
  const auto tape = mlp.make_tape(1);
  mlp.forward(theta, x, value, *tape);
  return value(0, 0);
}

/// ∇²L by fourth-order differences of differences.
Matrix hessian_by_difference(const Mlp<double>& mlp, const Vector& theta, const Matrix& x) {
  const Index d = x.rows();
  Matrix hessian(d, d);
  for (Index j = 0; j < d; ++j) {
    hessian.col(j) = difference(
        [&](double h) {
          Matrix moved = x;
          moved(j, 0) += h;
          return Matrix(gradient_by_difference(
              [&](const Matrix& at) { return lagrangian(mlp, theta, at); }, moved, 1e-2));
        },
        1e-2);
  }
  return hessian;
}

/// A network of two hidden units for n = 2 whose second unit is so small that one eigenvalue
/// of M lies inside the damped range.
struct DampedCase {
  ModelSpec spec;
  Vector theta;
  Matrix x;
};
DampedCase damped_case() {
  DampedCase result;
  result.spec.kind = ModelKind::kLagrangian;
  result.spec.degrees_of_freedom = 2;
  result.spec.hidden = {2};
  result.spec.activation = Activation::kSoftplus;
  result.theta.resize(2 * 4 + 2 + 2 + 1);
  // W column major (inputs q₁ q₂ q̇₁ q̇₂), b, W₂, b₂; M = Σ_k W₂_k σ''_k w_k w_kᵀ.
  result.theta << 0.4, 3e-3, -0.3, 2e-3, 1.0, 1e-3, 0.7, 4e-3, 0.1, -0.2, 2.0, 1.5, 0.3;
  result.x = random_matrix(4, 3, 8, 0.5);
  return result;
}

}  // namespace

TEST_SUITE("models/lagrangian_network") {
  TEST_CASE("the acceleration solves the Euler–Lagrange equations of the network's L") {
    // Oracle: finite differences of L as Mlp::forward computes it, solved by Eigen's LU.
    for (ModelSpec spec : sample_specs(ModelKind::kLagrangian)) {
      for (const Activation activation : kActivations) {
        spec.activation = activation;
        CAPTURE(describe(spec));
        const LagrangianNetwork<double> model(spec);
        const Mlp<double> mlp(layout_of(spec));
        const Index n = spec.degrees_of_freedom;
        const Matrix x = random_matrix(2 * n, 1, 4, 0.7);
        const Vector theta = sample_theta(model, x);
        const Vector gradient = gradient_by_difference(
            [&](const Matrix& at) { return lagrangian(mlp, theta, at); }, x);
        const Matrix hessian = hessian_by_difference(mlp, theta, x);
        const Matrix mass = hessian.bottomRightCorner(n, n);
        const Matrix coriolis = hessian.bottomLeftCorner(n, n);
        const Vector q_dot = x.bottomRows(n);
        const Vector expected = mass.lu().solve(gradient.head(n) - coriolis * q_dot);
        const Matrix x_dot = field<double>(model, theta, x);
        CHECK(x_dot.topRows(n) == x.bottomRows(n));
        CHECK(expected.norm() > 1e-4);
        // 1e-8 of the differences, enlarged by the condition number (≤ 40) and 1/‖M‖.
        CHECK((x_dot.bottomRows(n) - expected).norm() < 1e-5 * (1 + expected.norm()));
      }
    }
  }

  TEST_CASE("the energy is q̇ᵀ∂L/∂q̇ − L and does not change along the field") {
    // Oracles: finite differences of L; the invariant dE/dt = 0.
    for (ModelSpec spec : sample_specs(ModelKind::kLagrangian)) {
      for (const Activation activation : kActivations) {
        spec.activation = activation;
        CAPTURE(describe(spec));
        const LagrangianNetwork<double> model(spec);
        const Mlp<double> mlp(layout_of(spec));
        const Index n = spec.degrees_of_freedom;
        const Matrix x = random_matrix(2 * n, 1, 14, 0.7);
        const Vector theta = sample_theta(model, x);
        const Vector gradient = gradient_by_difference(
            [&](const Matrix& at) { return lagrangian(mlp, theta, at); }, x);
        const double expected =
            gradient.tail(n).dot(x.bottomRows(n).col(0)) - lagrangian(mlp, theta, x);
        CHECK(energy_of(model, theta, x)(0, 0) == doctest::Approx(expected).epsilon(1e-8));
        const Matrix x_dot = field<double>(model, theta, x);
        const double speed = x_dot.norm();
        const Matrix rate = difference(
            [&](double h) { return energy_of(model, theta, x + h * x_dot / speed); }, 1e-3);
        const Matrix free_fall = difference(
            [&](double h) {
              Matrix coasting = x_dot;
              coasting.bottomRows(n).setZero();
              return energy_of(model, theta, x + h * coasting / speed);
            },
            1e-3);
        CHECK(std::abs(rate(0, 0)) < 1e-8);
        CHECK(std::abs(free_fall(0, 0)) > 1e-6);  // Without q̈ it does change.
      }
    }
  }

  TEST_CASE("a zero network has no mass: the acceleration is finite and health says so") {
    for (const Index n : {1, 2, 3}) {
      ModelSpec spec;
      spec.kind = ModelKind::kLagrangian;
      spec.degrees_of_freedom = n;
      spec.hidden = {5};
      const LagrangianNetwork<float> model(spec);
      const VectorX<float> theta = VectorX<float>::Zero(model.num_parameters());
      const MatrixX<float> x = random_matrix(2 * n, 4, 3).cast<float>();
      MatrixX<float> x_dot(2 * n, 4), x_bar(2 * n, 4);
      VectorX<float> theta_bar = VectorX<float>::Zero(theta.size());
      const auto tape = model.make_tape(4);
      model.forward(theta, x, x_dot, *tape);
      CHECK(x_dot.topRows(n) == x.bottomRows(n));
      CHECK(x_dot.bottomRows(n).norm() == 0);
      CHECK(tape->health().damped_samples == 4);
      CHECK(tape->health().worst_condition > 1e6);
      model.vjp(theta, x, x_bar, theta_bar, *tape);
      CHECK(x_bar.allFinite());
      CHECK(theta_bar.allFinite());
    }
  }

  TEST_CASE("nearly singular mass matrices give finite fields and gradients for any finite x") {
    for (const Activation activation : kActivations) {
      ModelSpec spec;
      spec.kind = ModelKind::kLagrangian;
      spec.degrees_of_freedom = 2;
      spec.hidden = {1};  // One unit: M has rank one everywhere.
      spec.activation = activation;
      const LagrangianNetwork<float> model(spec);
      VectorX<float> theta(model.num_parameters());
      model.initialize(Random(1), theta);
      MatrixX<float> x = random_matrix(4, 6, 3).cast<float>();
      x.col(3) *= 1e3f;
      x.col(4) *= 1e6f;
      x.col(5) *= 1e12f;
      MatrixX<float> x_dot(4, 6), x_bar(4, 6);
      VectorX<float> theta_bar = VectorX<float>::Zero(theta.size());
      const auto tape = model.make_tape(6);
      model.forward(theta, x, x_dot, *tape);
      CHECK(x_dot.allFinite());
      CHECK(tape->health().damped_samples >= 3);
      x.rightCols(3).setOnes();
      model.forward(theta, x, x_dot, *tape);
      model.vjp(theta, x_dot / x_dot.norm(), x_bar, theta_bar, *tape);
      CHECK(x_bar.allFinite());
      CHECK(theta_bar.allFinite());
    }
  }

  TEST_CASE("vjp is the exact derivative of a damped field too") {
    // Oracle: Taylor remainder of forward, at θ whose second eigenvalue of M is damped.
    const DampedCase damped = damped_case();
    const LagrangianNetwork<double> model(damped.spec);
    REQUIRE(model.num_parameters() == damped.theta.size());
    const Index batch = damped.x.cols();
    const auto tape = model.make_tape(batch);
    Matrix x_dot(4, batch), x_bar(4, batch), tangent(4, batch);
    model.forward(damped.theta, damped.x, x_dot, *tape);
    REQUIRE(tape->health().damped_samples == batch);
    // Not so singular that damping has nothing left to do: λ/ε between 0.02 and 1.
    CHECK(tape->health().worst_condition < 5e6);
    CHECK(tape->health().worst_condition > 1e5);
    Matrix w = random_matrix(4, batch, 5);
    w /= x_dot.norm();
    Vector theta_bar = Vector::Zero(damped.theta.size());
    model.vjp(damped.theta, w, x_bar, theta_bar, *tape);
    TaylorOptions options;
    options.largest_step = 1e-5;
    options.smallest_step = 3e-7;
    options.rounding = 1e-11;
    const auto in_theta = taylor_check(
        [&](const Vector& moved) {
          return field<double>(model, moved, damped.x).cwiseProduct(w).sum();
        },
        damped.theta, theta_bar, random_direction(theta_bar.size(), 3), options);
    INFO(in_theta.text());
    CHECK(in_theta.slope() >= 1.9);
    CHECK(in_theta.relative_error() < 1e-3);

    const Matrix v = random_matrix(4, batch, 6);
    model.jvp(damped.theta, v, tangent, *tape);
    const Matrix expected = difference(
        [&](double h) { return field<double>(model, damped.theta, damped.x + h * v); }, 1e-4);
    CHECK((tangent - expected).norm() < 1e-5 * expected.norm());
    CHECK(std::abs(w.cwiseProduct(tangent).sum() - x_bar.cwiseProduct(v).sum()) <
          1e-9 * (1 + x_bar.norm()));
  }

  TEST_CASE("the starting θ has a healthy mass matrix at small and large widths") {
    // Claim: positive and well conditioned with high probability (nn/initializer).
    for (const Index width : {8, 64, 256}) {
      ModelSpec spec;
      spec.kind = ModelKind::kLagrangian;
      spec.degrees_of_freedom = 2;
      spec.hidden = {width, width};
      spec.activation = Activation::kSoftplus;
      const LagrangianNetwork<double> model(spec);
      Vector theta(model.num_parameters());
      model.initialize(Random(2), theta);
      const Matrix x = random_matrix(4, 50, 9);
      const auto tape = model.make_tape(50);
      Matrix x_dot(4, 50);
      model.forward(theta, x, x_dot, *tape);
      CHECK(tape->health().damped_samples == 0);
      CHECK(tape->health().worst_condition < 100);
    }
  }
}
