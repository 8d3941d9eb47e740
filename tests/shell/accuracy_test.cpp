#include <doctest/doctest.h>

#include <string>

#include "app.h"
#include "plots/accuracy_sweep.h"
#include "session/session.h"
#include "shell/headless.h"

using namespace least_action;
using testing::HeadlessApp;

namespace {

constexpr const char* kSmall =
    "trajectories=6&samples=10&periods=1&models=hnn:8:tanh+node:8:tanh";

Session small_session(const std::string& more = "") {
  return Session(parse_config(kSmall + more).config);
}

// Frames of a page, a sixtieth of a second apart, until nothing is left to compute.
int sweep_through(AccuracySweep& sweep, const Session& session, double& now) {
  int points = 0;
  for (int frame = 0; frame < 20000 && sweep.is_pending(session); ++frame) {
    now += 1 / 60.0;
    points += sweep.advance(session, now);
  }
  return points;
}

}  // namespace

TEST_SUITE("shell/accuracy") {
  // Oracle: the table that the session gives when it is asked for all at once.
  TEST_CASE("a sweep computes a point at a time what the session gives at once, then rests") {
    const Session session = small_session();
    AccuracySweep sweep;
    double now = 0;
    CHECK(sweep.is_pending(session));
    CHECK(sweep_through(sweep, session, now) == 3 * (8 + 1));
    CHECK_FALSE(sweep.is_pending(session));
    CHECK_FALSE(sweep.advance(session, now + 10));
    REQUIRE(sweep.num_models() == 2);
    for (int series = -1; series < 2; ++series) {
      CAPTURE(series);
      const AccuracySweep::Curve& curve = sweep.curve(series);
      REQUIRE(curve.points.size() == 8);
      CHECK(curve.points.front().setting == doctest::Approx(1e-2));
      CHECK(curve.points.back().setting == doctest::Approx(1e-9));
      CHECK(curve.points.back().evaluations > 2 * curve.points.front().evaluations);
      CHECK(curve.points.back().error < 1e-3 * curve.points.front().error);
      const AccuracyView all = session.accuracy_dial(series);
      CHECK(curve.points[3].evaluations == all.points[3].evaluations);
      CHECK(curve.has_round_trip);
      CHECK(curve.round_trip.returned);
    }
  }

  TEST_CASE("training makes the models' curves anew, and a setting all of them") {
    Session session = small_session();
    AccuracySweep sweep;
    double now = 0;
    sweep_through(sweep, session, now);
    const double before = sweep.curve(0).points[4].error;
    session.advance(5);
    session.refresh();
    CHECK(sweep.is_pending(session));
    CHECK(sweep_through(sweep, session, now) == 2 * (8 + 1));
    CHECK(sweep.curve(0).points[4].error != before);
    SessionConfig config = session.config();
    config.rollout.method = Method::kRk4;
    REQUIRE(session.configure(config).faults.empty());
    CHECK(sweep_through(sweep, session, now) == 3 * (8 + 1));
    CHECK_FALSE(sweep.curve(-1).by_tolerance);
    // Oracle: order 4, so half the step makes a sixteenth of the error.
    const std::vector<AccuracyPoint>& points = sweep.curve(-1).points;
    CHECK(points[2].error / points[3].error == doctest::Approx(16).epsilon(0.3));
  }

  TEST_CASE("after a costly point a sweep rests, so that training gets most of the time") {
    const Session session = small_session();
    AccuracySweep sweep;
    CHECK(sweep.advance(session, 1));
    CHECK_FALSE(sweep.advance(session, 1));
    CHECK(sweep.advance(session, 100));
  }

  TEST_CASE("a residual network has no dial, and the others have theirs") {
    const Session session = small_session("+resnet:6:tanh");
    AccuracySweep sweep;
    double now = 0;
    sweep_through(sweep, session, now);
    REQUIRE(sweep.num_models() == 3);
    CHECK(sweep.curve(2).points.empty());
    CHECK(sweep.curve(2).message.find("no tolerance") != std::string::npos);
    CHECK(sweep.curve(1).points.size() == 8);
  }

  TEST_CASE("the dial is beside the energy, and its line moves the tolerance") {
    for (const ImVec2 display : {ImVec2(1280, 800), ImVec2(1920, 1080), ImVec2(390, 844)}) {
      CAPTURE(display.x);
      HeadlessApp headless(display.x, display.y, testing::paused(kSmall));
      headless.frames(4);
      if (display.x < 800) headless.click(headless.find("Energy"));
      headless.frames(2);
      headless.click(headless.find("Accuracy"));
      headless.frames(200);
      CHECK(headless.errors() == 0);
      const ImVec2 middle = headless.find("Accuracy plot");
      CHECK_FALSE(headless.has("Energy plot"));
      headless.click(middle);
      headless.frames(2);
      CHECK(headless.app().query().find("rtol=") != std::string::npos);
      for (const char* quantity : {"NFE", "time", "error"}) {
        if (!headless.has(quantity)) continue;
        headless.click(headless.find(quantity));
        headless.frames(2);
        CHECK(headless.errors() == 0);
      }
      headless.press(ImGuiKey_A);  // the animation
      headless.frames(600);
      CHECK_FALSE(headless.app().needs_frame());
    }
  }
}
