#include "train/trainer.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <stdexcept>

#include "support/no_allocation.h"
#include "train/oscillations.h"
#include "train/schedule.h"

namespace least_action {
namespace {

using doctest::Approx;

template <class S = float>
Trainer<S> make_trainer(ModelKind kind, const TrainerOptions& options,
                        testing::Oscillations data = {}, std::vector<Index> hidden = {8, 8}) {
  ModelSpec spec;
  spec.kind = kind;
  spec.degrees_of_freedom = data.degrees_of_freedom;
  spec.hidden = std::move(hidden);
  if (kind == ModelKind::kLagrangian) spec.activation = Activation::kSoftplus;
  data.chart = traits(kind).chart;
  const std::shared_ptr<const DynamicsModel<S>> model = make_model<S>(spec);
  return Trainer<S>(model, std::make_shared<Dataset>(testing::observe(data)), options);
}

TrainerOptions small_steps(LossKind loss = LossKind::kDerivative) {
  TrainerOptions options;
  options.loss = loss;
  options.batch_size = 7;  // Divides neither the samples nor the segments.
  options.segment_length = 3;
  options.test_every = 5;
  options.total_steps = 1000;
  return options;
}

bool same_history(const std::vector<HistoryEntry>& a, const std::vector<HistoryEntry>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i].step != b[i].step || a[i].train_loss != b[i].train_loss ||
        a[i].test_loss != b[i].test_loss || a[i].learning_rate != b[i].learning_rate) {
      return false;
    }
  }
  return true;
}

