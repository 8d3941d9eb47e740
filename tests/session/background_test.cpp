#include "session/background.h"

#include <doctest/doctest.h>

#include <cmath>
#include <stdexcept>

#include "session_support.h"

using namespace least_action;

namespace {

// Polls until the session has stopped training by itself.
void wait_until_finished(Session& session) {
  while (session.view().training) session.poll(1);
}

}  // namespace

TEST_SUITE("session/background") {
  // Oracle: the sliced path, itself cut in three ways.
  TEST_CASE("slices, single steps and a thread end at the same parameters, bit for bit") {
    const SessionConfig config = small("steps=60");
    Session sliced(config), stepped(config), threaded(config);
    sliced.start();
    wait_until_finished(sliced);
    for (int k = 0; k < 20; ++k) stepped.advance(3);
    CHECK(sliced.theta(0) == stepped.theta(0));
    CHECK(sliced.theta(1) == stepped.theta(1));
    if (!Session::threads_available()) return;
    threaded.set_background(true);
    REQUIRE(threaded.view().background);
    threaded.start();
    wait_until_finished(threaded);
    CHECK(threaded.view().finished);
    CHECK(threaded.theta(0) == stepped.theta(0));
    CHECK(threaded.theta(1) == stepped.theta(1));
    CHECK(threaded.view().models[0].history.size() == stepped.view().models[0].history.size());
  }

  TEST_CASE("everything can be asked for and changed while a thread trains") {
    if (!Session::threads_available()) return;
    Session session(small("steps=1000000"));
    session.set_background(true);
    session.start();
    while (session.view().models[0].step < 20) session.poll(1);
    session.set_initial_state({0.3, 0.1});
    const std::string file = session.save();
    CHECK(session.view().training);
    SessionConfig config = session.config();
    config.training.learning_rate = 1e-4;
    CHECK(!session.configure(config).restarted);
    config.data.noise = 0.1;
    CHECK(session.configure(config).restarted);
    while (session.view().models[0].step < 20) session.poll(1);
    session.advance(5);
    session.pause();
    CHECK(!session.view().training);
    const Index step = session.view().models[0].step;
    CHECK(session.view().models[1].step == step);
    session.poll(1);
    CHECK(session.view().models[0].step == step);
    // What is shown is what is saved.
    const std::vector<double> theta = session.theta(0);
    Session other(small());
    other.load(session.save());
    CHECK(other.theta(0) == theta);
    session.start();
    session.reset();
    CHECK(session.view().models[0].step == 0);
    session.load(file);
    CHECK(session.view().models[0].step >= 20);
    CHECK(!session.view().training);
    session.start();
    session.set_background(false);
    CHECK(session.view().training);
    const Index before = session.view().models[0].step;
    session.poll(1);
    CHECK(session.view().models[0].step > before);
  }

  TEST_CASE("a thread is given up while it trains without a crash") {
    if (!Session::threads_available()) return;
    for (int i = 0; i < 5; ++i) {
      Session session(small());
      session.set_background(true);
      session.start();
      if (i > 2) session.poll(1);
    }
  }

  TEST_CASE("an exception out of the work halts it and is kept as a message") {
    if (!Background::available()) return;
    int rounds = 0;
    Background background(
        [&rounds]() -> bool {
          if (++rounds == 3) throw std::runtime_error("the third went wrong");
          return true;
        },
        [] {});
    background.resume();
    while (background.running()) {
    }
    background.pause();
    CHECK(rounds == 3);
    CHECK(background.error() == "the third went wrong");
  }
}
