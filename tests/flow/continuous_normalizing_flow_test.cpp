#include "flow/continuous_normalizing_flow.h"

#include <doctest/doctest.h>

#include <cmath>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/gradient_check.h"
#include "support/no_allocation.h"

using namespace least_action;
using namespace least_action::testing;

namespace {

Matrix random_matrix(Index rows, Index cols, std::uint64_t seed, double size = 1) {
  Random random(seed);
  Matrix m(rows, cols);
  for (double& entry : m.reshaped()) entry = random.uniform(-size, size);
  return m;
}

FlowSpec small_spec(Index dimension, Activation activation = Activation::kTanh) {
  return {dimension, {7, 5}, activation};
}

struct Case {
  std::string name;
  std::unique_ptr<VectorField<double>> field;
};

/// Every kind of field a flow has, on one θ.
std::vector<Case> cases(const FlowSpec& spec, const Vector& theta) {
  std::vector<Case> all;
  all.push_back({"plain", std::make_unique<FlowField<double>>(spec, theta)});
  for (const TraceTraits& each : trace_estimators()) {
    for (const bool kinetic : {false, true}) {
      all.push_back(
          {std::string(each.name) + (kinetic ? ", kinetic" : ""),
           std::make_unique<FlowDensityField<double>>(spec, theta, each.estimator, kinetic)});
    }
  }
  return all;
}

}  // namespace

