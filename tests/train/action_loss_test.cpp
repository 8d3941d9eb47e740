#include "train/action_loss.h"

#include <doctest/doctest.h>

#include <Eigen/LU>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

#include "mechanics/stationarity.h"
#include "models/learned_lagrangian.h"
#include "models/sample_models.h"
#include "support/gradient_check.h"
#include "support/no_allocation.h"
#include "train/oscillations.h"
#include "train/trainer.h"

namespace least_action {
namespace {

using doctest::Approx;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
const TrainerOptions kByAction = {.loss = LossKind::kAction};

// Positions alone: whatever reads a velocity or a derivative gets NaN.
Dataset positions_only(Dataset data) {
  for (std::vector<Trajectory>* part : {&data.train, &data.test}) {
    for (Trajectory& trajectory : *part) {
      trajectory.states.bottomRows(data.degrees_of_freedom).setConstant(kNaN);
      trajectory.derivatives.setConstant(kNaN);
    }
  }
  return data;
}

struct Problem {
  explicit Problem(const ModelSpec& spec, Index points = 6) : model(spec) {
    const Dataset seen = testing::observe({.chart = Chart::kVelocity,
                                           .degrees_of_freedom = spec.degrees_of_freedom,
                                           .train = 2,
                                           .points = points,
                                           .irregular = true});
    theta = testing::sample_theta(model, Dataset::states(seen.train));
    data = positions_only(seen);
    weights = component_weights(LossKind::kAction, data.train, data.dimension());
  }
  std::unique_ptr<Loss<double>> loss(Index capacity = 32) const {
    return make_loss(kByAction, model, data.train, weights, capacity);
  }
  LagrangianNetwork<double> model;
  Vector theta;
  Dataset data;
  Vector weights;
};

double mean_of(Loss<double>& loss, const Vector& theta) {
  Vector unused;
  return mean_loss_and_gradient(loss, theta, unused);
}

// L → αL, by the last layer.
Vector scaled(const LagrangianNetwork<double>& model, Vector theta, double alpha) {
  const auto last = model.network().layout().layers().back();
  theta.segment(last.weight_offset, last.rows * last.cols) *= alpha;
  theta.segment(last.bias_offset, last.rows) *= alpha;
  return theta;
}

// ∂²L/∂q̇² at (q, q̇) by differences of ∂L/∂q̇.
Matrix mass_by_difference(LearnedLagrangian& lagrangian, const Vector& x) {
  const Index n = x.size() / 2;
  Matrix mass(n, n), none, slopes(2 * n, 1);
  for (Index j = 0; j < n; ++j) {
    mass.col(j) = testing::difference([&](double h) {
      Matrix moved = x;
      moved(n + j, 0) += h;
      lagrangian.evaluate(Vector::Zero(1), moved, none, slopes);
      return Matrix(slopes.bottomRows(n));
    });
  }
  return mass;
}

TEST_SUITE("train/action_loss") {
  TEST_CASE("the loss is the acceleration that the discrete equations leave unexplained") {
    // Oracle: independent implementation. r is the action's own gradient in the middle point,
    // M̄ comes from differences, and nothing is batched.
    for (const ModelSpec& spec : testing::sample_specs(ModelKind::kLagrangian)) {
      CAPTURE(testing::describe(spec));
      const Problem problem(spec);
      const Index n = spec.degrees_of_freedom;
      LearnedLagrangian lagrangian(problem.model, problem.theta);
      Action action(lagrangian);
      double sum = 0;
      Index terms = 0;
      for (const Trajectory& trajectory : problem.data.train) {
        for (Index k = 1; k + 1 < trajectory.times.size(); ++k) {
          const Vector times = trajectory.times.segment(k - 1, 3);
          const Matrix path = trajectory.states.block(0, k - 1, n, 3);
          Matrix gradient(n, 3);
          action.gradient(times, path, gradient);
          Matrix mass = Matrix::Zero(n, n);
          for (Index i = 0; i < 2; ++i) {
            Vector x(2 * n);
            x << (path.col(i) + path.col(i + 1)) / 2,
                (path.col(i + 1) - path.col(i)) / (times[i + 1] - times[i]);
            mass += 0.5 * mass_by_difference(lagrangian, x);
          }
          const Vector e = mass.inverse() * gradient.col(1) / (0.5 * (times[2] - times[0]));
          for (Index i = 0; i < n; ++i) {
            sum += std::pow(problem.weights[n + i] * e[i], 2);
            ++terms;
          }
        }
      }
      const auto loss = problem.loss();
      CHECK(loss->num_examples() == 8);
      CHECK(num_examples(kByAction, problem.data.train) == 8);
      CHECK(mean_of(*loss, problem.theta) ==
            Approx(sum / static_cast<double>(terms)).epsilon(1e-6));
    }
  }

  TEST_CASE("the gradient is that of the loss") {
    for (const ModelSpec& spec : testing::sample_specs(ModelKind::kLagrangian)) {
      CAPTURE(testing::describe(spec));
      const Problem problem(spec);
      const auto loss = problem.loss(3);  // 8 triples in three calls.
      Vector gradient;
      mean_loss_and_gradient(*loss, problem.theta, gradient);
      const auto check = testing::taylor_check(
          [&](const Vector& theta) { return mean_of(*loss, theta); }, problem.theta, gradient,
          testing::random_direction(gradient.size(), 3), {.largest_step = 3e-3});
      INFO(check.text());
      CHECK(check.slope() >= 1.9);
    }
  }

  TEST_CASE("a multiple of the Lagrangian has the same loss, but zero costs one") {
    // Oracle: analytic. αL has the motions of L; and a Lagrangian without mass predicts no
    // acceleration, whose loss is 1 by the definition of W.
    for (const ModelSpec& spec : testing::sample_specs(ModelKind::kLagrangian)) {
      CAPTURE(testing::describe(spec));
      const Problem problem(spec);
      const auto loss = problem.loss();
      const double value = mean_of(*loss, problem.theta);
      for (const double alpha : {-1.0, 7.0, 0.3}) {
        CHECK(mean_of(*loss, scaled(problem.model, problem.theta, alpha)) ==
              Approx(value).epsilon(1e-9));
      }
      for (const double alpha : {0.0, 1e-12}) {
        CHECK(mean_of(*loss, scaled(problem.model, problem.theta, alpha)) ==
              Approx(1).epsilon(1e-3));
      }
    }
  }

  TEST_CASE("close to no mass at all the loss is damped, counted, and its gradient exact") {
    for (const ModelSpec& spec : testing::sample_specs(ModelKind::kLagrangian)) {
      CAPTURE(testing::describe(spec));
      const Problem problem(spec);
      ActionLoss<double> loss(problem.model, problem.data.train, problem.weights, 32);
      std::vector<Index> all(8);
      std::iota(all.begin(), all.end(), Index{0});
      Vector gradient(problem.theta.size());
      loss.evaluate(problem.theta, all, gradient);
      CHECK(loss.health().damped_samples == 0);
      // Masses of about the absolute cutoff of 1e-6.
      const Vector tiny = scaled(problem.model, problem.theta, 3e-7);
      loss.evaluate(tiny, all, gradient);
      CHECK(loss.health().damped_samples > 0);
      // Only the last layer moves, by its own size: the loss is far from linear in the others.
      const auto last = problem.model.network().layout().layers().back();
      Vector direction = Vector::Zero(tiny.size());
      direction.segment(last.weight_offset, last.cols) =
          3e-7 * testing::random_direction(last.cols, 5);
      const auto check = testing::taylor_check(
          [&](const Vector& theta) {
            Vector none;
            return loss.evaluate(theta, all, none);
          },
          tiny, gradient, direction, {.largest_step = 1e-2, .smallest_step = 3e-4});
      INFO(check.text());
      CHECK(check.slope() >= 1.9);
      CHECK(check.relative_error() < 1e-5);
    }
  }

  TEST_CASE("a network that overflows gives a loss that is not finite, not a wrong one") {
    const Problem problem(testing::sample_specs(ModelKind::kLagrangian)[0]);
    const auto loss = problem.loss();
    CHECK(!std::isfinite(mean_of(*loss, scaled(problem.model, problem.theta, HUGE_VAL))));
    Vector theta = problem.theta;
    theta[0] = kNaN;
    CHECK(!std::isfinite(mean_of(*loss, theta)));
  }

  TEST_CASE("points without a complete position are passed over") {
    // Oracle: the same trajectory without those points.
    const Problem problem(testing::sample_specs(ModelKind::kLagrangian)[1], 9);
    Dataset holes = problem.data, without = problem.data;
    holes.train.resize(1);
    holes.train[0].states(0, 2) = kNaN;
    holes.train[0].states(1, 6) = kNaN;
    const std::vector<Index> left = {0, 1, 3, 4, 5, 7, 8};
    without.train.resize(1);
    Trajectory& shorter = without.train[0];
    shorter = {shorter.times(left).eval(), shorter.states(Eigen::all, left).eval(),
               shorter.derivatives(Eigen::all, left).eval()};
    const auto a = make_loss(kByAction, problem.model, holes.train, problem.weights, 8);
    const auto b = make_loss(kByAction, problem.model, without.train, problem.weights, 8);
    CHECK(a->num_examples() == 5);
    CHECK(mean_of(*a, problem.theta) == mean_of(*b, problem.theta));
    CHECK(component_weights(LossKind::kAction, holes.train, 4) ==
          component_weights(LossKind::kAction, without.train, 4));
  }

  TEST_CASE("an evaluation does not allocate, with and without damping") {
    const Problem problem(testing::sample_specs(ModelKind::kLagrangian)[1]);
    const auto loss = problem.loss();
    const std::vector<Index> examples = {0, 3, 5, 5};
    Vector gradient(problem.theta.size());
    for (const double alpha : {1.0, 1e-7}) {
      const Vector theta = scaled(problem.model, problem.theta, alpha);
      loss->evaluate(theta, examples, gradient);
      CHECK(testing::allocations_in([&] { loss->evaluate(theta, examples, gradient); }) == 0);
    }
  }

  TEST_CASE("from positions alone a Lagrangian network learns how a pendulum accelerates") {
    // Oracle: analytic, −(g/l) sin q at states whose velocities it was never shown. The
    // discrete equations alone cost about (ωh)²/12 < 1 % here.
    const auto system = make_system("pendulum", {1, 1, 1});
    const Dataset seen = sample_dataset(
        *system, Chart::kVelocity,
        {.trajectories = 16, .samples = 30, .duration = 7, .irregular_times = false});
    ModelSpec spec;
    spec.kind = ModelKind::kLagrangian;
    spec.hidden = {24, 24};
    spec.activation = Activation::kSoftplus;
    spec.features = {{.periodic = true}, {}};
    TrainerOptions options = kByAction;
    options.learning_rate = 1e-2;
    options.schedule = ScheduleKind::kWarmupCosine;
    options.gradient_clip = 1;
    options.batch_size = 64;
    options.total_steps = 1500;
    const std::shared_ptr<const DynamicsModel<float>> model = make_model<float>(spec);
    Trainer<float> trainer(model, std::make_shared<Dataset>(positions_only(seen)), options);
    const TrainingReport report = trainer.advance({});
    CHECK(report.status == TrainingStatus::kFinished);
    CHECK(trainer.test_loss() < 1e-3);
    const MatrixX<float> x = Dataset::states(seen.test).cast<float>();
    const MatrixX<float> x_dot = testing::field(*model, trainer.theta(), x);
    const Eigen::ArrayXf truth = -x.row(0).array().sin().transpose();
    const Eigen::ArrayXf learned = x_dot.row(1).array().transpose();
    const double error = std::sqrt((learned - truth).square().mean() / truth.square().mean());
    MESSAGE("relative acceleration error ", error);
    CHECK(error < 0.05);

    // The principle itself: true motions, seen or not, have nearly stationary learned action,
    // though L was learned only up to its gauge.
    const LagrangianNetwork<double> network(spec);
    const Vector theta = trainer.theta().cast<double>();
    LearnedLagrangian lagrangian(network, theta);
    Action action(lagrangian);
    for (const Trajectory& trajectory : seen.test) {
      const Matrix path = trajectory.states.topRows(1);
      CHECK(check_stationarity(action, trajectory.times, path).relative_residual < 0.05);
      CHECK(check_stationarity(action, 2 * trajectory.times, path).relative_residual > 0.1);
    }
  }

  TEST_CASE("other models, and data without three positions, are refused with the reason") {
    const auto data = std::make_shared<Dataset>(
        positions_only(testing::observe({.chart = Chart::kCanonical})));
    for (const ModelTraits& kind : model_kinds()) {
      CAPTURE(kind.name);
      ModelSpec spec;
      spec.kind = kind.kind;
      spec.hidden = {5};
      const std::shared_ptr<const DynamicsModel<double>> model = make_model<double>(spec);
      const auto attempt = [&] { Trainer<double>(model, data, kByAction); };
      if (kind.kind == ModelKind::kLagrangian) {
        CHECK(!find_fault(kByAction, kind.kind));
        CHECK_NOTHROW(attempt());  // In either chart: positions are the same.
      } else {
        CHECK(find_fault(kByAction, kind.kind)->find("only a Lagrangian network") !=
              std::string::npos);
        CHECK_THROWS_WITH_AS(attempt(), doctest::Contains("only a Lagrangian network"),
                             std::invalid_argument);
        CHECK_THROWS_WITH_AS(make_loss(kByAction, *model, data->train, Vector::Ones(2), 4),
                             doctest::Contains("expected a Lagrangian network"),
                             std::invalid_argument);
      }
    }
    const Problem problem(testing::sample_specs(ModelKind::kLagrangian)[0]);
    Dataset sparse = problem.data;
    for (Trajectory& trajectory : sparse.train) {
      trajectory.states.row(0).tail(4).setConstant(kNaN);
    }
    CHECK_THROWS_WITH_AS(make_loss(kByAction, problem.model, sparse.train, problem.weights, 4),
                         doctest::Contains("three points"), std::invalid_argument);
    const std::shared_ptr<const DynamicsModel<double>> model =
        make_model<double>(problem.model.spec());
    CHECK_THROWS_WITH_AS(Trainer<double>(model, std::make_shared<Dataset>(sparse), kByAction),
                         doctest::Contains("three points"), std::invalid_argument);
    CHECK_THROWS_AS(problem.loss(0), std::invalid_argument);
    Dataset backward = problem.data;
    backward.train[0].times.reverseInPlace();
    CHECK_THROWS_AS(make_loss(kByAction, problem.model, backward.train, problem.weights, 4),
                    std::invalid_argument);
  }
}

}  // namespace
}  // namespace least_action
