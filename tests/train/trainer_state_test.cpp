#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <stdexcept>

#include "train/oscillations.h"
#include "train/trainer.h"

namespace least_action {
namespace {

TrainerOptions options_for(OptimizerKind optimizer, Index batch_size) {
  TrainerOptions options;
  options.optimizer = optimizer;
  options.batch_size = batch_size;
  options.test_every = 8;
  options.total_steps = 500;
  options.schedule = ScheduleKind::kCosine;
  return options;
}

template <class S>
Trainer<S> make_trainer(const TrainerOptions& options,
                        ModelKind kind = ModelKind::kHamiltonian) {
  ModelSpec spec;
  spec.kind = kind;
  spec.hidden = {6};
  return Trainer<S>(make_model<S>(spec), std::make_shared<Dataset>(testing::observe({})),
                    options);
}

// Resumes at `step` in a trainer that has trained elsewhere, and trains both on.
template <class S>
void check_resume(const TrainerOptions& options, Index step,
                  ModelKind kind = ModelKind::kHamiltonian) {
  auto original = make_trainer<S>(options, kind);
  original.advance({.steps = step});
  auto resumed = make_trainer<S>(options, kind);
  resumed.advance({.steps = 11});
  resumed.set_state(original.state());
  // 90 more steps: across epochs, history entries and kept parameters.
  original.advance({.steps = 90});
  resumed.advance({.steps = 90});
  CHECK(original.theta() == resumed.theta());
  REQUIRE(original.history().size() == resumed.history().size());
  for (std::size_t i = 0; i < original.history().size(); ++i) {
    CHECK(original.history()[i].step == resumed.history()[i].step);
    CHECK(original.history()[i].train_loss == resumed.history()[i].train_loss);
    CHECK(original.history()[i].test_loss == resumed.history()[i].test_loss);
  }
  CHECK(original.learning_rate() == resumed.learning_rate());
  CHECK(original.state().good_theta == resumed.state().good_theta);
  CHECK(original.state().good_step == resumed.state().good_step);
  CHECK(original.state().best_loss == resumed.state().best_loss);
  CHECK(original.state().smoothed_loss == resumed.state().smoothed_loss);
}

TEST_SUITE("train/trainer: state") {
  TEST_CASE("a resumed training goes on bit for bit, mid-epoch and between history entries") {
    for (const OptimizerKind optimizer :
         {OptimizerKind::kSgd, OptimizerKind::kAdam, OptimizerKind::kAdamW}) {
      check_resume<float>(options_for(optimizer, 7), 37);
      check_resume<double>(options_for(optimizer, 7), 61);
    }
    check_resume<float>(options_for(OptimizerKind::kAdam, 0), 37);  // Full batch.
  }

  TEST_CASE("a training resumes bit for bit while it recovers from divergence") {
    TrainerOptions options = options_for(OptimizerKind::kSgd, 7);
    options.learning_rate = 20;
    auto original = make_trainer<float>(options, ModelKind::kNeuralOde);
    original.advance({.steps = 4});
    const auto at_resume = original.state();
    original.advance({.steps = 90});
    // On both sides of the cut.
    REQUIRE(at_resume.recoveries > 0);
    REQUIRE(original.state().recoveries > at_resume.recoveries);
    check_resume<float>(options, 4, ModelKind::kNeuralOde);
  }

  TEST_CASE("a state of another model, optimiser or dataset is refused and changes nothing") {
    auto trainer = make_trainer<float>(options_for(OptimizerKind::kAdam, 7));
    trainer.advance({.steps = 20});
    const auto good = trainer.state();
    using State = Trainer<float>::State;
    constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
    const std::vector<std::function<void(State&)>> faults = {
        [](State& s) { s.theta.conservativeResize(3); },
        [](State& s) { s.good_theta.resize(0); },
        [&](State& s) { s.theta[1] = kNaN; },
        [&](State& s) { s.good_theta[0] = kNaN; },
        [](State& s) { s.optimizer_moments.pop_back(); },
        [](State& s) { s.optimizer_moments[1].conservativeResize(2); },
        [&](State& s) { s.good_moments[0][0] = kNaN; },
        [](State& s) { s.step = -1; },
        [](State& s) { s.failures = -1; },
        [](State& s) { s.learning_rate_scale = 0; },
        [](State& s) { s.learning_rate_scale = NAN; },
        [](State& s) { s.best_loss = NAN; },
        [](State& s) { s.smoothed_loss = -1; },
        [](State& s) { s.permutation.pop_back(); },
        [](State& s) { s.permutation[0] = s.permutation[1]; },
        [](State& s) { s.epoch_position = 1000; },
        [](State& s) { s.random_state = {}; },
    };
    for (std::size_t i = 0; i < faults.size(); ++i) {
      State bad = good;
      bad.step = 5;
      bad.theta.setZero();
      faults[i](bad);
      CAPTURE(i);
      CHECK_THROWS_AS(trainer.set_state(bad), std::invalid_argument);
      CHECK(trainer.step() == 20);
      CHECK(trainer.theta() == good.theta);
    }
    CHECK_NOTHROW(trainer.set_state(good));
  }

  TEST_CASE("new parameters restart the optimiser, and step and history stay") {
    // Oracle: a fresh optimiser's first Adam step moves no entry by more than η.
    TrainerOptions options = options_for(OptimizerKind::kAdam, 7);
    options.schedule = ScheduleKind::kConstant;
    auto trainer = make_trainer<double>(options);
    const Vector start = trainer.theta();
    trainer.advance({.steps = 40});
    const auto entries = trainer.history().size();
    trainer.set_theta(start);
    CHECK(trainer.theta() == start);
    CHECK(trainer.step() == 40);
    CHECK(trainer.history().size() == entries);
    CHECK(trainer.state().good_theta == start);
    CHECK(trainer.state().optimizer_steps == 0);
    trainer.advance({.steps = 1});
    const double largest = (trainer.theta() - start).cwiseAbs().maxCoeff();
    CHECK(largest == doctest::Approx(options.learning_rate).epsilon(1e-3));
    Vector bad = start;
    bad[0] = std::numeric_limits<double>::infinity();
    CHECK_THROWS_AS(trainer.set_theta(bad), std::invalid_argument);
    CHECK_THROWS_AS(trainer.set_theta(Vector::Zero(2)), std::invalid_argument);
  }
}

}  // namespace
}  // namespace least_action
