#include "ode/dormand_prince.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "ode/explicit_runge_kutta.h"
#include "support/convergence.h"
#include "support/function_field.h"
#include "support/no_allocation.h"

using namespace least_action;
using namespace least_action::testing;

namespace {

/// ẋ = x² cos t with x = 1/(1.1 − sin t).
FunctionField nonlinear_field() {
  return FunctionField(1, [](double t, ConstVectorRef x, VectorRef x_dot) {
    x_dot[0] = std::cos(t) * x[0] * x[0];
  });
}
double nonlinear_solution(double t) { return 1 / (1.1 - std::sin(t)); }

SolveOptions lax(double initial_step) {
  SolveOptions options;
  options.relative_tolerance = 1e6;
  options.initial_step = initial_step;
  return options;
}

}  // namespace

TEST_SUITE("ode/dormand_prince") {
  TEST_CASE("the dense output has local error of order 5 within a step, its end of order 6") {
    // Oracle: analytic. One step of size h from the exact state.
    const FunctionField field = nonlinear_field();
    for (const double sigma : {0.3, 0.6, 1.0}) {
      CAPTURE(sigma);
      const auto error = [&](double h) {
        DormandPrince integrator(field, 1, lax(h));
        integrator.start(1.7, 5, Matrix::Constant(1, 1, nonlinear_solution(1.7)));
        REQUIRE(integrator.advance() == SolveStatus::kReachedEnd);
        REQUIRE(integrator.time() == 1.7 + h);
        Matrix x(1, 1);
        const double t = 1.7 + sigma * h;
        integrator.interpolate(t, x);
        return std::abs(x(0, 0) - nonlinear_solution(t));
      };
      const Convergence convergence = measure_convergence(error, halvings(1.0 / 16, 4));
      INFO(convergence.text());
      CHECK(convergence.order() == doctest::Approx(sigma == 1 ? 6 : 5).epsilon(0.04));
    }
  }

  TEST_CASE("dense output is continuous in value at step ends") {
    // Oracle: invariant: interpolation at the ends is the states there.
    const FunctionField field = driven_pendulum();
    DormandPrince integrator(field, 1, {});
    integrator.start(0, 10, driven_pendulum_solution(0));
    Matrix before = driven_pendulum_solution(0), x(2, 1);
    for (int i = 0; i < 20; ++i) {
      REQUIRE(integrator.advance() == SolveStatus::kReachedEnd);
      integrator.interpolate(integrator.previous_time(), x);
      CHECK((x - before).norm() == 0);
      integrator.interpolate(integrator.time(), x);
      CHECK((x - integrator.state()).norm() < 1e-14);
      before = integrator.state();
    }
  }

  TEST_CASE("the last step ends at the requested end exactly, in both directions") {
    const FunctionField field = driven_pendulum();
    for (const double end : {3.7, -3.7}) {
      DormandPrince integrator(field, 1, {});
      integrator.start(0.1, end, driven_pendulum_solution(0.1));
      int guard = 0;
      while (integrator.time() != end && ++guard < 10000) {
        REQUIRE(integrator.advance() == SolveStatus::kReachedEnd);
      }
      CHECK(integrator.time() == end);
      CHECK((integrator.state() - driven_pendulum_solution(end)).norm() < 1e-7);
    }
  }

  TEST_CASE("a kick in the field makes the controller reject, and accept smaller steps after") {
    // Oracle: analytic: ẋ = 1 + 1000 exp(−(1000(t − 1))²): x(2) = 2 + √π.
    const FunctionField field(1, [](double t, ConstVectorRef, VectorRef x_dot) {
      x_dot[0] = 1 + 1000 * std::exp(-1e6 * (t - 1) * (t - 1));
    });
    SolveOptions options;
    options.initial_step = 0.001;
    DormandPrince integrator(field, 1, options);
    integrator.start(0.99, 2, Matrix::Constant(1, 1, 0.99));
    double smallest = 1, largest = 0;
    int guard = 0;
    while (integrator.time() < 2 && ++guard < 10000) {
      REQUIRE(integrator.advance() == SolveStatus::kReachedEnd);
      const double taken = integrator.time() - integrator.previous_time();
      smallest = std::min(smallest, taken);
      largest = std::max(largest, taken);
    }
    CHECK(integrator.state()(0, 0) ==
          doctest::Approx(2 + std::sqrt(std::acos(-1.0))).epsilon(1e-6));
    CHECK(integrator.statistics().rejected > 0);
    CHECK(smallest < 2e-4);
    CHECK(largest > 0.05);
  }

  TEST_CASE(
      "a step is accepted exactly where the two solutions differ by the tolerance or less") {
    // Oracle: independent: the steps of orders 5 and 4 by ExplicitRungeKutta.
    const FunctionField field = nonlinear_field();
    ButcherTableau embedded = dormand_prince_tableau();
    embedded.b -= embedded.error;
    SolveOptions options;
    options.relative_tolerance = options.absolute_tolerance = 1e-6;
    int accepted = 0, rejected = 0;
    for (double h = 0.02; h < 0.4; h *= 1.05) {
      CAPTURE(h);
      const Matrix x0 = Matrix::Constant(1, 1, nonlinear_solution(0.3));
      Matrix fifth = x0, fourth = x0;
      const Vector t = Vector::Constant(1, 0.3), step = Vector::Constant(1, h);
      ExplicitRungeKutta<double> method5(dormand_prince_tableau(), field, 1);
      ExplicitRungeKutta<double> method4(embedded, field, 1);
      REQUIRE(method5.step(t, step, fifth));
      REQUIRE(method4.step(t, step, fourth));
      const double scale = 1e-6 * (1 + std::max(std::abs(x0(0, 0)), std::abs(fifth(0, 0))));
      const bool good = std::abs(fifth(0, 0) - fourth(0, 0)) <= scale;
      options.initial_step = h;
      DormandPrince integrator(field, 1, options);
      integrator.start(0.3, 5, x0);
      REQUIRE(integrator.advance() == SolveStatus::kReachedEnd);
      CHECK((integrator.statistics().rejected == 0) == good);
      (good ? accepted : rejected)++;
    }
    CHECK(accepted > 5);
    CHECK(rejected > 5);
  }

  TEST_CASE("starting, stepping and interpolating do not allocate") {
    const FunctionField field = driven_pendulum();
    DormandPrince integrator(field, 3, {});
    const Matrix x0 = Matrix::Constant(2, 3, 0.4);
    Matrix x = x0;
    const auto run = [&] {
      integrator.start(0, 5, x0);
      for (int i = 0; i < 10; ++i) {
        if (integrator.advance() != SolveStatus::kReachedEnd) return;
        integrator.interpolate(integrator.previous_time(), x);
      }
    };
    run();
    CHECK(allocations_in(run) == 0);
    CHECK(integrator.statistics().steps == 10);
  }
}
