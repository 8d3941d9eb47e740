#include "train/trainer_options.h"

#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

namespace least_action {
namespace {

TEST_SUITE("train/trainer_options") {
  TEST_CASE("the defaults have no fault") { CHECK_FALSE(find_fault(TrainerOptions{})); }

  TEST_CASE("each setting out of range is named with its value") {
    struct Case {
      std::string name;
      std::function<void(TrainerOptions&)> change;
      std::string value;
    };
    const std::vector<Case> cases = {
        {"learning_rate", [](auto& o) { o.learning_rate = 0; }, "0"},
        {"learning_rate", [](auto& o) { o.learning_rate = NAN; }, "nan"},
        {"learning_rate", [](auto& o) { o.learning_rate = INFINITY; }, "inf"},
        {"momentum", [](auto& o) { o.momentum = 1; }, "1"},
        {"momentum", [](auto& o) { o.momentum = -0.1; }, "-0.1"},
        {"beta1", [](auto& o) { o.beta1 = 1; }, "1"},
        {"beta2", [](auto& o) { o.beta2 = NAN; }, "nan"},
        {"epsilon", [](auto& o) { o.epsilon = 0; }, "0"},
        {"weight_decay", [](auto& o) { o.weight_decay = -1; }, "-1"},
        {"weight_decay", [](auto& o) { o.weight_decay = INFINITY; }, "inf"},
        {"gradient_clip", [](auto& o) { o.gradient_clip = -2; }, "-2"},
        {"total_steps", [](auto& o) { o.total_steps = 0; }, "0"},
        {"warmup_steps", [](auto& o) { o.warmup_steps = -1; }, "-1"},
        {"warmup_steps",
         [](auto& o) {
           o.schedule = ScheduleKind::kWarmupCosine;
           o.warmup_steps = o.total_steps = 300;
         },
         "300"},
        {"batch_size", [](auto& o) { o.batch_size = -1; }, "-1"},
        {"segment_length", [](auto& o) { o.segment_length = 0; }, "0"},
        {"substeps", [](auto& o) { o.substeps = 0; }, "0"},
        {"segment_length", [](auto& o) { o.segment_length = 100001; }, "100001"},
        // 8 · 12501 steps, and a number whose product would overflow.
        {"substeps", [](auto& o) { o.substeps = 12501; }, "12501"},
        {"substeps", [](auto& o) { o.substeps = std::numeric_limits<Index>::max(); },
         std::to_string(std::numeric_limits<Index>::max())},
        {"test_every", [](auto& o) { o.test_every = 0; }, "0"},
    };
    for (const Case& c : cases) {
      TrainerOptions options;
      c.change(options);
      const auto fault = find_fault(options);
      CAPTURE(c.name);
      REQUIRE(fault);
      CHECK(fault->rfind("TrainerOptions: " + c.name + " is " + c.value, 0) == 0);
    }
  }

  TEST_CASE("a warm-up longer than the training matters only to the schedule that has one") {
    TrainerOptions options;
    options.total_steps = 10;
    options.warmup_steps = 100;
    CHECK_FALSE(find_fault(options));
    options.schedule = ScheduleKind::kWarmupCosine;
    CHECK(find_fault(options));
  }
}

}  // namespace
}  // namespace least_action
