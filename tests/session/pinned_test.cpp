#include <doctest/doctest.h>

#include <limits>
#include <string>

#include "session_support.h"

using namespace least_action;

TEST_SUITE("session/pinned") {
  // Oracle: the same trajectory asked for by itself.
  TEST_CASE("each pinned start has the trajectories of the truth and of every model") {
    Session session(small("pins=1,0;0.25,-0.5"));
    session.advance(3);
    session.refresh();
    const SessionView& view = session.view();
    REQUIRE(view.pinned.size() == 2);
    const std::vector<double> start = {0.25, -0.5};
    const PinnedView& second = view.pinned[1];
    CHECK(second.truth.states(0, 0) == 0.25);
    CHECK(second.truth.states(1, 0) == -0.5);
    CHECK(second.truth.states.cols() == view.times.size());
    REQUIRE(second.models.size() == 2);
    for (Index model = 0; model < 2; ++model) {
      CAPTURE(model);
      const TrajectoryView alone = session.rollout(model, start, view.times);
      CHECK(second.models[static_cast<std::size_t>(model)].states == alone.states);
    }
    CHECK(second.models[0].states != second.models[1].states);
  }

  TEST_CASE("pins follow training, settings and the initial state's handle") {
    Session session(small("pins=1,0"));
    session.refresh();
    const Matrix before = session.view().pinned[0].models[0].states;
    const std::uint64_t version = session.view().version;
    session.advance(5);
    session.refresh();
    CHECK(session.view().version > version);
    CHECK(session.view().pinned[0].models[0].states != before);
    session.set_initial_state({0.5, 0.5});
    session.refresh();
    CHECK(session.view().pinned[0].truth.states(0, 0) == 1);
    SessionConfig shorter = session.config();
    shorter.rollout_periods = 2;
    CHECK_FALSE(session.configure(shorter).restarted);
    session.refresh();
    CHECK(session.view().pinned[0].truth.states.cols() == session.view().times.size());
  }

  TEST_CASE("polls bring pins up to date a part at a time, and then rest") {
    Session session(small("pins=1,0;0.5,0;-1,0.2"));
    int polls = 0;
    while (session.poll(1) && polls < 5000) ++polls;
    for (const PinnedView& pinned : session.view().pinned) {
      CHECK(pinned.truth.states.cols() == session.view().times.size());
      for (const TrajectoryView& model : pinned.models)
        CHECK(model.states.cols() == session.view().times.size());
    }
    CHECK_FALSE(session.poll(1));
  }

  TEST_CASE("pins are set and cleared, saved and linked; another system has none") {
    Session session(small());
    session.set_pinned({{1, 0}, {0.5, 0.25}});
    CHECK(to_query(session.config()).find("pins=1,0;0.5,0.25") != std::string::npos);
    Session other(small());
    other.load(session.save());
    CHECK(other.config().pinned == session.config().pinned);
    CHECK(other.view().pinned.size() == 2);
    session.set_pinned({});
    CHECK(session.view().pinned.empty());
    SessionConfig config = other.config();
    CHECK_FALSE(set_setting(config, "system", "spring"));
    CHECK(config.pinned.empty());
  }

  TEST_CASE("pins that cannot be are refused") {
    Session session(small());
    CHECK_THROWS_AS(session.set_pinned({{1}}), std::invalid_argument);
    CHECK_THROWS_AS(session.set_pinned(std::vector<std::vector<double>>(1)),
                    std::invalid_argument);
    CHECK_THROWS_AS(session.set_pinned({{1, std::numeric_limits<double>::quiet_NaN()}}),
                    std::invalid_argument);
    CHECK_THROWS_AS(session.set_pinned({9, {1, 0}}), std::invalid_argument);
    CHECK(session.view().pinned.empty());
    for (const char* query : {"pins=1", "pins=1,0;", "pins=nan,0", "pins=1,0;x", "pins=1e9,0",
                              "pins=1,0;1,0;1,0;1,0;1,0;1,0;1,0;1,0;1,0"}) {
      CAPTURE(query);
      const ParsedConfig parsed = parse_config(query);
      CHECK(parsed.faults.size() == 1);
      CHECK(parsed.config.pinned.empty());
    }
  }
}
