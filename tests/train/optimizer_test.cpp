#include "train/optimizer.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <stdexcept>

#include "base/random.h"
#include "support/no_allocation.h"

namespace least_action {
namespace {

using doctest::Approx;

Vector scalar(double value) { return Vector::Constant(1, value); }

Vector random_vector(Index size, std::uint64_t seed) {
  Random random(seed);
  Vector values(size);
  for (double& value : values) value = random.normal();
  return values;
}

TEST_SUITE("train/optimizer") {
  TEST_CASE("SGD with momentum obeys its two-term recurrence on a quadratic") {
    // Oracle: analytic. For ℓ = ½aθ² the velocity can be eliminated:
    // θ_{k+1} = (1 + μ − η(a + λ)) θ_k − μ θ_{k−1}.
    const double a = 3, mu = 0.8, lambda = 0.5, eta = 0.07;
    const Sgd<double> sgd(mu, lambda);
    auto state = sgd.start(1);
    Vector theta = scalar(2);
    double previous = 2, now = 2;
    for (int k = 0; k < 40; ++k) {
      sgd.step(eta, a * theta, theta, state);
      const double next = k == 0 ? 2 - eta * (a + lambda) * 2
                                 : (1 + mu - eta * (a + lambda)) * now - mu * previous;
      previous = now;
      now = next;
      CAPTURE(k);
      CHECK(theta[0] == Approx(now).epsilon(1e-12));
    }
    CHECK(state.steps == 40);
  }

  TEST_CASE("Adam's first two steps are those worked out by hand") {
    // Oracle: analytic. t = 1: m̂ = g₁, v̂ = g₁². t = 2: the corrected means of (g₁, g₂) with
    // weights β(1 − β), 1 − β over 1 − β².
    const double b1 = 0.9, b2 = 0.99, eps = 1e-3, eta = 0.1, g1 = 2, g2 = -1;
    const Adam<double> adam(b1, b2, eps, 0, WeightDecay::kL2);
    auto state = adam.start(1);
    Vector theta = scalar(5);
    adam.step(eta, scalar(g1), theta, state);
    CHECK(theta[0] == Approx(5 - eta * 2 / (2 + eps)).epsilon(1e-14));
    const double before = theta[0];
    adam.step(eta, scalar(g2), theta, state);
    const double m = (b1 * g1 + g2) / (1 + b1);
    const double v = (b2 * g1 * g1 + g2 * g2) / (1 + b2);
    CHECK(theta[0] == Approx(before - eta * m / (std::sqrt(v) + eps)).epsilon(1e-14));
  }

  TEST_CASE("AdamW's decay is a factor (1 − ηλ) a step, whatever the gradient's scale") {
    const double eta = 0.1, lambda = 0.3;
    const Adam<double> adamw(0.9, 0.999, 1e-8, lambda, WeightDecay::kDecoupled);
    auto state = adamw.start(1);
    Vector theta = scalar(4);
    // Oracle: analytic; no gradient, only decay.
    for (int k = 0; k < 10; ++k) adamw.step(eta, scalar(0), theta, state);
    CHECK(theta[0] == Approx(4 * std::pow(1 - eta * lambda, 10)).epsilon(1e-14));

    // Oracle: Adam without decay; one step differs by exactly −ηλθ.
    const Adam<double> adam(0.9, 0.999, 1e-8, 0, WeightDecay::kL2);
    auto state_w = adamw.start(1), state_0 = adam.start(1);
    Vector with = scalar(4), without = scalar(4);
    adamw.step(eta, scalar(7), with, state_w);
    adam.step(eta, scalar(7), without, state_0);
    CHECK(with[0] - without[0] == Approx(-eta * lambda * 4).epsilon(1e-13));
  }

  TEST_CASE("Adam's L2 decay is normalised like a gradient") {
    // Oracle: analytic. With g = 0 the first step is η λθ/(λ|θ| + ε): λ cancels.
    for (const double lambda : {0.01, 1.0}) {
      const Adam<double> adam(0.9, 0.999, 1e-12, lambda, WeightDecay::kL2);
      auto state = adam.start(1);
      Vector theta = scalar(-4);
      adam.step(0.1, scalar(0), theta, state);
      CHECK(theta[0] == Approx(-4 + 0.1).epsilon(1e-9));
    }
  }

  TEST_CASE_TEMPLATE("a long vector is stepped like its entries one by one", S, float, double) {
    // Oracle: the same rule on vectors of one entry (no blocks, no SIMD).
    const Index n = 2500;
    const VectorX<S> start = random_vector(n, 1).cast<S>();
    for (const auto kind : {OptimizerKind::kSgd, OptimizerKind::kAdam, OptimizerKind::kAdamW}) {
      TrainerOptions options;
      options.optimizer = kind;
      options.weight_decay = 0.1;
      const auto rule = make_optimizer<S>(options);
      auto state = rule->start(n);
      VectorX<S> theta = start;
      std::vector<VectorX<S>> gradients;
      for (std::uint64_t k = 0; k < 3; ++k) {
        gradients.push_back(random_vector(n, 2 + k).template cast<S>());
        rule->step(0.01, gradients.back(), theta, state);
      }
      for (const Index i : {Index{0}, Index{1023}, Index{1024}, n - 1}) {
        auto single_state = rule->start(1);
        VectorX<S> single = start.segment(i, 1);
        for (const auto& g : gradients) rule->step(0.01, g.segment(i, 1), single, single_state);
        CAPTURE(i);
        CHECK(theta[i] == Approx(single[0]).epsilon(sizeof(S) == 4 ? 1e-5 : 1e-13));
      }
    }
  }

  TEST_CASE("options choose the rule") {
    // Oracle: the first step of each on g = 2, θ = 1, η = 0.1, λ = 0.5, ε ≈ 0.
    TrainerOptions options;
    options.weight_decay = 0.5;
    options.epsilon = 1e-15;
    const auto first_step = [&](OptimizerKind kind) {
      options.optimizer = kind;
      const auto rule = make_optimizer<double>(options);
      auto state = rule->start(1);
      Vector theta = scalar(1);
      rule->step(0.1, scalar(2), theta, state);
      return theta[0];
    };
    CHECK(first_step(OptimizerKind::kSgd) == Approx(1 - 0.1 * 2.5));
    CHECK(first_step(OptimizerKind::kAdam) == Approx(1 - 0.1));
    CHECK(first_step(OptimizerKind::kAdamW) == Approx(1 - 0.1 * 0.5 - 0.1));
  }

  TEST_CASE("wrong sizes and another optimiser's state are refused") {
    const Sgd<double> sgd(0.9, 0);
    const Adam<double> adam(0.9, 0.999, 1e-8, 0, WeightDecay::kL2);
    auto state = sgd.start(3);
    Vector theta = Vector::Zero(3);
    const Vector gradient = Vector::Ones(3), shorter = Vector::Ones(2);
    CHECK_THROWS_AS(sgd.step(0.1, shorter, theta, state), std::invalid_argument);
    CHECK_THROWS_AS(adam.step(0.1, gradient, theta, state), std::invalid_argument);
    state = sgd.start(4);
    CHECK_THROWS_AS(sgd.step(0.1, gradient, theta, state), std::invalid_argument);
  }

  TEST_CASE("a step allocates nothing") {
    for (const auto kind : {OptimizerKind::kSgd, OptimizerKind::kAdamW}) {
      TrainerOptions options;
      options.optimizer = kind;
      const auto rule = make_optimizer<float>(options);
      auto state = rule->start(3000);
      VectorX<float> theta = VectorX<float>::Ones(3000), gradient = theta;
      CHECK(testing::allocations_in([&] { rule->step(0.1, gradient, theta, state); }) == 0);
    }
  }
}

TEST_SUITE("train/optimizer: clip_gradient") {
  TEST_CASE("a longer gradient gets the norm asked for and keeps its direction") {
    Vector g(2);
    g << 3, -4;
    CHECK(clip_gradient<double>(2, g) == Approx(5));
    CHECK(g[0] == Approx(1.2));
    CHECK(g[1] == Approx(-1.6));
  }

  TEST_CASE("a shorter gradient, or any without a limit, stays as it is") {
    Vector g(2);
    g << 3, -4;
    const Vector before = g;
    CHECK(clip_gradient<double>(5.5, g) == Approx(5));
    CHECK(g == before);
    CHECK(clip_gradient<double>(0, g) == Approx(5));
    CHECK(g == before);
  }

  TEST_CASE("a float gradient whose squares overflow can still be clipped") {
    VectorX<float> g = VectorX<float>::Constant(4, 1e25f);
    CHECK(clip_gradient<float>(1, g) == Approx(2e25).epsilon(1e-6));
    CHECK(static_cast<double>(g[3]) == Approx(0.5).epsilon(1e-6));
  }

  TEST_CASE("the norm of a gradient with NaN or infinity is not finite") {
    VectorX<float> g = VectorX<float>::Ones(3);
    g[1] = std::numeric_limits<float>::quiet_NaN();
    CHECK(std::isnan(clip_gradient<float>(1, g)));
    g[1] = std::numeric_limits<float>::infinity();
    CHECK(std::isinf(clip_gradient<float>(0, g)));
  }
}

}  // namespace
}  // namespace least_action
