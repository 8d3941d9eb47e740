#include "models/learned_lagrangian.h"

#include <doctest/doctest.h>

#include <stdexcept>

#include "mechanics/stationarity.h"
#include "models/sample_models.h"
#include "ode/solve.h"
#include "support/convergence.h"
#include "support/gradient_check.h"

namespace least_action {
namespace {

using doctest::Approx;

struct Learned {
  explicit Learned(const ModelSpec& spec, const Matrix& x) : model(spec) {
    theta = testing::sample_theta(model, x);
  }
  LagrangianNetwork<double> model;
  Vector theta;
};

TEST_SUITE("models/learned_lagrangian") {
  TEST_CASE("a motion of the network is natural for the action of its Lagrangian") {
    // Oracle: the field q̈ = M⁻¹(∂L/∂q − C q̇), which the action knows nothing of.
    for (const ModelSpec& spec : testing::sample_specs(ModelKind::kLagrangian)) {
      CAPTURE(testing::describe(spec));
      const Index n = spec.degrees_of_freedom;
      const Matrix x0 = testing::random_matrix(2 * n, 1, 9, 0.4);
      const Learned learned(spec, x0);
      const ModelField<double> field(learned.model, learned.theta);
      LearnedLagrangian lagrangian(learned.model, learned.theta, 7);
      Action action(lagrangian);
      const auto convergence = testing::measure_convergence(
          [&](double h) {
            const Index pieces = std::lround(0.1 / h);
            const Vector times = Vector::LinSpaced(pieces + 1, 0, 0.1);
            const Solution solution =
                solve(field, x0.col(0), {times.begin(), times.end()},
                      {.relative_tolerance = 1e-12, .absolute_tolerance = 1e-13});
            REQUIRE(solution.ok());
            Matrix residual(n, pieces - 1);
            action.residual(times, solution.states.topRows(n), residual);
            return residual.cwiseAbs().maxCoeff();
          },
          testing::halvings(0.1 / 8, 3));
      INFO(convergence.text());
      CHECK(convergence.order() == Approx(2).epsilon(0.08));
    }
  }

  TEST_CASE("its action's gradient is exact, in passes of any size") {
    const ModelSpec spec = testing::sample_specs(ModelKind::kLagrangian)[1];
    const Matrix path = testing::random_matrix(2, 12, 3, 0.5);
    const Learned learned(spec, testing::random_matrix(4, 1, 9, 0.4));
    const Vector times = Vector::LinSpaced(12, 0, 3).array().square();
    LearnedLagrangian one(learned.model, learned.theta, 1);
    LearnedLagrangian all(learned.model, learned.theta, 64);
    Matrix gradient(2, 12), same(2, 12);
    Action action(one), at_once(all);
    const double value = action.gradient(times, path, gradient);
    CHECK(at_once.gradient(times, path, same) == Approx(value).epsilon(1e-13));
    CHECK((gradient - same).norm() < 1e-12 * gradient.norm());
    const auto check = testing::taylor_check(
        [&](const Vector& flat) {
          return at_once.value(times, Eigen::Map<const Matrix>(flat.data(), 2, 12));
        },
        Eigen::Map<const Vector>(path.data(), 24),
        Eigen::Map<const Vector>(gradient.data(), 24), testing::random_direction(24, 4));
    INFO(check.text());
    CHECK(check.slope() >= 1.9);
  }

  TEST_CASE("wrong sizes are refused") {
    const ModelSpec spec = testing::sample_specs(ModelKind::kLagrangian)[0];
    const LagrangianNetwork<double> model(spec);
    const Vector theta = Vector::Zero(model.num_parameters());
    CHECK_THROWS_AS(LearnedLagrangian(model, Vector::Zero(3)), std::invalid_argument);
    CHECK_THROWS_AS(LearnedLagrangian(model, theta, 0), std::invalid_argument);
    LearnedLagrangian lagrangian(model, theta);
    Matrix value, gradient(2, 3);
    CHECK_THROWS_AS(lagrangian.evaluate(Vector::Zero(2), Matrix::Zero(2, 3), value, gradient),
                    std::invalid_argument);
  }
}

}  // namespace
}  // namespace least_action
