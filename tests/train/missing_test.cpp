// Components that were not observed, in the losses and in training.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <stdexcept>

#include "models/sample_models.h"
#include "support/gradient_check.h"
#include "support/no_allocation.h"
#include "train/examples.h"
#include "train/loss.h"
#include "train/oscillations.h"
#include "train/trainer.h"

namespace least_action {
namespace {

using doctest::Approx;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr LossKind kLosses[] = {LossKind::kDerivative, LossKind::kTrajectory};

// Each entry of states and derivatives goes missing with the given probability.
Dataset with_holes(Dataset data, double fraction, std::uint64_t seed = 4) {
  Random random(seed);
  for (std::vector<Trajectory>* part : {&data.train, &data.test}) {
    for (Trajectory& trajectory : *part) {
      for (Matrix* values : {&trajectory.states, &trajectory.derivatives}) {
        for (double& value : values->reshaped()) {
          if (random.uniform() < fraction) value = kNaN;
        }
      }
    }
  }
  return data;
}

struct Problem {
  explicit Problem(LossKind loss) {
    ModelSpec spec;
    spec.kind = ModelKind::kHamiltonian;
    spec.degrees_of_freedom = 2;
    spec.hidden = {6};
    model = make_model<double>(spec);
    theta.resize(model->num_parameters());
    model->initialize(Random(3), theta);
    data =
        with_holes(testing::observe(
                       {.degrees_of_freedom = 2, .train = 3, .points = 14, .irregular = true}),
                   0.25);
    // Trajectories of different lengths.
    Trajectory& second = data.train[1];
    second = {second.times.head(9).eval(), second.states.leftCols(9).eval(),
              second.derivatives.leftCols(9).eval()};
    options.loss = loss;
    options.segment_length = 3;
    options.substeps = 2;
    weights = component_weights(loss, data.train, 4);
  }
  double mean(Index capacity = 64) const {
    Vector unused;
    const auto loss = make_loss(options, *model, data.train, weights, capacity);
    return mean_loss_and_gradient(*loss, theta, unused);
  }
  Vector rate(const Vector& x) const { return testing::field<double>(*model, theta, x); }

