#include "train/schedule.h"

#include <doctest/doctest.h>

#include <cmath>

namespace least_action {
namespace {

using doctest::Approx;

TrainerOptions with(ScheduleKind schedule) {
  TrainerOptions options;
  options.schedule = schedule;
  options.total_steps = 1200;
  options.warmup_steps = 200;
  return options;
}

// Oracle throughout: analytic values of the cosine.
TEST_SUITE("train/schedule") {
  TEST_CASE("a constant schedule is 1 at every step") {
    for (const Index step : {0, 1, 600, 1199, 1200, 5000}) {
      CHECK(schedule_factor(with(ScheduleKind::kConstant), step) == 1);
    }
  }

  TEST_CASE("a cosine falls from 1 over ¾, ½ and ¼ to 0, and stays there") {
    const TrainerOptions options = with(ScheduleKind::kCosine);
    CHECK(schedule_factor(options, 0) == 1);
    CHECK(schedule_factor(options, 400) == Approx(0.75));
    CHECK(schedule_factor(options, 600) == Approx(0.5));
    CHECK(schedule_factor(options, 800) == Approx(0.25));
    CHECK(schedule_factor(options, 1199) > 0);
    CHECK(schedule_factor(options, 1199) < 2e-6);
    CHECK(schedule_factor(options, 1200) == 0);
    CHECK(schedule_factor(options, 9999) == 0);
  }

  TEST_CASE("a warm-up rises in equal steps to 1 and hands over to the cosine there") {
    const TrainerOptions options = with(ScheduleKind::kWarmupCosine);
    CHECK(schedule_factor(options, 0) == Approx(1.0 / 200));
    CHECK(schedule_factor(options, 99) == Approx(0.5));
    CHECK(schedule_factor(options, 199) == Approx(1));
    CHECK(schedule_factor(options, 200) == Approx(1));
    CHECK(schedule_factor(options, 700) == Approx(0.5));
    CHECK(schedule_factor(options, 1200) == 0);
  }

  TEST_CASE("a warm-up of no steps is the cosine") {
    TrainerOptions options = with(ScheduleKind::kWarmupCosine);
    options.warmup_steps = 0;
    for (const Index step : {0, 300, 1100}) {
      CHECK(schedule_factor(options, step) ==
            schedule_factor(with(ScheduleKind::kCosine), step));
    }
  }
}

}  // namespace
}  // namespace least_action
