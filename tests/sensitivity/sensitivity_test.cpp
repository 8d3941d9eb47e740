#include "sensitivity/sensitivity.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "support/function_field.h"
#include "support/gradient_check.h"
#include "support/no_allocation.h"
#include "support/sensitivity_problem.h"

using namespace least_action;
using namespace least_action::testing;

namespace {

constexpr SensitivityMethod kExact[] = {SensitivityMethod::kFullTape,
                                        SensitivityMethod::kSymplecticAdjoint,
                                        SensitivityMethod::kCheckpointing};

SensitivityOptions fixed(SensitivityMethod sensitivity, Method method = Method::kRk4) {
  SensitivityOptions options;
  options.sensitivity = sensitivity;
  options.solve.method = method;
  options.substeps = 3;
  return options;
}

SensitivityOptions adaptive(SensitivityMethod sensitivity) {
  SensitivityOptions options = fixed(sensitivity, Method::kDormandPrince54);
  options.solve.relative_tolerance = 1e-6;
  options.solve.absolute_tolerance = 1e-8;
  return options;
}

double difference(const Gradient& a, const Gradient& b) {
  return (a.states - b.states).norm() / a.states.norm() +
         (a.x0_bar - b.x0_bar).norm() / a.x0_bar.norm() +
         (a.theta_bar - b.theta_bar).norm() / a.theta_bar.norm() +
         (a.times_bar - b.times_bar).norm() / a.times_bar.norm();
}

}  // namespace