TEST_SUITE("flow/continuous_normalizing_flow") {
  TEST_CASE("the vector-Jacobian products go through the trace: states, times and parameters") {
    // Oracle: Taylor remainders of ⟨w, F(t, x; θ)⟩.
    for (const Activation activation : kActivations) {
      const FlowSpec spec = small_spec(2, activation);
      const Vector at = random_matrix(spec.layout().num_parameters(), 1, 1, 0.8);
      Vector theta = at;
      for (const Case& each : cases(spec, theta)) {
        INFO(name(activation), ", ", each.name);
        const VectorField<double>& field = *each.field;
        const Index d = field.dimension(), batch = 3, n = theta.size();
        const auto tape = field.make_tape(batch);
        const Matrix w = random_matrix(d, batch, 2);
        Matrix x_dot(d, batch), x_bar(d, batch);
        const auto f = [&](const Vector& z) {
          theta = z.tail(n);
          const Matrix x = z.head(d * batch).reshaped(d, batch);
          const Vector t = z.segment(d * batch, batch);
          field.forward(t, x, x_dot, *tape);
          return x_dot.cwiseProduct(w).sum();
        };
        Vector z(d * batch + batch + n), gradient(z.size());
        z << random_matrix(d * batch, 1, 3), random_matrix(batch, 1, 4), at;
        f(z);
        Vector t_bar(batch), theta_bar = Vector::Zero(n);
        field.time_vjp(w, t_bar, *tape);
        field.vjp(w, x_bar, theta_bar, *tape);
        gradient << x_bar.reshaped(), t_bar, theta_bar;
        const Vector all = random_direction(z.size(), 5);
        Vector states = Vector::Zero(z.size()), times = states, parameters = states;
        states.head(d * batch) = all.head(d * batch);
        times.segment(d * batch, batch) = all.segment(d * batch, batch);
        parameters.tail(n) = all.tail(n);
        for (const Vector& direction : {all, states, times, parameters}) {
          const TaylorCheck check = taylor_check(f, z, gradient, direction);
          INFO(check.text());
          CHECK(check.slope() >= 1.9);
        }
      }
    }
  }

  TEST_CASE("the Jacobian-vector product is the transpose of the vector-Jacobian product") {
    // Oracle: ⟨w, J v⟩ = ⟨Jᵀ w, v⟩ for all v and w.
    const FlowSpec spec = small_spec(3);
    const Vector theta = random_matrix(spec.layout().num_parameters(), 1, 1, 0.8);
    for (const Case& each : cases(spec, theta)) {
      INFO(each.name);
      const Index d = each.field->dimension(), batch = 4;
      const auto tape = each.field->make_tape(batch);
      const Matrix x = random_matrix(d, batch, 2), v = random_matrix(d, batch, 3);
      const Matrix w = random_matrix(d, batch, 4);
      const Vector t = random_matrix(batch, 1, 5);
      Matrix x_dot(d, batch), jv(d, batch), jtw(d, batch);
      Vector none;
      each.field->forward(t, x, x_dot, *tape);
      each.field->jvp(v, jv, *tape);
      each.field->vjp(w, jtw, none, *tape);
      for (Index b = 0; b < batch; ++b) {
        CHECK(w.col(b).dot(jv.col(b)) ==
              doctest::Approx(jtw.col(b).dot(v.col(b))).epsilon(1e-12));
      }
      each.field->jvp(v, x_dot, *tape);  // A reverse pass between changes nothing.
      CHECK((x_dot - jv).cwiseAbs().maxCoeff() == 0);
    }
  }

  TEST_CASE("the log-density falls at the rate of the divergence") {
    // Oracle: central differences of the plain field.
    const FlowSpec spec = small_spec(3);
    const Vector theta = random_matrix(spec.layout().num_parameters(), 1, 1, 0.8);
    const FlowField<double> plain(spec, theta);
    const FlowDensityField<double> field(spec, theta, TraceEstimator::kExact, true);
    const auto tape = plain.make_tape(1);
    const auto density_tape = field.make_tape(1);
    const Matrix x = random_matrix(3, 1, 2);
    const Vector t = random_matrix(1, 1, 3);
    Matrix state(5, 1), rate(5, 1), up(3, 1), down(3, 1);
    state << x, 0.7, -0.2;
    field.forward(t, state, rate, *density_tape);
    double trace = 0;
    const double h = 1e-5;
    for (Index i = 0; i < 3; ++i) {
      const Matrix step = h * Vector::Unit(3, i);
      plain.forward(t, Matrix(x + step), up, *tape);
      plain.forward(t, Matrix(x - step), down, *tape);
      trace += (up(i, 0) - down(i, 0)) / (2 * h);
    }
    plain.forward(t, x, up, *tape);
    CHECK(rate(3, 0) == doctest::Approx(-trace).epsilon(1e-9));
    CHECK((rate.topRows(3) - up).cwiseAbs().maxCoeff() < 1e-15);
    CHECK(rate(4, 0) == doctest::Approx(up.squaredNorm()).epsilon(1e-14));
  }

  TEST_CASE("Hutchinson's estimate has the trace as its mean") {
    // Oracle: the exact trace. Over all four sign vectors of the plane the mean is exact; of
    // Gaussian noise, within five standard errors.
    const FlowSpec spec = small_spec(2);
    const Vector theta = random_matrix(spec.layout().num_parameters(), 1, 1, 0.8);
    const FlowDensityField<double> exact(spec, theta);
    const FlowDensityField<double> signs(spec, theta, TraceEstimator::kRademacher);
    const FlowDensityField<double> gaussian(spec, theta, TraceEstimator::kGaussian);
    const Matrix x = random_matrix(2, 1, 2);
    Matrix state(3, 1), rate(3, 1);
    state << x, 0;
    exact.forward(Vector::Constant(1, 0.3), state, rate, *exact.make_tape(1));

    Matrix four(5, 4), rates(5, 4);
    four << x.replicate(1, 4), Matrix::Zero(1, 4), Matrix{{1.0, 1.0, -1.0, -1.0}},
        Matrix{{1.0, -1.0, 1.0, -1.0}};
    signs.forward(Vector::Constant(4, 0.3), four, rates, *signs.make_tape(4));
    CHECK(rates.row(2).mean() == doctest::Approx(rate(2, 0)).epsilon(1e-12));
    CHECK(std::abs(rates(2, 0) - rate(2, 0)) > 1e-3);  // One alone is not it.
    CHECK(rates.bottomRows(2).cwiseAbs().maxCoeff() == 0);

    const Index count = 4000;
    Matrix many(5, count), each(5, count);
    many.topRows(2) = x.replicate(1, count);
    many.row(2).setZero();
    Random random(9);
    gaussian.state().draw_noise<double>(random, many);
    gaussian.forward(Vector::Constant(count, 0.3), many, each, *gaussian.make_tape(count));
    const double mean = each.row(2).mean();
    const double deviation =
        std::sqrt((each.row(2).array() - mean).square().mean() / static_cast<double>(count));
    CHECK(std::abs(mean - rate(2, 0)) < 5 * deviation);
    CHECK(deviation < 0.1);
  }

  TEST_CASE("no call allocates, and tapes say what they hold") {
    const FlowSpec spec = small_spec(2);
    const Vector theta = random_matrix(spec.layout().num_parameters(), 1, 1);
    for (const Case& each : cases(spec, theta)) {
      INFO(each.name);
      const Index d = each.field->dimension();
      const auto tape = each.field->make_tape(80);
      const Matrix x = random_matrix(d, 70, 2);
      const Vector t = random_matrix(70, 1, 3);
      Matrix out(d, 70), bar(d, 70);
      Vector theta_bar = Vector::Zero(theta.size()), t_bar(70);
      const auto all = [&] {
        each.field->forward(t, x, out, *tape);
        each.field->vjp(x, bar, theta_bar, *tape);
        each.field->jvp(x, bar, *tape);
        each.field->time_vjp(x, t_bar, *tape);
      };
      all();
      CHECK(allocations_in(all) == 0);
      CHECK(tape->bytes() > 80 * sizeof(double) * 24);
    }
  }

  TEST_CASE("wrong calls are refused in words") {
    const FlowSpec spec = small_spec(2);
    const Vector theta = random_matrix(spec.layout().num_parameters(), 1, 1);
    const FlowDensityField<double> field(spec, theta);
    const auto tape = field.make_tape(2);
    Matrix x = random_matrix(3, 2, 2), out(3, 2);
    Vector t = Vector::Zero(2), none;
    CHECK_THROWS_AS(field.vjp(x, out, none, *tape), std::invalid_argument);  // No forward.
    CHECK_THROWS_AS(field.forward(t, Matrix(2, 2), out, *tape), std::invalid_argument);
    CHECK_THROWS_AS(field.forward(Vector(1), x, out, *tape), std::invalid_argument);
    const auto plain_tape = FlowField<double>(spec, theta).make_tape(2);
    CHECK_THROWS_WITH_AS(field.forward(t, x, out, *plain_tape),
                         doctest::Contains("another kind of field"), std::invalid_argument);
    const Vector short_theta = theta.head(5);
    CHECK_THROWS_AS(FlowDensityField<double>(spec, short_theta), std::invalid_argument);
    CHECK_THROWS_AS(FlowField<double>(FlowSpec{0, {4}}, theta), std::invalid_argument);
    CHECK_THROWS_AS(FlowField<double>(FlowSpec{2, {-4}}, theta), std::invalid_argument);
    CHECK_THROWS_AS(trace_named("traces"), std::invalid_argument);
    CHECK(trace_named("rademacher") == TraceEstimator::kRademacher);
  }
}
