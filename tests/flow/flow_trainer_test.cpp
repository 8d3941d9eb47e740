#include "flow/flow_trainer.h"

#include <doctest/doctest.h>

#include <cmath>
#include <memory>
#include <stdexcept>
#include <string>

#include "flow/flow_solver.h"
#include "support/gradient_check.h"
#include "support/no_allocation.h"

using namespace least_action;
using namespace least_action::testing;

namespace {

FlowTrainerOptions small_options() {
  FlowTrainerOptions options;
  options.flow.hidden = {8};
  options.training.batch_size = 16;
  options.training.substeps = 3;
  options.training.total_steps = 40;
  options.training.test_every = 10;
  options.test_samples = 40;
  return options;
}

std::shared_ptr<const Density> density(DensityKind kind) { return make_density(kind); }

}  // namespace

TEST_SUITE("flow/flow_trainer") {
  TEST_CASE(
      "the gradient of the negative log-likelihood is exact, noise and penalty included") {
    // Oracle: Taylor remainders of the loss in θ.
    for (const TraceTraits& trace : trace_estimators()) {
      for (const SensitivityTraits& sensitivity : sensitivity_methods()) {
        if (!sensitivity.exact) continue;
        INFO(trace.name, ", ", sensitivity.name);
        FlowTrainerOptions options = small_options();
        options.trace = trace.estimator;
        options.kinetic = trace.estimator == TraceEstimator::kGaussian ? 0 : 0.3;
        options.training.sensitivity = sensitivity.method;
        FlowTrainer<double> trainer(options, density(DensityKind::kRings));
        Random random(2);
        Matrix x(2, 12);
        make_density(DensityKind::kRings)->sample(random, x);
        const Vector theta = 2 * trainer.theta();
        Vector gradient;
        trainer.loss(theta, x, 7, &gradient);
        const TaylorCheck check =
            taylor_check([&](const Vector& at) { return trainer.loss(at, x, 7); }, theta,
                         gradient, random_direction(theta.size(), 3));
        INFO(check.text());
        CHECK(check.slope() >= 1.9);
        CHECK(gradient.norm() > 1e-2);
      }
    }
  }

  TEST_CASE("every sensitivity gives the same gradient by an adaptive method") {
    // Oracle: independent implementation (Runge–Kutta 4 in sixty steps, full tape).
    FlowTrainerOptions options = small_options();
    options.training.substeps = 60;
    options.training.sensitivity = SensitivityMethod::kFullTape;
    FlowTrainer<double> reference(options, density(DensityKind::kRings));
    Random random(2);
    Matrix x(2, 12);
    make_density(DensityKind::kRings)->sample(random, x);
    const Vector theta = 2 * reference.theta();
    Vector want, gradient;
    const double value = reference.loss(theta, x, 0, &want);
    options.training.method = Method::kDormandPrince54;
    options.training.relative_tolerance = 1e-8;
    for (const SensitivityTraits& each : sensitivity_methods()) {
      INFO(each.name);
      options.training.sensitivity = each.method;
      FlowTrainer<double> trainer(options, density(DensityKind::kRings));
      CHECK(trainer.loss(theta, x, 0, &gradient) == doctest::Approx(value).epsilon(1e-6));
      CHECK((gradient - want).norm() < 1e-5 * want.norm());
    }
  }

  TEST_CASE("the estimated loss and gradient have the exact ones as their means") {
    // Oracle: the exact trace; the mean over many draws within five standard errors.
    FlowTrainerOptions options = small_options();
    FlowTrainer<double> exact(options, density(DensityKind::kTwoMoons));
    options.trace = TraceEstimator::kRademacher;
    FlowTrainer<double> estimated(options, density(DensityKind::kTwoMoons));
    const Vector theta = 3 * exact.theta();
    Random random(2);
    Matrix x(2, 16);
    make_density(DensityKind::kTwoMoons)->sample(random, x);
    const Vector direction = random_direction(theta.size(), 4);
    Vector gradient;
    const double value = exact.loss(theta, x, 0, &gradient);
    const double slope = gradient.dot(direction);
    const int draws = 400;
    double sum = 0, squares = 0, slope_sum = 0, slope_squares = 0;
    for (int k = 0; k < draws; ++k) {
      const double each = estimated.loss(theta, x, static_cast<std::uint64_t>(k), &gradient);
      sum += each;
      squares += each * each;
      slope_sum += gradient.dot(direction);
      slope_squares += std::pow(gradient.dot(direction), 2);
    }
    const auto deviation = [&](double s, double q) {
      return std::sqrt((q / draws - std::pow(s / draws, 2)) / draws);
    };
    CHECK(deviation(sum, squares) > 1e-6);  // It does vary.
    CHECK(std::abs(sum / draws - value) < 5 * deviation(sum, squares));
    CHECK(std::abs(slope_sum / draws - slope) < 5 * deviation(slope_sum, slope_squares));
  }

  TEST_CASE("a flow learns eight Gaussians to within a tenth of a nat of their entropy") {
    // Oracle: the entropy of the density (quadrature, density_test); the likelihood by another
    // solver than the training's, at a tight tolerance, on samples it has not seen.
    FlowTrainerOptions options;
    options.flow.hidden = {32, 32};
    options.training.total_steps = 250;
    options.training.batch_size = 128;
    options.training.learning_rate = 1.2e-2;
    options.training.substeps = 4;
    options.training.test_every = 50;
    const auto target = density(DensityKind::kGaussianMixture);
    FlowTrainer<float> trainer(options, target);
    const double before = trainer.test_loss();
    const TrainingReport report = trainer.advance({});
    CHECK(report.status == TrainingStatus::kFinished);
    CHECK(report.message.empty());

    SolveOptions solve;
    solve.relative_tolerance = 1e-6;
    solve.absolute_tolerance = 1e-8;
    const Index count = 1000;
    FlowSolver solver(options.flow, trainer.theta().cast<double>(), count, solve);
    Random random(77);
    Matrix x(2, count);
    target->sample(random, x);
    Vector log_p(count);
    REQUIRE(solver.log_density(x, log_p) == SolveStatus::kReachedEnd);
    // Both on the same samples, so that their own scatter (0.02 nat) cancels: the mean of
    // log p_true − log p_flow, an estimate of the Kullback–Leibler divergence.
    double excess = 0;
    for (Index b = 0; b < count; ++b) {
      excess += (target->log_density(x(0, b), x(1, b)) - log_p[b]) / static_cast<double>(count);
    }
    MESSAGE("excess over the entropy: ", excess, " nat");
    CHECK(excess < 0.1);
    CHECK(excess > 0);  // No model is better than the truth.
    CHECK(before > traits(DensityKind::kGaussianMixture).entropy + 0.5);
    CHECK(trainer.test_loss() == doctest::Approx(-log_p.mean()).epsilon(0.05));
  }

  // Minutes: run by `test_flow -ns -tc="*given minutes*"`, for the figures of a report.
  TEST_CASE("given minutes, every smooth density is learned to within a tenth of a nat" *
            doctest::skip()) {
    // Oracle: the entropies (density_test); the likelihood by another solver, as above.
    for (const DensityTraits& each : densities()) {
      FlowTrainerOptions options;
      options.flow.hidden = {48, 48, 48};
      options.training.total_steps = 2000;
      options.training.learning_rate = 6e-3;
      const auto target = density(each.kind);
      FlowTrainer<float> trainer(options, target);
      trainer.advance({});
      SolveOptions solve;
      solve.relative_tolerance = 1e-6;
      solve.absolute_tolerance = 1e-8;
      const Index count = 10000;
      FlowSolver solver(options.flow, trainer.theta().cast<double>(), count, solve);
      Random random(99);
      Matrix x(2, count);
      target->sample(random, x);
      Vector log_p(count);
      REQUIRE(solver.log_density(x, log_p) == SolveStatus::kReachedEnd);
      double excess = 0;
      for (Index b = 0; b < count; ++b) {
        excess +=
            (target->log_density(x(0, b), x(1, b)) - log_p[b]) / static_cast<double>(count);
      }
      MESSAGE(each.name, ": ", -log_p.mean(), " nat, ", excess, " above the entropy");
      // The checkerboard's edges take more: 0.15 nat with this network and these steps.
      CHECK(excess < (each.kind == DensityKind::kCheckerboard ? 0.25 : 0.1));
    }
  }

  TEST_CASE("how a budget is cut changes nothing, and a saved state goes on bit for bit") {
    // Oracle: one run without a break.
    FlowTrainerOptions options = small_options();
    options.trace = TraceEstimator::kRademacher;
    options.train_samples = 100;
    FlowTrainer<float> whole(options, density(DensityKind::kPinwheel));
    FlowTrainer<float> pieces(options, density(DensityKind::kPinwheel));
    whole.advance({30, 0});
    pieces.advance({7, 0});
    pieces.advance({1, 0});
    const FlowTrainerState<float> state = pieces.state();
    FlowTrainer<float> resumed(options, density(DensityKind::kPinwheel));
    resumed.set_state(state);
    pieces.advance({22, 0});
    resumed.advance({22, 0});
    CHECK(whole.theta() == pieces.theta());
    CHECK(whole.theta() == resumed.theta());
    REQUIRE(whole.history().size() == 3);
    CHECK(whole.history().back().test_loss == resumed.history().back().test_loss);
    CHECK(whole.history().back().train_loss == resumed.history().back().train_loss);
    FlowTrainerState<float> bad = state;
    bad.theta.conservativeResize(3);
    CHECK_THROWS_AS(resumed.set_state(bad), std::invalid_argument);
    CHECK(whole.theta() == pieces.theta());
  }

  TEST_CASE("no step allocates") {
    for (const TraceTraits& trace : trace_estimators()) {
      INFO(trace.name);
      FlowTrainerOptions options = small_options();
      options.trace = trace.estimator;
      options.kinetic = 0.1;
      FlowTrainer<float> trainer(options, density(DensityKind::kCheckerboard));
      trainer.advance({11, 0});  // With a history entry among them.
      CHECK(allocations_in([&] { trainer.advance({15, 0}); }) == 0);
    }
  }

  TEST_CASE("divergence is rolled back in words, and parameters stay finite") {
    FlowTrainerOptions options = small_options();
    options.training.learning_rate = 1e4;
    options.training.schedule = ScheduleKind::kConstant;
    options.training.gradient_clip = 0;
    FlowTrainer<float> trainer(options, density(DensityKind::kTwoMoons));
    const TrainingReport report = trainer.advance({});
    CHECK(report.message.find("tep ") != std::string::npos);
    CHECK(trainer.theta().allFinite());
    CHECK(trainer.learning_rate() < 1e4);
  }

  TEST_CASE("samples of one's own are learned from, and bad ones refused") {
    FlowTrainerOptions options = small_options();
    options.flow.dimension = 3;
    Random random(3);
    Matrix data(3, 60);
    for (double& entry : data.reshaped()) entry = 0.2 * random.normal();
    FlowTrainer<float> trainer(options, data, data);
    const double before = trainer.test_loss();
    trainer.advance({});
    CHECK(trainer.test_loss() < before - 0.3);
    data(1, 5) = std::nan("");
    CHECK_THROWS_AS(FlowTrainer<float>(options, data, Matrix()), std::invalid_argument);
    CHECK_THROWS_AS(FlowTrainer<float>(options, Matrix(), Matrix()), std::invalid_argument);
    CHECK_THROWS_AS(FlowTrainer<float>(options, Matrix::Zero(2, 4), Matrix()),
                    std::invalid_argument);
    CHECK_THROWS_AS(FlowTrainer<float>(options, density(DensityKind::kRings)),
                    std::invalid_argument);  // In three dimensions.
  }

  TEST_CASE("bad options are explained before anything runs") {
    const auto fault = [](auto change) {
      FlowTrainerOptions options = small_options();
      change(options);
      return find_fault(options).value_or("");
    };
    using O = FlowTrainerOptions;
    CHECK(fault([](O&) {}).empty());
    CHECK(fault([](O& o) { o.kinetic = std::nan(""); }).find("kinetic") != std::string::npos);
    CHECK(fault([](O& o) { o.flow.dimension = 0; }).find("dimension") != std::string::npos);
    CHECK(fault([](O& o) { o.training.learning_rate = -1; }).find("learning_rate") !=
          std::string::npos);
    CHECK(fault([](O& o) { o.training.method = Method::kYoshida4; }).find("separable") !=
          std::string::npos);
    CHECK(fault([](O& o) { o.test_samples = 1 << 20; }).find("test_samples") !=
          std::string::npos);
    CHECK(fault([](O& o) { o.training.batch_size = 1 << 20; }).find("batch_size") !=
          std::string::npos);
    O options = small_options();
    options.kinetic = -1;
    CHECK_THROWS_AS(FlowTrainer<float>(options, density(DensityKind::kRings)),
                    std::invalid_argument);
    FlowTrainer<float> trainer(small_options(), density(DensityKind::kRings));
    CHECK_THROWS_AS(trainer.advance({-1, 0}), std::invalid_argument);
    CHECK_THROWS_AS(trainer.set_theta(VectorX<float>(3)), std::invalid_argument);
  }
}
