#include "session/accuracy.h"

#include <doctest/doctest.h>

#include <cmath>
#include <stdexcept>

#include "session_support.h"

using namespace least_action;

namespace {

Session experiment(const std::string& query = "") {
  const std::string base =
      "models=hnn:8,8:tanh+lnn:8,8:softplus+resnet:8,8:tanh"
      "&trajectories=4&samples=10&batch=32&periods=1";
  return Session(parse_config(base + (query.empty() ? "" : "&" + query)).config);
}

}  // namespace

TEST_SUITE("session/accuracy") {
  TEST_CASE("a finer tolerance costs more evaluations and leaves less error, for every model") {
    const Session session = experiment();
    for (const Index model : {-1, 0, 1}) {
      CAPTURE(model);
      const AccuracyView view = session.accuracy_dial(model);
      CHECK(view.by_tolerance);
      CHECK(view.method == "Dormand–Prince 5(4)");
      CHECK(view.message == "");
      REQUIRE(view.points.size() == 9);
      for (std::size_t i = 0; i < 9; ++i) {
        CHECK(view.points[i].status == "");
        CHECK(view.points[i].milliseconds >= 0);
        CHECK(view.points[i].reached == session.view().times[session.view().times.size() - 1]);
        if (i > 0) CHECK(view.points[i].evaluations >= view.points[i - 1].evaluations);
      }
      CHECK(view.points[8].error < 1e-7);
      CHECK(view.reference_tolerance < view.points[8].setting);
      if (model != -1) continue;  // Untrained fields hardly move: nothing is hard there.
      CHECK(view.points[8].evaluations > 3 * view.points[0].evaluations);
      CHECK(view.points[0].error > 1e3 * view.points[8].error);
    }
  }

  TEST_CASE("the error is the distance to the session's own finest trajectory") {
    // Oracle: independent: Session::rollout at 1e-12 and at the setting.
    const Session fine = experiment("rtol=1e-12"), coarse = experiment("rtol=1e-4");
    const std::vector<double> start = {1.0, 0.2};
    for (const Index model : {-1, 0, 1}) {
      CAPTURE(model);
      Session session = experiment("rtol=1e-4");
      session.set_initial_state(start);
      const AccuracyView view = session.accuracy_dial(model, {"", {1e-4}});
      REQUIRE(view.points.size() == 1);
      const Vector& times = session.view().times;
      const Matrix reference = fine.rollout(model, start, times).states;
      const Matrix states = coarse.rollout(model, start, times).states;
      REQUIRE(states.cols() == reference.cols());
      const auto& extent = session.view().coordinate_extent;
      double largest = 0;
      for (Index k = 0; k < times.size(); ++k) {
        const Vector difference = states.col(k) - reference.col(k);
        largest =
            std::max(largest, std::hypot(difference[0] / extent[0], difference[1] / extent[1]) /
                                  std::sqrt(2.0));
      }
      // The roll-out's absolute tolerance is its own.
      CHECK(view.points[0].error > 0.1 * largest);
      CHECK(view.points[0].error < 10 * largest);
    }
  }

  TEST_CASE("a fixed-step method is turned by its step") {
    const Session session = experiment();
    const AccuracyView view = session.accuracy_dial(-1, {"verlet", {0.1, 0.05, 0.025}});
    CHECK_FALSE(view.by_tolerance);
    REQUIRE(view.points.size() == 3);
    CHECK(std::log2(view.points[1].error / view.points[2].error) ==
          doctest::Approx(2).epsilon(0.05));
    CHECK(session.accuracy_dial(0, {"rk4", {}}).points.size() == 8);
  }

  TEST_CASE("a method that needs T(p) + V(q) is replaced where there is none, and says so") {
    const Session session = experiment();
    const AccuracyView view = session.accuracy_dial(0, {"verlet", {0.05}});
    CHECK(view.message.find("implicit midpoint") != std::string::npos);
    CHECK(view.points.size() == 1);
  }

  TEST_CASE("a residual network has neither tolerance nor inverse, and both say why") {
    const Session session = experiment();
    const AccuracyView view = session.accuracy_dial(2);
    CHECK(view.points.empty());
    CHECK(view.message.find("residual network") != std::string::npos);
    const RoundTripView trip = session.round_trip(2);
    CHECK_FALSE(trip.returned);
    CHECK(std::isnan(trip.error));
    CHECK(trip.message.find("residual network") != std::string::npos);
  }

  TEST_CASE("conservative motion returns to its start, in canonical coordinates") {
    const Session session = experiment("rtol=1e-9");
    for (const Index model : {-1, 0, 1}) {
      CAPTURE(model);
      const RoundTripView trip = session.round_trip(model);
      CHECK(trip.returned);
      CHECK(trip.error < 1e-5);
      REQUIRE(trip.start.size() == 2);
      REQUIRE(trip.end.size() == 2);
      for (std::size_t i = 0; i < 2; ++i) {
        CHECK(trip.end[i] == doctest::Approx(trip.start[i]).epsilon(1e-4));
      }
      CHECK(trip.evaluations > 20);
      CHECK(trip.message.find("Returned") == 0);
    }
  }

  TEST_CASE(
      "a sweep of one setting a call solves its reference once, and again where it must") {
    // Oracles: the table in one call; another session that never had another reference.
    Session session = experiment();
    const AccuracyView table = session.accuracy_dial(0, {"", {1e-3, 1e-6, 1e-9}});
    CHECK(table.reference_evaluations > 50);
    for (const AccuracyPoint& point : table.points) {
      const AccuracyView one = session.accuracy_dial(0, {"", {point.setting}});
      CHECK(one.reference_evaluations == 0);
      CHECK(one.points.at(0).error == point.error);
      CHECK(one.reference_tolerance == table.reference_tolerance);
    }
    const AccuracyRequest request{"", {1e-4}};
    const auto agree = [&](Index model) {
      const AccuracyView view = session.accuracy_dial(model, request);
      CHECK(view.reference_evaluations > 0);
      Session fresh(session.config());
      fresh.set_theta(0, session.theta(0));
      CHECK(fresh.accuracy_dial(model, request).points.at(0).error == view.points.at(0).error);
    };
    agree(1);  // Another model,
    agree(0);
    std::vector<double> theta = session.theta(0);
    for (double& entry : theta) entry *= 1.5;
    session.set_theta(0, theta);  // other parameters,
    agree(0);
    session.set_initial_state({0.4, 0.1});  // another start,
    agree(0);
    agree(-1);
    SessionConfig other = session.config();
    REQUIRE_FALSE(set_setting(other, "p.length", "2"));  // another system.
    REQUIRE(session.configure(other).faults.empty());
    agree(-1);
  }

  TEST_CASE("a large network gets fewer evaluations, so that the page goes on") {
    // Steps this small do not arrive: all that is allowed is used up.
    const AccuracyRequest endless{"rk4", {4e-5}};
    const Session small = experiment();
    CHECK(small.accuracy_dial(1, endless).points.at(0).evaluations ==
          doctest::Approx(25000).epsilon(0.01));
    const Session large = experiment("models=lnn:256,256:softplus");
    const AccuracyView view = large.accuracy_dial(0, endless);
    REQUIRE(view.points.size() == 1);
    // 100000 · 5000/67k parameters, a quarter of it for an LNN.
    CHECK(view.points[0].evaluations < 2000);
    CHECK(view.points[0].evaluations >= 500);
    CHECK(view.points[0].status.find("evaluations were used up") != std::string::npos);
    CHECK(large.round_trip(0).evaluations < 2000);
  }

  TEST_CASE("wrong requests are refused") {
    const Session session = experiment();
    CHECK_THROWS_AS(session.accuracy_dial(3), std::invalid_argument);
    CHECK_THROWS_AS(session.accuracy_dial(-2), std::invalid_argument);
    CHECK_THROWS_AS(session.round_trip(3), std::invalid_argument);
    CHECK_THROWS_AS(session.accuracy_dial(0, {"nonsense", {}}), std::invalid_argument);
    CHECK_THROWS_AS(session.accuracy_dial(0, {"", {-1}}), std::invalid_argument);
    CHECK_THROWS_AS(session.accuracy_dial(0, {"", {0}}), std::invalid_argument);
    CHECK_THROWS_AS(session.accuracy_dial(0, {"", std::vector<double>(65, 1e-3)}),
                    std::invalid_argument);
  }
}
