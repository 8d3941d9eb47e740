#include <doctest/doctest.h>

#include <cmath>

#include "continuous_adjoints.h"
#include "models/sample_models.h"
#include "sensitivity/continuous_adjoint.h"
#include "support/gradient_check.h"

using namespace least_action;
using namespace least_action::testing;

namespace {

/// A model of each kind, one and two degrees of freedom.
std::vector<ModelSpec> two_of_each_kind() {
  std::vector<ModelSpec> specs;
  for (const ModelTraits& kind : model_kinds()) {
    const std::vector<ModelSpec> all = sample_specs(kind.kind);
    specs.insert(specs.end(), all.begin(), all.begin() + 2);
  }
  return specs;
}

const Matrix& model_times() {
  static const Matrix times = (Matrix(2, 4) << 0, 0.2, 0.45, 0.6, 0, 0.15, 0.3, 0.6).finished();
  return times;
}

}  // namespace

TEST_SUITE("sensitivity/interpolating_adjoint") {
  TEST_CASE("memory is linear in the number of steps") {
    const BernoulliField<double> field(2, 0.3, 1.1);
    const Matrix x0 = Matrix::Constant(2, 1, 0.8);
    const auto memory = [&](double span) {
      const auto sensitivity = make_continuous<double>(SensitivityMethod::kInterpolating,
                                                       with_tolerance(1e-9), field, 1, 1);
      const Matrix times = (Matrix(1, 2) << 0, span).finished();
      const AdjointGradient gradient = gradient_of(*sensitivity, field, times, x0);
      REQUIRE(gradient.backward == SolveStatus::kReachedEnd);
      const SensitivityStatistics& statistics = sensitivity->statistics();
      return std::pair{static_cast<double>(statistics.forward.steps),
                       static_cast<double>(statistics.peak_bytes)};
    };
    const auto shorter = memory(100), longer = memory(200), longest = memory(400);
    CHECK(longest.first > 1.8 * longer.first);
    const double per_step = (longest.second - longer.second) / (longest.first - longer.first);
    CHECK((longer.second - shorter.second) / (longer.first - shorter.first) ==
          doctest::Approx(per_step).epsilon(0.15));
    // A record: x, its rates and what corrects them, of two components; the step itself.
    CHECK(per_step > 8 * 2 * 4);
    CHECK(per_step < 8 * 2 * 10);
  }

  TEST_CASE("every model's gradient is that of finite differences, by both adjoints") {
    // Oracle: Taylor remainder of C computed forward at the same tolerance.
    SensitivityOptions options = with_tolerance(1e-11);
    for (const ModelSpec& spec : two_of_each_kind()) {
      CAPTURE(describe(spec));
      const auto model = make_model<double>(spec);
      const Matrix x0 = random_matrix(model->dimension(), 2, 5, 0.5);
      const Vector theta = sample_theta(*model, x0);
      const ModelField<double> field(*model, theta);
      for (const SensitivityMethod which : continuous_adjoints()) {
        CAPTURE(name_of(which));
        const auto sensitivity = make_continuous<double>(which, options, field, 2, 3);
        const AdjointGradient gradient = gradient_of(*sensitivity, field, model_times(), x0);
        REQUIRE(gradient.forward == SolveStatus::kReachedEnd);
        REQUIRE(gradient.backward == SolveStatus::kReachedEnd);
        if (which == SensitivityMethod::kInterpolating) {
          const auto cost = [&](const Vector& moved) {
            const ModelField<double> there(*model, moved);
            return gradient_of(*sensitivity, there, model_times(), x0).cost;
          };
          const TaylorCheck check =
              taylor_check(cost, theta, gradient.theta, random_direction(theta.size(), 3),
                           {.largest_step = 3e-3, .smallest_step = 3e-4, .rounding = 1e-12});
          INFO(check.text());
          CHECK(check.slope() >= 1.9);
          CHECK(check.relative_error() < 1e-7);
        } else {
          const AdjointGradient other = gradient_of(
              *make_continuous<double>(SensitivityMethod::kInterpolating, options, field, 2, 3),
              field, model_times(), x0);
          CHECK((gradient.theta - other.theta).norm() < 1e-8 * other.theta.norm());
          CHECK((gradient.x0 - other.x0).norm() < 1e-8 * other.x0.norm());
          CHECK((gradient.times - other.times).norm() < 1e-8 * other.times.norm());
        }
      }
    }
  }

  TEST_CASE("every model's gradient in single precision is near that in double") {
    // Oracle: the double gradient, itself checked above.
    for (const ModelSpec& spec : two_of_each_kind()) {
      CAPTURE(describe(spec));
      const auto model = make_model<double>(spec);
      const Matrix x0 = rounded(random_matrix(model->dimension(), 2, 5, 0.5));
      const Vector theta = rounded(sample_theta(*model, x0));
      const ModelField<double> field(*model, theta);
      const auto single = make_model<float>(spec);
      const VectorX<float> single_theta = theta.cast<float>();
      const ModelField<float> single_field(*single, single_theta);
      for (const SensitivityMethod which : continuous_adjoints()) {
        CAPTURE(name_of(which));
        const AdjointGradient exact =
            gradient_of(*make_continuous<double>(which, with_tolerance(1e-9), field, 2, 3),
                        field, model_times(), x0);
        const MatrixX<float> single_x0 = x0.cast<float>();
        const AdjointGradient gradient = gradient_of<float>(
            *make_continuous<float>(which, with_tolerance(1e-5), single_field, 2, 3),
            single_field, model_times(), single_x0);
        CHECK((gradient.all() - exact.all()).norm() < 1e-3 * exact.all().norm());
      }
    }
  }

  TEST_CASE("the motion between two steps' ends is looked up, not solved") {
    // Oracle: counts: an evaluation with its vjp for each stage, and one for the nodes of each
    // step, or for those of every step of x where λ takes longer ones.
    const BernoulliField<double> field(1, 0.6, 1.1);
    const auto sensitivity = make_continuous<double>(SensitivityMethod::kInterpolating,
                                                     with_tolerance(1e-9), field, 1, 1);
    const Matrix times = (Matrix(1, 2) << 0, 2).finished(), x0 = Matrix::Constant(1, 1, 0.8);
    REQUIRE(gradient_of(*sensitivity, field, times, x0).backward == SolveStatus::kReachedEnd);
    const SensitivityStatistics& statistics = sensitivity->statistics();
    const Index tried = statistics.backward.steps + statistics.backward.rejected;
    CHECK(statistics.vjps >= 2 + 6 * tried + statistics.backward.steps);
    CHECK(statistics.vjps <=
          2 + 6 * tried + statistics.backward.steps + statistics.forward.steps);
  }
}
