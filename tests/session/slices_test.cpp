#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "session/experiment.h"
#include "session/rollout.h"
#include "session/trajectory_board.h"
#include "session_support.h"

using namespace least_action;

// Work in slices, with the number of evaluations or steps for a clock.
namespace {

constexpr double kForever = std::numeric_limits<double>::infinity();
// Dormand–Prince: six for an attempt, and a step is rarely rejected more than four times.
constexpr Index kLargestStep = 30;

// A model that counts how often it is evaluated.
class CountedModel final : public DynamicsModel<double> {
 public:
  CountedModel(const ModelSpec& spec, Index& count)
      : model_(make_model<double>(spec)), count_(&count) {}
  const ModelSpec& spec() const override { return model_->spec(); }
  Index num_parameters() const override { return model_->num_parameters(); }
  std::vector<ParameterBlock> parameter_blocks() const override {
    return model_->parameter_blocks();
  }
  void initialize(const Random& random, VectorRef theta) const override {
    model_->initialize(random, theta);
  }
  std::unique_ptr<Tape> make_tape(Index capacity) const override {
    return model_->make_tape(capacity);
  }
  void forward(ConstVectorRef theta, ConstMatrixRef x, MatrixRef x_dot,
               Tape& tape) const override {
    ++*count_;
    model_->forward(theta, x, x_dot, tape);
  }
  void vjp(ConstVectorRef theta, ConstMatrixRef w, MatrixRef x_bar, VectorRef theta_bar,
           Tape& tape) const override {
    model_->vjp(theta, w, x_bar, theta_bar, tape);
  }
  void jvp(ConstVectorRef theta, ConstMatrixRef v, MatrixRef x_dot_tangent,
           Tape& tape) const override {
    model_->jvp(theta, v, x_dot_tangent, tape);
  }

 private:
  std::unique_ptr<DynamicsModel<double>> model_;
  Index* count_;
};

std::unique_ptr<Dynamics> learned(const System& system, const SessionConfig& config) {
  std::shared_ptr<const DynamicsModel<double>> model =
      make_model<double>(model_spec(config, system, 0));
  auto dynamics = std::make_unique<Dynamics>(system, model);
  Vector theta(model->num_parameters());
  model->initialize(Random(3), theta);
  dynamics->set_theta(theta);
  return dynamics;
}

Vector typical(const System& system) {
  Vector x0(system.dimension());
  system.typical_state(x0);
  return x0;
}

// An experiment whose Lagrangian network, never trained, is nearly singular in places.
SessionConfig rough() {
  return parse_config("system=henon-heiles&models=lnn:32,32:softplus&trajectories=4&samples=6")
      .config;
}

}  // namespace

