#include "ode/adaptive_runge_kutta.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "ode/explicit_runge_kutta.h"
#include "support/convergence.h"
#include "support/function_field.h"
#include "support/no_allocation.h"

using namespace least_action;
using namespace least_action::testing;

namespace {

const double kInfinity = std::numeric_limits<double>::infinity();

std::vector<const ButcherTableau*> tableaux() {
  return {&bogacki_shampine_tableau(), &dormand_prince_tableau(), &tsitouras_tableau(),
          &dormand_prince_853_tableau()};
}

Vector all(Index count, double value) { return Vector::Constant(count, value); }

/// ẋ = x² cos t with x = 1/(1.1 − sin t).
FunctionField nonlinear_field() {
  return FunctionField(1, [](double t, ConstVectorRef x, VectorRef x_dot) {
    x_dot[0] = std::cos(t) * x[0] * x[0];
  });
}
double nonlinear_solution(double t) { return 1 / (1.1 - std::sin(t)); }

/// Accepts every step, so that the steps are initial_step and then ten times more.
SolveOptions lax(double initial_step) {
  SolveOptions options;
  options.relative_tolerance = 1e12;
  options.initial_step = initial_step;
  return options;
}

SolveOptions with_tolerance(double tolerance) {
  SolveOptions options;
  options.relative_tolerance = options.absolute_tolerance = tolerance;
  return options;
}

void run_to_end(AdaptiveStepper<double>& stepper) {
  for (int guard = 0; stepper.active() > 0 && guard < 1000000; ++guard) stepper.advance();
  REQUIRE(stepper.active() == 0);
}

/// One step of size h from the driven pendulum's exact state at t0; the error of the dense
/// output at the fraction sigma of it.
double error_in_step(const ButcherTableau& tableau, double t0, double h, double sigma) {
  const FunctionField field = driven_pendulum();
  AdaptiveRungeKutta<double> stepper(tableau, field, 1, lax(std::abs(h)));
  stepper.start(all(1, t0), all(1, t0 + (h > 0 ? 9 : -9)), driven_pendulum_solution(t0));
  REQUIRE(stepper.advance() == 1);
  REQUIRE(stepper.last_step(0) == h);
  Vector x(2);
  stepper.interpolate(0, t0 + sigma * h, x);
  return (x - driven_pendulum_solution(t0 + sigma * h)).norm();
}

}  // namespace

