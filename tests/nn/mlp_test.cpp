#include "nn/mlp.h"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

#include "naive_network.h"
#include "network_cases.h"
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
}
