#include "session/phase_flow.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

#include "base/contract.h"
#include "models/residual_network.h"
#include "ode/solve.h"
#include "support/function_field.h"
#include "support/gradient_check.h"
#include "support/no_allocation.h"

using namespace least_action;
using namespace least_action::testing;

namespace {

struct Sample {
  std::unique_ptr<DynamicsModel<double>> model;
  Vector theta;
  ModelField<double> field;
  Sample(ModelSpec spec, std::uint64_t seed)
      : model(make_model<double>(spec)), theta(start(*model, seed)), field(*model, theta) {}
  static Vector start(const DynamicsModel<double>& model, std::uint64_t seed) {
    Vector theta(model.num_parameters());
    model.initialize(Random(seed), theta);
    return theta;
  }
};

ModelSpec small(ModelKind kind, Index blocks = 1) {
  ModelSpec spec;
  spec.kind = kind;
  spec.hidden = {6};
  spec.blocks = blocks;
  spec.block_time = 0.1;
  return spec;
}

Matrix some_states(Index count, std::uint64_t seed = 5) {
  Random random(seed);
  Matrix x(2, count);
  for (double& entry : x.reshaped()) entry = random.uniform(-1.5, 1.5);
  return x;
}

// Φ applied `count` times, by the network's own `advance`.
Matrix applied(const Sample& sample, Matrix x, int count) {
  const auto& network = dynamic_cast<const ResidualNetwork<double>&>(*sample.model);
  const auto tape = network.make_tape(x.cols());
  Matrix next = x;
  for (int k = 0; k < count; ++k) {
    network.advance(sample.theta, x, next, *tape);
    x = next;
  }
  return x;
}

const std::vector<double> kTimes = {0.5, 0.7, 1.3, 1.4};

// C = ½ Σ w (x − c)² over all states, with weights and targets of no pattern.
struct Cost {
  Matrix weights, targets;
  explicit Cost(Index columns) : weights(2, columns), targets(2, columns) {
    Random random(11);
    for (double& entry : weights.reshaped()) entry = random.uniform(0.5, 2);
    for (double& entry : targets.reshaped()) entry = random.normal();
  }
  double value(const Matrix& x) const {
    return (weights.array() * (x - targets).array().square()).sum() / 2;
  }
  Matrix bar(const Matrix& x) const { return weights.cwiseProduct(x - targets); }
};

}  // namespace