TEST_SUITE("train/trainer") {
  TEST_CASE("the same seed gives the same parameters and losses bit for bit") {
    for (const LossKind loss : {LossKind::kDerivative, LossKind::kTrajectory}) {
      auto a = make_trainer(ModelKind::kHamiltonian, small_steps(loss));
      auto b = make_trainer(ModelKind::kHamiltonian, small_steps(loss));
      a.advance({.steps = 60});
      b.advance({.steps = 60});
      CHECK(a.theta() == b.theta());
      CHECK(same_history(a.history(), b.history()));
      TrainerOptions other = small_steps(loss);
      other.seed = 2;
      auto c = make_trainer(ModelKind::kHamiltonian, other);
      CHECK(c.theta() != make_trainer(ModelKind::kHamiltonian, small_steps(loss)).theta());
    }
  }

  TEST_CASE("how budgets are cut changes nothing") {
    auto whole = make_trainer(ModelKind::kNeuralOde, small_steps());
    auto sliced = make_trainer(ModelKind::kNeuralOde, small_steps());
    whole.advance({.steps = 63});
    CHECK(sliced.advance({.steps = 1}).steps == 1);
    CHECK(sliced.advance({.steps = 30}).steps == 30);
    // A budget too short for one step still takes one.
    CHECK(sliced.advance({.milliseconds = 1e-9}).steps == 1);
    CHECK(sliced.advance({.steps = 31, .milliseconds = 1e9}).steps == 31);
    CHECK(sliced.step() == 63);
    CHECK(whole.theta() == sliced.theta());
    CHECK(same_history(whole.history(), sliced.history()));
  }

  TEST_CASE("a budget of time ends") {
    TrainerOptions options = small_steps();
    options.total_steps = 100000000;
    auto trainer = make_trainer(ModelKind::kNeuralOde, options);
    const TrainingReport report = trainer.advance({.milliseconds = 2});
    CHECK(report.status == TrainingStatus::kRunning);
    CHECK(report.milliseconds >= 2);
    CHECK(report.steps == trainer.step());
  }

  TEST_CASE("a training without an end in sight can begin") {
    // Oracle: none needed; the entries of its history are more than an Index can count.
    TrainerOptions options = small_steps();
    options.total_steps = std::numeric_limits<Index>::max();
    options.test_every = 1;
    auto trainer = make_trainer(ModelKind::kNeuralOde, options);
    trainer.advance({.steps = 3});
    CHECK(trainer.history().size() == 3);
  }

  TEST_CASE("training finishes after total_steps, and then takes no step") {
    TrainerOptions options = small_steps();
    options.total_steps = 23;
    options.schedule = ScheduleKind::kCosine;
    auto trainer = make_trainer(ModelKind::kNeuralOde, options);
    const TrainingReport report = trainer.advance({});
    CHECK(report.status == TrainingStatus::kFinished);
    CHECK(report.steps == 23);
    CHECK(trainer.learning_rate() == 0);  // The cosine's end.
    const TrainingReport again = trainer.advance({.steps = 5});
    CHECK(again.status == TrainingStatus::kFinished);
    CHECK(again.steps == 0);
    CHECK(trainer.step() == 23);
  }

  TEST_CASE("the history has an entry every test_every steps and one at the end") {
    TrainerOptions options = small_steps();
    options.total_steps = 23;
    options.schedule = ScheduleKind::kWarmupCosine;
    options.warmup_steps = 4;
    auto trainer = make_trainer(ModelKind::kNeuralOde, options);
    CHECK(std::isnan(trainer.train_loss()));
    CHECK(std::isnan(trainer.test_loss()));
    trainer.advance({});
    const auto& history = trainer.history();
    REQUIRE(history.size() == 5);
    const Index steps[] = {5, 10, 15, 20, 23};
    for (std::size_t i = 0; i < 5; ++i) {
      CHECK(history[i].step == steps[i]);
      // Step k is taken at the rate of k − 1, counted from 0.
      CHECK(history[i].learning_rate ==
            options.learning_rate * schedule_factor(options, steps[i] - 1));
      CHECK(std::isfinite(history[i].train_loss));
      CHECK(std::isfinite(history[i].test_loss));
    }
    CHECK(trainer.test_loss() == history.back().test_loss);
    CHECK(trainer.train_loss() == history.back().train_loss);
  }

  TEST_CASE("the history holds the mean of the minibatch losses, and the test part's loss") {
    // Oracle: with a full batch and no learning to speak of, both are the loss of the part.
    TrainerOptions options = small_steps();
    options.batch_size = 0;
    options.learning_rate = 1e-30;
    auto trainer = make_trainer<double>(ModelKind::kNeuralOde, options);
    trainer.advance({.steps = 5});
    const Vector theta = trainer.theta();
    CHECK(trainer.train_loss() ==
          Approx(trainer.loss(trainer.data().train, theta)).epsilon(1e-12));
    CHECK(trainer.test_loss() ==
          Approx(trainer.loss(trainer.data().test, theta)).epsilon(1e-12));
    CHECK(trainer.train_loss() != trainer.test_loss());
  }

  TEST_CASE("without a test part, or one long enough for a segment, the test loss is NaN") {
    auto trainer = make_trainer(ModelKind::kNeuralOde, small_steps(), {.test = 0});
    trainer.advance({.steps = 10});
    CHECK(std::isnan(trainer.test_loss()));
    CHECK(std::isfinite(trainer.train_loss()));

    ModelSpec spec;
    spec.kind = ModelKind::kNeuralOde;
    Dataset data = testing::observe({.test = 0});
    data.test = testing::observe({.train = 0, .test = 1, .points = 3}).test;
    Trainer<float> segments(make_model<float>(spec), std::make_shared<Dataset>(data),
                            small_steps(LossKind::kTrajectory));
    segments.advance({.steps = 10});
    CHECK(std::isnan(segments.test_loss()));
  }

  TEST_CASE("a plain gradient step on the full batch is θ − η ∇loss") {
    // Oracle: the loss's own gradient, checked elsewhere.
    TrainerOptions options = small_steps();
    options.optimizer = OptimizerKind::kSgd;
    options.momentum = 0;
    options.batch_size = 0;
    options.learning_rate = 0.1;
    auto trainer = make_trainer<double>(ModelKind::kHamiltonian, options);
    const Vector theta = trainer.theta();
    Vector gradient;
    trainer.loss(trainer.data().train, theta, &gradient);
    trainer.advance({.steps = 1});
    CHECK((trainer.theta() - (theta - 0.1 * gradient)).norm() < 1e-14 * theta.norm());

    // With a clip at half its norm, half the step.
    options.gradient_clip = gradient.norm() / 2;
    auto clipped = make_trainer<double>(ModelKind::kHamiltonian, options);
    clipped.advance({.steps = 1});
    CHECK((clipped.theta() - (theta - 0.05 * gradient)).norm() < 1e-14 * theta.norm());
  }

  TEST_CASE("no step allocates, whatever the model and loss") {
    for (const LossKind loss : {LossKind::kDerivative, LossKind::kTrajectory}) {
      for (const ModelTraits& model : model_kinds()) {
        auto trainer = make_trainer(model.kind, small_steps(loss));
        trainer.advance({.steps = 1});
        CAPTURE(model.name);
        // Across epochs, history entries and kept parameters.
        CHECK(testing::allocations_in([&] { trainer.advance({.steps = 120}); }) == 0);
      }
    }
  }

  TEST_CASE("a model and a dataset that do not fit are refused, with the reason") {
    const auto attempt = [](ModelKind kind, Dataset data, TrainerOptions options) {
      ModelSpec spec;
      spec.kind = kind;
      Trainer<float>(make_model<float>(spec), std::make_shared<Dataset>(std::move(data)),
                     options);
    };
    const Dataset good = testing::observe({});
    CHECK_NOTHROW(attempt(ModelKind::kHamiltonian, good, {}));
    // Unstructured models take either chart.
    Dataset velocities = good;
    velocities.chart = Chart::kVelocity;
    CHECK_NOTHROW(attempt(ModelKind::kNeuralOde, velocities, {}));
    CHECK_THROWS_WITH_AS(attempt(ModelKind::kHamiltonian, velocities, {}),
                         doctest::Contains("velocity chart"), std::invalid_argument);
    CHECK_THROWS_WITH_AS(attempt(ModelKind::kLagrangian, good, {}),
                         doctest::Contains("canonical chart"), std::invalid_argument);
    CHECK_THROWS_WITH_AS(
        attempt(ModelKind::kHamiltonian, testing::observe({.degrees_of_freedom = 2}), {}),
        doctest::Contains("has size 4, expected 2"), std::invalid_argument);
    CHECK_THROWS_WITH_AS(attempt(ModelKind::kHamiltonian, testing::observe({.train = 0}), {}),
                         doctest::Contains("no samples"), std::invalid_argument);
    TrainerOptions long_segments = small_steps(LossKind::kTrajectory);
    long_segments.segment_length = 12;
    CHECK_THROWS_WITH_AS(attempt(ModelKind::kHamiltonian, good, long_segments),
                         doctest::Contains("13 points"), std::invalid_argument);
    TrainerOptions faulty;
    faulty.momentum = 2;
    CHECK_THROWS_WITH_AS(attempt(ModelKind::kHamiltonian, good, faulty),
                         doctest::Contains("momentum is 2"), std::invalid_argument);
    Dataset broken = good;
    broken.test[1].derivatives(0, 3) = std::numeric_limits<double>::infinity();
    CHECK_THROWS_WITH_AS(attempt(ModelKind::kHamiltonian, broken, {}),
                         doctest::Contains("trajectory 1 of the test part"),
                         std::invalid_argument);
    using Model = std::shared_ptr<const DynamicsModel<float>>;
    CHECK_THROWS_AS(Trainer<float>(Model(), std::make_shared<Dataset>(good), {}),
                    std::invalid_argument);
  }

  TEST_CASE("a negative budget is refused") {
    auto trainer = make_trainer(ModelKind::kNeuralOde, small_steps());
    CHECK_THROWS_AS(trainer.advance({.steps = -1}), std::invalid_argument);
    CHECK_THROWS_AS(trainer.advance({.milliseconds = NAN}), std::invalid_argument);
  }

  TEST_CASE("what can change during training does, and the rest is refused") {
    auto trainer = make_trainer(ModelKind::kNeuralOde, small_steps());
    trainer.advance({.steps = 10});
    TrainerOptions options = small_steps();
    options.learning_rate = 1e-4;
    options.total_steps = 12;
    trainer.set_options(options);
    CHECK(trainer.learning_rate() == 1e-4);
    CHECK(trainer.step() == 10);
    CHECK(trainer.advance({}).steps == 2);
    options.batch_size = 3;
    CHECK_THROWS_WITH_AS(trainer.set_options(options), doctest::Contains("batch_size"),
                         std::invalid_argument);
    CHECK(trainer.options().batch_size == 7);
    options = small_steps();
    options.learning_rate = -1;
    CHECK_THROWS_AS(trainer.set_options(options), std::invalid_argument);
  }
}

}  // namespace
}  // namespace least_action
