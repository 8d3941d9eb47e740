#include "nn/initializer.h"

#include <doctest/doctest.h>

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <vector>

#include "nn/mlp_derivatives.h"

using namespace least_action;

namespace {

Vector initialized(Initializer initializer, const MlpLayout& layout, std::uint64_t seed) {
  Vector theta(layout.num_parameters());
  initialize<double>(initializer, layout, Random(seed), theta);
  return theta;
}

/// Share of positive definite mass matrices and the median and the largest of their condition
/// numbers over seeds and standard normal states.
struct Health {
  double positive, median_condition, trace;
};
Health mass_health(Initializer initializer, const MlpLayout& layout) {
  const Index d = layout.inputs, n = d / 2, batch = 20;
  const MlpDerivatives<double> network(layout, n);
  const auto tape = network.make_tape(batch);
  Matrix x(d, batch), grad(d, batch), hessian(n * d, batch), value;
  std::vector<double> conditions;
  int positive = 0;
  double trace = 0;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const Vector theta = initialized(initializer, layout, seed);
    Random random(100 + seed);
    for (Index b = 0; b < batch; ++b) {
      for (Index i = 0; i < d; ++i) x(i, b) = random.normal();
    }
    network.gradient(theta, x, value, grad, *tape);
    network.hessian_columns(theta, n, hessian, *tape);
    for (Index b = 0; b < batch; ++b) {
      Matrix mass(n, n);
      for (Index j = 0; j < n; ++j) mass.col(j) = hessian.col(b).segment(j * d + n, n);
      const Vector eigenvalues = Eigen::SelfAdjointEigenSolver<Matrix>(mass).eigenvalues();
      positive += eigenvalues[0] > 0;
      conditions.push_back(eigenvalues[0] > 0 ? eigenvalues[n - 1] / eigenvalues[0] : 1e9);
      trace += mass.trace() / double(n);
    }
  }
  std::sort(conditions.begin(), conditions.end());
  const double count = double(conditions.size());
  return {positive / count, conditions[conditions.size() / 2], trace / count};
}

}  // namespace

TEST_SUITE("nn/initializer") {
  TEST_CASE("glorot weights have variance 2/(in + out) and every bias is 0") {
    // Oracle: analytic; the bound is five standard errors of a uniform's variance.
    const MlpLayout layout{100, {150}, 1, Activation::kTanh, {}};
    const Vector theta = initialized(Initializer::kGlorot, layout, 1);
    const auto w = theta.head(100 * 150);
    const double variance = 2.0 / 250;
    CHECK(std::abs(w.squaredNorm() / 15000 - variance) < 5 * variance * std::sqrt(0.8 / 15000));
    CHECK(theta.segment(15000, 150).isZero(0));
  }

  TEST_CASE("orthogonal weights have orthonormal columns or rows") {
    // Oracle: invariant.
    const MlpLayout layout{7, {33, 12}, 2, Activation::kTanh, {}};
    const Vector theta = initialized(Initializer::kOrthogonal, layout, 2);
    const auto layers = layout.layers();
    const Eigen::Map<const Matrix> tall(theta.data(), 33, 7);
    const Eigen::Map<const Matrix> wide(theta.data() + layers[1].weight_offset, 12, 33);
    CHECK((tall.transpose() * tall - Matrix::Identity(7, 7)).cwiseAbs().maxCoeff() < 1e-14);
    CHECK((wide * wide.transpose() - Matrix::Identity(12, 12)).cwiseAbs().maxCoeff() < 1e-14);
  }

  TEST_CASE("the lagrangian initializer gives a mass matrix near I at any width and depth") {
    // Oracle: invariant (positive definite), and the derivation's own claim M ≈ I.
    for (const Activation activation : {Activation::kSoftplus, Activation::kTanh}) {
      for (const std::vector<Index>& hidden : std::vector<std::vector<Index>>{
               {8}, {64}, {512}, {8, 8}, {64, 64}, {200, 200}, {16, 16, 16}, {64, 64, 64}}) {
        const MlpLayout layout{4, hidden, 1, activation, {}};
        const Health health = mass_health(Initializer::kLagrangian, layout);
        INFO(name(activation), " width ", hidden[0], " depth ", hidden.size());
        INFO("trace ", health.trace, " condition ", health.median_condition);
        CHECK(health.positive >= (hidden[0] < 16 ? 0.9 : 0.98));
        CHECK(health.median_condition < 4);
        CHECK(health.trace > 0.4);
        CHECK(health.trace < 2.5);
      }
    }
  }

  TEST_CASE("a zero-mean initializer does not: half its mass matrices are not positive") {
    // The check above can fail.
    const MlpLayout layout{4, {64, 64}, 1, Activation::kSoftplus, {}};
    CHECK(mass_health(Initializer::kGlorot, layout).positive < 0.6);
  }

  TEST_CASE("float and double start alike and each seed differently") {
    const MlpLayout layout{4, {20, 9}, 1, Activation::kSoftplus, {}};
    for (const Initializer initializer :
         {Initializer::kGlorot, Initializer::kOrthogonal, Initializer::kLagrangian}) {
      CHECK(initializer_named(name(initializer)) == initializer);
      const Vector theta = initialized(initializer, layout, 3);
      VectorX<float> rounded(theta.size());
      initialize<float>(initializer, layout, Random(3), rounded);
      CHECK((theta.cast<float>() - rounded).isZero(0));
      CHECK((theta - initialized(initializer, layout, 4)).norm() > 0.1);
    }
  }

  TEST_CASE("wrong calls say what was expected") {
    const MlpLayout layout{4, {20}, 1, Activation::kSoftplus, {}};
    VectorX<double> theta(7);
    const auto call = [&] {
      initialize<double>(Initializer::kGlorot, layout, Random(1), theta);
    };
    CHECK_THROWS_WITH_AS(call(),
                         "initialize: theta has size 7, expected 121 (layout.num_parameters())",
                         std::invalid_argument);
    CHECK_THROWS_AS(initializer_named("orthogonl"), std::invalid_argument);
  }
}
