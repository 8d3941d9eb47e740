#include "session/plane.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>

#include "session_support.h"

using namespace least_action;

TEST_SUITE("session/portrait") {
  // Oracle: SystemField, evaluated point by point.
  TEST_CASE("the portrait of the truth is the exact field, and its energy the Hamiltonian") {
    Session session(small("system=henon-heiles&models=hnn:6"));
    PortraitRequest request;
    request.x_component = 1;
    request.y_component = 3;
    request.x_min = -0.6;
    request.x_max = 0.8;
    request.y_min = -0.5;
    request.y_max = 0.5;
    request.columns = 7;
    request.rows = 4;
    request.base = {0.1, 9, 0.2, 9};
    const Portrait portrait = session.portrait(-1, request);
    REQUIRE(portrait.dx.size() == 28);
    const SystemField field(session.system(), Chart::kCanonical);
    const auto tape = field.make_tape(1);
    const Vector t = Vector::Zero(1);
    Matrix x(4, 1), rates(4, 1);
    for (Index row = 0; row < 4; ++row) {
      for (Index column = 0; column < 7; ++column) {
        x << 0.1, -0.6 + 1.4 * static_cast<double>(column) / 6, 0.2,
            -0.5 + static_cast<double>(row) / 3;
        field.forward(t, x, rates, *tape);
        const auto i = static_cast<std::size_t>(row * 7 + column);
        CHECK(portrait.dx[i] == doctest::Approx(rates(1, 0)).epsilon(1e-6));
        CHECK(portrait.dy[i] == doctest::Approx(rates(3, 0)).epsilon(1e-6));
        const Vector q = x.col(0).head(2), p = x.col(0).tail(2);
        CHECK(portrait.energy[i] ==
              doctest::Approx(session.system().hamiltonian(q, p)).epsilon(1e-6));
      }
    }
  }

  // Oracle: the slope of the model's own trajectory (central difference of a rollout), for a
  // model in each chart.
  TEST_CASE("the portrait of a model is the slope of its trajectories, whatever its chart") {
    Session session(
        small("system=double-pendulum&models=hnn:8:tanh+lnn:8:softplus&rtol=1e-11&atol=1e-12"));
    session.advance(20);
    const std::vector<double> x0 = {0.4, -0.3, 0.5, 0.2};
    for (Index model = -1; model < 2; ++model) {
      CAPTURE(model);
      PortraitRequest request;
      request.x_component = 0;
      request.y_component = 2;
      request.columns = request.rows = 2;
      request.x_min = x0[0];
      request.x_max = x0[0] + 1;
      request.y_min = x0[2];
      request.y_max = x0[2] + 1;
      request.base = x0;
      const Portrait portrait = session.portrait(model, request);
      Vector times(3);
      times << 0, 1e-5, 2e-5;
      const TrajectoryView path = session.rollout(model, x0, times);
      REQUIRE(path.states.cols() == 3);
      const Vector slope =
          (-3 * path.states.col(0) + 4 * path.states.col(1) - path.states.col(2)) / 2e-5;
      CHECK(portrait.dx[0] == doctest::Approx(slope[0]).epsilon(1e-3));
      CHECK(portrait.dy[0] == doctest::Approx(slope[2]).epsilon(1e-3));
      CHECK(portrait.energy.size() == 4);
    }
  }

  TEST_CASE("a model without an energy gives none, and a bad request is refused") {
    Session session(small());
    CHECK(session.portrait(1, {}).energy.empty());
    CHECK(session.portrait(0, {}).energy.size() == 24 * 24);
    PortraitRequest quiet;
    quiet.energy = false;
    CHECK(session.portrait(0, quiet).energy.empty());
    const auto refused = [&](auto change, Index model = 0) {
      PortraitRequest request;
      change(request);
      CHECK_THROWS_AS(session.portrait(model, request), std::invalid_argument);
    };
    refused([](PortraitRequest& r) { r.x_component = 2; });
    refused([](PortraitRequest& r) { r.y_component = -1; });
    refused([](PortraitRequest& r) { r.y_component = 0; });
    refused([](PortraitRequest& r) { r.columns = 1; });
    refused([](PortraitRequest& r) { r.rows = 513; });
    refused([](PortraitRequest& r) { r.x_max = r.x_min; });
    refused([](PortraitRequest& r) { r.y_max = std::nan(""); });
    refused([](PortraitRequest& r) { r.base = {1}; });
    refused([](PortraitRequest&) {}, 2);
    refused([](PortraitRequest&) {}, -2);
  }
}

