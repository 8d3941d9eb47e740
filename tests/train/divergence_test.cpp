#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "base/contract.h"
#include "train/divergence_watch.h"
#include "train/oscillations.h"
#include "train/trainer.h"

namespace least_action {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

Trainer<float> make_trainer(ModelKind kind, const TrainerOptions& options) {
  ModelSpec spec;
  spec.kind = kind;
  spec.hidden = {8};
  Dataset data = testing::observe({.chart = traits(kind).chart});
  return Trainer<float>(make_model<float>(spec), std::make_shared<Dataset>(std::move(data)),
                        options);
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_SUITE("train/divergence_watch") {
  TEST_CASE("a loss or gradient that cannot be trained on is named") {
    DivergenceWatch watch;
    CHECK(watch.find_fault(1e30, 1, 1e18).empty());  // Nothing to compare with yet.
    watch.observe(2);
    CHECK(watch.find_fault(1.9e4, 1, 1e18).empty());
    CHECK(contains(watch.find_fault(2.1e4, 1, 1e18), "rose to " + to_text(2.1e4)));
    CHECK(contains(watch.find_fault(kNaN, 1, 1e18), "the loss became NaN"));
    CHECK(contains(watch.find_fault(kInfinity, 1, 1e18), "the loss became infinite"));
    CHECK(contains(watch.find_fault(1, kNaN, 1e18), "gradient's norm became NaN"));
    CHECK(contains(watch.find_fault(1, 1e19, 1e18), "gradient's norm rose to 1e+19"));
  }

  TEST_CASE("one lucky minibatch does not set the standard") {
    // Oracle: analytic; the mean takes a tenth of a loss.
    DivergenceWatch watch;
    watch.observe(1);
    watch.observe(0);
    CHECK(watch.best() == doctest::Approx(0.9));
    watch.observe(0.9);
    CHECK(watch.best() == doctest::Approx(0.9));
    CHECK(watch.find_fault(8999, 1, 1e18).empty());
    CHECK_FALSE(watch.find_fault(9001, 1, 1e18).empty());
  }

  TEST_CASE("losses far above the best are not worth going back to, and are forgotten") {
    DivergenceWatch watch;
    watch.observe(1);
    CHECK(watch.is_good(99));
    CHECK_FALSE(watch.is_good(101));
    watch.observe(1001);
    CHECK(watch.smoothed() == doctest::Approx(101));
    watch.restart_mean();
    CHECK(watch.smoothed() == watch.best());
  }

  TEST_CASE("rounding around a loss of 0 is no explosion") {
    DivergenceWatch watch;
    watch.observe(0);
    CHECK(watch.find_fault(1e-9, 1, 1e18).empty());
    CHECK(watch.is_good(1e-9));
    CHECK_FALSE(watch.find_fault(1e-3, 1, 1e18).empty());
  }
}

TEST_SUITE("train/trainer: divergence") {
  TEST_CASE("parameters are kept as good only while the loss is near its best") {
    TrainerOptions options;
    options.optimizer = OptimizerKind::kSgd;
    options.batch_size = 0;
    options.learning_rate = 1e-30;
    auto trainer = make_trainer(ModelKind::kNeuralOde, options);
    auto state = trainer.state();
    state.best_loss = state.smoothed_loss =
        1e-3;  // Its losses are about a thousand times that.
    trainer.set_state(state);
    trainer.advance({.steps = 200});
    CHECK(trainer.state().good_step == 0);
    state.best_loss = state.smoothed_loss = 0.1;
    trainer.set_state(state);
    trainer.advance({.steps = 120});
    CHECK(trainer.state().good_step == 100);
  }

  TEST_CASE("an absurd learning rate is halved until training works, and says so") {
    TrainerOptions options;
    options.optimizer = OptimizerKind::kSgd;
    options.learning_rate = 20;
    options.batch_size = 0;
    options.total_steps = 4000;
    auto trainer = make_trainer(ModelKind::kNeuralOde, options);
    const double start = trainer.loss(trainer.data().train, trainer.theta());
    const TrainingReport report = trainer.advance({.steps = 1500});
    INFO(report.message);
    REQUIRE(report.status == TrainingStatus::kRecovered);
    CHECK(contains(report.message, "went back to the parameters of step "));
    CHECK(contains(report.message, "half the learning rate"));
    CHECK(report.steps == 1500);
    CHECK(trainer.step() == 1500);
    CHECK(trainer.theta().allFinite());
    const double halvings = std::log2(options.learning_rate / trainer.learning_rate());
    CHECK(halvings == static_cast<double>(trainer.state().recoveries));
    CHECK(halvings >= 1);
    CHECK(trainer.train_loss() < start);
    // Good parameters were kept since, so the next divergence is the first in a row again.
    CHECK(trainer.state().failures == 0);
    // The next report has nothing to tell.
    const TrainingReport next = trainer.advance({.steps = 1});
    CHECK(next.status == TrainingStatus::kRunning);
    CHECK(next.message.empty());
  }

  TEST_CASE("whatever the model, a hopeless learning rate leaves finite parameters") {
    for (const LossKind loss : {LossKind::kDerivative, LossKind::kTrajectory}) {
      for (const ModelTraits& model : model_kinds()) {
        for (const OptimizerKind optimizer : {OptimizerKind::kSgd, OptimizerKind::kAdam}) {
          TrainerOptions options;
          options.loss = loss;
          options.optimizer = optimizer;
          options.learning_rate = 1e30;
          options.total_steps = 100;
          auto trainer = make_trainer(model.kind, options);
          const VectorX<float> start = trainer.theta();
          CAPTURE(model.name);
          while (true) {
            const TrainingReport report = trainer.advance({.steps = 1});
            REQUIRE(trainer.theta().allFinite());
            if (report.status != TrainingStatus::kRunning &&
                report.status != TrainingStatus::kRecovered) {
              CHECK(report.status == TrainingStatus::kFailed);
              CHECK(contains(report.message, "diverged 8 times in a row"));
              break;
            }
          }
          // Nothing good was ever reached: the start is what is left.
          CHECK(trainer.theta() == start);
        }
      }
    }
  }

  TEST_CASE("a failed training takes no step, says why, and goes on with a new learning rate") {
    TrainerOptions options;
    options.optimizer = OptimizerKind::kSgd;
    options.learning_rate = 1e30;
    auto trainer = make_trainer(ModelKind::kNeuralOde, options);
    CHECK(trainer.advance({}).status == TrainingStatus::kFailed);
    const Index step = trainer.step();
    const TrainingReport again = trainer.advance({.steps = 10});
    CHECK(again.status == TrainingStatus::kFailed);
    CHECK(again.steps == 0);
    CHECK(contains(again.message, "try a smaller learning rate"));
    options.learning_rate = 1e-3;
    trainer.set_options(options);
    CHECK(trainer.learning_rate() == 1e-3);
    CHECK(trainer.advance({.steps = 10}).status == TrainingStatus::kRunning);
    CHECK(trainer.step() == step + 10);
  }

  TEST_CASE("rolling back restores the parameters and moments of the good step") {
    // Oracle: the same training stopped there. Adam is driven off by a learning rate that is
    // raised after good parameters were kept.
    TrainerOptions options;
    options.batch_size = 0;
    auto trainer = make_trainer(ModelKind::kNeuralOde, options);
    trainer.advance({.steps = 120});
    const auto before = trainer.state();
    REQUIRE(before.good_step == 100);
    auto stopped = make_trainer(ModelKind::kNeuralOde, options);
    stopped.advance({.steps = 100});
    CHECK(before.good_theta == stopped.theta());

    options.learning_rate = 1e30;
    trainer.set_options(options);
    const TrainingReport report = trainer.advance({.steps = 1});
    INFO(report.message);
    CHECK(report.status == TrainingStatus::kRecovered);
    CHECK(contains(report.message, "parameters of step 100"));
    CHECK(trainer.theta() == stopped.theta());
    CHECK(trainer.state().optimizer_moments == stopped.state().optimizer_moments);
    CHECK(trainer.state().optimizer_steps == 100);
  }
}

}  // namespace
}  // namespace least_action