TEST_SUITE("sensitivity/sensitivity") {
  TEST_CASE("with fixed steps the three exact gradients are one, bit for bit") {
    const SensitivityProblem problem;
    for (const Method method : {Method::kEuler, Method::kMidpoint, Method::kRk4}) {
      CAPTURE(std::string(traits(method).name));
      const Gradient full = differentiate(problem, fixed(kExact[0], method));
      for (const StageTapes tapes : {StageTapes::kOne, StageTapes::kPerStage}) {
        for (const SensitivityMethod sensitivity : kExact) {
          CAPTURE(std::string(traits(sensitivity).name));
          SensitivityOptions options = fixed(sensitivity, method);
          options.stage_tapes = tapes;
          for (const Index checkpoints : {0, 1, 2, 5, 100}) {
            options.checkpoints = checkpoints;
            const Gradient other = differentiate(problem, options);
            CHECK(other.states == full.states);
            CHECK(other.x0_bar == full.x0_bar);
            CHECK(other.theta_bar == full.theta_bar);
            CHECK(other.times_bar == full.times_bar);
          }
        }
      }
    }
  }

  TEST_CASE("with steps of their own the three exact gradients agree to rounding") {
    const SensitivityProblem problem;
    const Gradient full = differentiate(problem, adaptive(kExact[0]));
    for (const SensitivityMethod sensitivity : kExact) {
      CAPTURE(std::string(traits(sensitivity).name));
      for (const Index checkpoints : {0, 1, 3}) {
        SensitivityOptions options = adaptive(sensitivity);
        options.checkpoints = checkpoints;
        CHECK(difference(full, differentiate(problem, options)) < 1e-13);
      }
    }
  }

  TEST_CASE("is the derivative of the discrete solution in x0, θ and every time") {
    // Oracle: Taylor remainder. An adaptive method's steps are held fixed, so its solution is
    // only differentiable up to its tolerance: see the next case.
    for (const Method method : {Method::kEuler, Method::kMidpoint, Method::kRk4}) {
      for (const SensitivityMethod sensitivity :
           {kExact[0], kExact[1], kExact[2], SensitivityMethod::kReversible}) {
        CAPTURE(std::string(traits(method).name));
        CAPTURE(std::string(traits(sensitivity).name));
        check_taylor(fixed(sensitivity, method), {});
      }
    }
  }

  TEST_CASE("holds an adaptive method's steps fixed, as fractions of each interval") {
    // Oracle: Taylor remainder of a solve whose step sequence cannot change: the first step is
    // given and every tolerance is met by it.
    for (const SensitivityMethod sensitivity :
         {kExact[0], kExact[1], kExact[2], SensitivityMethod::kReversible}) {
      CAPTURE(std::string(traits(sensitivity).name));
      SensitivityOptions options = adaptive(sensitivity);
      options.solve.relative_tolerance = options.solve.absolute_tolerance = 10;
      options.solve.initial_step = 10;
      check_taylor(options, {});
    }
  }

  TEST_CASE("converges to the derivative as tolerances tighten") {
    // Oracle: fourth-order differences of a solve at 1e-12.
    const SensitivityProblem problem;
    SensitivityOptions options = adaptive(SensitivityMethod::kSymplecticAdjoint);
    options.solve.relative_tolerance = 1e-12;
    options.solve.absolute_tolerance = 1e-13;
    const Gradient gradient = differentiate(problem, options);
    const Vector point = problem.point(), claimed = gradient.flat();
    const auto loss = [&](const Vector& at) { return problem.moved(at).loss(options); };
    for (const std::uint64_t seed : {1, 2}) {
      const Vector direction = random_direction(point.size(), seed);
      const double h = 2e-3;
      const auto along = [&](double s) { return loss(point + s * h * direction); };
      const double exact = (8 * (along(1) - along(-1)) - along(2) + along(-2)) / (12 * h);
      CHECK(claimed.dot(direction) == doctest::Approx(exact).epsilon(1e-8));
    }
  }

  TEST_CASE("differentiates an implicit method that chooses its steps") {
    // Oracle: the gradient through Dormand–Prince at 1e-11.
    const SensitivityProblem problem;
    SensitivityOptions options = adaptive(SensitivityMethod::kSymplecticAdjoint);
    options.solve.relative_tolerance = 1e-11;
    options.solve.absolute_tolerance = 1e-13;
    const Vector exact = differentiate(problem, options).flat();
    options.solve.method = Method::kRadau5;
    options.solve.relative_tolerance = 1e-9;
    options.solve.absolute_tolerance = 1e-11;
    for (const SensitivityMethod sensitivity :
         {kExact[0], kExact[1], kExact[2], SensitivityMethod::kReversible}) {
      CAPTURE(std::string(traits(sensitivity).name));
      options.sensitivity = sensitivity;
      const Gradient gradient = differentiate(problem, options);
      CHECK(gradient.status == SolveStatus::kReachedEnd);
      CHECK((gradient.flat() - exact).norm() < 1e-6 * exact.norm());
    }
  }

  TEST_CASE("padding changes nothing: an interval of length 0 passes the cotangent on") {
    // Oracle: the same problem without the padded points.
    for (const bool adapts : {false, true}) {
      for (const SensitivityMethod sensitivity :
           {kExact[0], kExact[1], kExact[2], SensitivityMethod::kReversible}) {
        CAPTURE(adapts);
        CAPTURE(std::string(traits(sensitivity).name));
        SensitivityProblem problem;
        for (Index k = 3; k <= 4; ++k) problem.times(1, k) = problem.times(1, 2);
        for (Index k = 0; k <= 4; ++k) problem.weights.col(3 * k).setZero();
        for (Index k = 0; k <= 4; ++k) problem.weights.col(3 * k + 2).setZero();
        for (Index k = 3; k <= 4; ++k) problem.weights.col(3 * k + 1).setZero();
        const SensitivityOptions options = adapts ? adaptive(sensitivity) : fixed(sensitivity);
        const Gradient padded = differentiate(problem, options);
        CHECK(padded.states.col(3 * 4 + 1) == padded.states.col(3 * 2 + 1));
        CHECK(padded.times_bar.row(1).tail(2).norm() == 0);
        const Gradient alone = differentiate(problem.only(1, 2), options);
        CHECK((padded.x0_bar.col(1) - alone.x0_bar).norm() < 1e-14 * alone.x0_bar.norm());
        CHECK((padded.theta_bar - alone.theta_bar).norm() < 1e-14 * alone.theta_bar.norm());
        CHECK((padded.times_bar.row(1).head(3) - alone.times_bar).norm() <
              1e-13 * alone.times_bar.norm());
      }
    }
  }

  TEST_CASE("an infinite start fails at once, also where the field is finite there") {
    // Oracle: the number of evaluations: tanh(±∞) = ±1 must not be stepped from.
    const FunctionField field(
        1, [](double, ConstVectorRef x, VectorRef x_dot) { x_dot[0] = std::tanh(x[0]); });
    for (const SensitivityMethod sensitivity : {kExact[1], SensitivityMethod::kBacksolve}) {
      CAPTURE(std::string(traits(sensitivity).name));
      const auto solver = make_sensitivity<double>(adaptive(sensitivity), field, 2, 1);
      Matrix times(1, 2), x0(1, 2), states(1, 4);
      times << 0, 1;
      x0 << std::numeric_limits<double>::infinity(), 0.3;
      CHECK(solver->forward(field, times, x0, states) == SolveStatus::kNonFinite);
      CHECK(solver->status(1) == SolveStatus::kReachedEnd);
      // sinh x(1) = e sinh x(0)
      CHECK(std::sinh(states(0, 3)) == doctest::Approx(std::exp(1) * std::sinh(0.3)));
      CHECK(solver->statistics().forward.evaluations < 1000);
    }
  }

  TEST_CASE("a sample that fails spoils no other and contributes nothing") {
    // Oracle: the batch without it. From x₂ = −9, ẋ₂ ≈ −θ₅ x₂² reaches −∞ before t = 1.
    for (const bool adapts : {false, true}) {
      for (const SensitivityMethod sensitivity :
           {kExact[0], kExact[1], kExact[2], SensitivityMethod::kReversible}) {
        CAPTURE(adapts);
        CAPTURE(std::string(traits(sensitivity).name));
        SensitivityProblem problem;
        problem.times = 2 * problem.times.eval();
        problem.x0.col(1) << 1, -40;
        const SensitivityOptions options = adapts ? adaptive(sensitivity) : fixed(sensitivity);
        const Gradient gradient = differentiate(problem, options);
        CHECK(gradient.status != SolveStatus::kReachedEnd);
        CHECK(gradient.message.find("Sample 1") != std::string::npos);
        CHECK(gradient.x0_bar.col(1).norm() == 0);
        CHECK(gradient.times_bar.row(1).norm() == 0);
        CHECK(gradient.states.col(3 * 4 + 1).array().isNaN().all());
        const Gradient first = differentiate(problem.only(0, 4), options);
        const Gradient third = differentiate(problem.only(2, 4), options);
        REQUIRE(first.status == SolveStatus::kReachedEnd);
        REQUIRE(third.status == SolveStatus::kReachedEnd);
        CHECK((gradient.x0_bar.col(0) - first.x0_bar).norm() < 1e-13 * first.x0_bar.norm());
        CHECK((gradient.x0_bar.col(2) - third.x0_bar).norm() < 1e-13 * third.x0_bar.norm());
        const Vector sum = first.theta_bar + third.theta_bar;
        CHECK((gradient.theta_bar - sum).norm() < 1e-13 * sum.norm());
      }
    }
  }

  TEST_CASE("shared times may be one row, and outputs not wanted may be empty") {
    for (const bool adapts : {false, true}) {
      SensitivityProblem problem;
      for (Index b = 1; b < 3; ++b) problem.times.row(b) = problem.times.row(0);
      const SensitivityOptions options = adapts ? adaptive(kExact[1]) : fixed(kExact[1]);
      const Gradient all = differentiate(problem, options);
      const ParametricField<double> field(problem.theta);
      const auto sensitivity = make_sensitivity<double>(options, field, 3, 4);
      Matrix states(2, 15), x0_bar(2, 3), no_times(0, 0);
      Vector no_theta(0);
      const Matrix row = problem.times.topRows(1);
      CHECK(sensitivity->forward(field, row, problem.x0, states) == SolveStatus::kReachedEnd);
      CHECK(states == all.states);
      sensitivity->backward(field, problem.states_bar(states), x0_bar, no_theta, no_times);
      CHECK(x0_bar == all.x0_bar);
      // Again, from the same forward.
      x0_bar.setZero();
      sensitivity->backward(field, problem.states_bar(states), x0_bar, no_theta, no_times);
      CHECK(x0_bar == all.x0_bar);
    }
  }

  TEST_CASE("costs what it says in evaluations and vjps") {
    // Oracle: the field's own counters; K = 4 intervals of 3 steps of s = 4 stages.
    const SensitivityProblem problem;
    struct Cost {
      SensitivityMethod sensitivity;
      Index forward, backward;
    };
    for (const Cost& cost : {Cost{SensitivityMethod::kFullTape, 48, 0},
                             Cost{SensitivityMethod::kSymplecticAdjoint, 48, 12 * 7},
                             Cost{SensitivityMethod::kReversible, 96, 2 * 12 * 7}}) {
      CAPTURE(std::string(traits(cost.sensitivity).name));
      const ParametricField<double> field(problem.theta);
      const auto sensitivity = make_sensitivity<double>(fixed(cost.sensitivity), field, 3, 4);
      Gradient gradient;
      sensitivity->forward(field, problem.times, problem.x0, gradient.states);
      CHECK(field.forwards == cost.forward);
      CHECK(sensitivity->statistics().forward.evaluations == cost.forward);
      CHECK(sensitivity->statistics().forward.steps == 12);
      sensitivity->backward(field, problem.states_bar(gradient.states), gradient.x0_bar,
                            gradient.theta_bar, gradient.times_bar);
      CHECK(field.forwards == cost.forward + cost.backward);
      CHECK(sensitivity->statistics().backward.evaluations == cost.backward);
      const Index vjps = cost.sensitivity == SensitivityMethod::kReversible ? 96 : 48;
      CHECK(field.vjps == vjps);
      CHECK(sensitivity->statistics().vjps == vjps);
    }
  }

  TEST_CASE("forward and backward do not allocate once they have run") {
    for (const bool adapts : {false, true}) {
      for (const SensitivityMethod method :
           {kExact[0], kExact[1], kExact[2], SensitivityMethod::kReversible}) {
        CAPTURE(adapts);
        CAPTURE(std::string(traits(method).name));
        const SensitivityProblem problem;
        const ParametricField<double> field(problem.theta);
        const auto sensitivity =
            make_sensitivity<double>(adapts ? adaptive(method) : fixed(method), field, 3, 4);
        Gradient gradient;
        const Matrix states_bar = Matrix::Ones(2, 15);
        const auto run = [&] {
          sensitivity->forward(field, problem.times, problem.x0, gradient.states);
          sensitivity->backward(field, states_bar, gradient.x0_bar, gradient.theta_bar,
                                gradient.times_bar);
        };
        if (adapts) run();  // What it keeps has grown to its size.
        CHECK(allocations_in(run) == 0);
      }
    }
  }

  TEST_CASE("finds faults in options, and names the known sensitivities") {
    const auto faulty = [](auto change) {
      SensitivityOptions options;
      change(options);
      return find_fault(options).has_value();
    };
    using Options = SensitivityOptions;
    const double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK_FALSE(faulty([](Options&) {}));
    CHECK(faulty([](Options& o) { o.substeps = -1; }));
    CHECK(faulty([](Options& o) { o.checkpoints = -1; }));
    CHECK(faulty([](Options& o) { o.coupling = 0; }));
    CHECK(faulty([](Options& o) { o.coupling = 1.5; }));
    CHECK(faulty([&](Options& o) { o.coupling = nan; }));
    CHECK(faulty([&](Options& o) { o.adjoint_relative_tolerance = nan; }));
    CHECK(faulty([&](Options& o) { o.adjoint_absolute_tolerance = -1e-9; }));
    CHECK(faulty([&](Options& o) { o.solve.relative_tolerance = -1; }));
    CHECK(sensitivity_methods().size() == 6);
    for (const SensitivityTraits& each : sensitivity_methods()) {
      CHECK(sensitivity_named(each.name) == each.method);
    }
    CHECK_THROWS_WITH_AS(sensitivity_named("symplectc"),
                         doctest::Contains("did you mean \"symplectic\"?"),
                         std::invalid_argument);
  }

  TEST_CASE("wrong calls are refused") {
    const SensitivityProblem problem;
    const ParametricField<double> field(problem.theta);
    const SensitivityOptions options = fixed(SensitivityMethod::kSymplecticAdjoint);
    const double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK_THROWS_AS(make_sensitivity<double>(options, field, 0, 4), std::invalid_argument);
    CHECK_THROWS_AS(make_sensitivity<double>(options, field, 3, 0), std::invalid_argument);
    CHECK_THROWS_AS(
        make_sensitivity<double>(options, field, 3, std::numeric_limits<Index>::max() / 4),
        std::invalid_argument);
    CHECK_THROWS_AS(
        make_sensitivity<double>(fixed(kExact[1], Method::kStormerVerlet), field, 3, 4),
        std::invalid_argument);
    const auto made = make_sensitivity<double>(options, field, 3, 4);
    Matrix states(2, 15), x0_bar(2, 3), times_bar(3, 5), bad(2, 14), none(0, 0);
    Vector theta_bar = Vector::Zero(6), two(2);
    CHECK_THROWS_AS(made->backward(field, states, x0_bar, theta_bar, times_bar),
                    std::invalid_argument);
    const auto forward = [&](const Matrix& times, const Matrix& x0, Matrix& out) {
      made->forward(field, times, x0, out);
    };
    const Matrix& t = problem.times;
    Matrix wrong = t;
    wrong(1, 2) = nan;
    CHECK_THROWS_AS(forward(wrong, problem.x0, states), std::invalid_argument);
    wrong = t;
    wrong(0, 4) = t(0, 0) - 1;
    CHECK_THROWS_AS(forward(wrong, problem.x0, states), std::invalid_argument);
    CHECK_THROWS_AS(forward(t.leftCols(1), problem.x0, states), std::invalid_argument);
    CHECK_THROWS_AS(forward(t.topRows(2), problem.x0, states), std::invalid_argument);
    CHECK_THROWS_AS(forward(t, Matrix::Zero(3, 3), states), std::invalid_argument);
    CHECK_THROWS_AS(forward(t, Matrix::Zero(2, 4), states), std::invalid_argument);
    CHECK_THROWS_AS(forward(t, problem.x0, bad), std::invalid_argument);
    forward(t, problem.x0, states);
    CHECK_THROWS_AS(made->backward(field, bad, x0_bar, theta_bar, times_bar),
                    std::invalid_argument);
    CHECK_THROWS_AS(made->backward(field, states, bad, theta_bar, times_bar),
                    std::invalid_argument);
    CHECK_THROWS_AS(made->backward(field, states, x0_bar, two, times_bar),
                    std::invalid_argument);
    CHECK_THROWS_AS(made->backward(field, states, x0_bar, theta_bar, bad),
                    std::invalid_argument);
    // More steps than max_steps allows: refused before any work.
    SensitivityOptions tiny = options;
    tiny.substeps = 0;
    tiny.solve.step = 1e-12;
    CHECK_THROWS_AS(
        make_sensitivity<double>(tiny, field, 3, 4)->forward(field, t, problem.x0, states),
        std::invalid_argument);
  }

  TEST_CASE("a start that is not finite is a failed sample, not a crash") {
    SensitivityProblem problem;
    problem.x0(0, 2) = std::numeric_limits<double>::infinity();
    for (const bool adapts : {false, true}) {
      for (const SensitivityMethod method :
           {kExact[0], kExact[1], kExact[2], SensitivityMethod::kReversible}) {
        const Gradient gradient =
            differentiate(problem, adapts ? adaptive(method) : fixed(method));
        CHECK(gradient.status == SolveStatus::kNonFinite);
        CHECK(gradient.theta_bar.allFinite());
        CHECK(gradient.x0_bar.col(2).norm() == 0);
        CHECK(gradient.x0_bar.col(0).norm() > 0);
      }
    }
  }
}
