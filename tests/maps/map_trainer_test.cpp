#include "maps/map_trainer.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <stdexcept>

#include "maps/sample_maps.h"
#include "support/no_allocation.h"

using namespace least_action;
using namespace least_action::testing;

namespace {

std::shared_ptr<const LearnedMap<float>> map_for(MapTask task, MapKind kind,
                                                 std::vector<Index> hidden, Index depth = 1) {
  MapSpec spec;
  spec.kind = kind;
  spec.hidden = std::move(hidden);
  spec.augmented = spec.blocks = depth;
  spec.shown_states = 6;
  return make_map<float>(fitted_to(task, spec));
}

MapTrainer<float> trained(MapTask task, MapKind kind, std::vector<Index> hidden, Index steps,
                          Index depth = 1) {
  MapTrainer<float> trainer(map_for(task, kind, std::move(hidden), depth), task,
                            {.total_steps = steps, .batch_size = 64});
  CHECK(trainer.advance({}).status == TrainingStatus::kFinished);
  return trainer;
}

/// Outputs on a grid of the window, half as wide again as the data.
bool encloses(MapTrainer<float>& trainer, bool positive) {
  constexpr Index kSide = 61;
  const double half = 1.5 * traits(trainer.task()).extent;
  MatrixX<float> x(2, kSide * kSide), y(1, kSide * kSide);
  for (Index i = 0; i < kSide * kSide; ++i) {
    x(0, i) = static_cast<float>(half * (2.0 * double(i % kSide) / (kSide - 1) - 1));
    x(1, i) = static_cast<float>(half * (2.0 * double(i / kSide) / (kSide - 1) - 1));
  }
  const auto tape = trainer.map().make_tape(x.cols());
  trainer.map().forward(trainer.theta(), x, y, *tape);
  return has_bounded_region({y.data(), y.data() + y.size()}, kSide, kSide, positive);
}

}  // namespace

