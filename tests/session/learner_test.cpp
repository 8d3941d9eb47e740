#include "session/learner.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

#include "learner_support.h"
#include "support/gradient_check.h"

using namespace least_action;
using namespace least_action::testing;
using namespace learner_support;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

template <class S>
Trainer<S> trained_directly(const ModelSpec& spec, std::shared_ptr<const Dataset> data,
                            const TrainerOptions& options) {
  Trainer<S> trainer(std::shared_ptr<const DynamicsModel<S>>(make_model<S>(spec)), data,
                     options);
  trainer.advance({});
  return trainer;
}

Matrix some_states(Index count) {
  Random random(5);
  Matrix x(2, count);
  for (double& entry : x.reshaped()) entry = random.uniform(-1.5, 1.5);
  return x;
}

std::shared_ptr<const Dataset> data_for(ModelKind kind) {
  return pendulum_data(traits(kind).chart);
}

}  // namespace

TEST_SUITE("session/learner") {
  // Oracle: Trainer by itself.
  TEST_CASE("parameters start where a trainer with this seed starts, in either precision") {
    for (const ModelTraits& kind : model_kinds()) {
      CAPTURE(kind.name);
      const ModelSpec spec = small_spec(kind.kind);
      const auto data = data_for(kind.kind);
      TrainerOptions options = small_options();
      options.seed = 7;
      Learner learner(spec, 7), other(spec, 8);
      CHECK(learner.theta() == starting_theta(*make_model<double>(spec), 7));
      CHECK(learner.theta() != other.theta());
      const Trainer<float> rounded(
          std::shared_ptr<const DynamicsModel<float>>(make_model<float>(spec)), data, options);
      learner.prepare(data, options, Precision::kFloat32);
      CHECK(learner.theta() == rounded.theta().cast<double>());
    }
  }

  TEST_CASE("a learner trains as a trainer does, bit for bit, however it is cut") {
    for (const ModelTraits& kind : model_kinds()) {
      CAPTURE(kind.name);
      const ModelSpec spec = small_spec(kind.kind);
      const auto data = data_for(kind.kind);
      const TrainerOptions options = small_options();
      const Trainer<float> in_float = trained_directly<float>(spec, data, options);
      const Trainer<double> in_double = trained_directly<double>(spec, data, options);
      for (const Index cut : {1, 7, 1000}) {
        Learner rounded(spec), exact(spec);
        rounded.prepare(data, options);
        exact.prepare(data, options, Precision::kFloat64);
        while (rounded.status() != TrainingStatus::kFinished) rounded.advance({.steps = cut});
        while (exact.status() != TrainingStatus::kFinished) {
          exact.advance({.steps = cut, .milliseconds = 0.001});
        }
        CHECK(rounded.theta() == in_float.theta().cast<double>());
        CHECK(exact.theta() == in_double.theta());
        CHECK(rounded.step() == options.total_steps);
        CHECK(same_history(rounded.history(), in_float.history()));
        CHECK(same_history(exact.history(), in_double.history()));
        CHECK(rounded.train_loss() == in_float.train_loss());
        CHECK(rounded.test_loss() == in_float.test_loss());
        CHECK(rounded.learning_rate() == in_float.learning_rate());
      }
    }
  }

  TEST_CASE("training stopped half-way goes on as if it had not been") {
    const auto data = pendulum_data();
    TrainerOptions options = small_options(60);
    options.schedule = ScheduleKind::kCosine;
    for (const Precision precision : {Precision::kFloat32, Precision::kFloat64}) {
      Learner whole(small_spec()), cut(small_spec());
      whole.prepare(data, options, precision);
      whole.advance({});
      cut.prepare(data, options, precision);
      cut.advance({.steps = 23});
      CHECK(cut.status() == TrainingStatus::kRunning);
      TrainerOptions rest = options;
      rest.total_steps = 37;
      cut.prepare(data, rest, precision);
      CHECK(cut.step() == 23);
      CHECK(cut.total_steps() == 60);
      cut.advance({});
      CHECK(same(cut, whole));
    }
  }

  TEST_CASE("more steps are added to those taken, and another rate changes nothing else") {
    const auto data = pendulum_data();
    Learner learner(small_spec());
    learner.prepare(data, small_options(10));
    learner.advance({});
    CHECK(learner.status() == TrainingStatus::kFinished);
    TrainerOptions slower = small_options(15);
    slower.learning_rate = 1e-4;
    learner.prepare(data, slower);
    CHECK(learner.status() == TrainingStatus::kRunning);
    CHECK(learner.step() == 10);
    CHECK(learner.total_steps() == 25);
    CHECK(learner.history().size() == 2);
    learner.advance({});
    CHECK(learner.step() == 25);
    CHECK(learner.history().size() == 5);
    CHECK(learner.history().back().learning_rate == 1e-4);

    Trainer<float> direct(
        std::shared_ptr<const DynamicsModel<float>>(make_model<float>(small_spec())), data,
        small_options(10));
    direct.advance({});
    slower.total_steps = 25;
    direct.set_options(slower);
    direct.advance({});
    CHECK(learner.theta() == direct.theta().cast<double>());
  }

  TEST_CASE("other data, precision or minibatches start anew from the parameters there are") {
    const auto data = pendulum_data();
    const auto change = [&](const std::shared_ptr<const Dataset>& on,
                            const TrainerOptions& options, Precision precision) {
      Learner learner(small_spec());
      learner.prepare(data, small_options(20));
      learner.advance({});
      const Vector theta = learner.theta();
      learner.prepare(on, options, precision);
      CHECK(learner.theta() == theta);
      CHECK(learner.step() == 0);
      CHECK(learner.total_steps() == options.total_steps);
      CHECK(learner.history().empty());
      CHECK(std::isnan(learner.train_loss()));
      learner.advance({});
      CHECK(learner.theta() != theta);

      // A learner given these parameters trains the same.
      Learner other(small_spec());
      other.set_theta(theta);
      other.prepare(on, options, precision);
      other.advance({});
      CHECK(same(learner, other));
    };
    change(pendulum_data(), small_options(), Precision::kFloat32);
    change(data, small_options(), Precision::kFloat64);
    TrainerOptions options = small_options();
    options.batch_size = 8;
    change(data, options, Precision::kFloat32);
    options = small_options();
    options.seed = 2;
    change(data, options, Precision::kFloat32);
    options = small_options();
    options.optimizer = OptimizerKind::kSgd;
    change(data, options, Precision::kFloat32);
    options = small_options();
    options.loss = LossKind::kTrajectory;
    options.segment_length = 3;
    change(data, options, Precision::kFloat32);
  }

  TEST_CASE("replaced parameters are trained on with a fresh optimiser") {
    const auto data = pendulum_data();
    Learner learner(small_spec());
    learner.prepare(data, small_options());
    learner.advance({.steps = 20});
    Trainer<float> direct(
        std::shared_ptr<const DynamicsModel<float>>(make_model<float>(small_spec())), data,
        small_options());
    direct.advance({.steps = 20});
    const Vector theta = 0.5 * learner.theta();
    learner.set_theta(theta);
    direct.set_theta(theta.cast<float>());
    CHECK(learner.theta() == theta.cast<float>().cast<double>());
    CHECK(learner.step() == 20);
    learner.advance({});
    direct.advance({});
    CHECK(learner.theta() == direct.theta().cast<double>());
    CHECK(same_history(learner.history(), direct.history()));
  }

  // Oracle: the mean of the squares written out, with the weights of the training part.
  TEST_CASE("the derivative loss is the weighed mean square of the field's error") {
    const auto data = pendulum_data();
    const ModelSpec spec = small_spec(ModelKind::kNeuralOde);
    Learner learner(spec, 3);
    const Matrix targets = Dataset::derivatives(data->train);
    const Vector weights = targets.array().square().rowwise().mean().sqrt().inverse();
    for (const bool of_test : {false, true}) {
      const auto& part = of_test ? data->test : data->train;
      const Matrix x = Dataset::states(part);
      Matrix rates(2, x.cols());
      learner.flow().rates(x, rates);
      const Matrix error = weights.asDiagonal() * (rates - Dataset::derivatives(part));
      const LossReport report = learner.loss(*data, of_test, small_options(), true);
      CHECK(report.loss ==
            doctest::Approx(error.squaredNorm() / static_cast<double>(error.size()))
                .epsilon(1e-12));
      CHECK(report.examples == x.cols());
      const LossReport alone = learner.loss(*data, of_test, small_options(), false);
      CHECK(alone.loss == report.loss);
      CHECK(alone.gradient.size() == 0);
    }
  }

  // Oracle: the Taylor remainder of the loss.
  TEST_CASE("a loss's gradient is that of the loss, for every loss and model") {
    for (const ModelTraits& kind : model_kinds()) {
      for (const LossKind loss :
           {LossKind::kDerivative, LossKind::kTrajectory, LossKind::kAction}) {
        if (loss == LossKind::kAction && kind.kind != ModelKind::kLagrangian) continue;
        CAPTURE(kind.name);
        CAPTURE(static_cast<int>(loss));
        const auto data = data_for(kind.kind);
        Learner learner(small_spec(kind.kind), 4);
        TrainerOptions options = small_options();
        options.loss = loss;
        options.segment_length = 2;
        const LossReport report = learner.loss(*data, false, options, true);
        const Vector theta = learner.theta();
        const auto check = taylor_check(
            [&](const Vector& moved) {
              learner.set_theta(moved);
              return learner.loss(*data, false, options, false).loss;
            },
            theta, report.gradient, random_direction(theta.size(), 1));
        INFO(check.text());
        CHECK(check.slope() >= 1.9);
      }
    }
  }

  TEST_CASE("energies and rates are the model's at the newest parameters") {
    for (const ModelTraits& kind : model_kinds()) {
      CAPTURE(kind.name);
      Learner learner(small_spec(kind.kind), 4);
      learner.prepare(data_for(kind.kind), small_options(5));
      learner.advance({});
      const auto model = make_model<double>(learner.spec());
      const Matrix x = some_states(300);
      Matrix rates(2, 300), expected(2, 300);
      learner.flow().rates(x, rates);
      const auto tape = model->make_tape(300);
      model->forward(learner.theta(), x, expected, *tape);
      CHECK(rates.isApprox(expected, 1e-13));
      Vector energy(300);
      if (!kind.has_energy) {
        CHECK_THROWS_AS(learner.energy(x, energy), std::invalid_argument);
        continue;
      }
      learner.energy(x, energy);
      Matrix expected_energy(1, 300);
      model->energy(learner.theta(), x, expected_energy, *tape);
      CHECK(energy.isApprox(expected_energy.transpose(), 1e-13));
    }
  }

  TEST_CASE("a residual network is followed by the time of its blocks") {
    ModelSpec spec = small_spec(ModelKind::kResidual);
    spec.blocks = 2;
    spec.block_time = 0.15;
    Learner learner(spec);
    CHECK(learner.flow().rollout(some_states(1), {0, 0.3, 0.9}, {}).statistics.steps == 3);
    CHECK_THROWS_AS(learner.flow().rollout(some_states(1), {0, 0.15}, {}),
                    std::invalid_argument);
  }

  TEST_CASE("training that runs away is told in words, and stops at good parameters") {
    Learner learner(small_spec());
    TrainerOptions options = small_options(100000);
    options.optimizer = OptimizerKind::kSgd;
    options.learning_rate = 1e30;
    const auto data = pendulum_data();
    learner.prepare(data, options);
    bool recovered = false;
    while (learner.status() != TrainingStatus::kFailed) {
      learner.advance({.steps = 1});
      recovered = recovered || learner.status() == TrainingStatus::kRecovered;
      REQUIRE(learner.step() < 100000);
    }
    CHECK(recovered);
    CHECK(learner.message().find("Training stopped at step") == 0);
    CHECK(learner.theta().allFinite());
    // A smaller rate goes on; its message is not the old one.
    options.learning_rate = 1e-3;
    const Index taken = learner.step();
    learner.prepare(data, options);
    CHECK(learner.step() == taken);
    CHECK(learner.message().empty());
    CHECK(learner.advance({.steps = 20}).status == TrainingStatus::kRunning);
  }

  TEST_CASE("what is asked wrongly throws and changes nothing") {
    const auto data = pendulum_data();
    ModelSpec bad_spec = small_spec();
    bad_spec.hidden = {-1};
    CHECK_THROWS_AS(Learner{bad_spec}, std::invalid_argument);

    Learner learner(small_spec());
    CHECK(!learner.prepared());
    CHECK_THROWS_AS(learner.advance({.steps = 1}), std::invalid_argument);
    CHECK_THROWS_AS(learner.start_background(), std::invalid_argument);
    CHECK(!learner.poll_background());
    learner.request_stop();
    const std::string untouched = learner.save();
    CHECK_THROWS_AS(learner.prepare(nullptr, small_options()), std::invalid_argument);
    CHECK_THROWS_AS(learner.prepare(pendulum_data(Chart::kVelocity), small_options()),
                    std::invalid_argument);
    CHECK_THROWS_AS(learner.prepare(data, small_options(0)), std::invalid_argument);
    CHECK((learner.save() == untouched));
    CHECK(!learner.prepared());

    learner.prepare(data, small_options());
    learner.advance({.steps = 11});
    const std::string file = learner.save();
    const Vector theta = learner.theta();
    const auto refused = [&](auto change) {
      TrainerOptions options = small_options();
      change(options);
      CHECK_THROWS_AS(learner.prepare(data, options), std::invalid_argument);
      CHECK_THROWS_AS(learner.prepare(data, options, Precision::kFloat64),
                      std::invalid_argument);
    };
    refused([](TrainerOptions& o) { o.total_steps = 0; });
    refused([](TrainerOptions& o) { o.learning_rate = NAN; });
    refused([](TrainerOptions& o) { o.learning_rate = -1; });
    refused([](TrainerOptions& o) { o.batch_size = -1; });
    refused([](TrainerOptions& o) { o.loss = LossKind::kAction; });
    refused([](TrainerOptions& o) {
      o.schedule = ScheduleKind::kWarmupCosine;
      o.warmup_steps = 1000;
    });
    refused([](TrainerOptions& o) {
      o.loss = LossKind::kTrajectory;
      o.method = Method::kStormerVerlet;
    });
    refused([](TrainerOptions& o) {
      o.loss = LossKind::kTrajectory;
      o.segment_length = 100;
    });
    Dataset wide = *data;
    wide.degrees_of_freedom = 2;
    CHECK_THROWS_AS(learner.prepare(std::make_shared<Dataset>(wide), small_options()),
                    std::invalid_argument);
    CHECK_THROWS_AS(learner.prepare(std::make_shared<Dataset>(), small_options()),
                    std::invalid_argument);
    CHECK_THROWS_AS(learner.advance({.steps = -1}), std::invalid_argument);
    CHECK_THROWS_AS(learner.advance({.milliseconds = NAN}), std::invalid_argument);

    CHECK_THROWS_AS(learner.set_theta(Vector::Zero(3)), std::invalid_argument);
    Vector bad = theta;
    for (const double entry : {double{NAN}, kInfinity, 1e300}) {
      bad[1] = entry;  // 1e300: not a float.
      CHECK_THROWS_AS(learner.set_theta(bad), std::invalid_argument);
    }

    Vector energy(2);
    CHECK_THROWS_AS(learner.energy(some_states(3), energy), std::invalid_argument);
    CHECK_THROWS_AS(learner.energy(Matrix::Zero(4, 2), energy), std::invalid_argument);
    CHECK_THROWS_AS(learner.energy(Matrix::Constant(2, 2, NAN), energy), std::invalid_argument);

    CHECK_THROWS_AS(learner.loss(wide, false, small_options(), true), std::invalid_argument);
    CHECK_THROWS_AS(learner.loss(Dataset(), false, small_options(), true),
                    std::invalid_argument);
    CHECK_THROWS_AS(
        learner.loss(*pendulum_data(Chart::kVelocity), false, small_options(), true),
        std::invalid_argument);
    Dataset untested = *data;
    untested.test.clear();
    CHECK_THROWS_WITH_AS(learner.loss(untested, true, small_options(), true),
                         "Learner::loss: the test part holds no example of this loss",
                         std::invalid_argument);
    TrainerOptions options = small_options();
    options.relative_tolerance = 2;
    CHECK_THROWS_AS(learner.loss(*data, false, options, true), std::invalid_argument);

    CHECK(learner.theta() == theta);
    CHECK((learner.save() == file));
    CHECK(learner.step() == 11);
  }

  TEST_CASE("a learner can be moved while others refer to its flow") {
    Learner learner(small_spec(), 4);
    PhaseFlow& flow = learner.flow();
    const Matrix x = some_states(3);
    Matrix before(2, 3), after(2, 3);
    flow.rates(x, before);
    Learner moved(std::move(learner));
    flow.rates(x, after);
    CHECK(before == after);
    CHECK(&moved.flow() == &flow);
  }
}
