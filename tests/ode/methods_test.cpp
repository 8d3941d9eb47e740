#include "ode/methods.h"

#include <doctest/doctest.h>

#include <cmath>
#include <stdexcept>
#include <string>

#include "support/convergence.h"
#include "support/function_field.h"
#include "support/no_allocation.h"

using namespace least_action;
using namespace least_action::testing;

namespace {

std::vector<MethodTraits> fixed_step_methods() {
  std::vector<MethodTraits> fixed;
  for (const MethodTraits& each : methods()) {
    if (!each.adaptive) fixed.push_back(each);
  }
  return fixed;
}

void advance(Stepper<double>& stepper, double t0, double h, int steps, Matrix& x) {
  for (int i = 0; i < steps; ++i) {
    const Vector t = Vector::Constant(x.cols(), t0 + i * h);
    REQUIRE(stepper.step(t, Vector::Constant(x.cols(), h), x));
  }
}

/// Error at t1 against the closed-form solution, with steps of about h.
double driven_error(Method method, double t0, double t1, double h) {
  const FunctionField field = driven_pendulum();
  const auto stepper = make_stepper(method, field, 1);
  const int steps = static_cast<int>(std::lround(std::abs(t1 - t0) / h));
  Matrix x = driven_pendulum_solution(t0);
  advance(*stepper, t0, (t1 - t0) / steps, steps, x);
  return (x - driven_pendulum_solution(t1)).norm();
}

std::vector<double> steps_for(int order) {
  if (order == 1) return halvings(1.0 / 256, 4);
  if (order == 2) return halvings(1.0 / 32, 4);
  if (order == 6) return halvings(1.0 / 16, 3);
  if (order == 8) return {2.0 / 8, 2.0 / 11, 2.0 / 16};  // Smaller ones leave only rounding.
  return halvings(1.0 / 16, 4);
}

}  // namespace