TEST_SUITE("session/phase_flow") {
  // Oracle: one call of the model for all states.
  TEST_CASE("rates are the model's field, however many states there are") {
    for (const ModelTraits& kind : model_kinds()) {
      CAPTURE(kind.name);
      Sample sample(small(kind.kind), 2);
      PhaseFlow flow(sample.field);
      for (const Index count : {0, 1, 256, 257, 700}) {
        const Matrix x = some_states(count);
        Matrix rates(2, count), expected(2, count);
        flow.rates(x, rates);
        if (count == 0) continue;
        sample.model->forward(sample.theta, x, expected, *sample.model->make_tape(count));
        CHECK(rates.isApprox(expected, 1e-13));
      }
    }
  }

  // Oracle: the free function, with a solver of its own for each call.
  TEST_CASE("a solver used again gives the same bits as a fresh one") {
    Sample sample(small(ModelKind::kHamiltonian), 3);
    PhaseFlow flow(sample.field);
    const auto check = [&](const SolveOptions& options, Index batch) {
      const Matrix x0 = some_states(batch);
      const Solution& solution = flow.rollout(x0, kTimes, options);
      const Solution expected = solve(sample.field, x0, kTimes, options);
      CHECK(solution.states == expected.states);
      CHECK(solution.times == kTimes);
      CHECK(solution.statistics.evaluations == expected.statistics.evaluations);
    };
    SolveOptions rk4{.method = Method::kRk4, .step = 0.05};
    check(rk4, 2);
    check(rk4, 1);
    check(rk4, 5);
    check({}, 1);
    check({}, 3);
    rk4.step = 0.03;
    check(rk4, 5);
    sample.theta *= 0.5;
    check(rk4, 5);
    check({.method = Method::kImplicitMidpoint, .step = 0.1}, 2);
  }

  TEST_CASE("a repeated roll-out of the same sizes allocates nothing") {
    Sample sample(small(ModelKind::kHamiltonian), 3);
    Sample map(small(ModelKind::kResidual), 3);
    PhaseFlow flow(sample.field), iterated(map.field, 0.1);
    const Matrix x0 = some_states(3), many = some_states(300);
    Matrix rates(2, 300);
    const std::vector<double> step = {0, 0.1};
    for (const Method method : {Method::kRk4, Method::kDormandPrince54}) {
      const SolveOptions options{.method = method, .step = 0.1};
      flow.rollout(x0, step, options);
      CHECK(allocations_in([&] { flow.rollout(x0, step, options); }) == 0);
    }
    iterated.rollout(x0, step, {});
    CHECK(allocations_in([&] { iterated.rollout(x0, step, {}); }) == 0);
    flow.rates(many, rates);
    CHECK(allocations_in([&] { flow.rates(many, rates); }) == 0);
    const SensitivityOptions options{.solve = {.method = Method::kRk4, .step = 0.1}};
    const Matrix bar = some_states(6);
    for (int warm_up = 0; warm_up < 2; ++warm_up) flow.pullback(x0, step, bar, options);
    CHECK(allocations_in([&] { flow.pullback(x0, step, bar, options); }) == 0);
  }

  // Oracle: ResidualNetwork::advance, application by application.
  TEST_CASE("a residual network is applied as often as its time goes into the times") {
    for (const Index blocks : {1, 3}) {
      Sample sample(small(ModelKind::kResidual, blocks), 4);
      const double map = 0.1 * static_cast<double>(blocks);
      PhaseFlow flow(sample.field, map);
      const Matrix x0 = some_states(3);
      const std::vector<double> times = {2, 2 + map, 2 + 4 * map, 2 + 37 * map};
      const Solution& solution = flow.rollout(x0, times, {});
      REQUIRE(solution.ok());
      CHECK(solution.statistics.steps == 37);
      CHECK(solution.times == times);
      CHECK(solution.remark == (blocks == 1 ? "Iterated as a map of 0.1 s."
                                            : "Iterated as a map of " + to_text(map) + " s."));
      CHECK(Matrix(solution.state(0)) == x0);
      CHECK(Matrix(solution.state(1)).isApprox(applied(sample, x0, 1), 1e-12));
      CHECK(Matrix(solution.state(2)).isApprox(applied(sample, x0, 4), 1e-12));
      CHECK(Matrix(solution.state(3)).isApprox(applied(sample, x0, 37), 1e-10));
    }
    // Times that have been through single precision, or a long way.
    Sample sample(small(ModelKind::kResidual), 4);
    PhaseFlow flow(sample.field, 0.1);
    const Matrix x0 = some_states(1);
    std::vector<double> times;
    for (int k = 0; k <= 300; ++k)
      times.push_back(static_cast<double>(static_cast<float>(0.1 * k)));
    CHECK(flow.rollout(x0, times, {}).statistics.steps == 300);
    CHECK(flow.rollout(x0, {0, 1e5}, {}).statistics.steps == 1000000);
    times = {0};
    for (int k = 99900; k <= 100000; ++k) times.push_back(0.1 * k);
    CHECK(flow.rollout(x0, times, {}).statistics.steps == 100000);
    CHECK(flow.rollout(x0, {1e6, 1e6 + 0.1, 1e6 + 0.2}, {}).statistics.steps == 2);
  }

  TEST_CASE("a residual network has no state between or before its applications") {
    Sample sample(small(ModelKind::kResidual), 4);
    PhaseFlow flow(sample.field, 0.1);
    const Matrix x0 = some_states(1);
    CHECK_THROWS_WITH_AS(
        flow.rollout(x0, {0, 0.15}, {}),
        "PhaseFlow::rollout: times[1] is 0.15; it must be a multiple of 0.1 after the first "
        "time, 0: a residual network is a map over that time, and knows no others",
        std::invalid_argument);
    CHECK_THROWS_AS(flow.rollout(x0, {0, 0.1, 0.1}, {}), std::invalid_argument);
    CHECK_THROWS_AS(flow.rollout(x0, {0, 0.2, 0.1}, {}), std::invalid_argument);
    CHECK_THROWS_AS(flow.rollout(x0, {0, -0.1}, {}), std::invalid_argument);
    CHECK_THROWS_AS(flow.rollout(x0, {0, 1e6}, {}), std::invalid_argument);
    CHECK_THROWS_AS(flow.rollout(x0, {0, NAN}, {}), std::invalid_argument);
    CHECK_THROWS_AS(flow.rollout(x0, {}, {}), std::invalid_argument);
    CHECK_THROWS_AS(flow.rollout(x0, {0, 0.1}, {.relative_tolerance = -1}),
                    std::invalid_argument);
    CHECK_THROWS_AS(PhaseFlow(sample.field, -1), std::invalid_argument);
    CHECK_THROWS_AS(PhaseFlow(sample.field, NAN), std::invalid_argument);
  }

  // Oracle: the Taylor remainder of the roll-out itself.
  TEST_CASE("a pullback is the gradient of its roll-out in the start and in θ") {
    for (const ModelTraits& kind : model_kinds()) {
      CAPTURE(kind.name);
      ModelSpec spec = small(kind.kind);
      spec.activation = Activation::kSoftplus;  // A mass matrix that is far from singular.
      Sample sample(spec, 6);
      const bool is_map = kind.kind == ModelKind::kResidual;
      PhaseFlow flow(sample.field, is_map ? 0.1 : 0);
      const std::vector<double> times = {0.5, 0.7, 1.3, 1.4};
      const Matrix x0 = some_states(2);
      const Cost cost(8);
      const SensitivityOptions options{.solve = {.method = Method::kRk4, .step = 0.1}};
      const Matrix bar = cost.bar(flow.rollout(x0, times, options.solve).states);
      const FlowPullback result = flow.pullback(x0, times, bar, options);
      CHECK(result.status == SolveStatus::kReachedEnd);
      CHECK(result.states.isApprox(flow.rollout(x0, times, options.solve).states, 1e-12));
      CHECK(result.statistics.vjps > 0);

      const auto of_start = [&](const Vector& x) {
        return cost.value(flow.rollout(x.reshaped(2, 2), times, options.solve).states);
      };
      const Vector start = x0.reshaped();
      const auto start_check =
          taylor_check(of_start, start, result.x0_bar.reshaped(), random_direction(4, 1));
      INFO(start_check.text());
      CHECK(start_check.slope() >= 1.9);

      const Vector theta = sample.theta;
      const auto of_theta = [&](const Vector& moved) {
        sample.theta = moved;
        return cost.value(flow.rollout(x0, times, options.solve).states);
      };
      const auto theta_check =
          taylor_check(of_theta, theta, result.theta_bar, random_direction(theta.size(), 2));
      INFO(theta_check.text());
      CHECK(theta_check.slope() >= 1.9);
    }
  }

  // Oracle: central differences of the roll-out in each time.
  TEST_CASE("a pullback's derivatives in the times are those of its roll-out") {
    Sample sample(small(ModelKind::kHamiltonian), 6);
    PhaseFlow flow(sample.field);
    const Matrix x0 = some_states(3);
    const Cost cost(12);
    SensitivityOptions options;
    options.solve = {.method = Method::kRk4, .step = 0.01};
    const Matrix bar = cost.bar(flow.rollout(x0, kTimes, options.solve).states);
    const Vector claimed = flow.pullback(x0, kTimes, bar, options).times_bar;
    REQUIRE(claimed.size() == 4);
    for (std::size_t k = 0; k < 4; ++k) {
      const double h = 1e-6;
      std::vector<double> later = kTimes, earlier = kTimes;
      later[k] += h;
      earlier[k] -= h;
      const double up = cost.value(flow.rollout(x0, later, options.solve).states);
      const double down = cost.value(flow.rollout(x0, earlier, options.solve).states);
      CHECK(claimed[static_cast<Index>(k)] ==
            doctest::Approx((up - down) / (2 * h)).epsilon(1e-6));
    }
  }

  TEST_CASE("a pullback at the start alone is the identity") {
    Sample sample(small(ModelKind::kHamiltonian), 6);
    PhaseFlow flow(sample.field);
    const Matrix x0 = some_states(3), bar = some_states(3, 8);
    const FlowPullback& result = flow.pullback(x0, {1.5}, bar, {});
    CHECK(result.states == x0);
    CHECK(result.x0_bar == bar);
    CHECK(result.theta_bar == Vector::Zero(sample.theta.size()));
    CHECK(result.times_bar == Vector::Zero(1));
  }

  TEST_CASE("pullbacks of other sizes and options do not disturb one another") {
    Sample sample(small(ModelKind::kHamiltonian), 6);
    PhaseFlow flow(sample.field);
    const auto run = [](PhaseFlow& with, Index batch, const SensitivityOptions& options) {
      const Matrix bar = some_states(4 * batch, 9);
      const FlowPullback& result = with.pullback(some_states(batch), kTimes, bar, options);
      return std::pair(Vector(result.x0_bar.reshaped()), result.theta_bar);
    };
    SensitivityOptions full;
    full.sensitivity = SensitivityMethod::kFullTape;
    for (const Index batch : {2, 1, 4}) {
      for (const SensitivityOptions& options : {SensitivityOptions{}, full}) {
        PhaseFlow fresh(sample.field);
        CHECK(run(flow, batch, options) == run(fresh, batch, options));
      }
    }
  }

  TEST_CASE("a failed solve says so and keeps the samples that went well") {
    // ẋ = x²: from 1 there is no solution beyond t = 1, from 0.1 there is one until 10.
    const FunctionField blow_up(
        1, [](double, ConstVectorRef x, VectorRef rate) { rate[0] = x[0] * x[0]; },
        [](double, ConstVectorRef x, MatrixRef jacobian) { jacobian(0, 0) = 2 * x[0]; });
    PhaseFlow flow(blow_up);
    Matrix x0(1, 2);
    x0 << 0.1, 1;
    const Solution& solution = flow.rollout(x0, {0, 0.5, 2}, {});
    CHECK(!solution.ok());
    CHECK(solution.message.find("Sample 1") != std::string::npos);
    CHECK(solution.states(0, 4) == doctest::Approx(0.1 / (1 - 0.2)));
    CHECK(std::isnan(solution.states(0, 5)));
    const FlowPullback& result = flow.pullback(x0, {0, 0.5, 2}, Matrix::Ones(1, 6), {});
    CHECK(result.status != SolveStatus::kReachedEnd);
    CHECK(!result.message.empty());
    CHECK(result.x0_bar(0, 1) == 0);
    // 1 + d/dx₀ of x₀/(1 − x₀ t) at both times.
    CHECK(result.x0_bar(0, 0) ==
          doctest::Approx(1 + std::pow(0.95, -2) + std::pow(0.8, -2)).epsilon(1e-6));
  }

  TEST_CASE("a wrong call throws and leaves the last solution alone") {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    Sample sample(small(ModelKind::kNeuralOde), 6);
    PhaseFlow flow(sample.field);
    const Matrix x0 = some_states(2);
    const Solution& solution = flow.rollout(x0, kTimes, {});
    const Matrix states = solution.states;
    Matrix bad = x0;
    bad(1, 1) = NAN;
    CHECK_THROWS_AS(flow.rollout(bad, kTimes, {}), std::invalid_argument);
    bad(1, 1) = kInfinity;
    CHECK_THROWS_AS(flow.rollout(bad, kTimes, {}), std::invalid_argument);
    CHECK_THROWS_AS(flow.rollout(Matrix::Zero(3, 1), kTimes, {}), std::invalid_argument);
    CHECK_THROWS_AS(flow.rollout(Matrix::Zero(2, 0), kTimes, {}), std::invalid_argument);
    CHECK_THROWS_AS(flow.rollout(x0, {}, {}), std::invalid_argument);
    CHECK_THROWS_AS(flow.rollout(x0, {0, 1, 1}, {}), std::invalid_argument);
    CHECK_THROWS_AS(flow.rollout(x0, {0, 1, 0.5}, {}), std::invalid_argument);
    CHECK_THROWS_AS(flow.rollout(x0, {0, kInfinity}, {}), std::invalid_argument);
    CHECK_THROWS_AS(flow.rollout(x0, {0, 1}, {.step = 0}), std::invalid_argument);
    CHECK_THROWS_AS(flow.rollout(x0, {0, 1}, {.method = Method::kStormerVerlet}),
                    std::invalid_argument);
    CHECK_THROWS_AS(flow.rollout(x0, {0, 1}, {.relative_tolerance = NAN}),
                    std::invalid_argument);
    CHECK(solution.states == states);
    CHECK(flow.rollout(x0, kTimes, {}).states == states);

    Matrix rates(2, 2), few(2, 1);
    CHECK_THROWS_AS(flow.rates(bad, rates), std::invalid_argument);
    CHECK_THROWS_AS(flow.rates(x0, few), std::invalid_argument);
    CHECK_THROWS_AS(flow.rates(Matrix::Zero(4, 2), rates), std::invalid_argument);

    const Matrix bar = Matrix::Ones(2, 8);
    const FlowPullback& result = flow.pullback(x0, kTimes, bar, {});
    const Vector theta_bar = result.theta_bar;
    const auto refused = [&](const Matrix& from, const std::vector<double>& times,
                             const Matrix& with, const SensitivityOptions& options = {}) {
      CHECK_THROWS_AS(flow.pullback(from, times, with, options), std::invalid_argument);
    };
    refused(bad, kTimes, bar);
    refused(x0, kTimes, Matrix::Ones(2, 7));
    refused(x0, {}, Matrix::Ones(2, 0));
    refused(x0, {0, 1, 0.5, 2}, bar);
    refused(x0, {0, 1, NAN, 2}, bar);
    refused(x0, kTimes, Matrix::Constant(2, 8, NAN));
    SensitivityOptions options;
    options.checkpoints = -1;
    refused(x0, kTimes, bar, options);
    options = {};
    options.coupling = 2;
    refused(x0, kTimes, bar, options);
    options = {};
    options.solve.method = Method::kStormerVerlet;
    refused(x0, kTimes, bar, options);
    CHECK(result.theta_bar == theta_bar);
    CHECK(flow.pullback(x0, kTimes, bar, {}).theta_bar == theta_bar);
  }
}