TEST_SUITE("ode/adaptive_runge_kutta") {
  TEST_CASE("a step and its dense output have the local errors of their orders, both ways") {
    // Oracle: analytic (manufactured solution). Local errors are one order higher.
    for (const ButcherTableau* tableau : tableaux()) {
      for (const double direction : {1.0, -1.0}) {
        for (const double sigma : {0.35, 0.7, 1.0}) {
          CAPTURE(std::string(tableau->name));
          CAPTURE(direction);
          CAPTURE(sigma);
          const double largest = tableau->order == 8 ? 0.5 : 0.125;
          const Convergence convergence = measure_convergence(
              [&](double h) { return error_in_step(*tableau, 1.7, direction * h, sigma); },
              halvings(largest, tableau->order == 8 ? 3 : 4));
          INFO(convergence.text());
          const int order = sigma == 1 ? tableau->order : tableau->dense_order;
          CHECK(convergence.order() == doctest::Approx(order + 1).epsilon(0.05));
        }
      }
    }
  }

  TEST_CASE("steps of one size have the global order of the method, both ways") {
    // Oracle: analytic; max_step keeps the steps from growing. (On the driven pendulum the
    // terms of order 6 hide those of order 5, on the other field those of order 9 hide 8.)
    const FunctionField fields[] = {nonlinear_field(), driven_pendulum()};
    const auto solution = [](bool is_eight, double t) -> Vector {
      return is_eight ? driven_pendulum_solution(t) : all(1, nonlinear_solution(t));
    };
    for (const ButcherTableau* tableau : tableaux()) {
      for (const double direction : {1.0, -1.0}) {
        CAPTURE(std::string(tableau->name));
        CAPTURE(direction);
        const bool is_eight = tableau->order == 8;
        const double span = is_eight ? 8 : 2;
        const double start = direction > 0 ? 0.3 : 0.3 + span, end = start + direction * span;
        const auto error = [&](double h) {
          SolveOptions options = lax(h);
          options.max_step = h;
          AdaptiveRungeKutta<double> stepper(*tableau, fields[is_eight ? 1 : 0], 1, options);
          stepper.start(all(1, start), all(1, end), solution(is_eight, start));
          run_to_end(stepper);
          CHECK(stepper.statistics(0).steps == std::lround(span / h));
          return (stepper.states().col(0) - solution(is_eight, end)).norm();
        };
        const Convergence convergence =
            measure_convergence(error, halvings(is_eight ? 0.5 : 1.0 / 32, is_eight ? 3 : 4));
        INFO(convergence.text());
        CHECK(convergence.order() == doctest::Approx(tableau->order).epsilon(0.05));
      }
    }
  }

  TEST_CASE("the error estimate has its order") {
    // Oracle: analytic: the controller's formula, read backward, tells the estimate from the
    // growth of the step after the first: h' = 0.9 h e^{−α} (1e-4)^{β}.
    for (const ButcherTableau* tableau : tableaux()) {
      CAPTURE(std::string(tableau->name));
      const int p = tableau->error_order + 1;
      const double beta = 0.2 / p, alpha = 0.85 / p;
      const auto estimate = [&](double h) {
        const FunctionField field = driven_pendulum();
        SolveOptions options;
        options.initial_step = h;
        options.relative_tolerance = 2.3e-15;
        options.absolute_tolerance = p == 8 ? 1e-8 : p == 5 ? 1e-8 : 1e-4;
        AdaptiveRungeKutta<double> stepper(*tableau, field, 1, options);
        stepper.start(all(1, 1.7), all(1, 100), driven_pendulum_solution(1.7));
        REQUIRE(stepper.advance() == 1);
        const double factor = stepper.step(0) / h;
        REQUIRE(factor < 9.9);
        const double scaled =
            std::exp((beta * std::log(1e-4) - std::log(factor / 0.9)) / alpha);
        return scaled * options.absolute_tolerance;
      };
      const double largest = p == 8 ? 0.25 : 0.0625;
      const Convergence convergence = measure_convergence(estimate, halvings(largest, 4));
      INFO(convergence.text());
      CHECK(convergence.order() == doctest::Approx(p).epsilon(0.05));
    }
  }

  TEST_CASE("dense output is continuous in value at step ends") {
    // Oracle: invariant: interpolation at the ends is the states there.
    const FunctionField field = driven_pendulum();
    for (const ButcherTableau* tableau : tableaux()) {
      CAPTURE(std::string(tableau->name));
      AdaptiveRungeKutta<double> stepper(*tableau, field, 1, with_tolerance(1e-6));
      stepper.start(all(1, 0), all(1, 10), driven_pendulum_solution(0));
      Vector before = driven_pendulum_solution(0), x(2);
      for (int i = 0; i < 10; ++i) {
        while (stepper.advance() == 0) REQUIRE(stepper.active() == 1);
        stepper.interpolate(0, stepper.previous_time(0), x);
        CHECK((x - before).norm() == 0);
        stepper.interpolate(0, stepper.time(0), x);
        CHECK((x - stepper.states().col(0)).norm() < 1e-14);
        before = stepper.states().col(0);
      }
    }
  }

  TEST_CASE("the last step ends at the requested end exactly, in both directions") {
    const FunctionField field = driven_pendulum();
    for (const ButcherTableau* tableau : tableaux()) {
      CAPTURE(std::string(tableau->name));
      AdaptiveRungeKutta<double> stepper(*tableau, field, 3, with_tolerance(1e-8));
      Matrix x0(2, 3);
      x0.colwise() = driven_pendulum_solution(0.1);
      const Vector end = (Vector(3) << 3.7, -3.7, 0.1).finished();
      stepper.start(all(3, 0.1), end, x0);
      CHECK(stepper.active() == 2);  // The third has nowhere to go.
      run_to_end(stepper);
      for (Index b = 0; b < 3; ++b) {
        CHECK(stepper.time(b) == end[b]);
        CHECK(stepper.status(b) == SolveStatus::kReachedEnd);
        CHECK(stepper.message(b).empty());
        CHECK((stepper.states().col(b) - driven_pendulum_solution(end[b])).norm() < 1e-6);
      }
      CHECK(stepper.statistics(2).evaluations == 0);
    }
  }

  TEST_CASE("a kick in the field makes the controller reject, and accept smaller steps after") {
    // Oracle: analytic: ẋ = 1 + 1000 exp(−(1000(t − 1))²): x(2) = 2 + √π.
    const FunctionField field(1, [](double t, ConstVectorRef, VectorRef x_dot) {
      x_dot[0] = 1 + 1000 * std::exp(-1e6 * (t - 1) * (t - 1));
    });
    for (const ButcherTableau* tableau : tableaux()) {
      CAPTURE(std::string(tableau->name));
      SolveOptions options;
      options.initial_step = 0.001;
      AdaptiveRungeKutta<double> stepper(*tableau, field, 1, options);
      stepper.start(all(1, 0.99), all(1, 2), Matrix::Constant(1, 1, 0.99));
      double smallest = 1, largest = 0;
      for (int guard = 0; stepper.active() > 0 && guard < 20000; ++guard) {
        if (stepper.advance() == 0) continue;
        smallest = std::min(smallest, stepper.last_step(0));
        largest = std::max(largest, stepper.last_step(0));
      }
      CHECK(stepper.states()(0, 0) ==
            doctest::Approx(2 + std::sqrt(std::acos(-1.0))).epsilon(1e-6));
      CHECK(stepper.statistics(0).rejected > 0);
      CHECK(smallest < 4e-4);
      CHECK(largest > 0.05);
    }
  }

  TEST_CASE(
      "a step is accepted exactly where the two solutions differ by the tolerance or less") {
    // Oracle: independent: the steps of both orders by ExplicitRungeKutta.
    const FunctionField field = nonlinear_field();
    for (const ButcherTableau* tableau :
         {&bogacki_shampine_tableau(), &dormand_prince_tableau(), &tsitouras_tableau()}) {
      CAPTURE(std::string(tableau->name));
      ButcherTableau embedded = *tableau;
      embedded.b -= embedded.error;
      const double tolerance = tableau->order == 3 ? 1e-4 : 1e-6;
      int accepted = 0, rejected = 0;
      for (double h = 0.02; h < 0.4; h *= 1.05) {
        CAPTURE(h);
        const Matrix x0 = Matrix::Constant(1, 1, nonlinear_solution(0.3));
        Matrix high = x0, low = x0;
        ExplicitRungeKutta<double> method(*tableau, field, 1), lower(embedded, field, 1);
        REQUIRE(method.step(all(1, 0.3), all(1, h), high));
        REQUIRE(lower.step(all(1, 0.3), all(1, h), low));
        const double scale =
            tolerance * (1 + std::max(std::abs(x0(0, 0)), std::abs(high(0, 0))));
        const bool good = std::abs(high(0, 0) - low(0, 0)) <= scale;
        SolveOptions options = with_tolerance(tolerance);
        options.initial_step = h;
        AdaptiveRungeKutta<double> stepper(*tableau, field, 1, options);
        stepper.start(all(1, 0.3), all(1, 5), x0);
        CHECK((stepper.advance() == 1) == good);
        (good ? accepted : rejected)++;
      }
      CHECK(accepted > 5);
      CHECK(rejected > 5);
    }
  }

  TEST_CASE("records give the states of interpolation later, to the bit") {
    // Oracle: invariant.
    const FunctionField field = driven_pendulum();
    for (const ButcherTableau* tableau : tableaux()) {
      CAPTURE(std::string(tableau->name));
      AdaptiveRungeKutta<double> stepper(*tableau, field, 2, with_tolerance(1e-7));
      Matrix x0 = Matrix::Constant(2, 2, 0.4);
      x0(0, 1) = 2;
      stepper.start(all(2, 0), all(2, 3), x0);
      while (stepper.advance() == 0) REQUIRE(stepper.active() == 2);
      const double t0 = stepper.previous_time(1), h = stepper.last_step(1), t = t0 + 0.37 * h;
      Vector record(stepper.record_size()), x(2), later(2);
      stepper.record(1, record);
      stepper.interpolate(1, t, x);
      run_to_end(stepper);
      stepper.interpolate_record(record, t0, h, t, later);
      CHECK(later == x);
      CHECK_THROWS_AS(stepper.interpolate_record(x, t0, h, t, later), std::invalid_argument);
    }
  }

  TEST_CASE("stability, not accuracy, holds down the steps on Van der Pol's slow branch") {
    // Oracle: the problem's known stiffness: μ = 1000 in the scaling of Hairer & Wanner,
    // Solving ODEs II, §IV.1; the pendulum is not stiff.
    const FunctionField stiff(2, [](double, ConstVectorRef x, VectorRef x_dot) {
      x_dot[0] = x[1];
      x_dot[1] = 1000 * (1 - x[0] * x[0]) * x[1] - x[0];
    });
    const FunctionField mild = pendulum();
    Matrix x0(2, 1);
    x0 << 2, 0;
    for (const ButcherTableau* tableau : tableaux()) {
      CAPTURE(std::string(tableau->name));
      AdaptiveRungeKutta<double> on_stiff(*tableau, stiff, 1, with_tolerance(1e-5));
      on_stiff.start(all(1, 0), all(1, 1), x0);
      run_to_end(on_stiff);
      CHECK(on_stiff.status(0) == SolveStatus::kReachedEnd);
      CHECK(on_stiff.is_stiff(0));
      AdaptiveRungeKutta<double> on_mild(*tableau, mild, 1, with_tolerance(1e-5));
      on_mild.start(all(1, 0), all(1, 300), x0);
      bool was_stiff = false;
      while (on_mild.active() > 0) {
        on_mild.advance();
        was_stiff = was_stiff || on_mild.is_stiff(0);
      }
      CHECK_FALSE(was_stiff);
      CHECK(on_mild.statistics(0).steps > 150);
    }
  }

  TEST_CASE("starting, stepping, interpolating, extending and replacing do not allocate") {
    const FunctionField field = driven_pendulum();
    for (const ButcherTableau* tableau : tableaux()) {
      CAPTURE(std::string(tableau->name));
      AdaptiveRungeKutta<double> stepper(*tableau, field, 3, {});
      Matrix x0 = Matrix::Constant(2, 3, 0.4);
      const Vector t0 = all(3, 0), end = (Vector(3) << 0.2, 5, -5).finished();
      Vector x(2), record(stepper.record_size());
      Index total = 0;
      const auto run = [&] {
        stepper.start(t0, end, x0);
        for (int i = 0; i < 30; ++i) {
          total += stepper.advance();
          stepper.prepare_dense(stepper.accepted());
          for (const Index b : stepper.accepted()) {
            stepper.interpolate(b, stepper.previous_time(b), x);
            stepper.record(b, record);
          }
          if (i == 10) stepper.replace(1, stepper.time(1), x);
          if (stepper.time(0) == 0.2) stepper.extend(0, 0.3);
        }
      };
      run();
      CHECK(total > 30);
      CHECK(allocations_in(run) == 0);
      CHECK(stepper.bytes() > 0);
    }
  }

  TEST_CASE("single precision solves to its own accuracy, with times in double") {
    // Oracle: analytic: ẋ = −x + 0·t from 1.
    class Decay final : public VectorField<float> {
     public:
      class Nothing final : public Tape {
       public:
        Index capacity() const override { return 8; }
        std::size_t bytes() const override { return 0; }
      };
      Index dimension() const override { return 1; }
      std::unique_ptr<Tape> make_tape(Index) const override {
        return std::make_unique<Nothing>();
      }
      void forward(ConstVectorRefX<float>, ConstMatrixRefX<float> x, MatrixRefX<float> x_dot,
                   Tape&) const override {
        x_dot = -x;
      }
      void vjp(ConstMatrixRefX<float>, MatrixRefX<float>, VectorRefX<float>,
               Tape&) const override {}
      void jvp(ConstMatrixRefX<float>, MatrixRefX<float>, Tape&) const override {}
    };
    const Decay field;
    for (const ButcherTableau* tableau : tableaux()) {
      CAPTURE(std::string(tableau->name));
      AdaptiveRungeKutta<float> stepper(*tableau, field, 2, with_tolerance(1e-6));
      const double start = 1e8;  // A float could not tell t from t + 1.
      stepper.start(all(2, start), all(2, start + 1), MatrixX<float>::Ones(1, 2));
      for (int guard = 0; stepper.active() > 0 && guard < 1000; ++guard) stepper.advance();
      CHECK(stepper.time(1) == start + 1);
      CHECK(stepper.states()(0, 1) == doctest::Approx(std::exp(-1.0)).epsilon(3e-6));
    }
  }

  TEST_CASE("wrong calls are refused before anything is allocated") {
    const FunctionField field = driven_pendulum();
    const ButcherTableau& tableau = dormand_prince_tableau();
    using Stepper5 = AdaptiveRungeKutta<double>;
    for (const Index batch : {Index{0}, Index{-1}, std::numeric_limits<Index>::max() / 4}) {
      CHECK_THROWS_AS(Stepper5(tableau, field, batch, {}), std::invalid_argument);
    }
    CHECK_THROWS_AS(Stepper5(rk4_tableau(), field, 1, {}), std::invalid_argument);
    SolveOptions negative;
    negative.relative_tolerance = -1;
    CHECK_THROWS_AS(Stepper5(tableau, field, 1, negative), std::invalid_argument);
    Stepper5 stepper(tableau, field, 2, {});
    const Matrix x = Matrix::Zero(2, 2), tall = Matrix::Zero(3, 2), wide = Matrix::Zero(2, 3);
    CHECK_THROWS_AS(stepper.start(all(2, 0), all(2, 1), tall), std::invalid_argument);
    CHECK_THROWS_AS(stepper.start(all(3, 0), all(3, 1), wide), std::invalid_argument);
    CHECK_THROWS_AS(stepper.start(all(2, 0), all(1, 1), x), std::invalid_argument);
    CHECK_THROWS_AS(stepper.start(all(2, 0), all(2, kInfinity), x), std::invalid_argument);
    CHECK_THROWS_AS(stepper.start(all(2, -kInfinity), all(2, 1), x), std::invalid_argument);
  }
}