TEST_SUITE("ode/methods") {
  TEST_CASE("every fixed-step method has its order on the driven pendulum") {
    // Oracle: analytic (manufactured solution); T and V both depend on time.
    for (const MethodTraits& each : fixed_step_methods()) {
      CAPTURE(std::string(each.name));
      const Convergence convergence =
          measure_convergence([&](double h) { return driven_error(each.method, 0.3, 2.3, h); },
                              steps_for(each.order));
      INFO(convergence.text());
      CHECK(convergence.order() == doctest::Approx(each.order).epsilon(0.05));
    }
  }

  TEST_CASE("every fixed-step method has its order backward in time") {
    // Oracle: analytic (manufactured solution).
    for (const MethodTraits& each : fixed_step_methods()) {
      CAPTURE(std::string(each.name));
      const Convergence convergence =
          measure_convergence([&](double h) { return driven_error(each.method, 2.3, 0.3, h); },
                              steps_for(each.order));
      INFO(convergence.text());
      CHECK(convergence.order() == doctest::Approx(each.order).epsilon(0.05));
    }
  }

  TEST_CASE("symmetric methods retrace a driven trajectory to rounding and others do not") {
    // Oracle: invariant Φ₋ₕ ∘ Φₕ = identity. The others show that the check can fail.
    const FunctionField field = driven_pendulum();
    for (const MethodTraits& each : fixed_step_methods()) {
      CAPTURE(std::string(each.name));
      const auto stepper = make_stepper(each.method, field, 1);
      const Matrix start = driven_pendulum_solution(0.3);
      Matrix x = start;
      advance(*stepper, 0.3, 0.125, 200, x);
      advance(*stepper, 0.3 + 200 * 0.125, -0.125, 200, x);
      const bool is_symmetric = each.symplectic && each.method != Method::kSymplecticEuler;
      if (is_symmetric) {
        CHECK((x - start).norm() < 1e-11);
      } else {
        CHECK((x - start).norm() > 1e-6);
      }
    }
  }

  TEST_CASE("the energy error of symplectic methods does not grow, that of the others does") {
    // Oracle: invariant (energy of the undriven pendulum), 10⁵ steps against 10².
    const FunctionField field = pendulum();
    for (const MethodTraits& each : fixed_step_methods()) {
      CAPTURE(std::string(each.name));
      const auto stepper = make_stepper(each.method, field, 1);
      Matrix x(2, 1);
      x << 1.5, 0;
      const double start = pendulum_energy(x.col(0));
      Vector t = Vector::Zero(1);
      const Vector h = Vector::Constant(1, 0.1);
      const int many = each.implicit ? 20000 : 100000;
      double worst_of_few = 0, worst = 0;
      bool solved = true;
      for (int i = 1; i <= (each.symplectic ? many : 10000); ++i) {
        solved = stepper->step(t, h, x) && solved;
        t[0] = 0.1 * i;
        worst = std::max(worst, std::abs(pendulum_energy(x.col(0)) - start));
        if (i == 100) worst_of_few = worst;
      }
      CHECK(solved);
      if (each.symplectic) {
        CHECK(worst < 1.05 * worst_of_few + 1e-12);  // Rounding does add up.
      } else {
        CHECK(worst > 5 * worst_of_few);
      }
    }
  }

  TEST_CASE("symplectic methods preserve area on the driven pendulum and others do not") {
    // Oracle: invariant det ∂x₁/∂x₀ = 1, by central differences (error ≈ 1e-10).
    const FunctionField field = driven_pendulum();
    const double delta = 1e-4;
    for (const MethodTraits& each : fixed_step_methods()) {
      if (each.method == Method::kTao2) continue;  // Symplectic in a doubled phase space.
      CAPTURE(std::string(each.name));
      const auto stepper = make_stepper(each.method, field, 4);
      Matrix x(2, 4);
      x.colwise() = driven_pendulum_solution(0.4);
      x.leftCols(2) += delta * Matrix::Identity(2, 2);
      x.rightCols(2) -= delta * Matrix::Identity(2, 2);
      advance(*stepper, 0.4, 0.2, 5, x);
      const Matrix jacobian = (x.leftCols(2) - x.rightCols(2)) / (2 * delta);
      const double area = jacobian(0, 0) * jacobian(1, 1) - jacobian(0, 1) * jacobian(1, 0);
      if (each.symplectic) {
        CHECK(std::abs(area - 1) < 2e-8);
      } else {
        CHECK(std::abs(area - 1) > 1e-6);
      }
    }
  }

  TEST_CASE("a batch with a time and step for each sample equals the samples one by one") {
    // Oracle: invariant (bit for bit).
    const FunctionField field = driven_pendulum();
    for (const MethodTraits& each : fixed_step_methods()) {
      CAPTURE(std::string(each.name));
      const auto batched = make_stepper(each.method, field, 5);
      Matrix x(2, 3);
      x << 0.1, -1.4, 2.0, 0.7, 0.2, -0.3;
      Vector t(3), h(3);
      t << 0, 1.5, -2;
      h << 0.1, -0.07, 0.02;
      Matrix alone = x;
      for (int i = 0; i < 3; ++i, t += h) REQUIRE(batched->step(t, h, x));
      t -= 3 * h;
      for (Index b = 0; b < 3; ++b) {
        const auto single = make_stepper(each.method, field, 1);
        for (int i = 0; i < 3; ++i) {
          const Vector time = Vector::Constant(1, t[b] + i * h[b]);
          REQUIRE(single->step(time, h.segment(b, 1), alone.middleCols(b, 1)));
        }
      }
      CHECK((x - alone).cwiseAbs().maxCoeff() < 1e-14);
    }
  }

  TEST_CASE("a step does not allocate") {
    const FunctionField field = driven_pendulum();
    for (const MethodTraits& each : fixed_step_methods()) {
      CAPTURE(std::string(each.name));
      const auto stepper = make_stepper(each.method, field, 3);
      Matrix x = Matrix::Constant(2, 3, 0.4);
      Vector t = Vector::Zero(3);
      const Vector h = Vector::Constant(3, 0.5);
      bool solved = stepper->step(t, h, x);
      t += h;
      CHECK(allocations_in([&] { solved = stepper->step(t, h, x) && solved; }) == 0);
      CHECK(solved);
    }
  }

  TEST_CASE("evaluations are counted, and the last force of a step is the next one's first") {
    // Oracle: the field's own counter, and the numbers of the methods' definitions.
    struct Cost {
      Method method;
      Index first, next;
    };
    for (const Cost& cost :
         {Cost{Method::kEuler, 1, 1}, Cost{Method::kMidpoint, 2, 2}, Cost{Method::kRk4, 4, 4},
          Cost{Method::kSymplecticEuler, 2, 2}, Cost{Method::kStormerVerlet, 3, 2},
          Cost{Method::kYoshida4, 7, 6}, Cost{Method::kYoshida6, 15, 14},
          Cost{Method::kYoshida8, 31, 30}, Cost{Method::kTao2, 4, 3}}) {
      CAPTURE(std::string(traits(cost.method).name));
      const FunctionField field = driven_pendulum();
      const auto stepper = make_stepper(cost.method, field, 1);
      Matrix x = driven_pendulum_solution(0.3);
      advance(*stepper, 0.3, 0.1, 11, x);
      CHECK(stepper->calls().evaluations() == cost.first + 10 * cost.next);
      CHECK(field.calls == cost.first + 10 * cost.next);
      x *= 1.01;  // Moved by someone else: what was kept is of no use.
      advance(*stepper, 0.3 + 11 * 0.1, 0.1, 1, x);
      CHECK(field.calls == 2 * cost.first + 10 * cost.next);
    }
  }

  TEST_CASE("names are unique and read back") {
    for (const MethodTraits& each : methods()) {
      CAPTURE(std::string(each.name));
      CHECK(method_named(each.name) == each.method);
      CHECK(traits(each.method).name == each.name);
    }
    CHECK(methods().size() == 17);
  }

  TEST_CASE("an unknown name is refused with a suggestion") {
    CHECK_THROWS_WITH_AS(
        method_named("verlett"),
        "method_named: no method is called \"verlett\", did you mean \"verlet\"?; known: "
        "euler, "
        "midpoint, rk4, dopri5, tsit5, bs32, dop853, radau5, symplectic-euler, verlet, "
        "yoshida4, yoshida6, yoshida8, "
        "implicit-midpoint, gauss4, gauss6, tao2",
        std::invalid_argument);
  }

  TEST_CASE("wrong calls of a stepper are refused") {
    const FunctionField field = driven_pendulum();
    const FunctionField plain(2, [](double, ConstVectorRef x, VectorRef x_dot) { x_dot = x; });
    const Vector one = Vector::Zero(1), two = Vector::Zero(2);
    Matrix x = Matrix::Zero(2, 1), wide = Matrix::Zero(2, 3), tall = Matrix::Zero(3, 1);
    CHECK_THROWS_AS(make_stepper(Method::kDormandPrince54, field, 1), std::invalid_argument);
    for (const MethodTraits& each : fixed_step_methods()) {
      CAPTURE(std::string(each.name));
      if (each.needs_separable) {
        CHECK_THROWS_AS(make_stepper(each.method, plain, 1), std::invalid_argument);
      }
      const auto stepper = make_stepper(each.method, field, 2);
      CHECK_THROWS_AS((void)stepper->step(two, one, x), std::invalid_argument);
      CHECK_THROWS_AS((void)stepper->step(one, two, x), std::invalid_argument);
      CHECK_THROWS_AS((void)stepper->step(one, one, tall), std::invalid_argument);
      CHECK_THROWS_AS((void)stepper->step(two, two, wide), std::invalid_argument);
    }
  }
}
