#include "nn/mlp_derivatives.h"

#include <doctest/doctest.h>

#include <limits>
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

  TEST_CASE_TEMPLATE("a batch of any size equals its columns one by one", S, float, double) {
    // Oracle: invariant. Widths and batches cross tiles, vectors and panels with a remainder.
    const double tolerance = 400 * double(std::numeric_limits<S>::epsilon());
    const MlpLayout layout{
        4, {70, 33}, 1, Activation::kSoftplus, {{true, 1}, {}, {}, {false, 2}}};
    const MlpDerivatives<S> network(layout, 2);
    const Index n = network.num_parameters();
    const VectorX<S> theta = random_matrix(n, 1, 1, 0.3).cast<S>();
    const auto tape = network.make_tape(130);
    for (const Index batch : {1, 3, 17, 65, 130}) {
      CAPTURE(batch);
      struct Out {
        MatrixX<S> value, grad, hv, hessian, x_bar;
        VectorX<S> theta_bar;
        Out(Index parameters, Index size)
            : value(1, size),
              grad(4, size),
              hv(4, size),
              hessian(8, size),
              x_bar(4, size),
              theta_bar(VectorX<S>::Zero(parameters)) {}
      } all(n, batch), each(n, batch);
      const MatrixX<S> x = random_matrix(4, batch, 2).cast<S>(),
                       v = random_matrix(4, batch, 3).cast<S>();
      const MatrixX<S> u = random_matrix(2, batch, 4).cast<S>(),
                       c = random_matrix(4, batch, 5).cast<S>();
      const auto run = [&](Index first, Index count, Out& out) {
        const auto at = [&](MatrixX<S>& m) { return m.middleCols(first, count); };
        network.gradient(theta, x.middleCols(first, count), at(out.value), at(out.grad), *tape);
        network.hessian_columns(theta, 2, at(out.hessian), *tape);
        network.mixed_pullback(theta, v.middleCols(first, count), u.middleCols(first, count),
                               c.middleCols(first, count), S(0.5), at(out.x_bar), out.theta_bar,
                               *tape);
        network.gradient_pullback(theta, v.middleCols(first, count), at(out.hv), out.theta_bar,
                                  *tape);
        network.value_pullback(theta, u.row(0).middleCols(first, count), out.theta_bar, *tape);
      };
      run(0, batch, all);
      for (Index b = 0; b < batch; ++b) run(b, 1, each);
      CHECK(double((all.value - each.value).cwiseAbs().maxCoeff()) < tolerance);
      CHECK(double((all.grad - each.grad).cwiseAbs().maxCoeff()) < tolerance);
      CHECK(double((all.hv - each.hv).cwiseAbs().maxCoeff()) < tolerance);
      CHECK(double((all.hessian - each.hessian).cwiseAbs().maxCoeff()) < tolerance);
      CHECK(double((all.x_bar - each.x_bar).cwiseAbs().maxCoeff()) < tolerance);
      CHECK(double((all.theta_bar - each.theta_bar).cwiseAbs().maxCoeff()) <
            tolerance * double(batch));
    }
  }

  TEST_CASE("the parameter gradients match Taylor expansions") {
    // Oracle: finite difference (Taylor remainder) of vᵀ∇f and of bᵀ∇²f c − aᵀ∇f.
    for (const Activation activation : kActivations) {
      const MlpLayout layout{4, {17, 17}, 1, activation, {{true, 1}, {}, {}, {}}};
      const MlpDerivatives<double> network(layout, 2);
      const Index n = network.num_parameters(), batch = 20;
      const Vector theta = random_matrix(n, 1, 1, 0.5);
      const Matrix x = random_matrix(4, batch, 2), a = random_matrix(4, batch, 3);
      const Matrix u = random_matrix(2, batch, 4), c = random_matrix(4, batch, 5);
      const auto tape = network.make_tape(batch);
      Matrix no_value, grad(4, batch), hessian(8, batch), hv(4, batch), no_x_bar;
      const auto first_order = [&](const Vector& t) {
        network.gradient(t, x, no_value, grad, *tape);
        return grad.cwiseProduct(a).sum();
      };
      const auto mixed = [&](const Vector& t) {
        network.gradient(t, x, no_value, grad, *tape);
        network.hessian_columns(t, 2, hessian, *tape);
        double sum = -grad.cwiseProduct(a).sum();
        for (Index b = 0; b < batch; ++b) {
          for (Index j = 0; j < 2; ++j)
            sum += u(j, b) * hessian.col(b).segment(4 * j, 4).dot(c.col(b));
        }
        return sum;
      };
      Vector gradient = Vector::Zero(n), mixed_gradient = Vector::Zero(n);
      mixed(theta);
      network.gradient_pullback(theta, a, hv, gradient, *tape);
      network.mixed_pullback(theta, a, u, c, 1, no_x_bar, mixed_gradient, *tape);
      const TaylorOptions options{1e-2, 1e-4, 1e-14};
      const Vector direction = random_direction(n, 6);
      const TaylorCheck one = taylor_check(first_order, theta, gradient, direction, options);
      const TaylorCheck two = taylor_check(mixed, theta, mixed_gradient, direction, options);
      INFO(name(activation), one.text(), two.text());
      CHECK(one.slope() >= 1.9);
      CHECK(two.slope() >= 1.9);
      CHECK(one.slopes.size() >= 3);
      CHECK(two.slopes.size() >= 3);
    }
  }

  TEST_CASE("no call allocates after make_tape") {
    const MlpDerivatives<float> network({4, {20, 30}, 1, Activation::kSoftplus, {}}, 2);
    const auto tape = network.make_tape(100);
    const VectorX<float> theta = VectorX<float>::Constant(network.num_parameters(), 0.1f);
    const MatrixX<float> x = MatrixX<float>::Ones(4, 100), u = MatrixX<float>::Ones(2, 100);
    const MatrixX<float> one = MatrixX<float>::Ones(1, 100);
    MatrixX<float> value(1, 100), grad(4, 100), hessian(8, 100), x_bar(4, 100);
    VectorX<float> theta_bar = theta;
    CHECK(allocations_in([&] {
            network.gradient(theta, x, value, grad, *tape);
            network.value_pullback(theta, one, theta_bar, *tape);
            network.hessian_product(theta, x, grad, *tape);
            network.gradient_pullback(theta, x, grad, theta_bar, *tape);
            network.hessian_columns(theta, 2, hessian, *tape);
            network.mixed_pullback(theta, x, u, x, 1.0f, x_bar, theta_bar, *tape);
          }) == 0);
  }

  TEST_CASE("wrong sizes and calls out of order say what was expected") {
    const MlpDerivatives<double> network({2, {4}, 1, Activation::kTanh, {}}, 1);
    const auto tape = network.make_tape(5);
    Vector theta = Vector::Zero(network.num_parameters());
    Matrix x = Matrix::Zero(2, 3), value(1, 3), grad(2, 3), u = Matrix::Zero(1, 3), wide(2, 6);
    CHECK_THROWS_WITH_AS(
        network.gradient_pullback(theta, x, grad, theta, *tape),
        "MlpDerivatives::gradient_pullback: the tape is empty, expected a gradient before",
        std::invalid_argument);
    network.gradient(theta, x, value, grad, *tape);
    CHECK_THROWS_AS(network.mixed_pullback(theta, x, u, x, 1, grad, theta, *tape),
                    std::invalid_argument);
    CHECK_THROWS_AS(network.gradient(theta, wide, value, grad, *tape), std::invalid_argument);
    CHECK_THROWS_AS(network.gradient_pullback(theta, wide, grad, theta, *tape),
                    std::invalid_argument);
    CHECK_THROWS_AS(network.hessian_columns(theta, 2, grad, *tape), std::invalid_argument);
    network.hessian_columns(theta, 1, grad, *tape);
    network.gradient(theta, x, value, grad, *tape);  // Other samples: the columns are gone.
    CHECK_THROWS_AS(network.mixed_pullback(theta, x, u, x, 1, grad, theta, *tape),
                    std::invalid_argument);
    const MlpLayout vector_valued{2, {4}, 2, Activation::kTanh, {}};
    const auto make = [&] { return MlpDerivatives<double>(vector_valued, 0).inputs(); };
    CHECK_THROWS_AS(make(), std::invalid_argument);
  }
}
