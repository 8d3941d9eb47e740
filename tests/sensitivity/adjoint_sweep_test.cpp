// What holds for both continuous adjoints: they share the way back.
#include "sensitivity/adjoint_sweep.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <stdexcept>

#include "continuous_adjoints.h"
#include "support/convergence.h"
#include "support/function_field.h"
#include "support/no_allocation.h"

using namespace least_action;
using namespace least_action::testing;

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

double distance(const AdjointGradient& gradient, const AdjointGradient& exact) {
  REQUIRE(gradient.forward == SolveStatus::kReachedEnd);
  REQUIRE(gradient.backward == SolveStatus::kReachedEnd);
  return (gradient.all() - exact.all()).norm() / exact.all().norm();
}

std::vector<double> tolerances(double from, double to) {
  std::vector<double> list;
  for (double tolerance = from; tolerance > 0.99 * to; tolerance /= 10) {
    list.push_back(tolerance);
  }
  return list;
}

}  // namespace

TEST_SUITE("sensitivity/adjoint_sweep") {
  TEST_CASE("cotangents that cancel on the way leave those of earlier times") {
    // Oracle: x(t) = x₀ + t, so x̄₀ is the sum of all cotangents.
    const FunctionField field(
        1, [](double, ConstVectorRef, VectorRef x_dot) { x_dot[0] = 1; },
        [](double, ConstVectorRef, MatrixRef jacobian) { jacobian(0, 0) = 0; });
    for (const SensitivityMethod which : continuous_adjoints()) {
      CAPTURE(name_of(which));
      SensitivityOptions options = with_tolerance(1e-6);
      options.sensitivity = which;
      const auto solver = make_sensitivity<double>(options, field, 1, 3);
      Matrix times(1, 4), x0(1, 1), states(1, 4), states_bar(1, 4), x0_bar(1, 1), none;
      Vector no_theta;
      times << 0, 1, 2, 3;
      x0 << 0.5;
      states_bar << 2, 0.5, -1, 1;
      REQUIRE(solver->forward(field, times, x0, states) == SolveStatus::kReachedEnd);
      REQUIRE(solver->backward(field, states_bar, x0_bar, no_theta, none) ==
              SolveStatus::kReachedEnd);
      CHECK(x0_bar(0, 0) == doctest::Approx(2.5));
    }
  }

  TEST_CASE("the gradient's error falls in proportion to the tolerance, in both directions") {
    // Oracle: analytic (BernoulliField): dC/dx₀, dC/dθ and dC/dt of every time.
    for (const double direction : {1.0, -1.0}) {
      const BernoulliProblem problem(direction);
      const AdjointGradient exact = problem.exact();
      for (const SensitivityMethod which : continuous_adjoints()) {
        for (const MethodTraits& method : methods()) {
          if (!method.adaptive) continue;
          CAPTURE(direction);
          CAPTURE(name_of(which));
          CAPTURE(method.name);
          // Beyond these, rounding; before, too few steps of a high order for a rate.
          const double coarsest = method.order < 8 ? 1e-4 : 1e-7;
          const double finest = method.order < 4 ? 1e-8 : method.order < 8 ? 1e-10 : 1e-11;
          const Convergence convergence = measure_convergence(
              [&](double tolerance) {
                return distance(problem.by(which, with_tolerance(tolerance, method.method)),
                                exact);
              },
              tolerances(coarsest, finest));
          INFO(convergence.text());
          CHECK(convergence.order() == doctest::Approx(1).epsilon(0.15));
          CHECK(convergence.errors.back() < 100 * finest);
        }
      }
    }
  }

  TEST_CASE("with fixed steps the gradient's error falls with the method's order") {
    // Oracle: analytic (BernoulliField).
    const BernoulliProblem problem;
    const AdjointGradient exact = problem.exact();
    for (const SensitivityMethod which : continuous_adjoints()) {
      for (const Method method : {Method::kEuler, Method::kMidpoint, Method::kRk4}) {
        CAPTURE(name_of(which));
        CAPTURE(traits(method).name);
        const Convergence convergence = measure_convergence(
            [&](double step) {
              SensitivityOptions options = with_tolerance(1e-12, method);
              options.solve.step = step;
              return distance(problem.by(which, options), exact);
            },
            halvings(method == Method::kRk4 ? 0.1 : 0.01, 4));
        INFO(convergence.text());
        CHECK(convergence.order() == doctest::Approx(traits(method).order).epsilon(0.08));
      }
    }
  }

  TEST_CASE("tolerances of the way back are its own") {
    // Oracle: analytic. With a coarse way back the error is its, not the way forward's.
    const BernoulliProblem problem;
    const AdjointGradient exact = problem.exact();
    for (const SensitivityMethod which : continuous_adjoints()) {
      CAPTURE(name_of(which));
      SensitivityOptions options = with_tolerance(1e-11);
      CHECK(distance(problem.by(which, options), exact) < 1e-9);
      options.adjoint_relative_tolerance = 1e-3;
      options.adjoint_absolute_tolerance = 1e-5;
      const double error = distance(problem.by(which, options), exact);
      CHECK(error > 1e-6);
      CHECK(error < 1e-2);
    }
  }

  TEST_CASE("the gradient of 2²⁰ C is 2²⁰ times that of C, bit for bit") {
    // Oracle: invariant: the tolerances do not know the units of C.
    const BernoulliProblem problem;
    const Index batch = 3, points = 4;
    const double factor = 1048576;
    for (const SensitivityMethod which : continuous_adjoints()) {
      CAPTURE(name_of(which));
      const auto sensitivity =
          make_continuous<double>(which, with_tolerance(1e-5), problem.field, batch, points);
      Matrix states(2, batch * (points + 1)), bar, x0_bar(2, batch), scaled_x0_bar(2, batch);
      Matrix times_bar(batch, points + 1), scaled_times_bar = times_bar;
      Vector theta_bar = Vector::Zero(2), scaled_theta_bar = Vector::Zero(2);
      REQUIRE(sensitivity->forward(problem.field, problem.times, problem.x0, states) ==
              SolveStatus::kReachedEnd);
      bar = states;
      sensitivity->backward(problem.field, bar, x0_bar, theta_bar, times_bar);
      bar *= factor;
      sensitivity->backward(problem.field, bar, scaled_x0_bar, scaled_theta_bar,
                            scaled_times_bar);
      CHECK(scaled_x0_bar == factor * x0_bar);
      CHECK(scaled_theta_bar == factor * theta_bar);
      CHECK(scaled_times_bar == factor * times_bar);
      CHECK(theta_bar.norm() > 0.1);
    }
  }

  TEST_CASE("equal times are padding: their cotangents count, their motion does not") {
    // Oracle: the same trajectory without the padding.
    const BernoulliField<double> field(1, 0.6, 1.1);
    Matrix plain(1, 3), padded(1, 6), x0(1, 1);
    plain << 0.1, 1.2, 2;
    padded << 0.1, 0.1, 1.2, 2, 2, 2;
    x0 << 0.8;
    for (const SensitivityMethod which : continuous_adjoints()) {
      CAPTURE(name_of(which));
      const auto sensitivity =
          make_continuous<double>(which, with_tolerance(1e-9), field, 1, 5);
      Matrix states(1, 6), bar(1, 6), x0_bar(1, 1), no_times(0, 0);
      Vector theta_bar = Vector::Zero(2);
      REQUIRE(sensitivity->forward(field, padded, x0, states) == SolveStatus::kReachedEnd);
      CHECK(states(0, 1) == x0(0, 0));
      CHECK(states(0, 4) == states(0, 3));
      CHECK(states(0, 5) == states(0, 3));
      bar << 0.5, 1.5, -3, 0.25, 0.25, 1;
      sensitivity->backward(field, bar, x0_bar, theta_bar, no_times);

      Matrix short_states(1, 3), short_bar(1, 3), short_x0_bar(1, 1);
      Vector short_theta_bar = Vector::Zero(2);
      sensitivity->forward(field, plain, x0, short_states);
      short_bar << 2, -3, 1.5;
      sensitivity->backward(field, short_bar, short_x0_bar, short_theta_bar, no_times);
      CHECK(x0_bar(0, 0) == doctest::Approx(short_x0_bar(0, 0)).epsilon(1e-12));
      CHECK((theta_bar - short_theta_bar).norm() < 1e-12 * theta_bar.norm());
    }
  }

  TEST_CASE("what comes after the last cotangent is not solved") {
    // Oracle: counted work, and the analytic gradient of x(t₁)²/2 alone.
    const BernoulliField<double> field(1, 0.6, 1.1);
    Matrix times(1, 4), x0(1, 1);
    times << 0, 0.5, 20, 40;
    x0 << 0.8;
    for (const SensitivityMethod which : continuous_adjoints()) {
      CAPTURE(name_of(which));
      const auto sensitivity =
          make_continuous<double>(which, with_tolerance(1e-9), field, 1, 3);
      Matrix states(1, 4), bar = Matrix::Zero(1, 4), x0_bar(1, 1), no_times(0, 0);
      Vector theta_bar = Vector::Zero(2);
      REQUIRE(sensitivity->forward(field, times, x0, states) == SolveStatus::kReachedEnd);
      bar(0, 1) = states(0, 1);
      sensitivity->backward(field, bar, x0_bar, theta_bar, no_times);
      const auto exact = field.derivatives(0.8, 0, 0.5);
      CHECK(x0_bar(0, 0) == doctest::Approx(states(0, 1) * exact.x0).epsilon(1e-7));
      CHECK(theta_bar[0] == doctest::Approx(states(0, 1) * exact.a).epsilon(1e-7));
      CHECK(sensitivity->statistics().backward.steps * 10 <
            sensitivity->statistics().forward.steps);

      bar.setZero();
      theta_bar.setZero();
      CHECK(sensitivity->backward(field, bar, x0_bar, theta_bar, no_times) ==
            SolveStatus::kReachedEnd);
      CHECK(x0_bar(0, 0) == 0);
      CHECK(theta_bar.norm() == 0);
      CHECK(sensitivity->statistics().backward.evaluations == 0);
    }
  }

  TEST_CASE("a sample that fails contributes nothing and spoils no other") {
    // Oracle: the same solve without it. 1/x₀ < a/ω: x becomes infinite before t = 2.
    BernoulliProblem problem;
    const double bad = 40;
    for (const SensitivityMethod which : continuous_adjoints()) {
      CAPTURE(name_of(which));
      const auto sensitivity =
          make_continuous<double>(which, with_tolerance(1e-8), problem.field, 3, 4);
      Matrix x0 = problem.x0, good_x0(2, 2), good_times(2, 5);
      x0(1, 1) = bad;
      good_x0 << x0.col(0), x0.col(2);
      good_times << problem.times.row(0), problem.times.row(2);
      const AdjointGradient good =
          gradient_of(*sensitivity, problem.field, good_times, good_x0);

      const Index batch = 3;
      Matrix states(2, 15), bar(2, 15), x0_bar(2, 3), times_bar(3, 5);
      Vector theta_bar = Vector::Zero(2);
      CHECK(sensitivity->forward(problem.field, problem.times, x0, states) !=
            SolveStatus::kReachedEnd);
      CHECK(sensitivity->status(0) == SolveStatus::kReachedEnd);
      CHECK(sensitivity->status(1) != SolveStatus::kReachedEnd);
      CHECK(sensitivity->message().find("Sample 1") == 0);
      CHECK(states.col(1) == x0.col(1));
      CHECK(std::isnan(states(0, 4 * batch + 1)));
      for (Index k = 0; k <= 4; ++k) {
        bar.middleCols(k * batch, batch) =
            observation_weight(k, 4) * states.middleCols(k * batch, batch);
        CHECK(states(0, k * batch) == doctest::Approx(good.states(0, 2 * k)).epsilon(1e-12));
      }
      CHECK(sensitivity->backward(problem.field, bar, x0_bar, theta_bar, times_bar) ==
            SolveStatus::kReachedEnd);
      CHECK(x0_bar.col(1).norm() == 0);
      CHECK(times_bar.row(1).norm() == 0);
      CHECK((theta_bar - good.theta).norm() < 1e-12 * good.theta.norm());
      CHECK((x0_bar.col(2) - good.x0.col(1)).norm() < 1e-12 * good.x0.norm());
      CHECK((times_bar.row(2) - good.times.row(1)).norm() < 1e-12 * good.times.norm());
    }
  }

  TEST_CASE(
      "states and cotangents that are not numbers end in a status, and so does the limit") {
    const BernoulliProblem problem;
    for (const SensitivityMethod which : continuous_adjoints()) {
      for (const Method method : {Method::kDormandPrince54, Method::kRk4}) {
        CAPTURE(name_of(which));
        CAPTURE(traits(method).name);
        SensitivityOptions options = with_tolerance(1e-6, method);
        const auto sensitivity = make_continuous<double>(which, options, problem.field, 3, 4);
        Matrix x0 = problem.x0;
        x0(0, 2) = kNan;
        const AdjointGradient gradient =
            gradient_of(*sensitivity, problem.field, problem.times, x0);
        CHECK(gradient.forward == SolveStatus::kNonFinite);
        CHECK(gradient.x0.col(2).norm() == 0);
        CHECK(gradient.theta.allFinite());
        CHECK(gradient.x0.col(0).norm() > 0.1);

        options.solve.max_steps = 7;
        const auto limited = make_continuous<double>(which, options, problem.field, 3, 4);
        const AdjointGradient stopped =
            gradient_of(*limited, problem.field, problem.times, problem.x0);
        CHECK(stopped.forward == SolveStatus::kStepLimit);
        CHECK(stopped.theta.allFinite());
        CHECK_FALSE(limited->message().empty());
      }
    }
  }

  TEST_CASE("after the first, forward and backward do not allocate") {
    const BernoulliProblem problem;
    for (const SensitivityMethod which : continuous_adjoints()) {
      for (const Method method :
           {Method::kDormandPrince54, Method::kDormandPrince853, Method::kRk4}) {
        CAPTURE(name_of(which));
        CAPTURE(traits(method).name);
        const auto sensitivity =
            make_continuous<double>(which, with_tolerance(1e-6, method), problem.field, 3, 4);
        Matrix states(2, 15), x0_bar(2, 3), times_bar(3, 5);
        Vector theta_bar = Vector::Zero(2);
        const auto run = [&] {
          sensitivity->forward(problem.field, problem.times, problem.x0, states);
          sensitivity->backward(problem.field, states, x0_bar, theta_bar, times_bar);
        };
        run();
        CHECK(allocations_in(run) == 0);
        CHECK(theta_bar.norm() > 0);
      }
    }
  }

  TEST_CASE("in single precision the gradient is right to single precision") {
    // Oracle: analytic.
    const BernoulliProblem problem;
    const AdjointGradient exact = problem.exact();
    const BernoulliField<float> field(2, 0.7f, 1.3f);
    for (const SensitivityMethod which : continuous_adjoints()) {
      for (const Method method : {Method::kDormandPrince54, Method::kRk4}) {
        CAPTURE(name_of(which));
        CAPTURE(traits(method).name);
        SensitivityOptions options = with_tolerance(1e-5, method);
        options.solve.step = 0.05;
        const auto sensitivity = make_continuous<float>(which, options, field, 3, 4);
        const MatrixX<float> x0 = problem.x0.cast<float>();
        const AdjointGradient gradient =
            gradient_of<float>(*sensitivity, field, problem.times, x0);
        CHECK(distance(gradient, exact) < 2e-4);
      }
    }
  }

  TEST_CASE("θ̄ is added, and left out where it is not wanted") {
    const BernoulliProblem problem;
    for (const SensitivityMethod which : continuous_adjoints()) {
      CAPTURE(name_of(which));
      const auto sensitivity =
          make_continuous<double>(which, with_tolerance(1e-6), problem.field, 3, 4);
      Matrix states(2, 15), x0_bar(2, 3), same(2, 3), no_times(0, 0);
      Vector theta_bar = Vector::Zero(2), twice = Vector::Zero(2), none(0);
      sensitivity->forward(problem.field, problem.times, problem.x0, states);
      sensitivity->backward(problem.field, states, x0_bar, theta_bar, no_times);
      const Index vjps = sensitivity->statistics().vjps;
      twice = theta_bar;
      sensitivity->backward(problem.field, states, same, twice, no_times);
      CHECK((twice - 2 * theta_bar).norm() < 1e-14 * theta_bar.norm());
      sensitivity->backward(problem.field, states, same, none, no_times);
      CHECK(same == x0_bar);
      CHECK(sensitivity->statistics().vjps < vjps);
    }
  }

  TEST_CASE("wrong calls are refused") {
    const BernoulliProblem problem;
    SensitivityOptions wrong = with_tolerance(1e-6);
    wrong.solve.relative_tolerance = -1;
    for (const SensitivityMethod which : continuous_adjoints()) {
      CAPTURE(name_of(which));
      const auto make = [&](const SensitivityOptions& options, Index batch, Index points) {
        return make_continuous<double>(which, options, problem.field, batch, points);
      };
      const SensitivityOptions options = with_tolerance(1e-6);
      CHECK_THROWS_AS(make(wrong, 3, 4), std::invalid_argument);
      CHECK_THROWS_AS(make(options, 0, 4), std::invalid_argument);
      CHECK_THROWS_AS(make(options, 3, 0), std::invalid_argument);
      CHECK_THROWS_AS(make(options, 3, std::numeric_limits<Index>::max() / 2),
                      std::invalid_argument);
      const auto sensitivity = make(options, 3, 4);
      Matrix states(2, 15), x0_bar(2, 3), no_times(0, 0);
      Vector theta_bar = Vector::Zero(2);
      const auto forward = [&](const Matrix& times, const Matrix& x0) {
        return sensitivity->forward(problem.field, times, x0, states);
      };
      const auto backward = [&](const Matrix& bar, Vector& theta, Matrix& times) {
        return sensitivity->backward(problem.field, bar, x0_bar, theta, times);
      };
      CHECK_THROWS_AS(backward(states, theta_bar, no_times), std::invalid_argument);
      Matrix unordered = problem.times, infinite = problem.times;
      unordered(1, 2) = 9;
      infinite(0, 4) = std::numeric_limits<double>::infinity();
      CHECK_THROWS_AS(forward(unordered, problem.x0), std::invalid_argument);
      CHECK_THROWS_AS(forward(infinite, problem.x0), std::invalid_argument);
      CHECK_THROWS_AS(forward(problem.times.topRows(2), problem.x0), std::invalid_argument);
      CHECK_THROWS_AS(forward(problem.times, Matrix::Zero(3, 3)), std::invalid_argument);
      CHECK_THROWS_AS(forward(Matrix::Zero(3, 6), problem.x0), std::invalid_argument);
      CHECK_NOTHROW(forward(problem.times, problem.x0));
      Vector long_theta = Vector::Zero(3);
      Matrix wrong_times(3, 4);
      CHECK_THROWS_AS(backward(Matrix::Zero(2, 14), theta_bar, no_times),
                      std::invalid_argument);
      CHECK_THROWS_AS(backward(states, long_theta, no_times), std::invalid_argument);
      CHECK_THROWS_AS(backward(states, theta_bar, wrong_times), std::invalid_argument);
      CHECK_NOTHROW(backward(states, theta_bar, no_times));
    }
  }

  TEST_CASE("a span of no length is no motion") {
    // Oracle: x̄₀ is the sum of all cotangents; dC/dt follows from f at the start.
    const BernoulliField<double> field(1, 0.6, 1.1);
    const Matrix times = Matrix::Constant(1, 3, 0.4), x0 = Matrix::Constant(1, 1, 0.8);
    for (const SensitivityMethod which : continuous_adjoints()) {
      CAPTURE(name_of(which));
      const auto sensitivity =
          make_continuous<double>(which, with_tolerance(1e-9), field, 1, 2);
      Matrix states(1, 3), bar(1, 3), x0_bar(1, 1), times_bar(1, 3);
      Vector theta_bar = Vector::Zero(2);
      CHECK(sensitivity->forward(field, times, x0, states) == SolveStatus::kReachedEnd);
      CHECK(states == Matrix::Constant(1, 3, 0.8));
      bar << 1, 2, 4;
      CHECK(sensitivity->backward(field, bar, x0_bar, theta_bar, times_bar) ==
            SolveStatus::kReachedEnd);
      CHECK(x0_bar(0, 0) == 7);
      CHECK(theta_bar.norm() == 0);
      const double rate = 0.6 * std::cos(1.1 * 0.4) * 0.64;
      CHECK(times_bar(0, 0) == doctest::Approx(-6 * rate));
      CHECK(times_bar(0, 1) == doctest::Approx(2 * rate));
      CHECK(times_bar(0, 2) == doctest::Approx(4 * rate));
    }
  }
}