TEST_SUITE("session/section") {
  // Oracle: on the section x = 0 with p_x > 0, H(0, y, p_x, p_y) = E leaves
  // p_y² + y² − 2λy³/3 ≤ 2E, a bounded region; and the starts lie on one curve each.
  TEST_CASE("a Poincaré section of Hénon–Heiles stays in the allowed region") {
    Session session(small("system=henon-heiles&models=hnn:6"));
    SectionRequest request;
    request.energy = 1.0 / 12;
    request.starts = 5;
    request.duration = 60;
    const Section section = session.section(-1, request);
    CHECK(section.message == "");
    REQUIRE(section.x.size() > 30);
    CHECK(section.x.size() == section.y.size());
    CHECK(section.x.size() == section.start.size());
    double widest = 0;
    for (std::size_t i = 0; i < section.x.size(); ++i) {
      const double y = section.x[i], p = section.y[i];
      const double left = p * p + y * y - 2 * y * y * y / 3;
      CHECK(left <= 2 * request.energy + 1e-5);
      widest = std::max(widest, left);
    }
    CHECK(widest > request.energy);
    CHECK(section.start.front() == 0);
    CHECK(section.start.back() == 4);
  }

  // Oracle: for uncoupled oscillators of one frequency every motion is periodic, so each start
  // gives a single point.
  TEST_CASE("a periodic motion crosses its section at one point") {
    Session session(small("system=coupled-oscillators&p.coupling=0&models=hnn:6"));
    SectionRequest request;
    request.section_component = 0;
    request.energy = 0.5;
    request.starts = 3;
    request.duration = 40;
    const Section section = session.section(-1, request);
    REQUIRE(section.x.size() >= 12);
    for (std::size_t i = 1; i < section.x.size(); ++i) {
      if (section.start[i] != section.start[i - 1]) continue;
      CHECK(section.x[i] == doctest::Approx(section.x[i - 1]).epsilon(1e-4));
      CHECK(section.y[i] == doctest::Approx(section.y[i - 1]).epsilon(1e-4));
    }
  }

  TEST_CASE("where there is no section, or no motion of that energy, it says so") {
    Session pendulum(small());
    CHECK(pendulum.section(-1, {}).message.find("has no Poincaré section") !=
          std::string::npos);
    Session session(small("system=henon-heiles&models=hnn:6"));
    SectionRequest request;
    request.energy = -1;
    CHECK(session.section(-1, request).message.find("No motion of energy") == 0);
    request.duration = -1;
    CHECK_THROWS_AS(session.section(-1, request), std::invalid_argument);
    request.duration = std::numeric_limits<double>::infinity();
    CHECK_THROWS_AS(session.section(-1, request), std::invalid_argument);
  }

  TEST_CASE(
      "a section refuses components that are none and explains planes that cannot cross") {
    Session session(small("system=henon-heiles&models=hnn:6"));
    SectionRequest request;
    request.energy = 1.0 / 12;
    for (const Index component : {-2, 2, 4}) {
      CAPTURE(component);
      request.section_component = component;
      CHECK_THROWS_AS(session.section(-1, request), std::invalid_argument);
    }
    request.section_component = 0;
    for (const auto& axes : {std::pair<Index, Index>{1, 1}, {0, 3}, {1, 2}}) {
      request.x_component = axes.first;
      request.y_component = axes.second;
      CAPTURE(request.x_component);
      CAPTURE(request.y_component);
      const Section section = session.section(-1, request);
      CHECK(section.x.empty());
      CHECK(section.message.find("two different axes") != std::string::npos);
    }
  }

  // Oracle: a map knows no tolerance. (Its field, integrated, would give other points for
  // each.)
  TEST_CASE("the section of a residual network is that of its map") {
    Session session(small("system=henon-heiles&models=resnet:6:tanh&duration=3"));
    session.advance(40);
    SectionRequest request;
    request.energy = 0.1;
    request.starts = 4;
    request.duration = 60;
    const Section fine = session.section(0, request);
    REQUIRE(fine.x.size() > 3);
    SessionConfig coarse = session.config();
    coarse.rollout.relative_tolerance = coarse.rollout.absolute_tolerance = 1e-2;
    REQUIRE_FALSE(session.configure(coarse).restarted);
    CHECK(session.section(0, request).x == fine.x);
    CHECK(session.section(-1, request).x.size() > 10);
  }

  TEST_CASE("a learned section comes from the model, not the truth") {
    Session session(small("system=henon-heiles&models=hnn:6+lnn:6:softplus"));
    SectionRequest request;
    request.energy = 0.1;
    request.starts = 3;
    request.duration = 30;
    const Section truth = session.section(-1, request), learned = session.section(0, request);
    CHECK(truth.x != learned.x);
  }
}
