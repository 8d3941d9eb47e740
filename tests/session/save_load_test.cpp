#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include "base/random.h"
#include "session_support.h"

using namespace least_action;

TEST_SUITE("session/save_load") {
  // Oracle: the uninterrupted run.
  TEST_CASE("a run resumed from its file goes on bit for bit as if never interrupted") {
    for (const std::string query :
         {"", "models=lnn:8:softplus+resnet:6:tanh:2&schedule=cosine&steps=60",
          "loss=trajectory&segment=4&noise=0.1&irregular=1&optimizer=sgd&batch=7"}) {
      CAPTURE(query);
      Session whole(small(query)), interrupted(small(query));
      whole.advance(37);
      interrupted.advance(20);
      const std::string file = interrupted.save();
      Session resumed;
      resumed.load(file);
      CHECK(resumed.config() == interrupted.config());
      CHECK(resumed.view().models[0].step == 20);
      CHECK(resumed.save() == file);
      resumed.advance(17);
      for (Index model = 0; model < 2; ++model)
        CHECK(resumed.theta(model) == whole.theta(model));
      CHECK(resumed.history_csv() == whole.history_csv());
      CHECK(resumed.dataset_csv() == whole.dataset_csv());
    }
  }

  TEST_CASE("settings changed in flight are part of the file") {
    Session session(small());
    session.advance(5);
    SessionConfig config = session.config();
    config.training.learning_rate = 1.23e-4;
    config.initial_state = {0.25, 0.5};
    session.configure(config);
    Session other(small("system=spring"));
    other.load(session.save());
    CHECK(other.config() == config);
    CHECK(other.view().models[0].learning_rate == doctest::Approx(1.23e-4));
    CHECK(other.system().name() == "pendulum");
    other.refresh();
    CHECK(other.view().truth.states(0, 0) == 0.25);
  }

  // Oracle: the contract "throws with a reason and changes nothing".
  TEST_CASE("damaged and truncated files are refused, and nothing changes") {
    Session session(small());
    session.advance(3);
    const std::string file = session.save();
    const std::vector<double> theta = session.theta(0);
    const std::uint64_t version = session.view().version;
    Random random(5);
    int refused = 0;
    for (int round = 0; round < 60; ++round) {
      std::string damaged = file;
      if (round % 3 == 0) {
        damaged.resize(random.below(file.size()));
      } else {
        char& byte = damaged[random.below(file.size())];
        byte = static_cast<char>(byte ^ (1 << random.below(8)));
      }
      try {
        session.load(damaged);
      } catch (const std::invalid_argument& error) {
        CHECK(std::string(error.what()).find("Run file") != std::string::npos);
        ++refused;
      }
    }
    CHECK(refused == 60);
    CHECK_THROWS_AS(session.load(""), std::invalid_argument);
    CHECK_THROWS_AS(session.load("hello"), std::invalid_argument);
    CHECK_THROWS_AS(session.load(file + "x"), std::invalid_argument);
    CHECK(session.theta(0) == theta);
    CHECK(session.view().version == version);
    session.load(file);
    CHECK(session.theta(0) == theta);
  }
}