TEST_SUITE("session/slices") {
  // Oracle: the same roll-out in one piece.
  TEST_CASE("a roll-out stops within a solver step of its deadline, and cuts change nothing") {
    SessionConfig config = small("system=double-pendulum&models=lnn:8:softplus");
    const std::unique_ptr<System> system = make_system(config.system, {});
    const std::unique_ptr<Dynamics> dynamics = learned(*system, config);
    const Vector times = rollout_times(system->typical_period(), 3, 0);
    for (const Method method : {Method::kDormandPrince54, Method::kImplicitMidpoint}) {
      config.rollout.method = method;
      Rollout whole(*dynamics, typical(*system), times, config.rollout);
      Rollout cut(*dynamics, typical(*system), times, config.rollout);
      CHECK(whole.advance(kForever));
      const auto count = [&cut] { return static_cast<double>(cut.evaluations()); };
      constexpr Index kSlice = 50;
      Index slices = 0, longest = 0;
      while (!cut.done()) {
        const Index before = cut.evaluations();
        cut.advance(count() + kSlice, count);
        longest = std::max(longest, cut.evaluations() - before);
        ++slices;
      }
      CHECK(longest >= kSlice);
      CHECK(longest < kSlice + kLargestStep);
      CHECK(slices >= whole.evaluations() / (kSlice + kLargestStep));
      const TrajectoryView expected = whole.view(), view = cut.view();
      CHECK(view.status == "");
      REQUIRE(view.states.cols() == times.size());
      CHECK((view.states - expected.states).norm() == 0);
      CHECK((view.energy - expected.energy).norm() == 0);
      CHECK(view.evaluations == expected.evaluations);
    }
  }

  // Oracle: the exact solution of the spring, between and at the ends of steps.
  TEST_CASE("a roll-out in single steps follows the exact motion with every method") {
    const std::unique_ptr<System> system = make_system("spring", {});
    const double omega = 2 * std::acos(-1.0) / system->typical_period();
    const Dynamics truth(*system);
    const Vector times = rollout_times(system->typical_period(), 2, 0);
    Vector x0(2);
    x0 << 0.7, 0;
    for (const MethodTraits& method : methods()) {
      if (method.order < 4) continue;
      CAPTURE(method.name);
      SolveOptions options;
      options.method = method.method;
      Rollout rollout(truth, x0, times, options);
      while (!rollout.advance(0)) {
      }
      const TrajectoryView view = rollout.view();
      REQUIRE(view.states.cols() == times.size());
      for (Index k = 0; k < times.size(); ++k)
        CHECK(view.states(0, k) ==
              doctest::Approx(0.7 * std::cos(omega * times[k])).epsilon(1e-6));
    }
  }

  TEST_CASE("a model too rough to follow stops after 20000 evaluations and keeps what it has") {
    const SessionConfig config = rough();
    const std::unique_ptr<System> system = make_system(config.system, {});
    const std::unique_ptr<Dynamics> dynamics = learned(*system, config);
    const Vector times = rollout_times(system->typical_period(), 10, 0);
    Rollout rollout(*dynamics, typical(*system), times, config.rollout);
    CHECK(rollout.advance(kForever));
    const TrajectoryView view = rollout.view();
    CHECK(view.evaluations > 19000);
    CHECK(view.evaluations <= 20000);
    CHECK(view.status.find("too rough") != std::string::npos);
    CHECK(view.states.cols() > 1);
    CHECK(view.states.cols() < times.size());
    CHECK(view.states.allFinite());
  }

  TEST_CASE("more evaluations are allowed for longer times and finer tolerances") {
    SolveOptions options;
    options.relative_tolerance = 1e-6;
    CHECK(evaluation_limit(1, 20000, 2000, options) == 20000);
    CHECK(evaluation_limit(50, 20000, 2000, options) == 100000);
    options.relative_tolerance = 1e-11;
    CHECK(evaluation_limit(1, 20000, 2000, options) == 200000);
    options.relative_tolerance = 1e-2;
    CHECK(evaluation_limit(1, 20000, 2000, options) == 20000);
    CHECK(steps_within(20000) == 3333);
  }

  // Oracle: the board brought up to date in one go.
  TEST_CASE(
      "a board oversteps its time by one solver step, whoever is at work, and each has "
      "its turn") {
    const SessionConfig config =
        small("system=double-pendulum&models=lnn:8:softplus+hnn:8:tanh+node:8:tanh");
    const std::unique_ptr<System> system = make_system(config.system, {});
    Index evaluations = 0;
    std::vector<std::shared_ptr<const DynamicsModel<double>>> models;
    SessionView cut, whole;
    for (Index i = 0; i < 3; ++i)
      models.push_back(
          std::make_shared<CountedModel>(model_spec(config, *system, i), evaluations));
    for (SessionView* view : {&cut, &whole}) {
      view->times = rollout_times(system->typical_period(), 1, 0);
      view->models.resize(3);
    }
    const auto count = [&] { return static_cast<double>(evaluations); };
    TrajectoryBoard sliced(*system, models, count), at_once(*system, models, count);
    for (TrajectoryBoard* board : {&sliced, &at_once}) {
      board->restart(typical(*system), cut.times, config.rollout);
      for (Index i = 0; i < 3; ++i) {
        Vector theta(models[static_cast<std::size_t>(i)]->num_parameters());
        models[static_cast<std::size_t>(i)]->initialize(Random(3), theta);
        board->set_theta(i, theta);
      }
    }
    // To begin a trajectory takes two evaluations.
    constexpr Index kSlice = 40, kBegin = 2;
    while (sliced.pending()) {
      const Index before = evaluations;
      sliced.advance(kSlice, false, cut);
      CHECK(evaluations - before < kSlice + kLargestStep + kBegin);
      if (before > 12 * kSlice) {
        for (const ModelView& model : cut.models) CHECK(model.trajectory.evaluations > 0);
      }
    }
    at_once.advance(kForever, false, whole);
    CHECK(!at_once.pending());
    for (std::size_t i = 0; i < 3; ++i) {
      const TrajectoryView &a = cut.models[i].trajectory, &b = whole.models[i].trajectory;
      REQUIRE(a.states.cols() == cut.times.size());
      CHECK((a.states - b.states).norm() == 0);
      CHECK(a.evaluations == b.evaluations);
      CHECK(std::isfinite(cut.models[i].trajectory_error));
      CHECK(cut.models[i].trajectory_error == whole.models[i].trajectory_error);
    }
  }

  TEST_CASE(
      "a board without any time takes one solver step: the truth's, then each model's in "
      "turn") {
    const SessionConfig config = small("models=hnn:4:tanh+node:4:tanh+hnn:6:tanh");
    const std::unique_ptr<System> system = make_system(config.system, {});
    Index evaluations = 0;
    std::vector<std::shared_ptr<const DynamicsModel<double>>> models;
    SessionView view;
    for (Index i = 0; i < 3; ++i)
      models.push_back(
          std::make_shared<CountedModel>(model_spec(config, *system, i), evaluations));
    view.times = rollout_times(system->typical_period(), 1, 0);
    view.models.resize(3);
    TrajectoryBoard board(*system, models);
    board.restart(typical(*system), view.times, config.rollout);
    while (view.truth.states.cols() < view.times.size()) {
      CHECK(evaluations == 0);
      board.advance(0, false, view);
    }
    for (std::size_t k = 0; k < 6; ++k) {
      std::vector<Index> before;
      for (const ModelView& model : view.models) before.push_back(model.trajectory.evaluations);
      board.advance(0, false, view);
      for (std::size_t i = 0; i < 3; ++i)
        CHECK((view.models[i].trajectory.evaluations > before[i]) == (i == k % 3));
    }
  }

  // Oracle: arithmetic. With steps of 3 ms and 10 ms, a fourth would end at 12.
  TEST_CASE("training does not begin a step that would overrun its slice, and takes turns") {
    Experiment experiment(small("steps=20"));
    std::vector<Progress> progress;
    const auto steps = [&] {
      experiment.collect(progress);
      return progress[0].step + progress[1].step;
    };
    const auto clock = [&] { return 3.0 * static_cast<double>(steps()); };
    CHECK(experiment.train_until(10, clock));
    // The first step of each model has no predecessor to tell how long it will take.
    CHECK(steps() == 3);
    CHECK(experiment.train_until(clock() + 10, clock));
    CHECK(steps() == 6);
    CHECK(progress[0].step == 3);
    CHECK(progress[1].step == 3);
    CHECK(experiment.train_until(clock(), clock));  // no time: one step
    CHECK(steps() == 7);
    CHECK(progress[0].step == 4);
    experiment.complete_round();
    CHECK(steps() == 8);
    CHECK(progress[1].step == 4);
    CHECK(!experiment.train_until(kForever, clock));
    CHECK(steps() == 40);
  }

  // Oracle: refresh, and the same steps in one go.
  TEST_CASE(
      "a poll without any time takes one step of training, and shows the same in the end") {
    const SessionConfig config = small("steps=4&periods=1");
    Session polled(config), direct(config);
    polled.start();
    const std::vector<ModelView>& models = polled.view().models;
    for (Index k = 1; k <= 5; ++k) {
      polled.poll(0);
      CHECK(models[0].step + models[1].step == k);
    }
    polled.pause();
    CHECK(models[0].step == 3);
    CHECK(models[1].step == 3);
    polled.start();
    while (polled.view().training) polled.poll(0);
    Index polls = 0;
    while (polled.poll(0)) ++polls;
    CHECK(polls > 20);
    direct.advance(4);
    direct.refresh();
    for (std::size_t i = 0; i < 2; ++i) {
      const ModelView &a = models[i], &b = direct.view().models[i];
      CHECK(polled.theta(static_cast<Index>(i)) == direct.theta(static_cast<Index>(i)));
      REQUIRE(a.trajectory.states.cols() == b.trajectory.states.cols());
      CHECK((a.trajectory.states - b.trajectory.states).norm() == 0);
      CHECK(a.trajectory_error == b.trajectory_error);
    }
  }

  TEST_CASE("a section of a model too rough to follow says so after a limited effort") {
    Session session(rough());
    SectionRequest request;
    request.energy = 0.1;
    request.starts = 2;
    request.duration = 20;
    const Section section = session.section(0, request);
    const std::string said = "that took ";
    const std::size_t at = section.message.find(said);
    CHECK(section.message.find("too rough to be followed beyond t = ") != std::string::npos);
    REQUIRE(at != std::string::npos);
    CHECK(std::stol(section.message.substr(at + said.size())) <= 5000);
    CHECK(session.section(-1, request).message == "");
  }
}
