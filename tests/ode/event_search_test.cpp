#include "ode/event_search.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

#include "ode/solve.h"
#include "support/function_field.h"

using namespace least_action;
using namespace least_action::testing;

namespace {

const double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kGravity = 9.81;

/// A ball of height x₀ and speed x₁.
FunctionField falling() {
  return FunctionField(2, [](double, ConstVectorRef x, VectorRef x_dot) {
    x_dot[0] = x[1];
    x_dot[1] = -kGravity;
  });
}

/// The floor, which throws the ball back with `restitution` of its speed.
Event floor_with(double restitution) {
  return {.function = [](double, ConstVectorRef x) { return x[0]; },
          .direction = EventDirection::kFalling,
          .action = EventAction::kChange,
          .change =
              [restitution](double, VectorRef x) {
                x[0] = 0;
                x[1] *= -restitution;
              }};
}

Matrix state(double position, double speed) {
  Matrix x(2, 1);
  x << position, speed;
  return x;
}

SolveOptions with(Method method, double tolerance = 1e-10, double step = 0.01) {
  SolveOptions options;
  options.method = method;
  options.relative_tolerance = options.absolute_tolerance = tolerance;
  options.step = step;
  return options;
}

constexpr Method kEvery[] = {
    Method::kDormandPrince54,  Method::kTsitouras54, Method::kBogackiShampine32,
    Method::kDormandPrince853, Method::kRk4,         Method::kStormerVerlet};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_SUITE("ode/event_search") {
  TEST_CASE("a bouncing ball lands when it should, by every method") {
    // Oracle: analytic: t₀ = √(2h/g), then flights of 2 rⁿ v₀/g.
    const FunctionField field = [] {
      return FunctionField(
          1, [](double, ConstVectorRef p, VectorRef q_dot) { q_dot = p; },
          [](double, ConstVectorRef, VectorRef p_dot) { p_dot[0] = -kGravity; }, {});
    }();
    SolveExtras extras;
    extras.events = {floor_with(0.8)};
    for (const Method method : kEvery) {
      CAPTURE(std::string(traits(method).name));
      const Solution solution = solve(field, state(1, 0), {0, 1, 2, 3}, with(method), extras);
      INFO(solution.message);
      REQUIRE(solution.ok());
      const double fall = std::sqrt(2 / kGravity), speed = kGravity * fall;
      double time = fall, flight = 2 * 0.8 * speed / kGravity;
      REQUIRE(solution.events.size() == 6);
      for (const EventRecord& each : solution.events) {
        CHECK(each.time == doctest::Approx(time).epsilon(1e-9));
        CHECK(each.state[0] >= 0);
        time += flight;
        flight *= 0.8;
      }
      // At t = 1 the ball is in its first flight after the first bounce.
      const double since = 1 - fall;
      CHECK(
          solution.state(1)(0, 0) ==
          doctest::Approx(0.8 * speed * since - 0.5 * kGravity * since * since).epsilon(1e-8));
    }
  }

  TEST_CASE("bounces that accumulate end the sample at the limit of their times, in words") {
    // Oracle: analytic: t∞ = t₀ + (2v₀/g) r/(1 − r). Its neighbour goes on to the end.
    const FunctionField field = falling();
    SolveExtras extras;
    for (const double restitution : {0.9, 0.5, 0.01, 1e-5, -0.5}) {
      CAPTURE(restitution);
      extras.events = {floor_with(std::abs(restitution))};
      // Also a floor that leaves the height as rounding has it.
      if (restitution < 0) extras.events[0].change = [](double, VectorRef x) { x[1] *= -0.5; };
      Matrix x0(2, 2);
      x0 << 1, 1000, 0, 0;
      for (const Method method : {Method::kDormandPrince54, Method::kDormandPrince853}) {
        const Solution solution = solve(field, x0, {0, 0.4, 10}, with(method), extras);
        INFO(solution.message);
        CHECK(solution.status == SolveStatus::kStopped);
        CHECK(contains(solution.message, "Sample 0: Solve stopped at t = "));
        CHECK(contains(solution.message, "they accumulate there"));
        const double fall = std::sqrt(2 / kGravity);
        const double kept = std::abs(restitution);
        const double limit = fall * (1 + 2 * kept / (1 - kept));
        CHECK(solution.events.back().time == doctest::Approx(limit).epsilon(1e-8));
        CHECK(solution.samples[0].reached == 2);
        CHECK(solution.samples[1].status == SolveStatus::kReachedEnd);
        CHECK(std::isnan(solution.state(2)(0, 0)));
        CHECK(solution.state(2)(0, 1) == doctest::Approx(1000 - 0.5 * kGravity * 100));
      }
    }
  }

  TEST_CASE("a pendulum crosses its rest after quarter periods, up and down") {
    // Oracle: analytic: T = 4 K(sin(θ₀/2)), K(k) = π / (2 agm(1, √(1 − k²))).
    const FunctionField field = pendulum();
    const double amplitude = 2.5;
    double a = 1, b = std::cos(amplitude / 2);
    for (int i = 0; i < 10; ++i) {
      const double mean = 0.5 * (a + b);
      b = std::sqrt(a * b);
      a = mean;
    }
    const double period = 2 * std::acos(-1.0) / a;
    for (const EventDirection direction :
         {EventDirection::kBoth, EventDirection::kRising, EventDirection::kFalling}) {
      for (const double sign : {1.0, -1.0}) {
        CAPTURE(sign);
        SolveExtras extras;
        extras.events = {{.function = [](double, ConstVectorRef x) { return x[0]; },
                          .direction = direction}};
        const Solution solution = solve(field, state(amplitude, 0), {0, sign * 4 * period},
                                        with(Method::kDormandPrince54, 1e-11), extras);
        REQUIRE(solution.ok());
        const bool is_both = direction == EventDirection::kBoth;
        REQUIRE(solution.events.size() == (is_both ? 8 : 4));
        const double first = direction == EventDirection::kRising ? 0.75 : 0.25;
        for (std::size_t i = 0; i < solution.events.size(); ++i) {
          const double expected = first + double(i) * (is_both ? 0.5 : 1);
          CHECK(solution.events[i].time ==
                doctest::Approx(sign * expected * period).epsilon(1e-8));
          CHECK(std::abs(solution.events[i].state[0]) < 1e-14);
        }
      }
    }
  }

  TEST_CASE("an event that stops a sample stops it alone, and keeps what came before") {
    // Oracle: analytic: heights h fall for √(2h/g).
    const FunctionField field = falling();
    SolveExtras extras;
    extras.events = {{.function = [](double, ConstVectorRef x) { return x[0]; },
                      .action = EventAction::kStop}};
    Matrix x0(2, 3);
    x0 << 1, 100, 2, 0, 0, 0;
    for (const Method method : kEvery) {
      if (traits(method).needs_separable) continue;
      CAPTURE(std::string(traits(method).name));
      const Solution solution = solve(field, x0, {0, 0.5, 0.6, 3}, with(method), extras);
      CHECK(solution.status == SolveStatus::kStopped);
      CHECK(
          contains(solution.message, "Sample 0: Solve stopped at t = 0.4515 s of 3 s: event"));
      CHECK(contains(solution.message, "(2 of 3 samples did not reach the end.)"));
      CHECK(solution.samples[0].reached == 1);
      CHECK(solution.samples[1].reached == 4);
      CHECK(solution.samples[2].reached == 3);
      REQUIRE(solution.events.size() == 2);
      CHECK(solution.events[0].sample == 0);
      CHECK(solution.events[1].time == doctest::Approx(std::sqrt(4 / kGravity)).epsilon(1e-9));
      CHECK(std::isnan(solution.state(1)(0, 0)));
      CHECK(solution.state(2)(0, 2) == doctest::Approx(2 - 0.5 * kGravity * 0.36));
      CHECK(solution.state(3)(0, 1) == doctest::Approx(100 - 0.5 * kGravity * 9));
    }
  }

  TEST_CASE("several events in one step are found in their order") {
    // Oracle: analytic: x = t crosses 0.1, 0.2 … in one long step.
    const FunctionField field(1, [](double, ConstVectorRef, VectorRef x_dot) { x_dot[0] = 1; });
    SolveExtras extras;
    for (const double level : {0.7, 0.1, 0.30001, 0.3, 0.3}) {
      extras.events.push_back(
          {.function = [level](double, ConstVectorRef x) { return x[0] - level; }});
    }
    SolveOptions options = with(Method::kDormandPrince54);
    options.initial_step = 1;
    const Solution solution = solve(field, Matrix::Zero(1, 1), {0, 1}, options, extras);
    CHECK(solution.statistics.steps == 1);
    REQUIRE(solution.events.size() == 5);
    const Index order[] = {1, 3, 4, 2, 0};
    const double levels[] = {0.1, 0.3, 0.3, 0.30001, 0.7};
    for (std::size_t i = 0; i < 5; ++i) {
      CHECK(solution.events[i].event == order[i]);
      CHECK(solution.events[i].time == doctest::Approx(levels[i]).epsilon(1e-14));
    }
  }

  TEST_CASE("a change that lets the function go on falling is not triggered again") {
    // Oracle: analytic: x = 1 − t is slowed to half below zero.
    const FunctionField field(2, [](double, ConstVectorRef x, VectorRef x_dot) {
      x_dot[0] = x[1];
      x_dot[1] = 0;
    });
    SolveExtras extras;
    extras.events = {{.function = [](double, ConstVectorRef x) { return x[0]; },
                      .action = EventAction::kChange,
                      .change = [](double, VectorRef x) { x[1] *= 0.5; }}};
    const Solution solution =
        solve(field, state(1, -1), {0, 3}, with(Method::kTsitouras54), extras);
    REQUIRE(solution.ok());
    CHECK(solution.events.size() == 1);
    CHECK(solution.state(1)(0, 0) == doctest::Approx(-1).epsilon(1e-12));
  }

  TEST_CASE("bad events are refused, and those that turn NaN stop their sample with a reason") {
    const FunctionField field = falling();
    SolveExtras extras;
    extras.events = {{}};
    CHECK_THROWS_AS(solve(field, state(1, 0), {0, 1}, {}, extras), std::invalid_argument);
    extras.events = {floor_with(0.5)};
    extras.events[0].change = nullptr;
    CHECK_THROWS_AS(solve(field, state(1, 0), {0, 1}, {}, extras), std::invalid_argument);
    extras.events = {floor_with(0.5)};
    extras.max_events = 0;
    CHECK_THROWS_AS(solve(field, state(1, 0), {0, 1}, {}, extras), std::invalid_argument);
    extras.max_events = 2;
    Solution solution = solve(field, state(1, 0), {0, 3}, {}, extras);
    CHECK(solution.status == SolveStatus::kStopped);
    CHECK(contains(solution.message, "max_events 2 changes of state were used up"));
    extras.max_events = 100;
    extras.events[0].change = [](double, VectorRef x) { x[0] = kNan; };
    solution = solve(field, state(1, 0), {0, 0.2, 3}, {}, extras);
    CHECK(solution.status == SolveStatus::kNonFinite);
    CHECK(contains(solution.message, "the change of event 0"));
    CHECK(solution.times.size() == 2);
    extras.events[0].function = [](double t, ConstVectorRef) { return t < 0.3 ? 1 : kNan; };
    solution = solve(field, state(1, 0), {0, 0.2, 3}, {}, extras);
    CHECK(solution.status == SolveStatus::kNonFinite);
    CHECK(contains(solution.message, "the function of event 0 is NaN there"));
  }
}
