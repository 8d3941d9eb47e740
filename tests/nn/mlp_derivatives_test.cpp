#include "nn/mlp_derivatives.h"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

#include "naive_network.h"
#include "network_cases.h"
#include "support/gradient_check.h"
#include "support/no_allocation.h"

using namespace least_action;
using namespace least_action::testing;

namespace {

/// First, second and third derivatives of f along given directions of (x, θ), by nested duals.
using D1 = Dual<double>;
using D2 = Dual<D1>;
using D3 = Dual<D2>;

struct Naive {
  MlpLayout layout;
  Vector theta, x;

  /// ∂³/∂s∂t₁∂t₂ f(x + t₁b + t₂c − t₁t₂a + s x', θ + s θ') and its lower companions.
  D3 evaluate(const Vector& a, const Vector& b, const Vector& c, const Vector& x_s,
              const Vector& theta_s) const {
    std::vector<D3> in, t;
    for (Index i = 0; i < x.size(); ++i)
      in.push_back({{{x[i], b[i]}, {c[i], -a[i]}}, {{x_s[i], 0}, {0, 0}}});
    for (Index i = 0; i < theta.size(); ++i)
      t.push_back({{{theta[i], 0}, {0, 0}}, {{theta_s[i], 0}, {0, 0}}});
    return naive_network(layout, t, in)[0];
  }
};

}  // namespace

TEST_SUITE("nn/mlp_derivatives") {
  TEST_CASE("every pass is that of the definition") {
    // Oracle: independent implementation (plain loops on nested dual numbers).
    for (const Activation activation : kActivations) {
      for (const MlpLayout& layout : layouts(activation, 1)) {
        INFO(text(layout));
        const Index d = layout.inputs, columns = 2, first = d - columns, batch = 3;
        const MlpDerivatives<double> network(layout, columns);
        const Index n = network.num_parameters();
        const Vector theta = random_matrix(n, 1, 1);
        const Matrix x = random_matrix(d, batch, 2, 2), v = random_matrix(d, batch, 3);
        const Matrix a = random_matrix(d, batch, 4), u = random_matrix(columns, batch, 5);
        const Matrix c = random_matrix(d, batch, 6), coefficient = random_matrix(1, batch, 7);
        const Vector before = random_matrix(n, 1, 8);
        const double weight = -0.6;

        const auto tape = network.make_tape(batch);
        Matrix value(1, batch), grad(d, batch), hv(d, batch), hv2(d, batch), x_bar(d, batch);
        Matrix hessian(columns * d, batch);
        Vector value_bar = before, gradient_bar = before, mixed_bar = before;
        network.gradient(theta, x, value, grad, *tape);
        network.hessian_columns(theta, first, hessian, *tape);
        network.mixed_pullback(theta, a, u, c, weight, x_bar, mixed_bar, *tape);
        network.gradient_pullback(theta, v, hv, gradient_bar, *tape);
        network.hessian_product(theta, v, hv2, *tape);
        network.value_pullback(theta, coefficient, value_bar, *tape);
        CHECK((hv - hv2).cwiseAbs().maxCoeff() == 0);

        Vector value_bar_want = before, gradient_bar_want = before, mixed_bar_want = before;
        const Vector zero = Vector::Zero(d), zero_theta = Vector::Zero(n);
        double worst_value = 0, worst_gradient = 0, worst_hv = 0, worst_columns = 0,
               worst_x = 0;
        const auto note = [](double& worst, double got, double want) {
          worst = std::max(worst, std::abs(got - want));
        };
        for (Index s = 0; s < batch; ++s) {
          const Naive naive{layout, theta, x.col(s)};
          Vector b = zero;
          b.tail(columns) = u.col(s);
          for (Index i = 0; i < d; ++i) {
            const Vector e = Vector::Unit(d, i);
            const D3 at = naive.evaluate(a.col(s), b, c.col(s), e, zero_theta);
            note(worst_value, value(0, s), at.v.v.v);
            note(worst_gradient, grad(i, s), at.d.v.v);
            note(worst_x, x_bar(i, s), at.d.d.d);
            note(worst_hv, hv(i, s), naive.evaluate(zero, v.col(s), e, zero, zero_theta).v.d.d);
            for (Index j = 0; j < columns; ++j) {
              const Vector f = Vector::Unit(d, first + j);
              note(worst_columns, hessian(j * d + i, s),
                   naive.evaluate(zero, f, e, zero, zero_theta).v.d.d);
            }
          }
          for (Index i = 0; i < n; ++i) {
            const Vector e = Vector::Unit(n, i);
            const D3 mixed = naive.evaluate(a.col(s), b, c.col(s), zero, e);
            mixed_bar_want[i] += weight * mixed.d.d.d;
            value_bar_want[i] += coefficient(0, s) * mixed.d.v.v;
            gradient_bar_want[i] += naive.evaluate(zero, v.col(s), zero, zero, e).d.v.d;
          }
        }
        CHECK(worst_value < 1e-13);
        CHECK(worst_gradient < 1e-13);
        CHECK(worst_hv < 1e-12);
        CHECK(worst_columns < 1e-12);
        CHECK(worst_x < 1e-12);
        CHECK((value_bar - value_bar_want).cwiseAbs().maxCoeff() < 1e-12);
        CHECK((gradient_bar - gradient_bar_want).cwiseAbs().maxCoeff() < 1e-12);
        CHECK((mixed_bar - mixed_bar_want).cwiseAbs().maxCoeff() < 1e-12);
      }
    }
  }
}
