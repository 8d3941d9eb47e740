#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

#include "learner_support.h"
#include "session/background.h"

using namespace least_action;
using namespace learner_support;

TEST_SUITE("session/learner_background") {
  // Oracle: the same steps taken here.
  TEST_CASE("a thread trains to the same parameters, bit for bit") {
    if (!Background::available()) return;
    const auto data = pendulum_data();
    for (const Precision precision : {Precision::kFloat32, Precision::kFloat64}) {
      Learner here(small_spec()), there(small_spec());
      here.prepare(data, small_options(300), precision);
      here.advance({});
      there.prepare(data, small_options(300), precision);
      there.start_background();
      REQUIRE(wait_for_end(there));
      CHECK(there.status() == TrainingStatus::kFinished);
      CHECK(there.step() == 300);
      CHECK(same(here, there));
    }
  }

  TEST_CASE("a thread asked to stop stops, and what follows is as if it had not") {
    if (!Background::available()) return;
    const auto data = pendulum_data();
    Learner learner(small_spec());
    learner.prepare(data, small_options(1000000));
    learner.start_background();
    while (learner.step() < 20) REQUIRE(learner.poll_background());
    learner.request_stop();
    REQUIRE(wait_for_end(learner));
    CHECK(learner.status() == TrainingStatus::kRunning);
    const Index taken = learner.step();
    CHECK(taken >= 20);
    CHECK(taken < 1000000);
    CHECK(!learner.poll_background());
    CHECK(learner.step() == taken);
    // On here, then on a thread again.
    learner.prepare(data, small_options(50));
    learner.advance({.steps = 25});
    learner.start_background();
    REQUIRE(wait_for_end(learner));
    CHECK(learner.step() == taken + 50);
    Learner direct(small_spec());
    direct.prepare(data, small_options(taken + 50));
    direct.advance({});
    CHECK(direct.theta() == learner.theta());
  }

  TEST_CASE("while a thread trains, evaluations go on and changes are refused") {
    if (!Background::available()) return;
    const auto data = pendulum_data();
    Learner learner(small_spec());
    learner.prepare(data, small_options(1000000));
    learner.start_background();
    const auto refused = [](auto call) {
      CHECK_THROWS_WITH_AS(call(), doctest::Contains("training runs in the background"),
                           std::invalid_argument);
    };
    refused([&] { learner.advance({.steps = 1}); });
    refused([&] { learner.prepare(data, small_options()); });
    refused([&] { learner.set_theta(learner.theta()); });
    refused([&] { learner.save(); });
    refused([&] { learner.start_background(); });
    while (learner.step() < 20) {
      REQUIRE(learner.poll_background());
      const Matrix x = Matrix::Ones(2, 4);
      Matrix rates(2, 4);
      Vector energy(4);
      learner.flow().rates(x, rates);
      learner.energy(x, energy);
      CHECK(rates.allFinite());
      CHECK(learner.loss(*data, false, small_options(), false).loss > 0);
      CHECK(learner.flow().rollout(x, {0, 0.1}, {}).ok());
    }
    CHECK(learner.history().size() >= 3);
    learner.request_stop();
    REQUIRE(wait_for_end(learner));
    learner.set_theta(learner.theta());
  }

  TEST_CASE("a learner may go while its thread trains") {
    if (!Background::available()) return;
    const auto data = pendulum_data();
    for (int k = 0; k < 20; ++k) {
      Learner learner(small_spec());
      learner.prepare(data, small_options(1000000000));
      learner.start_background();
      if (k % 2 == 0) learner.poll_background();
      if (k % 3 == 0) learner.request_stop();
      Learner moved(std::move(learner));
    }
    // Their threads end soon and let go of the data.
    for (int k = 0; k < 60000 && data.use_count() > 1; ++k)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    CHECK(data.use_count() == 1);
  }

  TEST_CASE("a training that runs away on a thread says so") {
    if (!Background::available()) return;
    Learner learner(small_spec());
    TrainerOptions options = small_options(100000);
    options.optimizer = OptimizerKind::kSgd;
    options.learning_rate = 1e30;
    learner.prepare(pendulum_data(), options);
    learner.start_background();
    REQUIRE(wait_for_end(learner));
    CHECK(learner.status() == TrainingStatus::kFailed);
    CHECK(learner.message().find("Training stopped at step") == 0);
  }
}
