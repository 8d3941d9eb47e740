#include "train/loss.h"

#include <doctest/doctest.h>

#include <cmath>
#include <numeric>
#include <stdexcept>

#include "models/residual_network.h"
#include "support/gradient_check.h"
#include "support/no_allocation.h"
#include "train/oscillations.h"

namespace least_action {
namespace {

using doctest::Approx;

struct Problem {
  std::unique_ptr<DynamicsModel<double>> model;
  Vector theta;
  Dataset data;
  Vector weights;
};

Problem make_problem(const ModelSpec& spec, LossKind loss) {
  Problem problem;
  problem.model = make_model<double>(spec);
  problem.data = testing::observe({.chart = traits(spec.kind).chart,
                                   .degrees_of_freedom = spec.degrees_of_freedom,
                                   .train = 2,
                                   .points = 6,
                                   .spacing = 0.05,
                                   .irregular = true});
  // The first start whose accelerations are of a sensible size: near a singular mass matrix a
  // roll-out is no smooth function of θ.
  const Matrix states = Dataset::states(problem.data.train);
  const auto tape = problem.model->make_tape(states.cols());
  Matrix x_dot(states.rows(), states.cols());
  problem.theta.resize(problem.model->num_parameters());
  for (std::uint64_t seed = 7;; ++seed) {
    problem.model->initialize(Random(seed), problem.theta);
    problem.model->forward(problem.theta, states, x_dot, *tape);
    if (x_dot.cwiseAbs().maxCoeff() < 5) break;
    REQUIRE(seed < 300);
  }
  problem.weights = component_weights(loss, problem.data.train, problem.data.dimension());
  return problem;
}

TrainerOptions short_segments(LossKind loss) {
  TrainerOptions options;
  options.loss = loss;
  options.segment_length = 3;
  options.substeps = 2;
  return options;
}

std::unique_ptr<Loss<double>> loss_of(const Problem& problem, const TrainerOptions& options,
                                      Index capacity = 16) {
  return make_loss(options, *problem.model, problem.data.train, problem.weights, capacity);
}

// ẋ of one state, with a tape of its own.
Vector field_at(const Problem& problem, const Vector& x) {
  const auto tape = problem.model->make_tape(1);
  Matrix x_dot(x.size(), 1);
  problem.model->forward(problem.theta, x, x_dot, *tape);
  return x_dot;
}

Vector naive_rk4_step(const Problem& problem, const Vector& x, double h) {
  const Vector k1 = field_at(problem, x);
  const Vector k2 = field_at(problem, x + h / 2 * k1);
  const Vector k3 = field_at(problem, x + h / 2 * k2);
  const Vector k4 = field_at(problem, x + h * k3);
  return x + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4);
}

// ‖W(a − b)‖²/dim
double weighted_square(const Problem& problem, const Vector& a, const Vector& b) {
  double sum = 0;
  for (Index i = 0; i < a.size(); ++i) sum += std::pow(problem.weights[i] * (a[i] - b[i]), 2);
  return sum / static_cast<double>(a.size());
}

// The mean over every segment and point, written down naively with `step`.
template <class Step>
double naive_trajectory_loss(const Problem& problem, Index length, Index substeps, Step step) {
  double sum = 0;
  Index terms = 0;
  for (const Trajectory& trajectory : problem.data.train) {
    for (Index first = 0; first + length < trajectory.times.size(); ++first) {
      Vector x = trajectory.states.col(first);
      for (Index k = first; k < first + length; ++k) {
        const double h =
            (trajectory.times[k + 1] - trajectory.times[k]) / static_cast<double>(substeps);
        for (Index i = 0; i < substeps; ++i) x = step(x, h);
        sum += weighted_square(problem, x, trajectory.states.col(k + 1));
        ++terms;
      }
    }
  }
  return sum / static_cast<double>(terms);
}

ModelSpec small(ModelKind kind, Activation activation = Activation::kTanh) {
  ModelSpec spec;
  spec.kind = kind;
  spec.degrees_of_freedom = 2;
  spec.hidden = {6, 5};
  spec.activation = activation;
  spec.features = {{.periodic = true}, {}, {}, {.scale = 0.7}};
  spec.blocks = 2;
  return spec;
}

constexpr LossKind kLosses[] = {LossKind::kDerivative, LossKind::kTrajectory};

TEST_SUITE("train/loss") {
  TEST_CASE("both losses have the gradient they claim, for every model and activation") {
    // Oracle: Taylor remainder.
    for (const LossKind kind : kLosses) {
      for (const ModelTraits& model : model_kinds()) {
        for (const Activation activation : kActivations) {
          const Problem problem = make_problem(small(model.kind, activation), kind);
          const auto loss = loss_of(problem, short_segments(kind));
          const std::vector<Index> examples = {0, 3, 1, 3};
          Vector gradient(problem.theta.size());
          loss->evaluate(problem.theta, examples, gradient);
          Vector none;
          const auto check = testing::taylor_check(
              [&](const Vector& theta) { return loss->evaluate(theta, examples, none); },
              problem.theta, gradient, testing::random_direction(problem.theta.size(), 3));
          CAPTURE(model.name);
          CAPTURE(name(activation));
          INFO(check.text());
          CHECK(check.slope() >= 1.9);
          CHECK(check.relative_error() < 1e-6);
        }
      }
    }
  }

  TEST_CASE("the mean over chunks is the mean over all at once") {
    // Oracle: another grouping of the same sum.
    for (const LossKind kind : kLosses) {
      const Problem problem = make_problem(small(ModelKind::kNeuralOde), kind);
      const auto whole = loss_of(problem, short_segments(kind));
      const auto chunked = loss_of(problem, short_segments(kind), 5);
      Vector whole_gradient(problem.theta.size()), gradient;
      std::vector<Index> all(static_cast<std::size_t>(whole->num_examples()));
      std::iota(all.begin(), all.end(), Index{0});
      REQUIRE(all.size() > 5);
      REQUIRE(all.size() % 5 != 0);
      const double value = whole->evaluate(problem.theta, all, whole_gradient);
      CHECK(mean_loss_and_gradient(*chunked, problem.theta, gradient) ==
            Approx(value).epsilon(1e-13));
      CHECK((gradient - whole_gradient).norm() <= 1e-13 * gradient.norm());
      CHECK(mean_loss(*chunked, problem.theta, std::span<const Index>(all)) ==
            Approx(value).epsilon(1e-13));
    }
  }

  TEST_CASE("the number of examples foretold is that of the loss made") {
    for (const LossKind kind : kLosses) {
      const Problem problem = make_problem(small(ModelKind::kNeuralOde), kind);
      const TrainerOptions options = short_segments(kind);
      CHECK(num_examples(options, problem.data.train) ==
            loss_of(problem, options)->num_examples());
      // Oracle: counted by hand; 2 trajectories of 6 points.
      CHECK(num_examples(options, problem.data.train) == (kind == kLosses[0] ? 12 : 6));
    }
  }

  TEST_CASE("weights are the inverse RMS of the derivatives or the states") {
    // Oracle: by hand. RMS of (3, 4, 0) is √(25/3), of the constant −2 it is 2.
    Trajectory a{Vector(2), Matrix(2, 2), Matrix(2, 2)};
    Trajectory b{Vector(1), Matrix(2, 1), Matrix(2, 1)};
    a.times << 0, 1;
    b.times << 0;
    a.derivatives << 3, 4, -2, -2;
    b.derivatives << 0, -2;
    a.states << 0, 0, 10, 10;
    b.states << 0, -10;
    const Vector of_derivatives = component_weights(LossKind::kDerivative, {a, b}, 2);
    CHECK(of_derivatives[0] == Approx(std::sqrt(3.0) / 5));
    CHECK(of_derivatives[1] == Approx(0.5));
    const Vector of_states = component_weights(LossKind::kTrajectory, {a, b}, 2);
    CHECK(of_states[0] == 1);  // Always 0: nothing to measure by.
    CHECK(of_states[1] == Approx(0.1));
  }

  TEST_CASE("evaluating allocates nothing") {
    for (const LossKind kind : kLosses) {
      for (const ModelTraits& model : model_kinds()) {
        const Problem problem = make_problem(small(model.kind), kind);
        const auto loss = loss_of(problem, short_segments(kind));
        const std::vector<Index> examples = {2, 0, 5};
        Vector gradient(problem.theta.size());
        loss->evaluate(problem.theta, examples, gradient);
        CAPTURE(model.name);
        CHECK(testing::allocations_in(
                  [&] { loss->evaluate(problem.theta, examples, gradient); }) == 0);
      }
    }
  }

  TEST_CASE("examples that are not there, or too many, are refused") {
    for (const LossKind kind : kLosses) {
      const Problem problem = make_problem(small(ModelKind::kNeuralOde), kind);
      const auto loss = loss_of(problem, short_segments(kind), 2);
      Vector none;
      const auto evaluate = [&](const std::vector<Index>& examples) {
        return loss->evaluate(problem.theta, examples, none);
      };
      const std::vector<std::vector<Index>> bad = {{}, {-1}, {loss->num_examples()}, {0, 1, 2}};
      for (const auto& examples : bad) {
        CHECK_THROWS_AS(evaluate(examples), std::invalid_argument);
      }
      CHECK_NOTHROW(evaluate({0, 1}));
    }
  }

  TEST_CASE("a part without samples, or of another size, is refused") {
    Problem problem = make_problem(small(ModelKind::kNeuralOde), LossKind::kDerivative);
    TrainerOptions options = short_segments(LossKind::kTrajectory);
    options.segment_length = 6;  // Needs 7 points.
    CHECK_THROWS_AS(loss_of(problem, options), std::invalid_argument);
    problem.data.train[1].derivatives.resize(4, 5);
    for (const LossKind kind : kLosses) {
      CHECK_THROWS_AS(loss_of(problem, short_segments(kind)), std::invalid_argument);
    }
    problem.data.train.clear();
    for (const LossKind kind : kLosses) {
      CHECK_THROWS_AS(loss_of(problem, short_segments(kind)), std::invalid_argument);
    }
  }
}

TEST_SUITE("train/derivative_loss") {
  TEST_CASE("its value is the weighted mean square of the residuals") {
    // Oracle: independent implementation, one sample at a time.
    const Problem problem = make_problem(small(ModelKind::kHamiltonian), LossKind::kDerivative);
    const auto loss = loss_of(problem, short_segments(LossKind::kDerivative));
    double sum = 0;
    for (const Trajectory& trajectory : problem.data.train) {
      for (Index k = 0; k < trajectory.times.size(); ++k) {
        sum += weighted_square(problem, field_at(problem, trajectory.states.col(k)),
                               trajectory.derivatives.col(k));
      }
    }
    Vector gradient;
    CHECK(mean_loss_and_gradient(*loss, problem.theta, gradient) ==
          Approx(sum / 12).epsilon(1e-12));
  }

  TEST_CASE("predicting zero costs 1") {
    // Oracle: analytic; an affine model with θ = 0 says ẋ = 0, and W normalises.
    ModelSpec spec;
    spec.kind = ModelKind::kNeuralOde;
    Problem problem = make_problem(spec, LossKind::kDerivative);
    problem.theta.setZero();
    const auto loss = loss_of(problem, TrainerOptions{});
    Vector gradient;
    CHECK(mean_loss_and_gradient(*loss, problem.theta, gradient) == Approx(1).epsilon(1e-12));
  }
}

TEST_SUITE("train/trajectory_loss") {
  TEST_CASE("its value is that of a naive RK4 roll-out from every point, at irregular times") {
    // Oracle: independent implementation, one segment and one step at a time.
    for (const ModelKind kind : {ModelKind::kNeuralOde, ModelKind::kHamiltonian}) {
      const Problem problem = make_problem(small(kind), LossKind::kTrajectory);
      const auto loss = loss_of(problem, short_segments(LossKind::kTrajectory));
      const double expected = naive_trajectory_loss(
          problem, 3, 2,
          [&](const Vector& x, double h) { return naive_rk4_step(problem, x, h); });
      Vector gradient;
      CHECK(mean_loss_and_gradient(*loss, problem.theta, gradient) ==
            Approx(expected).epsilon(1e-12));
    }
  }

  TEST_CASE("a residual network takes Euler steps of its field") {
    // Oracle: independent implementation.
    const Problem problem = make_problem(small(ModelKind::kResidual), LossKind::kTrajectory);
    const auto loss = loss_of(problem, short_segments(LossKind::kTrajectory));
    const double expected = naive_trajectory_loss(
        problem, 3, 2,
        [&](const Vector& x, double h) -> Vector { return x + h * field_at(problem, x); });
    Vector gradient;
    CHECK(mean_loss_and_gradient(*loss, problem.theta, gradient) ==
          Approx(expected).epsilon(1e-12));
  }

  TEST_CASE("a residual network whose duration is the spacing is applied as it is") {
    // Oracle: the network's own map Φ, not its field.
    ModelSpec spec = small(ModelKind::kResidual);
    spec.blocks = 3;
    spec.block_time = 0.05;
    Problem problem = make_problem(spec, LossKind::kTrajectory);
    problem.data = testing::observe(
        {.degrees_of_freedom = 2, .train = 2, .points = 6, .spacing = 3 * 0.05});
    TrainerOptions options = short_segments(LossKind::kTrajectory);
    options.substeps = 1;
    const ResidualNetwork<double> network(spec);
    const auto tape = network.make_tape(1);
    const double expected =
        naive_trajectory_loss(problem, 3, 1, [&](const Vector& x, double) -> Vector {
          Matrix next(x.size(), 1);
          network.advance(problem.theta, x, next, *tape);
          return next;
        });
    Vector gradient;
    CHECK(mean_loss_and_gradient(*loss_of(problem, options), problem.theta, gradient) ==
          Approx(expected).epsilon(1e-11));
  }
}

}  // namespace
}  // namespace least_action
