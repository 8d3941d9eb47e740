#include "mechanics/stationarity.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <stdexcept>

#include "mechanics/lagrangians.h"
#include "ode/solve.h"
#include "systems/system_lagrangian.h"

namespace least_action {
namespace {

using doctest::Approx;

struct Motion {
  Vector times;
  Matrix path;
};

Motion motion(const System& system, double duration, Index pieces, const SolveOptions& how) {
  const SystemField field(system, Chart::kCanonical);
  Vector x0(system.dimension());
  system.typical_state(x0);
  Motion m;
  m.times = Vector::LinSpaced(pieces + 1, 0, duration);
  const Solution solution = solve(field, x0, {m.times.begin(), m.times.end()}, how);
  REQUIRE(solution.ok());
  m.path = solution.states.topRows(system.degrees_of_freedom());
  return m;
}

TEST_SUITE("mechanics/stationarity") {
  TEST_CASE("at a natural motion the action changes quadratically, elsewhere linearly") {
    // Oracle: the principle of stationary action itself.
    for (const char* name : {"pendulum", "double-pendulum", "henon-heiles", "two-body"}) {
      CAPTURE(name);
      const auto system = make_system(name);
      SystemLagrangian lagrangian(*system);
      Action action(lagrangian);
      const double duration = 0.4 * system->typical_period();
      Motion m = motion(*system, duration, 400, {});
      const StationarityReport natural =
          check_stationarity(action, m.times, m.path, {.largest = 0.03, .smallest = 3e-3});
      CHECK(natural.slope == Approx(2).epsilon(0.03));
      CHECK(natural.relative_residual < 1e-3);
      CHECK(natural.action == action.value(m.times, m.path));
      REQUIRE(natural.sizes.size() == 5);
      CHECK(natural.sizes[0] == Approx(0.03));
      CHECK(natural.sizes[4] == Approx(3e-3));

      // The straight line between the same ends, and the motion told at a quarter of the speed.
      const Vector start = m.path.col(0), end = m.path.col(400);
      Matrix line(m.path.rows(), 401);
      for (Index k = 0; k <= 400; ++k) {
        line.col(k) = start + static_cast<double>(k) / 400 * (end - start);
      }
      const auto straight =
          check_stationarity(action, m.times, line, {.largest = 3e-3, .smallest = 3e-4});
      CHECK(straight.slope == Approx(1).epsilon(0.03));
      CHECK(straight.relative_residual > 0.1);
      const Vector slowed = 4 * m.times;
      const auto slow =
          check_stationarity(action, slowed, m.path, {.largest = 3e-3, .smallest = 3e-4});
      CHECK(slow.slope == Approx(1).epsilon(0.03));
      CHECK(slow.relative_residual > 0.1);
    }
  }

  TEST_CASE("friction is seen: a damped motion is not natural for the undamped Lagrangian") {
    const auto damped = make_system("damped-pendulum"), undamped = make_system("pendulum");
    SystemLagrangian lagrangian(*undamped);
    Action action(lagrangian);
    const Motion m = motion(*damped, 1, 400, {});
    const auto report =
        check_stationarity(action, m.times, m.path, {.largest = 1e-3, .smallest = 1e-4});
    CHECK(report.slope == Approx(1).epsilon(0.03));
    // Oracle: analytic. The missing force is the friction b q̇ itself.
    Vector x0(2);
    const SystemField field(*damped, Chart::kVelocity);
    damped->typical_state(x0);
    const Solution solution = solve(field, x0, {m.times.begin(), m.times.end()}, {});
    const double rms = std::sqrt(solution.states.row(1).segment(1, 399).squaredNorm() / 399);
    CHECK(report.residual == Approx(damped->values()[3] * rms).epsilon(1e-3));
  }

  TEST_CASE("the discrete motion is stationary for its own rule at any step") {
    // Implicit midpoint at 12 steps a period: a true motion would show its O(h²) here.
    const auto system = make_system("pendulum");
    SystemLagrangian lagrangian(*system);
    const double h = system->typical_period() / 12;
    const Motion m =
        motion(*system, 6 * h, 6, {.method = Method::kImplicitMidpoint, .step = 1.01 * h});
    Action midpoint(lagrangian), trapezoid(lagrangian, ActionRule::kTrapezoid);
    const StationarityOptions small{.largest = 1e-2, .smallest = 1e-4};
    CHECK(check_stationarity(midpoint, m.times, m.path, small).slope ==
          Approx(2).epsilon(0.03));
    CHECK(check_stationarity(trapezoid, m.times, m.path, small).slope < 1.5);
  }

  TEST_CASE("an action that cannot change says so") {
    testing::FunctionLagrangian none(
        1, [](double, const Vector&, const Vector&, Vector& force, Vector& momentum) {
          force.setZero();
          momentum.setZero();
          return 0.0;
        });
    Action action(none);
    const auto report =
        check_stationarity(action, Vector::LinSpaced(4, 0, 1), Matrix::Ones(1, 4));
    CHECK(std::isnan(report.slope));
    CHECK(report.relative_residual == 0);
  }

  TEST_CASE("faults in the options are explained") {
    CHECK(!find_fault(StationarityOptions{}));
    CHECK(*find_fault(StationarityOptions{.variations = 0}) ==
          "StationarityOptions: variations is 0; it must be from 1 to 1000");
    CHECK(find_fault(StationarityOptions{.sizes = 1}));
    CHECK(find_fault(StationarityOptions{.sizes = 1000000000}));
    CHECK(find_fault(StationarityOptions{.smallest = 0}));
    CHECK(find_fault(StationarityOptions{.largest = 1e-4, .smallest = 1e-3}));
    CHECK(find_fault(StationarityOptions{.largest = HUGE_VAL}));
    CHECK(
        find_fault(StationarityOptions{.smallest = std::numeric_limits<double>::quiet_NaN()}));
    const auto system = make_system("spring");
    SystemLagrangian lagrangian(*system);
    Action action(lagrangian);
    const Vector times = Vector::LinSpaced(3, 0, 1);
    CHECK_THROWS_AS(check_stationarity(action, times, Matrix::Zero(1, 3), {.variations = 0}),
                    std::invalid_argument);
    CHECK_THROWS_AS(check_stationarity(action, times.head(2), Matrix::Zero(1, 2)),
                    std::invalid_argument);
  }
}

}  // namespace
}  // namespace least_action
