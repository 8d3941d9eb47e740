#include "nn/mlp_tangents.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include "naive_network.h"
#include "network_cases.h"
#include "support/gradient_check.h"
#include "support/no_allocation.h"

using namespace least_action;
using namespace least_action::testing;

namespace {

/// ℓ(x, v, θ) = ⟨ȳ, y⟩ + ⟨ẏ̄, ẏ⟩ of one network, all three in one vector.
struct Pairing {
  MlpTangents<double> network;
  Index batch;
  Matrix y_bar, y_dot_bar;

  Pairing(const MlpLayout& layout, Index k, Index samples)
      : network(layout, k),
        batch(samples),
        y_bar(random_matrix(layout.outputs, samples, 11)),
        y_dot_bar(random_matrix(k * layout.outputs, samples, 12)) {}

  Index x_size() const { return network.inputs() * batch; }
  Index v_size() const { return network.tangents() * x_size(); }
  Index size() const { return x_size() + v_size() + network.num_parameters(); }

  double value(const Vector& all, MlpTangentsTape<double>& tape) const {
    const Matrix x = all.head(x_size()).reshaped(network.inputs(), batch);
    const Matrix v =
        all.segment(x_size(), v_size()).reshaped(network.tangents() * network.inputs(), batch);
    const Vector theta = all.tail(network.num_parameters());
    Matrix y(network.outputs(), batch), y_dot(y_dot_bar.rows(), batch);
    network.forward(theta, x, v, y, y_dot, tape);
    return y.cwiseProduct(y_bar).sum() + y_dot.cwiseProduct(y_dot_bar).sum();
  }

  Vector gradient(const Vector& all, MlpTangentsTape<double>& tape) const {
    value(all, tape);
    const Vector theta = all.tail(network.num_parameters());
    Matrix x_bar(network.inputs(), batch);
    Matrix v_bar(network.tangents() * network.inputs(), batch);
    Vector theta_bar = Vector::Zero(theta.size());
    network.pullback(theta, y_bar, y_dot_bar, x_bar, v_bar, theta_bar, tape);
    Vector result(size());
    result << x_bar.reshaped(), v_bar.reshaped(), theta_bar;
    return result;
  }
};

}  // namespace

