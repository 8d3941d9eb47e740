#include "mechanics/action.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <stdexcept>

#include "mechanics/lagrangians.h"
#include "ode/solve.h"
#include "support/convergence.h"
#include "support/gradient_check.h"
#include "support/no_allocation.h"
#include "systems/system_lagrangian.h"

namespace least_action {
namespace {

using doctest::Approx;
using testing::FunctionLagrangian;

constexpr ActionRule kRules[] = {ActionRule::kMidpoint, ActionRule::kTrapezoid};

Vector grid(double duration, Index pieces) {
  return Vector::LinSpaced(pieces + 1, 0, duration);
}

// Positions of a motion at `times`, from x0 at times(0).
Matrix positions(const VectorField<double>& field, const Vector& x0, const Vector& times,
                 const SolveOptions& options) {
  const Solution solution = solve(field, x0, {times.begin(), times.end()}, options);
  REQUIRE(solution.ok());
  return solution.states.topRows(x0.size() / 2);
}

constexpr SolveOptions kExactly{.method = Method::kDormandPrince54,
                                .relative_tolerance = 1e-12,
                                .absolute_tolerance = 1e-13};

double rms_residual(Action& action, const Vector& times, const Matrix& path) {
  Matrix residual(path.rows(), path.cols() - 2);
  action.residual(times, path, residual);
  return std::sqrt(residual.squaredNorm() / static_cast<double>(residual.size()));
}

// A path that solves nothing, between points that are not equally spaced in time.
struct Wanderings {
  Vector times;
  Matrix path;
};
Wanderings wanderings(Index n) {
  Random random(5);
  Wanderings w{Vector(8), Matrix(n, 8)};
  double t = -0.3;
  for (Index k = 0; k < 8; ++k) {
    w.times[k] = t;
    t += random.uniform(0.05, 0.3);
    for (Index i = 0; i < n; ++i) w.path(i, k) = 0.3 * random.normal();
  }
  return w;
}

TEST_SUITE("mechanics/action") {
  TEST_CASE("a free particle's straight line has action m|Δq|²/2T and no residual") {
    // Oracle: analytic; exact for any times.
    FunctionLagrangian free = testing::free_particle(2, 3.0);
    const Vector times = (Vector(5) << 0.5, 0.6, 1.1, 1.2, 2.5).finished();
    const Vector start = (Vector(2) << 1, -2).finished(), end = (Vector(2) << 4, 2).finished();
    Matrix path(2, 5), gradient(2, 5);
    for (Index k = 0; k < 5; ++k) path.col(k) = start + (times[k] - 0.5) / 2 * (end - start);
    for (const ActionRule rule : kRules) {
      Action action(free, rule);
      CHECK(action.gradient(times, path, gradient) == Approx(3.0 * 25 / (2 * 2)));
      CHECK(gradient.middleCols(1, 3).cwiseAbs().maxCoeff() < 1e-13);
      // At the ends: −p₀ and p_N.
      const Vector momentum = 3.0 * (end - start) / 2;
      CHECK((gradient.col(0) + momentum).norm() < 1e-13);
      CHECK((gradient.col(4) - momentum).norm() < 1e-13);
    }
  }

  TEST_CASE("the discrete oscillator turns at the frequency its rule gives") {
    // Oracle: analytic. cos Ωt solves the discrete equations of L = ½(q̇² − ω²q²) where
    // tan(Ωh/2) = ωh/2 (midpoint) or sin(Ωh/2) = ωh/2 (trapezoid).
    const double omega = 2, h = 0.3;
    const auto spring = make_system("spring", {1, omega * omega});
    SystemLagrangian lagrangian(*spring);
    const Vector times = grid(20 * h, 20);
    for (const ActionRule rule : kRules) {
      const double half = omega * h / 2;
      const double turned = rule == ActionRule::kMidpoint ? std::atan(half) : std::asin(half);
      const Matrix path = (2 * turned / h * times.array() + 0.4).cos().matrix().transpose();
      Action action(lagrangian, rule);
      CHECK(rms_residual(action, times, path) < 1e-12);
      // The other frequency, and the continuous one, are seen.
      const Matrix exact = (omega * times.array() + 0.4).cos().matrix().transpose();
      CHECK(rms_residual(action, times, exact) > 0.05);
    }
  }

  TEST_CASE("the oscillator's action converges to Feynman's with order 2") {
    // Oracle: analytic. S = mω/(2 sin ωT) [(a² + b²) cos ωT − 2ab] (Feynman & Hibbs, 2-9).
    const double m = 1.5, omega = 2, duration = 1.1, a = 0.4;
    const auto spring = make_system("spring", {m, m * omega * omega});
    SystemLagrangian lagrangian(*spring);
    const auto q = [&](const Vector& t) -> Matrix {
      return (a * (omega * t.array()).cos() + 0.7 * (omega * t.array()).sin())
          .matrix()
          .transpose();
    };
    const double b = q(Vector::Constant(1, duration))(0, 0);
    const double exact = m * omega / (2 * std::sin(omega * duration)) *
                         ((a * a + b * b) * std::cos(omega * duration) - 2 * a * b);
    for (const ActionRule rule : kRules) {
      Action action(lagrangian, rule);
      const auto convergence = testing::measure_convergence(
          [&](double h) {
            const Vector times = grid(duration, std::lround(duration / h));
            return std::abs(action.value(times, q(times)) - exact);
          },
          testing::halvings(0.11, 4));
      INFO(convergence.text());
      CHECK(convergence.order() == Approx(2).epsilon(0.03));
    }
  }

  TEST_CASE("along the true motion of every conservative system the residual is O(h²)") {
    // Oracle: the motion comes from the first-order equations, which know no action.
    for (const SystemTraits& known : systems()) {
      const auto system = make_system(known.name);
      if (!system->is_conservative()) continue;
      CAPTURE(known.name);
      SystemLagrangian lagrangian(*system);
      const SystemField field(*system, Chart::kCanonical);
      Vector x0(system->dimension());
      Random random(3);
      system->sample_state(random, Chart::kCanonical, x0);
      const double duration = 0.15 * system->typical_period();
      for (const ActionRule rule : kRules) {
        Action action(lagrangian, rule);
        const auto convergence = testing::measure_convergence(
            [&](double h) {
              const Vector times = grid(duration, std::lround(duration / h));
              return rms_residual(action, times, positions(field, x0, times, kExactly));
            },
            testing::halvings(duration / 16, 3));
        INFO(convergence.text());
        CHECK(convergence.order() == Approx(2).epsilon(0.05));
      }
    }
  }

  TEST_CASE("implicit midpoint's positions solve the midpoint rule's equations to rounding") {
    // Oracle: independent implementation. Marsden & West, example 2.3.2 and §2.3.
    for (const char* name : {"pendulum", "double-pendulum", "two-body"}) {
      CAPTURE(name);
      const auto system = make_system(name);
      SystemLagrangian lagrangian(*system);
      Action action(lagrangian, ActionRule::kMidpoint);
      const SystemField field(*system, Chart::kCanonical);
      Vector x0(system->dimension());
      system->typical_state(x0);
      const double h = system->typical_period() / 60;
      const Vector times = grid(20 * h, 20);
      const Matrix path =
          positions(field, x0, times, {.method = Method::kImplicitMidpoint, .step = 1.01 * h});
      CHECK(rms_residual(action, times, path) < 1e-9 * action.force_scale(times, path));
    }
  }

  TEST_CASE("Störmer–Verlet's positions solve the trapezoidal rule's equations to rounding") {
    const auto system = make_system("henon-heiles");
    SystemLagrangian lagrangian(*system);
    Action action(lagrangian, ActionRule::kTrapezoid);
    const SystemField field(*system, Chart::kCanonical);
    Vector x0(4);
    system->typical_state(x0);
    const Vector times = grid(6, 30);
    const Matrix path =
        positions(field, x0, times, {.method = Method::kStormerVerlet, .step = 0.201});
    CHECK(rms_residual(action, times, path) < 1e-12);
    Action midpoint(lagrangian, ActionRule::kMidpoint);
    CHECK(rms_residual(midpoint, times, path) > 1e-5);
  }

  TEST_CASE("a Lagrangian that depends on time gives the damped motion") {
    // Oracle: analytic. L = e^{γt}(½q̇² − V) has q̈ = −V' − γq̇ (Caldirola and Kanai): here
    // V = ½ω²q², whose motion is e^{−γt/2} cos νt with ν² = ω² − γ²/4.
    const double gamma = 0.6, omega = 2;
    const double nu = std::sqrt(omega * omega - gamma * gamma / 4);
    FunctionLagrangian lagrangian(
        1, [=](double t, const Vector& q, const Vector& v, Vector& force, Vector& momentum) {
          const double scale = std::exp(gamma * t);
          force = -scale * omega * omega * q;
          momentum = scale * v;
          return scale * 0.5 * (v.squaredNorm() - omega * omega * q.squaredNorm());
        });
    for (const ActionRule rule : kRules) {
      Action action(lagrangian, rule);
      const auto convergence = testing::measure_convergence(
          [&](double h) {
            const Vector times = grid(1, std::lround(1 / h));
            const Eigen::ArrayXd t = times.array();
            return rms_residual(action, times,
                                ((-gamma / 2 * t).exp() * (nu * t).cos()).matrix().transpose());
          },
          testing::halvings(1.0 / 32, 3));
      INFO(convergence.text());
      CHECK(convergence.order() == Approx(2).epsilon(0.05));
    }
  }

  TEST_CASE("a force that depends on time is taken at the right time") {
    // Oracle: analytic. L = ½q̇² + q sin 2t has q̈ = sin 2t: q = −¼ sin 2t. A time that is off by
    // a part of h shows as order 1 (and not at all where it only shifts the gauge).
    FunctionLagrangian pushed(
        1, [](double t, const Vector& q, const Vector& v, Vector& force, Vector& momentum) {
          force[0] = std::sin(2 * t);
          momentum = v;
          return 0.5 * v.squaredNorm() + q[0] * force[0];
        });
    for (const ActionRule rule : kRules) {
      Action action(pushed, rule);
      const auto convergence = testing::measure_convergence(
          [&](double h) {
            const Vector times = grid(1, std::lround(1 / h));
            return rms_residual(action, times,
                                (-0.25 * (2 * times.array()).sin()).matrix().transpose());
          },
          testing::halvings(1.0 / 32, 3));
      INFO(convergence.text());
      CHECK(convergence.order() == Approx(2).epsilon(0.05));
    }
  }

  TEST_CASE("where neighbouring steps differ in size the residual is O(h)") {
    // Oracle: the order that action.h states; the price of irregular times.
    const auto spring = make_system("spring");
    SystemLagrangian lagrangian(*spring);
    Action action(lagrangian);
    const auto convergence = testing::measure_convergence(
        [&](double h) {
          const Index pieces = 2 * std::lround(1 / (3 * h));
          Vector times(pieces + 1);
          times[0] = 0;
          for (Index k = 0; k < pieces; ++k) times[k + 1] = times[k] + (k % 2 == 0 ? h : 2 * h);
          return rms_residual(action, times, times.array().cos().matrix().transpose());
        },
        testing::halvings(1.0 / 96, 3));
    INFO(convergence.text());
    CHECK(convergence.order() == Approx(1).epsilon(0.05));
  }

  TEST_CASE("the gradient is that of the action, at any times and for any path") {
    const auto system = make_system("double-pendulum");
    SystemLagrangian exact(*system);
    FunctionLagrangian driven = testing::driven(2);
    const Wanderings w = wanderings(2);
    for (Lagrangian* lagrangian :
         {static_cast<Lagrangian*>(&exact), static_cast<Lagrangian*>(&driven)}) {
      for (const ActionRule rule : kRules) {
        Action action(*lagrangian, rule);
        Matrix gradient(2, 8);
        CHECK(action.gradient(w.times, w.path, gradient) ==
              Approx(action.value(w.times, w.path)).epsilon(1e-14));
        const auto value = [&](const Vector& flat) {
          return action.value(w.times, Eigen::Map<const Matrix>(flat.data(), 2, 8));
        };
        const Vector at = Eigen::Map<const Vector>(w.path.data(), 16);
        const Vector claimed = Eigen::Map<const Vector>(gradient.data(), 16);
        const auto check =
            testing::taylor_check(value, at, claimed, testing::random_direction(16, 2));
        INFO(check.text());
        CHECK(check.slope() >= 1.9);
      }
    }
  }

  TEST_CASE("a gauge term dF/dt changes the residual by no more than the discretisation") {
    // Oracle: analytic. d/dt F(q, t) adds F(q_N, t_N) − F(q_0, t_0) to the exact action, whose
    // derivative in the inner points is 0.
    FunctionLagrangian plain = testing::driven(2);
    FunctionLagrangian gauged = testing::driven(2, 0.8);
    for (const ActionRule rule : kRules) {
      Action action(plain, rule), with_gauge(gauged, rule);
      const auto convergence = testing::measure_convergence(
          [&](double h) {
            const Index pieces = std::lround(1 / h);
            const Vector times = grid(1, pieces);
            Matrix path(2, pieces + 1), residual(2, pieces - 1), changed(2, pieces - 1);
            path.row(0) = (1.3 * times.array()).sin();
            path.row(1) = times.array().square() - 0.3;
            action.residual(times, path, residual);
            with_gauge.residual(times, path, changed);
            return (changed - residual).cwiseAbs().maxCoeff();
          },
          testing::halvings(1.0 / 16, 4));
      INFO(convergence.text());
      CHECK(convergence.order() == Approx(2).epsilon(0.05));
    }
  }

  TEST_CASE("a path as long as the last needs no new memory") {
    const auto system = make_system("henon-heiles");
    SystemLagrangian lagrangian(*system);
    Action action(lagrangian, ActionRule::kTrapezoid);
    const Wanderings w = wanderings(2);
    Matrix residual(2, 6);
    action.residual(w.times, w.path, residual);
    std::size_t count = 1;
    count = testing::allocations_in([&] { action.residual(w.times, w.path, residual); });
    // System's virtual functions of separable systems take and return by reference only; the
    // names of times, made for messages, fit into their strings.
    CHECK(count == 0);
  }

  TEST_CASE("bad paths and systems without an action are refused with the reason") {
    const auto system = make_system("pendulum");
    SystemLagrangian lagrangian(*system);
    Action action(lagrangian);
    const Vector times = grid(1, 3);
    const Matrix path = Matrix::Zero(1, 4);
    Matrix gradient(1, 4), residual(1, 2);
    constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
    const auto value = [&](const Vector& t, const Matrix& q) { return action.value(t, q); };
    CHECK_THROWS_WITH_AS(value(Vector::Zero(1), Matrix::Zero(1, 1)),
                         "Action::value: the number of times is 1; it must be at least 2",
                         std::invalid_argument);
    CHECK_THROWS_AS(value(times, Matrix::Zero(2, 4)), std::invalid_argument);
    CHECK_THROWS_AS(value(times, Matrix::Zero(1, 3)), std::invalid_argument);
    CHECK_THROWS_AS(value(Vector::Zero(4), path), std::invalid_argument);
    CHECK_THROWS_AS(value(-times, path), std::invalid_argument);
    Vector odd_times = times;
    odd_times[2] = kNaN;
    CHECK_THROWS_WITH_AS(value(odd_times, path),
                         "Action::value: times[2] is nan; it must be finite",
                         std::invalid_argument);
    Matrix odd_path = path;
    odd_path(0, 1) = kNaN;
    CHECK_THROWS_WITH_AS(value(times, odd_path),
                         "Action::value: path holds a number that is not finite",
                         std::invalid_argument);
    CHECK_THROWS_AS(action.gradient(times, path, residual), std::invalid_argument);
    CHECK_THROWS_AS(action.residual(times, path, gradient), std::invalid_argument);
    CHECK_THROWS_AS(action.residual(grid(1, 1), Matrix::Zero(1, 2), gradient),
                    std::invalid_argument);
    const auto damped = make_system("damped-pendulum");
    CHECK_THROWS_WITH_AS(SystemLagrangian{*damped}, doctest::Contains("loses energy"),
                         std::invalid_argument);
    Matrix none, wrong(3, 4);
    CHECK_THROWS_AS(lagrangian.evaluate(times, Matrix::Zero(2, 4), none, wrong),
                    std::invalid_argument);
  }
}

}  // namespace
}  // namespace least_action
