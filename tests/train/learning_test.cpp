// Whether training learns: end to end, against what theory says a loss can reach.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "train/oscillations.h"
#include "train/trainer.h"

namespace least_action {
namespace {

using doctest::Approx;

std::shared_ptr<const DynamicsModel<float>> model_of(ModelKind kind, Index n,
                                                     std::vector<Index> hidden) {
  ModelSpec spec;
  spec.kind = kind;
  spec.degrees_of_freedom = n;
  spec.hidden = std::move(hidden);
  if (kind == ModelKind::kLagrangian) spec.activation = Activation::kSoftplus;
  spec.block_time = 0.1;
  return make_model<float>(spec);
}

TEST_SUITE("train: learning") {
  TEST_CASE("a Hamiltonian network learns a spring down to the noise, and no further") {
    // Oracle: analytic. The best predictor of ẋ = Jx from x + σε is close to J(x + σε), whose
    // weighted loss is σ² mean(1/scale²), with scale² the mean squares of the derivatives. The
    // true minimiser shrinks a little towards the data: up to σ²/(σ² + scale²) ≈ 3 % here.
    const double sigma = 0.1;
    const auto data = std::make_shared<Dataset>(testing::observe(
        {.train = 40, .test = 40, .points = 30, .spacing = 0.2, .noise = sigma}));
    const Matrix derivatives = Dataset::derivatives(data->train);
    const double floor =
        sigma * sigma * derivatives.array().square().rowwise().mean().inverse().mean();
    TrainerOptions options;
    options.learning_rate = 5e-3;
    options.schedule = ScheduleKind::kCosine;
    options.total_steps = 1500;
    options.batch_size = 128;
    Trainer<float> trainer(model_of(ModelKind::kHamiltonian, 1, {24, 24}), data, options);
    CHECK(trainer.advance({}).status == TrainingStatus::kFinished);
    CHECK(trainer.loss(data->test, trainer.theta()) == Approx(floor).epsilon(0.12));
  }

  TEST_CASE("without noise, it learns the spring to within one percent") {
    const auto data = std::make_shared<Dataset>(
        testing::observe({.train = 20, .test = 10, .points = 20, .spacing = 0.3}));
    TrainerOptions options;
    options.learning_rate = 2e-2;
    options.schedule = ScheduleKind::kWarmupCosine;
    options.total_steps = 2000;
    options.batch_size = 100;
    Trainer<float> trainer(model_of(ModelKind::kHamiltonian, 1, {24, 24}), data, options);
    trainer.advance({});
    CHECK(trainer.test_loss() < 0.01 * 0.01);  // Predicting zero costs 1.
  }

  TEST_CASE("every model learns two oscillators, from derivatives and from trajectories") {
    for (const LossKind loss : {LossKind::kDerivative, LossKind::kTrajectory}) {
      for (const ModelTraits& model : model_kinds()) {
        const auto data = std::make_shared<Dataset>(testing::observe({.chart = model.chart,
                                                                      .degrees_of_freedom = 2,
                                                                      .train = 10,
                                                                      .test = 4,
                                                                      .points = 15}));
        TrainerOptions options;
        options.loss = loss;
        options.learning_rate = 5e-3;
        options.gradient_clip = 1;
        options.batch_size = 40;
        options.segment_length = 4;
        options.total_steps = 400;
        Trainer<float> trainer(model_of(model.kind, 2, {16, 16}), data, options);
        const double start = trainer.loss(data->test, trainer.theta());
        trainer.advance({});
        const double end = trainer.loss(data->test, trainer.theta());
        CAPTURE(model.name);
        CAPTURE(loss == LossKind::kDerivative);
        CHECK(end < 0.2 * std::min(start, 1.0));
        CHECK(trainer.state().recoveries == 0);
      }
    }
  }
}

}  // namespace
}  // namespace least_action
