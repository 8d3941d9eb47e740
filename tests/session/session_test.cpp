#include "session/session.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <string>

#include "session_support.h"

using namespace least_action;

TEST_SUITE("session/session") {
  TEST_CASE("the default experiment trains two models on the same data, both losses fall") {
    Session session(small());
    session.advance(301);
    session.refresh();
    const SessionView& view = session.view();
    REQUIRE(view.models.size() == 2);
    CHECK(view.models[0].name == "HNN");
    CHECK(view.models[1].name == "Neural ODE");
    for (const ModelView& model : view.models) {
      CAPTURE(model.name);
      CHECK(model.step == 301);
      REQUIRE(model.history.size() >= 3);
      CHECK(model.history.back().train_loss < 0.5 * model.history.front().train_loss);
      CHECK(std::isfinite(model.test_loss));
      CHECK(model.steps_per_second > 0);
      CHECK(model.trajectory.states.cols() == view.times.size());
      CHECK(std::isfinite(model.energy_drift));
    }
  }

  // Oracle: conservation of energy along the exact motion, and the initial state itself.
  TEST_CASE("the truth keeps its energy and starts at the initial state") {
    Session session(small("x0="));
    session.refresh();
    const SessionView& view = session.view();
    REQUIRE(view.truth.states.cols() == view.times.size());
    CHECK(view.truth.status == "");
    const double spread = view.truth.energy.maxCoeff() - view.truth.energy.minCoeff();
    CHECK(spread < 1e-7 * std::abs(view.truth.energy[0]));
    Vector typical(2);
    session.system().typical_state(typical);
    CHECK((view.truth.states.col(0) - typical).norm() == 0);
    CHECK(view.times[view.times.size() - 1] == doctest::Approx(10 * view.period));
  }

  // Oracle: the solution of the spring, q = q₀ cos ωt.
  TEST_CASE("the true trajectory of a spring is a cosine") {
    SessionConfig config = small("system=spring&x0=0.7,0&p.stiffness=4&periods=2");
    Session session(config);
    session.refresh();
    const SessionView& view = session.view();
    for (Index k = 0; k < view.times.size(); k += 7)
      CHECK(view.truth.states(0, k) ==
            doctest::Approx(0.7 * std::cos(2 * view.times[k])).epsilon(1e-7));
  }

  TEST_CASE("moving the initial state moves the trajectories at once, and restarts nothing") {
    Session session(small());
    session.advance(30);
    session.refresh();
    const std::uint64_t version = session.view().version;
    const std::vector<double> theta = session.theta(0);
    session.set_initial_state({0.5, -0.25});
    CHECK(session.view().version > version);
    REQUIRE(session.view().truth.states.cols() > 0);
    CHECK(session.view().truth.states(0, 0) == 0.5);
    session.refresh();
    for (const ModelView& model : session.view().models) {
      REQUIRE(model.trajectory.states.cols() > 0);
      CHECK(model.trajectory.states(0, 0) == 0.5);
      CHECK(model.trajectory.states(1, 0) == doctest::Approx(-0.25).epsilon(1e-12));
      CHECK(model.step == 30);
    }
    CHECK(session.theta(0) == theta);
    CHECK(session.config().initial_state == std::vector<double>{0.5, -0.25});
    const auto move = [&](std::vector<double> x0) { session.set_initial_state(x0); };
    CHECK_THROWS_AS(move({1}), std::invalid_argument);
    CHECK_THROWS_AS(move({1, std::nan("")}), std::invalid_argument);
    CHECK_THROWS_AS(move({1, 1e300}), std::invalid_argument);
    CHECK(session.config().initial_state == std::vector<double>{0.5, -0.25});
  }

  TEST_CASE("a learning rate changes in flight; data and models start anew") {
    Session session(small());
    session.advance(25);
    SessionConfig config = session.config();
    config.training.learning_rate = 1e-4;
    ConfigureReport report = session.configure(config);
    CHECK(report.faults.empty());
    CHECK(!report.restarted);
    CHECK(session.view().models[0].step == 25);
    CHECK(session.view().models[0].learning_rate == doctest::Approx(1e-4));
    config.data.noise = 0.2;
    report = session.configure(config);
    CHECK(report.restarted);
    CHECK(session.view().models[0].step == 0);
    config.models.pop_back();
    CHECK(session.configure(config).restarted);
    CHECK(session.view().models.size() == 1);
    session.advance(2);
    REQUIRE(!set_setting(config, "p.length", "1.5"));
    CHECK(session.configure(config).restarted);
    CHECK(session.view().models[0].step == 0);
    CHECK(session.system().values() == config.parameters);
    CHECK(!session.configure(config).restarted);
    config.data.noise = -1;
    report = session.configure(config);
    CHECK(report.faults.size() == 1);
    CHECK(session.config().data.noise == 0.2);
  }

  TEST_CASE("a change of the rollout restarts nothing") {
    Session session(small());
    session.advance(5);
    SessionConfig config = session.config();
    config.rollout_periods = 3;
    config.rollout.method = Method::kStormerVerlet;
    CHECK(!session.configure(config).restarted);
    session.refresh();
    const SessionView& view = session.view();
    CHECK(view.times[view.times.size() - 1] == doctest::Approx(3 * view.period));
    // Neither model is separable: both say what was done instead.
    for (const ModelView& model : view.models) {
      CHECK(model.step == 5);
      CHECK(model.trajectory.status == "");
      CHECK(model.trajectory.note.find("implicit midpoint") != std::string::npos);
    }
  }

  TEST_CASE("reset gives the starting parameters back, bit for bit") {
    Session session(small());
    const std::vector<double> theta = session.theta(1);
    session.advance(12);
    const std::vector<double> trained = session.theta(1);
    CHECK(trained != theta);
    session.reset();
    CHECK(session.theta(1) == theta);
    CHECK(session.view().models[1].step == 0);
    session.advance(12);
    CHECK(session.theta(1) == trained);
  }

  TEST_CASE("two sessions of one config agree bit for bit; another seed does not") {
    Session a(small()), b(small()), c(small("seed=2"));
    for (Session* session : {&a, &b, &c}) session->advance(10);
    CHECK(a.theta(0) == b.theta(0));
    CHECK(a.theta(0) != c.theta(0));
    CHECK(a.dataset_csv() == b.dataset_csv());
    CHECK(a.dataset_csv() != c.dataset_csv());
  }

  TEST_CASE("the version grows when something changed, and only then") {
    Session session(small());
    session.refresh();
    const std::uint64_t version = session.view().version;
    CHECK(!session.poll(5));
    CHECK(session.view().version == version);
    const std::uint64_t model_version = session.view().model_version;
    session.advance(3);
    CHECK(session.view().version > version);
    CHECK(session.view().model_version > model_version);
    const std::uint64_t after = session.view().model_version;
    session.set_initial_state({0.1, 0});
    CHECK(session.view().model_version == after);
  }

  TEST_CASE("polling trains only when started, and stops by itself at the end") {
    Session session(small("steps=40"));
    session.poll(1);
    CHECK(session.view().models[0].step == 0);
    session.start();
    CHECK(session.view().training);
    for (int i = 0; i < 100000 && session.view().training; ++i) session.poll(1);
    CHECK(session.view().finished);
    CHECK(!session.view().training);
    for (const ModelView& model : session.view().models) CHECK(model.step == 40);
    CHECK(session.view().summary.find("finished, step 40") != std::string::npos);
    // More steps: it goes on.
    SessionConfig config = session.config();
    config.training.total_steps = 45;
    CHECK(!session.configure(config).restarted);
    CHECK(!session.view().finished);
    session.advance(100);
    CHECK(session.view().models[0].step == 45);
  }

  TEST_CASE("parameters can be taken out and put back") {
    Session session(small()), other(small());
    session.advance(20);
    other.set_theta(0, session.theta(0));
    CHECK(other.theta(0) == session.theta(0));
    CHECK(other.theta(1) != session.theta(1));
    std::vector<double> bad = session.theta(0);
    bad[3] = std::numeric_limits<double>::infinity();
    CHECK_THROWS_AS(other.set_theta(0, bad), std::invalid_argument);
    bad.pop_back();
    CHECK_THROWS_AS(other.set_theta(0, bad), std::invalid_argument);
    CHECK_THROWS_AS(other.set_theta(2, bad), std::invalid_argument);
    CHECK_THROWS_AS(other.theta(-1), std::invalid_argument);
  }

  TEST_CASE("a config with a fault is refused with the reason") {
    SessionConfig config;
    config.data.noise = -1;
    CHECK_THROWS_WITH_AS(Session{config}, doctest::Contains("Noise must be"),
                         std::invalid_argument);
  }

  TEST_CASE("the tables for export have a line for each sample and each entry") {
    Session session(small());
    session.advance(40);
    const auto lines = [](const std::string& text) {
      return static_cast<Index>(std::count(text.begin(), text.end(), '\n'));
    };
    const SessionView& view = session.view();
    CHECK(lines(session.dataset_csv()) ==
          1 + view.train_points.cols() + view.test_points.cols());
    CHECK(
        lines(session.history_csv()) ==
        1 + static_cast<Index>(view.models[0].history.size() + view.models[1].history.size()));
  }

  TEST_CASE("every system with every kind of model takes twenty steps without NaN") {
    for (const SystemTraits& system : systems()) {
      for (const ModelTraits& kind : model_kinds()) {
        CAPTURE(system.name);
        CAPTURE(kind.name);
        SessionConfig config =
            small("system=" + std::string(system.name) + "&models=" + std::string(kind.name) +
                  ":6:softplus&trajectories=4&samples=6&duration=1&periods=0.5&batch=8");
        Session session(config);
        session.advance(20);  // to the first entry of the history
        session.refresh();
        const SessionView& view = session.view();
        CHECK(view.models[0].step == 20);
        CHECK(std::isfinite(view.models[0].train_loss));
        for (const double value : session.theta(0)) REQUIRE(std::isfinite(value));
        CHECK(view.truth.status == "");
        CHECK(view.truth.states.cols() == view.times.size());
        CHECK(view.models[0].trajectory.states.cols() >= 1);
        CHECK(view.coordinate_symbols.size() ==
              static_cast<std::size_t>(session.system().dimension()));
      }
    }
  }

  TEST_CASE("every preset runs") {
    for (const Preset& preset : presets()) {
      CAPTURE(preset.name);
      SessionConfig config = parse_config(preset.query).config;
      config.data.trajectories = 4;
      config.training.batch_size = 32;
      config.rollout_periods = 0.5;
      REQUIRE(find_faults(config).empty());
      Session session(config);
      session.advance(20);
      for (const ModelView& model : session.view().models) {
        CHECK(model.step == 20);
        CHECK(std::isfinite(model.train_loss));
      }
    }
  }

  TEST_CASE("the summary names every model in plain words") {
    Session session(small());
    session.advance(20);
    session.refresh();
    const std::string& text = session.view().summary;
    CHECK(text.find("Pendulum. Training paused, step 20.") == 0);
    CHECK(text.find("HNN: test loss ") != std::string::npos);
    CHECK(text.find("Neural ODE: test loss ") != std::string::npos);
    CHECK(text.find("percent over 10 periods") != std::string::npos);
  }
}
