#include "flow/flow_solver.h"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>
#include <stdexcept>

using namespace least_action;

namespace {

/// A flow far from the identity: random weights, not trained.
Vector strong_theta(const FlowSpec& spec, double size = 1.3) {
  Vector theta(spec.layout().num_parameters());
  Random random(4);
  for (double& entry : theta) entry = random.uniform(-size, size);
  return theta;
}

SolveOptions tight() {
  SolveOptions options;
  options.relative_tolerance = 1e-10;
  options.absolute_tolerance = 1e-12;
  return options;
}

/// ẋ = A x + b with A = growth · I + turn · J: no hidden layer. Its flow map over [0, 1] is
/// E = e^growth R(turn) and a shift m = A⁻¹(E − I) b, so p = N(m, e^{2 growth} I).
struct Linear {
  FlowSpec spec{2, {}, Activation::kTanh};
  double growth = 0.4, turn = 1.1;
  Vector theta{8}, mean{2};

  Linear() {
    const Vector b{{0.3, -0.7}};
    const Matrix a{{growth, -turn}, {turn, growth}};
    theta << a.reshaped(), 0, 0, b;  // W is 2 × 3, column by column: x, y, t.
    const double c = std::exp(growth) * std::cos(turn), s = std::exp(growth) * std::sin(turn);
    const Matrix e_minus_1{{c - 1, -s}, {s, c - 1}};
    const double det = growth * growth + turn * turn;
    const Matrix inverse{{growth / det, turn / det}, {-turn / det, growth / det}};
    mean = inverse * e_minus_1 * b;
  }
  double log_density(double x, double y) const {
    const double u = x - mean[0], v = y - mean[1];
    return -0.5 * (u * u + v * v) * std::exp(-2 * growth) - 2 * growth -
           std::log(2 * std::numbers::pi);
  }
};

}  // namespace

TEST_SUITE("flow/flow_solver") {
  TEST_CASE("a linear flow carries a Gaussian to a Gaussian, by every method") {
    // Oracle: analytic (the matrix exponential in closed form).
    const Linear linear;
    Matrix x(2, 4);
    x << 0, 1, -2, 0.3, 0, -1, 0.5, 2;
    for (const MethodTraits& each : methods()) {
      if (each.needs_separable || each.method == Method::kTao2) continue;
      INFO(each.name);
      SolveOptions options = tight();
      options.method = each.method;
      options.step = each.order < 4 ? 1e-3 : 2e-2;
      FlowSolver solver(linear.spec, linear.theta, 4, options);
      Vector log_p(4);
      REQUIRE(solver.log_density(x, log_p) == SolveStatus::kReachedEnd);
      for (Index b = 0; b < 4; ++b) {
        const double tolerance = each.order == 1 ? 5e-3 : 1e-5;
        CHECK(log_p[b] ==
              doctest::Approx(linear.log_density(x(0, b), x(1, b))).epsilon(tolerance));
      }
    }
  }

  TEST_CASE("the log-density is the base's over the volume change of the flow map") {
    // Oracle: central differences of the flow map give its Jacobian determinant.
    const FlowSpec spec{2, {8, 8}, Activation::kTanh};
    FlowSolver solver(spec, strong_theta(spec), 5, tight());
    const double h = 1e-4;
    const Matrix z{{0.3}, {-0.8}};
    Matrix around = z.replicate(1, 5);
    around(0, 1) += h;
    around(0, 2) -= h;
    around(1, 3) += h;
    around(1, 4) -= h;
    const Solution& path = solver.transport(around, {0, 1});
    REQUIRE(path.ok());
    const Matrix end = path.state(1);
    const double a = (end(0, 1) - end(0, 2)) / (2 * h), c = (end(1, 1) - end(1, 2)) / (2 * h);
    const double b = (end(0, 3) - end(0, 4)) / (2 * h), d = (end(1, 3) - end(1, 4)) / (2 * h);
    const double volume = a * d - b * c;
    CHECK(std::abs(std::log(volume)) > 0.05);  // Not the identity.
    Vector log_p(1);
    solver.log_density(Matrix(end.col(0)), log_p);
    CHECK(log_p[0] ==
          doctest::Approx(log_base_density(z.data(), 2) - std::log(volume)).epsilon(1e-6));
  }

  TEST_CASE("the density integrates to 1") {
    // Oracle: quadrature on a grid (the trapezoidal rule of a smooth function).
    const FlowSpec spec{2, {8, 8}, Activation::kTanh};
    SolveOptions options = tight();
    options.relative_tolerance = 1e-7;
    FlowSolver solver(spec, strong_theta(spec, 0.9), 400, options);
    const double h = 0.25;
    double mass = 0;
    Vector log_p(64);
    Matrix row(2, 64);
    for (int j = 0; j < 64; ++j) {
      for (int i = 0; i < 64; ++i) row.col(i) << (i - 32) * h, (j - 32) * h;
      REQUIRE(solver.log_density(row, log_p) == SolveStatus::kReachedEnd);
      mass += log_p.array().exp().sum() * h * h;
    }
    CHECK(mass == doctest::Approx(1).epsilon(1e-4));
  }

  TEST_CASE("backward after forward is the identity, and samples know their density") {
    // Oracle: the start itself; the density evaluated from the sample backward.
    const FlowSpec spec{2, {8, 8}, Activation::kTanh};
    FlowSolver solver(spec, strong_theta(spec), 50, tight());
    Random random(5);
    Matrix x(2, 50);
    Vector along(50), evaluated(50);
    REQUIRE(solver.sample(random, x, along) == SolveStatus::kReachedEnd);
    REQUIRE(solver.log_density(x, evaluated) == SolveStatus::kReachedEnd);
    CHECK((along - evaluated).cwiseAbs().maxCoeff() < 1e-8);

    Random again(5);
    Matrix z(2, 50), only_samples(2, 50);
    for (double& entry : z.reshaped()) entry = again.normal();
    const Matrix back = solver.transport(x, {1, 0.5, 0}).state(2);
    CHECK((back - z).cwiseAbs().maxCoeff() < 1e-8);
    CHECK((x - z).cwiseAbs().maxCoeff() > 0.1);
    Random third(5);
    Vector none;
    solver.sample(third, only_samples, none);
    CHECK((only_samples - x).cwiseAbs().maxCoeff() < 1e-8);
  }

  TEST_CASE("what fails is said, and wrong calls are refused") {
    const Linear linear;
    SolveOptions options = tight();
    options.max_steps = 3;
    FlowSolver hurried(linear.spec, linear.theta, 2, options);
    Matrix x = Matrix::Ones(2, 2);
    Vector log_p(2);
    CHECK(hurried.log_density(x, log_p) == SolveStatus::kStepLimit);
    CHECK(log_p.array().isNaN().all());
    CHECK(!hurried.message().empty());

    FlowSolver solver(linear.spec, linear.theta, 2);
    CHECK_THROWS_AS(solver.log_density(Matrix(3, 2), log_p), std::invalid_argument);
    CHECK_THROWS_AS(solver.log_density(Matrix(2, 3), log_p), std::invalid_argument);
    CHECK_THROWS_AS(solver.set_theta(Vector(3)), std::invalid_argument);
    CHECK_THROWS_AS(FlowSolver(linear.spec, linear.theta, 0), std::invalid_argument);
    CHECK_THROWS_AS(FlowSolver(linear.spec, Vector(1), 2), std::invalid_argument);
    x(0, 0) = std::nan("");
    CHECK_THROWS_AS(solver.log_density(x, log_p), std::invalid_argument);
  }
}