TEST_SUITE("nn/mlp_tangents") {
  TEST_CASE("the value and every derivative are those of the definition") {
    // Oracle: independent implementation (plain loops on dual numbers).
    for (const Activation activation : kActivations) {
      for (const MlpLayout& layout : layouts(activation, 3)) {
        INFO(text(layout));
        const Index k = 2, batch = 67, d = layout.inputs;
        const MlpTangents<double> network(layout, k);
        const Vector theta = random_matrix(network.num_parameters(), 1, 1);
        const Matrix x = random_matrix(d, batch, 2, 2), v = random_matrix(k * d, batch, 3);
        Matrix y(3, batch), y_dot(3 * k, batch);
        const auto tape = network.make_tape(batch);
        network.forward(theta, x, v, y, y_dot, *tape);
        double worst = 0;
        for (Index b = 0; b < batch; ++b) {
          for (Index j = 0; j < k; ++j) {
            std::vector<Dual<double>> in, parameters;
            for (Index i = 0; i < d; ++i) in.push_back({x(i, b), v(j * d + i, b)});
            for (const double each : theta) parameters.push_back({each, 0});
            const auto out = naive_network(layout, parameters, in);
            for (Index i = 0; i < 3; ++i) {
              const auto& want = out[static_cast<std::size_t>(i)];
              worst = std::max(worst, std::abs(y(i, b) - want.v));
              worst = std::max(worst, std::abs(y_dot(j * 3 + i, b) - want.d));
            }
          }
        }
        CHECK(worst < 1e-13);
      }
    }
  }

  TEST_CASE("the pullback is the gradient of values and tangents together") {
    // Oracle: Taylor remainders, in x, v and θ at once and in each alone.
    for (const Activation activation : kActivations) {
      for (const MlpLayout& layout : layouts(activation, 3)) {
        for (const Index k : {Index{1}, Index{3}}) {
          INFO(text(layout), ", ", k, " tangents");
          const Pairing pairing(layout, k, 2);
          const auto tape = pairing.network.make_tape(2);
          const Vector at = random_matrix(pairing.size(), 1, 4, 0.9);
          const Vector gradient = pairing.gradient(at, *tape);
          const auto f = [&](const Vector& z) { return pairing.value(z, *tape); };
          const Index n_x = pairing.x_size(), n_v = pairing.v_size();
          const Vector all = random_direction(pairing.size(), 5);
          Vector along_x = Vector::Zero(all.size()), along_v = along_x, along_theta = along_x;
          along_x.head(n_x) = all.head(n_x);
          along_v.segment(n_x, n_v) = all.segment(n_x, n_v);
          along_theta.tail(all.size() - n_x - n_v) = all.tail(all.size() - n_x - n_v);
          for (const Vector& direction : {all, along_x, along_theta}) {
            const TaylorCheck check = taylor_check(f, at, gradient, direction);
            INFO(check.text());
            CHECK(check.slope() >= 1.9);
          }
          // ℓ is linear in v: no remainder at all.
          CHECK(f(at + along_v) - f(at) ==
                doctest::Approx(gradient.dot(along_v)).epsilon(1e-9));
        }
      }
    }
  }

  TEST_CASE("without tangents it is the network itself") {
    // Oracle: independent implementation (Mlp).
    const MlpLayout layout = layouts(Activation::kSilu, 2)[2];
    const Index batch = 70;
    const MlpTangents<double> tangents(layout, 0);
    const Mlp<double> mlp(layout);
    const Vector theta = random_matrix(mlp.num_parameters(), 1, 1);
    const Matrix x = random_matrix(4, batch, 2), y_bar = random_matrix(2, batch, 3);
    Matrix y(2, batch), y_want(2, batch), x_bar(4, batch), x_bar_want(4, batch), none;
    Vector bar = Vector::Zero(theta.size()), bar_want = bar;
    const auto tape = tangents.make_tape(batch);
    const auto mlp_tape = mlp.make_tape(batch);
    tangents.forward(theta, x, none, y, none, *tape);
    tangents.pullback(theta, y_bar, none, x_bar, none, bar, *tape);
    mlp.forward(theta, x, y_want, *mlp_tape);
    mlp.pullback(theta, y_bar, x_bar_want, bar_want, *mlp_tape);
    CHECK((y - y_want).cwiseAbs().maxCoeff() < 1e-14);
    CHECK((x_bar - x_bar_want).cwiseAbs().maxCoeff() < 1e-13);
    CHECK((bar - bar_want).cwiseAbs().maxCoeff() < 1e-12);
  }

  TEST_CASE("what is not wanted is not computed, and changes nothing else") {
    const Pairing pairing(layouts(Activation::kTanh, 2)[1], 2, 3);
    const auto tape = pairing.network.make_tape(5);
    const Vector at = random_matrix(pairing.size(), 1, 4);
    const Vector gradient = pairing.gradient(at, *tape);
    const Vector theta = at.tail(pairing.network.num_parameters());
    Vector only_theta = Vector::Zero(theta.size()), no_theta;
    Matrix none, x_bar(3, 3);
    pairing.network.pullback(theta, pairing.y_bar, pairing.y_dot_bar, none, none, only_theta,
                             *tape);
    pairing.network.pullback(theta, pairing.y_bar, pairing.y_dot_bar, x_bar, none, no_theta,
                             *tape);
    CHECK(only_theta == gradient.tail(theta.size()));
    CHECK(x_bar.reshaped() == gradient.head(9));
  }

  TEST_CASE("no call allocates, and wrong sizes are refused in words") {
    const Pairing pairing(layouts(Activation::kTanh, 2)[2], 2, 3);
    const auto& network = pairing.network;
    const auto tape = network.make_tape(3);
    const Vector theta = random_matrix(network.num_parameters(), 1, 1);
    const Matrix x = random_matrix(4, 3, 2), v = random_matrix(8, 3, 3);
    Matrix y(2, 3), y_dot(4, 3), x_bar(4, 3), v_bar(8, 3);
    Vector theta_bar = Vector::Zero(theta.size());
    CHECK_THROWS_AS(network.pullback(theta, pairing.y_bar, pairing.y_dot_bar, x_bar, v_bar,
                                     theta_bar, *tape),
                    std::invalid_argument);  // Before any forward.
    const auto all = [&] {
      network.forward(theta, x, v, y, y_dot, *tape);
      network.pullback(theta, pairing.y_bar, pairing.y_dot_bar, x_bar, v_bar, theta_bar, *tape);
    };
    all();
    CHECK(allocations_in(all) == 0);
    CHECK(tape->bytes() > 3 * sizeof(double) * static_cast<std::size_t>(theta.size()));

    CHECK_THROWS_WITH_AS(network.forward(theta, x, x, y, y_dot, *tape),
                         doctest::Contains("v is 4 × 3, expected 8 × 3"),
                         std::invalid_argument);
    CHECK_THROWS_AS(network.forward(Vector(theta.head(3)), x, v, y, y_dot, *tape),
                    std::invalid_argument);
    CHECK_THROWS_AS(network.forward(theta, random_matrix(4, 4, 1), v, y, y_dot, *tape),
                    std::invalid_argument);
    CHECK_THROWS_AS(MlpTangents<double>(layouts(Activation::kTanh, 2)[1], -1),
                    std::invalid_argument);
    CHECK_THROWS_AS(network.make_tape(0), std::invalid_argument);
  }

  TEST_CASE_TEMPLATE("an infinite sample spoils no other", S, float, double) {
    // Oracle: the same call without it.
    const MlpLayout layout = layouts(Activation::kSoftplus, 2)[1];
    const MlpTangents<S> network(layout, 1);
    const VectorX<S> theta = random_matrix(network.num_parameters(), 1, 1).template cast<S>();
    MatrixX<S> x = random_matrix(3, 4, 2).cast<S>();
    const MatrixX<S> v = random_matrix(3, 4, 3).cast<S>();
    MatrixX<S> y(2, 4), y_dot(2, 4), y_spoilt(2, 4), y_dot_spoilt(2, 4);
    const auto tape = network.make_tape(4);
    network.forward(theta, x, v, y, y_dot, *tape);
    x(0, 1) = std::numeric_limits<S>::quiet_NaN();
    network.forward(theta, x, v, y_spoilt, y_dot_spoilt, *tape);
    for (const Index b : {0, 2, 3}) {
      CHECK(y.col(b) == y_spoilt.col(b));
      CHECK(y_dot.col(b) == y_dot_spoilt.col(b));
    }
    CHECK(std::isnan(static_cast<double>(y_spoilt(0, 1))));
  }
}