  std::unique_ptr<DynamicsModel<double>> model;
  Vector theta, weights;
  Dataset data;
  TrainerOptions options;
};

// Σ over the observed components of (W(a − b))².
double observed_square(const Vector& weights, const Vector& a, const Vector& b, Index& terms) {
  double sum = 0;
  for (Index i = 0; i < a.size(); ++i) {
    if (std::isnan(b[i])) continue;
    sum += std::pow(weights[i] * (a[i] - b[i]), 2);
    ++terms;
  }
  return sum;
}

TEST_SUITE("train: missing components") {
  TEST_CASE("the derivative loss is the mean over the targets observed at complete states") {
    // Oracle: independent implementation, one sample at a time.
    const Problem problem(LossKind::kDerivative);
    double sum = 0;
    Index terms = 0, samples = 0;
    for (const Trajectory& trajectory : problem.data.train) {
      for (Index k = 0; k < trajectory.times.size(); ++k) {
        const Vector x = trajectory.states.col(k);
        if (x.hasNaN()) continue;
        const Index before = terms;
        sum += observed_square(problem.weights, problem.rate(x), trajectory.derivatives.col(k),
                               terms);
        samples += terms > before ? 1 : 0;
      }
    }
    REQUIRE(terms > 10);
    REQUIRE(terms < 4 * samples);
    CHECK(problem.mean() == Approx(sum / static_cast<double>(terms)).epsilon(1e-12));
    CHECK(num_examples(problem.options, problem.data.train) == samples);
  }

  TEST_CASE("the trajectory loss is the mean over what was observed behind complete starts") {
    // Oracle: independent implementation, one segment at a time.
    const Problem problem(LossKind::kTrajectory);
    double sum = 0;
    Index terms = 0, segments = 0;
    for (const Trajectory& trajectory : problem.data.train) {
      for (Index first = 0; first + 3 < trajectory.times.size(); ++first) {
        Vector x = trajectory.states.col(first);
        if (x.hasNaN()) continue;
        ++segments;
        for (Index k = first; k < first + 3; ++k) {
          const double h = (trajectory.times[k + 1] - trajectory.times[k]) / 2;
          for (int step = 0; step < 2; ++step) {
            const Vector k1 = problem.rate(x), k2 = problem.rate(x + h / 2 * k1);
            const Vector k3 = problem.rate(x + h / 2 * k2), k4 = problem.rate(x + h * k3);
            x += h / 6 * (k1 + 2 * k2 + 2 * k3 + k4);
          }
          sum += observed_square(problem.weights, x, trajectory.states.col(k + 1), terms);
        }
      }
    }
    REQUIRE(segments > 3);
    REQUIRE(terms < 12 * segments);
    CHECK(problem.mean() == Approx(sum / static_cast<double>(terms)).epsilon(1e-12));
    CHECK(num_examples(problem.options, problem.data.train) == segments);
  }

  TEST_CASE("samples that are missing altogether might as well not be there") {
    // Oracle: the data without them.
    Problem problem(LossKind::kDerivative);
    problem.data = testing::observe({.degrees_of_freedom = 2, .train = 1, .points = 7});
    Trajectory& whole = problem.data.train[0];
    const std::vector<Index> left = {0, 2, 3, 6};
    const std::vector<Trajectory> without = {{whole.times(left).eval(),
                                              whole.states(Eigen::all, left).eval(),
                                              whole.derivatives(Eigen::all, left).eval()}};
    for (const Index k : {1, 5}) whole.derivatives.col(k).setConstant(kNaN);
    whole.states(2, 4) = whole.derivatives(2, 4) = kNaN;
    problem.weights = Vector::Ones(4);
    const double value = problem.mean();
    problem.data.train = without;
    CHECK(problem.mean() == value);
  }

  TEST_CASE("a segment with nothing to compare, or without a start, is no example") {
    Dataset data = testing::observe({.train = 2, .points = 6});
    Matrix& states = data.train[1].states;
    states(0, 1) = kNaN;                    // No start at point 1 …
    states.rightCols(2).setConstant(kNaN);  // … and nothing behind point 3.
    CHECK(segment_starts(data.train, 2) == std::vector<Index>{0, 1, 2, 3, 6, 8});
    CHECK(segment_starts(data.train, 5) == std::vector<Index>{0, 6});
    CHECK(segment_starts(data.train, 6).empty());
    data.train[0].derivatives.rightCols(5).setConstant(kNaN);
    CHECK(derivative_examples(data.train) == std::vector<Index>{0, 6, 8, 9});
    const std::vector<PositionTriple> triples = position_triples(data.train);
    REQUIRE(triples.size() == 5);  // Four in the whole trajectory; 0, 2, 3 in the other.
    CHECK(triples[4].trajectory == &data.train[1]);
    CHECK(triples[4].before == 0);
    CHECK(triples[4].at == 2);
    CHECK(triples[4].after == 3);
  }

  TEST_CASE("scales are those of what was observed") {
    const Problem problem(LossKind::kDerivative);
    for (const LossKind loss : kLosses) {
      const Vector weights = component_weights(loss, problem.data.train, 4);
      for (Index i = 0; i < 4; ++i) {
        double sum = 0, count = 0;
        for (const Trajectory& trajectory : problem.data.train) {
          const Matrix& values =
              loss == LossKind::kDerivative ? trajectory.derivatives : trajectory.states;
          for (Index k = 0; k < values.cols(); ++k) {
            if (std::isnan(values(i, k))) continue;
            sum += values(i, k) * values(i, k);
            ++count;
          }
        }
        CHECK(weights[i] == Approx(1 / std::sqrt(sum / count)).epsilon(1e-14));
      }
    }
    std::vector<Trajectory> unseen = problem.data.train;
    for (Trajectory& trajectory : unseen) trajectory.states.row(1).setConstant(kNaN);
    CHECK(component_weights(LossKind::kTrajectory, unseen, 4)[1] == 1);
  }

  TEST_CASE("the gradient is exact, the same in minibatches, and nothing is allocated") {
    for (const LossKind kind : kLosses) {
      CAPTURE(kind == LossKind::kDerivative);
      const Problem problem(kind);
      CHECK(problem.mean(3) == Approx(problem.mean()).epsilon(1e-13));
      const auto loss =
          make_loss(problem.options, *problem.model, problem.data.train, problem.weights, 64);
      Vector gradient, none;
      mean_loss_and_gradient(*loss, problem.theta, gradient);
      const auto check = testing::taylor_check(
          [&](const Vector& theta) {
            Vector unused;
            return mean_loss_and_gradient(*loss, theta, unused);
          },
          problem.theta, gradient, testing::random_direction(gradient.size(), 8));
      INFO(check.text());
      CHECK(check.slope() >= 1.9);
      const std::vector<Index> examples = {0, 2, 1};
      CHECK(testing::allocations_in(
                [&] { loss->evaluate(problem.theta, examples, gradient); }) == 0);
    }
  }

  TEST_CASE("training on data half of which are missing still learns") {
    const auto whole =
        testing::observe({.train = 30, .test = 10, .points = 20, .spacing = 0.2});
    const auto data = std::make_shared<Dataset>(whole);
    data->train = with_holes(whole, 0.5).train;
    for (const LossKind loss : kLosses) {
      ModelSpec spec;
      spec.kind = ModelKind::kHamiltonian;
      spec.hidden = {16};
      TrainerOptions options;
      options.loss = loss;
      options.learning_rate = 1e-2;
      options.total_steps = 600;
      options.batch_size = 32;
      options.segment_length = 4;
      Trainer<float> trainer(make_model<float>(spec), data, options);
      trainer.advance({});
      CAPTURE(loss == LossKind::kDerivative);
      // On the complete test part, where predicting zero (or the start) costs about 1.
      CHECK(trainer.test_loss() < 2e-3);
    }
  }

  TEST_CASE(
      "positions alone leave nothing for losses that need whole states, and they say so") {
    auto data = std::make_shared<Dataset>(testing::observe({}));
    for (Trajectory& trajectory : data->train) trajectory.states.row(1).setConstant(kNaN);
    ModelSpec spec;
    spec.hidden = {4};
    const std::shared_ptr<const DynamicsModel<double>> model = make_model<double>(spec);
    const auto attempt = [&](LossKind loss) {
      TrainerOptions options;
      options.loss = loss;
      Trainer<double>(model, data, options);
    };
    CHECK_THROWS_WITH_AS(
        attempt(LossKind::kDerivative),
        doctest::Contains("no sample of the training part has a complete state"),
        std::invalid_argument);
    CHECK_THROWS_WITH_AS(attempt(LossKind::kTrajectory),
                         doctest::Contains("has a complete state and an observation after it"),
                         std::invalid_argument);
    for (const LossKind loss : kLosses) {
      TrainerOptions options;
      options.loss = loss;
      CHECK_THROWS_AS(make_loss(options, *model, data->train, Vector::Ones(2), 4),
                      std::invalid_argument);
    }
    data->train = testing::observe({}).train;
    data->train[2].states(0, 1) = std::numeric_limits<double>::infinity();
    CHECK_THROWS_WITH_AS(attempt(LossKind::kDerivative),
                         doctest::Contains("trajectory 2 of the training part"),
                         std::invalid_argument);
    data->train[2].states.resize(2, 3);
    CHECK_THROWS_AS(attempt(LossKind::kTrajectory), std::invalid_argument);
  }
}

}  // namespace
}  // namespace least_action
