// Components that were not observed: how they are drawn, and differences over them.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "data/dataset.h"
#include "data/finite_difference.h"

namespace least_action {
namespace {

using doctest::Approx;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

SamplingOptions sparse(double fraction) {
  return {.trajectories = 20,
          .samples = 25,
          .duration = 2,
          .irregular_times = true,
          .noise = 0.01,
          .missing_fraction = fraction,
          .seed = 9};
}

TEST_SUITE("data: missing components") {
  TEST_CASE("as many components are missing as asked for, and nothing else changes") {
    const auto system = make_system("double-pendulum");
    const Dataset whole = sample_dataset(*system, Chart::kCanonical, sparse(0));
    const Dataset some = sample_dataset(*system, Chart::kCanonical, sparse(0.3));
    const Dataset more = sample_dataset(*system, Chart::kCanonical, sparse(0.6));
    const Dataset velocities = sample_dataset(*system, Chart::kVelocity, sparse(0.3));
    CHECK(Dataset::num_missing(whole.train) == 0);
    const double entries = 16 * 25 * 4, missing = Dataset::num_missing(some.train);
    // Oracle: binomial, four standard deviations.
    CHECK(missing / entries == Approx(0.3).epsilon(4 * std::sqrt(0.7 / (0.3 * entries))));
    for (std::size_t i = 0; i < whole.train.size(); ++i) {
      const Trajectory &a = whole.train[i], &b = some.train[i], &c = more.train[i];
      CHECK(a.times == b.times);
      for (Index k = 0; k < 25; ++k) {
        for (Index j = 0; j < 4; ++j) {
          const bool gone = std::isnan(b.states(j, k));
          CHECK(std::isnan(b.derivatives(j, k)) == gone);
          CHECK(std::isnan(velocities.train[i].states(j, k)) == gone);
          if (gone) {
            CHECK(std::isnan(c.states(j, k)));
          } else {
            CHECK(b.states(j, k) == a.states(j, k));
            CHECK(b.derivatives(j, k) == a.derivatives(j, k));
          }
        }
      }
    }
  }

  TEST_CASE("differences pass over what is missing, each component for itself") {
    // Oracle: the differences of the observed points alone.
    const Vector times = (Vector(8) << 0, 0.3, 0.5, 1, 1.2, 1.9, 2, 2.4).finished();
    Matrix states(3, 8), derivatives(3, 8);
    states.row(0) = times.array().sin();
    states.row(1) = times.array().square();
    states.row(2) = times.array().exp();
    for (const Index k : {0, 3, 4}) states(0, k) = kNaN;
    for (const Index k : {1, 6}) states(1, k) = kNaN;
    differentiate(times, states, derivatives);
    const std::vector<Index> left = {1, 2, 5, 6, 7};
    Matrix expected(1, 5);
    differentiate(times(left).eval(), states(0, left).eval(), expected);
    for (Index j = 0; j < 5; ++j) {
      CHECK(derivatives(0, left[static_cast<std::size_t>(j)]) == expected(0, j));
    }
    for (const Index k : {0, 3, 4}) CHECK(std::isnan(derivatives(0, k)));
    for (const Index k : {0, 2, 3, 4, 5, 7}) {
      CHECK(derivatives(1, k) == Approx(2 * times[k]));  // Exact for parabolas.
    }
    CHECK(std::isnan(derivatives(1, 1)));
    Matrix third(1, 8);
    differentiate(times, states.row(2).eval(), third);
    CHECK(derivatives.row(2) == third);
    // Two observations have no parabola.
    states.row(2).tail(6).setConstant(kNaN);
    differentiate(times, states, derivatives);
    CHECK(derivatives.row(2).array().isNaN().all());
  }

  TEST_CASE("finite-difference targets are missing where their component is") {
    const auto system = make_system("pendulum");
    SamplingOptions options = sparse(0.4);
    options.targets = DerivativeTargets::kFiniteDifference;
    const Dataset data = sample_dataset(*system, Chart::kVelocity, options);
    for (const Trajectory& trajectory : data.train) {
      for (Index k = 0; k < 25; ++k) {
        for (Index j = 0; j < 2; ++j) {
          CHECK(std::isnan(trajectory.derivatives(j, k)) ==
                std::isnan(trajectory.states(j, k)));
        }
      }
    }
  }

  TEST_CASE("a fraction outside of [0, 1) is a fault") {
    for (const double bad : {-0.1, 1.0, 2.0, kNaN, HUGE_VAL}) {
      CAPTURE(bad);
      REQUIRE(find_fault(sparse(bad)));
      CHECK(find_fault(sparse(bad))->find("missing_fraction is") != std::string::npos);
    }
    CHECK(!find_fault(sparse(0.99)));
  }
}

}  // namespace
}  // namespace least_action