TEST_SUITE("maps/map_trainer") {
  TEST_CASE("a line is turned around by the augmented neural ODE alone") {
    // Oracle: the least error of an order-preserving map, the isotonic regression.
    auto plain = trained(MapTask::kFlip, MapKind::kNeuralOde, {16}, 200);
    auto residual = trained(MapTask::kFlip, MapKind::kInvertibleResidual, {16}, 300, 4);
    auto augmented = trained(MapTask::kFlip, MapKind::kAugmentedNeuralOde, {16}, 400);
    const double bound = known_bound(MapTask::kFlip, plain.map().spec()).mean_square_error;
    CHECK(bound == doctest::Approx(0.33667).epsilon(1e-4));
    // Both learn as much as they can: down to the bound, from above 1.
    CHECK(plain.score().mean_square_error >= bound);
    CHECK(plain.score().mean_square_error < 1.1 * bound);
    CHECK(residual.score().mean_square_error >= bound);
    CHECK(residual.score().mean_square_error < 1.1 * bound);
    CHECK(augmented.score().mean_square_error < 0.01);
    // What the trained plain one does is increasing, in float too.
    MapEvaluation<float> points(map_for(MapTask::kFlip, MapKind::kNeuralOde, {16}),
                                MapTask::kFlip);
    points.score(plain.theta());
    const auto& y = points.outputs();
    CHECK((y.rightCols(200) - y.leftCols(200)).minCoeff() > -1e-6f);
  }

  TEST_CASE("the inner disc is freed by the augmented neural ODE alone") {
    // Oracle: the plane homeomorphism's bound of 1 on the worst error; signs for the other.
    auto plain = trained(MapTask::kAnnulus, MapKind::kNeuralOde, {16}, 300);
    auto augmented = trained(MapTask::kAnnulus, MapKind::kAugmentedNeuralOde, {16}, 400);
    CHECK(plain.score().worst_error >= 1);
    CHECK(plain.score().accuracy < 1);
    CHECK(augmented.score().worst_error < 0.95);
    CHECK(augmented.score().accuracy == 1);
    CHECK_FALSE(encloses(plain, false));
    CHECK(encloses(augmented, false));
  }

  TEST_CASE("one neuron a block encloses a disc and a network of width two does not") {
    // Oracle: Lin & Jegelka's theorems; the share of right signs; regions on a grid.
    auto residual = trained(MapTask::kDisc, MapKind::kOneNeuron, {}, 1500, 20);
    auto narrow = trained(MapTask::kDisc, MapKind::kFullyConnected, {2, 2, 2}, 1500);
    CHECK(residual.score().accuracy > 0.95);
    CHECK(encloses(residual, true));
    CHECK(narrow.score().accuracy < 0.9);
    CHECK_FALSE(encloses(narrow, true));
    // A wider one succeeds: it is the width that fails, not the training.
    auto wide = trained(MapTask::kDisc, MapKind::kFullyConnected, {8, 8}, 1500);
    CHECK(wide.score().accuracy > 0.95);
    CHECK(encloses(wide, true));
  }

  TEST_CASE("how budgets are cut changes nothing, and the seed everything") {
    // Oracle: a second run.
    const auto map = map_for(MapTask::kDisc, MapKind::kOneNeuron, {}, 5);
    const MapTrainerOptions options{.total_steps = 30, .batch_size = 16, .test_every = 7};
    MapTrainer<float> once(map, MapTask::kDisc, options), often(map, MapTask::kDisc, options);
    const TrainingReport report = once.advance({});
    CHECK(report.status == TrainingStatus::kFinished);
    CHECK(report.steps == 30);
    CHECK(once.advance({}).steps == 0);
    Index steps = 0;
    while (often.step() < 30) {
      steps += often.advance({.steps = 4, .milliseconds = 1e9}).steps;
      often.score();  // Looking changes nothing.
    }
    CHECK(steps == 30);
    CHECK(once.theta() == often.theta());
    REQUIRE(once.history().size() == 5);
    CHECK(once.history()[0].step == 7);
    CHECK(once.history()[4].step == 30);
    CHECK(once.history()[2].train_loss == often.history()[2].train_loss);
    CHECK(once.learning_rate() == 0);  // The cosine's end.
    MapTrainerOptions other = options;
    other.seed = 2;
    MapTrainer<float> different(map, MapTask::kDisc, other);
    different.advance({});
    CHECK(once.theta() != different.theta());
  }

  TEST_CASE("divergence goes back to good parameters and says so") {
    const auto map = map_for(MapTask::kFlip, MapKind::kNeuralOde, {8});
    MapTrainer<float> trainer(
        map, MapTask::kFlip,
        {.learning_rate = 1e6, .total_steps = 400, .batch_size = 8, .gradient_clip = 0});
    std::string message;
    TrainingReport report;
    do {
      report = trainer.advance({.steps = 10});
      if (message.empty()) message = report.message;
    } while (report.status == TrainingStatus::kRunning ||
             report.status == TrainingStatus::kRecovered);
    CHECK(message.find("went back to the parameters of step") != std::string::npos);
    INFO(message);
    CHECK(message.find("half the learning rate") != std::string::npos);
    CHECK(trainer.theta().allFinite());
    CHECK(std::isfinite(trainer.score().mean_square_error));
  }

  TEST_CASE("no step allocates") {
    // Oracle: the program's own malloc, counted.
    for (const MapTask task : {MapTask::kFlip, MapTask::kAnnulus}) {
      for (const MapKindTraits& kind : map_kinds()) {
        MapTrainer<float> trainer(map_for(task, kind.kind, {8}, 2), task,
                                  {.total_steps = 100, .batch_size = 32, .test_every = 2});
        trainer.advance({.steps = 3});
        CAPTURE(kind.name);
        CHECK(allocations_in([&] { trainer.advance({.steps = 4}); }) == 0);
      }
    }
  }

  TEST_CASE("options, parameters and budgets that make no sense are explained") {
    const auto fault = [](auto change) {
      MapTrainerOptions options;
      change(options);
      return find_fault(options).value_or("");
    };
    CHECK_FALSE(find_fault(MapTrainerOptions{}));
    CHECK(fault([](auto& o) { o.learning_rate = -1; }).find("is -1") != std::string::npos);
    CHECK(fault([](auto& o) { o.learning_rate = std::nan(""); }).size() > 0);
    CHECK(fault([](auto& o) { o.total_steps = 0; }).size() > 0);
    CHECK(fault([](auto& o) { o.batch_size = std::numeric_limits<Index>::max(); }).size() > 0);
    CHECK(fault([](auto& o) { o.gradient_clip = -2; }).size() > 0);
    CHECK(fault([](auto& o) { o.test_every = 0; }).size() > 0);
    const auto map = map_for(MapTask::kFlip, MapKind::kOneNeuron, {}, 2);
    CHECK_THROWS_AS(MapTrainer<float>(map, MapTask::kDisc), std::invalid_argument);
    CHECK_THROWS_AS(MapTrainer<float>(nullptr, MapTask::kFlip), std::invalid_argument);
    CHECK_THROWS_AS(MapTrainer<float>(map, MapTask::kFlip, {.batch_size = 0}),
                    std::invalid_argument);
    MapTrainer<float> trainer(map, MapTask::kFlip);
    CHECK_THROWS_AS(trainer.advance({.steps = -1}), std::invalid_argument);
    CHECK_THROWS_AS(trainer.advance({.milliseconds = std::nan("")}), std::invalid_argument);
    CHECK_THROWS_AS(trainer.set_theta(VectorX<float>::Zero(3)), std::invalid_argument);
    VectorX<float> bad = trainer.theta();
    bad[0] = std::numeric_limits<float>::infinity();
    CHECK_THROWS_AS(trainer.set_theta(bad), std::invalid_argument);
    const VectorX<float> good = VectorX<float>::Ones(trainer.theta().size());
    trainer.set_theta(good);
    CHECK(trainer.theta() == good);
  }
}
