#include "nn/mlp.h"

#include <doctest/doctest.h>

#include <limits>
#include <new>
#include <stdexcept>
#include <string>

#include "naive_network.h"
#include "network_cases.h"
#include "nn/mlp_derivatives.h"
#include "support/gradient_check.h"
#include "support/no_allocation.h"

using namespace least_action;
using namespace least_action::testing;

TEST_SUITE("nn/mlp") {
  TEST_CASE("forward, pullback and pushforward are those of the definition") {
    // Oracle: independent implementation (plain loops on dual numbers).
    for (const Activation activation : kActivations) {
      for (const MlpLayout& layout : layouts(activation, 3)) {
        INFO(text(layout));
        const Mlp<double> mlp(layout);
        const Index n = mlp.num_parameters(), d = mlp.inputs(), batch = 5;
        const Vector theta = random_matrix(n, 1, 1);
        const Matrix x = random_matrix(d, batch, 2, 2);
        const Matrix y_bar = random_matrix(3, batch, 3), x_tangent = random_matrix(d, batch, 4);
        const Vector theta_bar_before = random_matrix(n, 1, 5);
        Matrix y(3, batch), y_tangent(3, batch), x_bar(d, batch);
        Vector theta_bar = theta_bar_before;
        const auto tape = mlp.make_tape(batch);
        mlp.forward(theta, x, y, *tape);
        mlp.pullback(theta, y_bar, x_bar, theta_bar, *tape);
        mlp.pushforward(theta, x_tangent, y_tangent, *tape);

        using T = Dual<double>;
        Matrix y_want(3, batch), y_tangent_want(3, batch), x_bar_want(d, batch);
        Vector theta_bar_want = theta_bar_before;
        for (Index b = 0; b < batch; ++b) {
          std::vector<T> t, in;
          for (Index i = 0; i < n; ++i) t.push_back({theta[i], 0});
          for (Index i = 0; i < d; ++i) in.push_back({x(i, b), x_tangent(i, b)});
          const std::vector<T> out = naive_network(layout, t, in);
          for (Index i = 0; i < 3; ++i) {
            y_want(i, b) = out[static_cast<std::size_t>(i)].v;
            y_tangent_want(i, b) = out[static_cast<std::size_t>(i)].d;
          }
          const auto along = [&](T& seed) {
            seed.d = 1;
            const std::vector<T> moved = naive_network(layout, t, in);
            seed.d = 0;
            double sum = 0;
            for (Index i = 0; i < 3; ++i)
              sum += y_bar(i, b) * moved[static_cast<std::size_t>(i)].d;
            return sum;
          };
          for (T& each : in) each.d = 0;
          for (Index i = 0; i < d; ++i)
            x_bar_want(i, b) = along(in[static_cast<std::size_t>(i)]);
          for (Index i = 0; i < n; ++i)
            theta_bar_want[i] += along(t[static_cast<std::size_t>(i)]);
        }
        CHECK((y - y_want).cwiseAbs().maxCoeff() < 1e-13);
        CHECK((y_tangent - y_tangent_want).cwiseAbs().maxCoeff() < 1e-13);
        CHECK((x_bar - x_bar_want).cwiseAbs().maxCoeff() < 1e-13);
        CHECK((theta_bar - theta_bar_want).cwiseAbs().maxCoeff() < 1e-12);
      }
    }
  }

  TEST_CASE_TEMPLATE("a batch of any size equals its columns one by one", S, float, double) {
    // Oracle: invariant. 64 is a panel: the sizes cross none, one and two, with every
    // remainder.
    const double tolerance = 50 * double(std::numeric_limits<S>::epsilon());
    const MlpLayout layout{3, {21, 34}, 2, Activation::kSilu, {{true, 1}, {false, 2}, {}}};
    const Mlp<S> mlp(layout);
    const VectorX<S> theta = random_matrix(mlp.num_parameters(), 1, 1, 0.5).template cast<S>();
    const auto tape = mlp.make_tape(130);
    for (const Index batch : {1, 3, 17, 64, 65, 130}) {
      CAPTURE(batch);
      const MatrixX<S> x = random_matrix(3, batch, 2, 2).cast<S>();
      const MatrixX<S> y_bar = random_matrix(2, batch, 3).cast<S>();
      MatrixX<S> y(2, batch), x_bar(3, batch), y_dot(2, batch);
      MatrixX<S> y1(2, batch), x_bar1(3, batch), y_dot1(2, batch);
      VectorX<S> theta_bar = VectorX<S>::Zero(theta.size()), theta_bar1 = theta_bar;
      mlp.forward(theta, x, y, *tape);
      mlp.pullback(theta, y_bar, x_bar, theta_bar, *tape);
      mlp.pushforward(theta, x, y_dot, *tape);
      for (Index b = 0; b < batch; ++b) {
        mlp.forward(theta, x.col(b), y1.col(b), *tape);
        mlp.pullback(theta, y_bar.col(b), x_bar1.col(b), theta_bar1, *tape);
        mlp.pushforward(theta, x.col(b), y_dot1.col(b), *tape);
      }
      CHECK(double((y - y1).cwiseAbs().maxCoeff()) < tolerance);
      CHECK(double((x_bar - x_bar1).cwiseAbs().maxCoeff()) < tolerance);
      CHECK(double((y_dot - y_dot1).cwiseAbs().maxCoeff()) < tolerance);
      CHECK(double((theta_bar - theta_bar1).cwiseAbs().maxCoeff()) < tolerance * double(batch));
    }
  }

  TEST_CASE("pullback matches the Taylor expansion of forward") {
    // Oracle: finite difference (Taylor remainder).
    for (const Activation activation : kActivations) {
      const MlpLayout layout{2, {18, 18}, 2, activation, {}};
      const Mlp<double> mlp(layout);
      const Vector theta = random_matrix(mlp.num_parameters(), 1, 1);
      const Matrix x = random_matrix(2, 70, 2), y_bar = random_matrix(2, 70, 3);
      const auto tape = mlp.make_tape(70);
      Matrix y(2, 70), no_x_bar;
      const auto loss = [&](const Vector& t) {
        mlp.forward(t, x, y, *tape);
        return y.cwiseProduct(y_bar).sum();
      };
      loss(theta);
      Vector gradient = Vector::Zero(theta.size());
      mlp.pullback(theta, y_bar, no_x_bar, gradient, *tape);
      const TaylorCheck check = taylor_check(
          loss, theta, gradient, random_direction(theta.size(), 4), {1e-2, 1e-4, 1e-14});
      INFO(name(activation), check.text());
      CHECK(check.slope() >= 1.9);
      CHECK(check.slopes.size() >= 3);
    }
  }

  TEST_CASE("a changed theta is noticed though its weights are kept packed") {
    // Oracle: a fresh tape.
    const MlpLayout layout{2, {9}, 1, Activation::kTanh, {}};
    const Mlp<double> mlp(layout);
    Vector theta = random_matrix(mlp.num_parameters(), 1, 1);
    const Matrix x = random_matrix(2, 4, 2), y_bar = Matrix::Ones(1, 4);
    const auto tape = mlp.make_tape(4), fresh = mlp.make_tape(4);
    Matrix y(1, 4), y_want(1, 4), x_bar(2, 4), x_bar_want(2, 4);
    Vector none;
    mlp.forward(theta, x, y, *tape);
    mlp.pullback(theta, y_bar, x_bar, none, *tape);
    theta[theta.size() - 2] += 1e-9;
    mlp.forward(theta, x, y, *tape);
    mlp.pullback(theta, y_bar, x_bar, none, *tape);
    mlp.forward(theta, x, y_want, *fresh);
    mlp.pullback(theta, y_bar, x_bar_want, none, *fresh);
    CHECK(y == y_want);
    CHECK(x_bar == x_bar_want);
  }

  TEST_CASE("no call allocates after make_tape") {
    const Mlp<float> mlp({3, {20, 30}, 2, Activation::kSine, {{true, 1}, {}, {}}});
    const auto tape = mlp.make_tape(100);
    const VectorX<float> theta = VectorX<float>::Constant(mlp.num_parameters(), 0.1f);
    const MatrixX<float> x = MatrixX<float>::Ones(3, 100), y_bar = MatrixX<float>::Ones(2, 100);
    MatrixX<float> y(2, 100), x_bar(3, 100);
    VectorX<float> theta_bar = theta;
    CHECK(allocations_in([&] {
            mlp.forward(theta, x, y, *tape);
            mlp.pullback(theta, y_bar, x_bar, theta_bar, *tape);
            mlp.pushforward(theta, x, y, *tape);
          }) == 0);
  }

  TEST_CASE("a tape too large to address is refused, not made with a wrapped size") {
    // 64 kept rows times 2⁵⁸ samples (2²⁶ where an Index has 32 bits) is 0 modulo 2⁶⁴.
    const Index capacity = Index{1} << (8 * sizeof(Index) - 6);
    const Mlp<float> mlp({2, {30}, 1, Activation::kTanh, {}});
    CHECK_THROWS_AS(mlp.make_tape(capacity), std::bad_alloc);
    const MlpDerivatives<float> scalar({2, {62}, 1, Activation::kTanh, {}}, 0);
    CHECK_THROWS_AS(scalar.make_tape(capacity), std::bad_alloc);
  }

  TEST_CASE("wrong sizes say what was expected") {
    const Mlp<double> mlp({3, {4}, 2, Activation::kTanh, {}});
    const auto tape = mlp.make_tape(5);
    Vector theta = Vector::Zero(mlp.num_parameters()), short_theta = Vector::Zero(3);
    Matrix x = Matrix::Zero(3, 2), y(2, 2), wide = Matrix::Zero(3, 6), wrong(2, 3);
    CHECK_THROWS_WITH_AS(
        mlp.forward(short_theta, x, y, *tape),
        "Mlp::forward: theta has size 3, expected 26 (layout.num_parameters())",
        std::invalid_argument);
    CHECK_THROWS_AS(mlp.forward(theta, wide, y, *tape), std::invalid_argument);
    CHECK_THROWS_AS(mlp.forward(theta, x, wrong, *tape), std::invalid_argument);
    CHECK_THROWS_AS(mlp.pullback(theta, y, x, theta, *tape), std::invalid_argument);
    mlp.forward(theta, x, y, *tape);
    CHECK_THROWS_AS(mlp.pullback(theta, y, x, short_theta, *tape), std::invalid_argument);
    CHECK_THROWS_AS(mlp.pushforward(theta, wide, y, *tape), std::invalid_argument);
    CHECK_THROWS_AS(mlp.make_tape(0), std::invalid_argument);
    const auto make = [](const MlpLayout& layout) { return Mlp<double>(layout).inputs(); };
    const MlpLayout no_input{0, {}, 1, Activation::kTanh, {}};
    const MlpLayout zero_width{1, {3, 0}, 1, Activation::kTanh, {}};
    const MlpLayout few_features{2, {}, 1, Activation::kTanh, {{true, 1}}};
    const MlpLayout zero_scale{1, {}, 1, Activation::kTanh, {{false, 0}}};
    const MlpLayout absurd{1, {100000, 100000}, 1, Activation::kTanh, {}};
    for (const MlpLayout& layout : {no_input, zero_width, few_features, zero_scale, absurd})
      CHECK_THROWS_AS(make(layout), std::invalid_argument);
  }
}
