#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include "data/dataset.h"
#include "data/finite_difference.h"

using namespace least_action;
using doctest::Approx;

namespace {

const SamplingOptions kSmall = {.trajectories = 5, .samples = 12, .duration = 2, .seed = 7};

double largest(const Matrix& m) { return m.cwiseAbs().maxCoeff(); }

bool same(const std::vector<Trajectory>& a, const std::vector<Trajectory>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i].times != b[i].times || a[i].states != b[i].states ||
        a[i].derivatives != b[i].derivatives) {
      return false;
    }
  }
  return true;
}

}  // namespace

TEST_SUITE("data/sample_dataset") {
  TEST_CASE("a spring's trajectories are its closed-form motion with its exact derivatives") {
    // Oracle: analytic; x(t) from x(0), and ẋ = (p/m, −kq).
    const auto spring = make_system("spring", {2.0, 3.0});
    const double omega = std::sqrt(1.5);
    const Dataset data = sample_dataset(*spring, Chart::kCanonical, kSmall);
    CHECK(data.chart == Chart::kCanonical);
    CHECK(data.dimension() == 2);
    for (const Trajectory& trajectory : data.train) {
      REQUIRE(trajectory.times.size() == 12);
      CHECK(trajectory.times(0) == 0);
      CHECK(trajectory.times(11) == Approx(2));
      const double q0 = trajectory.states(0, 0), p0 = trajectory.states(1, 0);
      for (Index k = 0; k < 12; ++k) {
        const double c = std::cos(omega * trajectory.times(k));
        const double s = std::sin(omega * trajectory.times(k));
        CHECK(trajectory.states(0, k) == Approx(q0 * c + p0 * s / (2 * omega)).epsilon(1e-8));
        CHECK(trajectory.states(1, k) == Approx(p0 * c - q0 * s * 2 * omega).epsilon(1e-8));
        CHECK(trajectory.derivatives(0, k) == Approx(trajectory.states(1, k) / 2));
        CHECK(trajectory.derivatives(1, k) == Approx(-3 * trajectory.states(0, k)));
      }
    }
    const Dataset velocity = sample_dataset(*spring, Chart::kVelocity, kSmall);
    const Trajectory& test = velocity.test[0];
    for (Index k = 0; k < 12; ++k) {
      CHECK(test.derivatives(0, k) == Approx(test.states(1, k)));
      CHECK(test.derivatives(1, k) == Approx(-1.5 * test.states(0, k)));
    }
  }

  TEST_CASE("both charts hold the same measurements, noise and irregular times included") {
    // Oracle: the system's conversion.
    SamplingOptions options = kSmall;
    options.noise = 0.1;
    options.irregular_times = true;
    for (const char* name : {"double-pendulum", "damped-pendulum", "two-body"}) {
      CAPTURE(name);
      const auto system = make_system(name);
      const Dataset canonical = sample_dataset(*system, Chart::kCanonical, options);
      const Dataset velocity = sample_dataset(*system, Chart::kVelocity, options);
      REQUIRE(canonical.train.size() == velocity.train.size());
      for (std::size_t i = 0; i < canonical.train.size(); ++i) {
        CHECK(canonical.train[i].times == velocity.train[i].times);
        Matrix converted = velocity.train[i].states;
        for (Index k = 0; k < converted.cols(); ++k) {
          system->convert(Chart::kVelocity, Chart::kCanonical, converted.col(k),
                          converted.col(k));
        }
        CHECK(largest(converted - canonical.train[i].states) < 1e-12);
      }
    }
  }

  TEST_CASE("exact targets are those of the true state, whatever the noise") {
    // Oracle: the noise-free dataset of the same seed.
    const auto system = make_system("pendulum");
    SamplingOptions options = kSmall;
    const Dataset clean = sample_dataset(*system, Chart::kVelocity, options);
    options.noise = 0.3;
    const Dataset noisy = sample_dataset(*system, Chart::kVelocity, options);
    for (std::size_t i = 0; i < clean.train.size(); ++i) {
      CHECK(noisy.train[i].derivatives == clean.train[i].derivatives);
      CHECK(largest(noisy.train[i].states - clean.train[i].states) > 0.3);
    }
  }

  TEST_CASE("noise has the asked size around the true motion") {
    // Oracle: analytic; the standard error of σ from 2·1000 draws is 1.6 %.
    const auto system = make_system("pendulum");
    SamplingOptions options = {.trajectories = 10, .samples = 100, .test_fraction = 0};
    const Dataset clean = sample_dataset(*system, Chart::kVelocity, options);
    options.noise = 0.05;
    const Dataset noisy = sample_dataset(*system, Chart::kVelocity, options);
    Matrix error = Dataset::states(noisy.train) - Dataset::states(clean.train);
    error.row(0) /= system->coordinates()[0].typical_position;
    error.row(1) /= system->coordinates()[0].typical_velocity;
    const double sigma = std::sqrt(error.squaredNorm() / static_cast<double>(error.size()));
    CHECK(sigma == Approx(0.05).epsilon(0.08));
  }

  TEST_CASE(
      "finite-difference targets are those of the observed states and near the exact ones") {
    // Oracle: differentiate(), and the exact targets as the spacing shrinks (second order).
    const auto system = make_system("pendulum");
    SamplingOptions options = {.trajectories = 3, .samples = 101, .duration = 1};
    const Dataset exact = sample_dataset(*system, Chart::kCanonical, options);
    options.targets = DerivativeTargets::kFiniteDifference;
    const Dataset measured = sample_dataset(*system, Chart::kCanonical, options);
    CHECK(Dataset::states(measured.train) == Dataset::states(exact.train));
    const double coarse =
        largest(Dataset::derivatives(measured.train) - Dataset::derivatives(exact.train));
    CHECK(coarse < 0.05);
    CHECK(coarse > 1e-5);
    options.noise = 0.01;
    const Dataset noisy = sample_dataset(*system, Chart::kCanonical, options);
    Matrix expected(2, 101);
    differentiate(noisy.train[0].times, noisy.train[0].states, expected);
    CHECK(noisy.train[0].derivatives == expected);
  }

  TEST_CASE("the same seed gives the same data and another seed other data") {
    const auto system = make_system("henon-heiles");
    SamplingOptions options = kSmall;
    options.noise = 0.02;
    const Dataset once = sample_dataset(*system, Chart::kCanonical, options);
    const Dataset again = sample_dataset(*system, Chart::kCanonical, options);
    CHECK(same(once.train, again.train));
    CHECK(same(once.test, again.test));
    options.seed = 8;
    CHECK_FALSE(same(once.train, sample_dataset(*system, Chart::kCanonical, options).train));
  }

  TEST_CASE(
      "test trajectories are apart from the training ones, and their number moves nothing") {
    const auto system = make_system("pendulum");
    SamplingOptions options = {.trajectories = 10, .samples = 5, .test_fraction = 0.3};
    const Dataset data = sample_dataset(*system, Chart::kCanonical, options);
    CHECK(data.train.size() == 7);
    CHECK(data.test.size() == 3);
    for (const Trajectory& test : data.test) {
      for (const Trajectory& train : data.train) {
        CHECK(test.states.col(0) != train.states.col(0));
      }
    }
    options.test_fraction = 0;
    const Dataset all = sample_dataset(*system, Chart::kCanonical, options);
    CHECK(all.train.size() == 10);
    CHECK(all.test.empty());
    const std::vector<Trajectory> first(all.train.begin(), all.train.begin() + 7);
    CHECK(same(first, data.train));
    options.test_fraction = 0.999;
    CHECK(sample_dataset(*system, Chart::kCanonical, options).train.size() == 1);
    options.test_fraction = 1e-6;
    CHECK(sample_dataset(*system, Chart::kCanonical, options).test.size() == 1);
  }

  TEST_CASE("irregular times are sorted, apart, within the duration and different everywhere") {
    const auto system = make_system("spring");
    SamplingOptions options = {.trajectories = 6, .samples = 40, .duration = 2.5};
    const Dataset regular = sample_dataset(*system, Chart::kCanonical, options);
    options.irregular_times = true;
    const Dataset data = sample_dataset(*system, Chart::kCanonical, options);
    const double mean = 2.5 / 39;
    double shortest = 1, longest = 0;
    for (const Trajectory& trajectory : data.train) {
      CHECK(trajectory.times(0) >= 0);
      CHECK(trajectory.times(39) <= 2.5);
      for (Index k = 1; k < 40; ++k) {
        const double spacing = trajectory.times(k) - trajectory.times(k - 1);
        CHECK(spacing > 0.0999 * mean);
        shortest = std::min(shortest, spacing);
        longest = std::max(longest, spacing);
      }
    }
    CHECK(longest > 5 * shortest);
    CHECK(data.train[0].times != data.train[1].times);
    // The motions are the same: at the first irregular time, the spring (ω = 1) has turned the
    // regular dataset's first state by that angle.
    const double t = data.train[2].times(0);
    const Vector x0 = regular.train[2].states.col(0);
    CHECK(data.train[2].states(0, 0) ==
          Approx(x0(0) * std::cos(t) + x0(1) * std::sin(t)).epsilon(1e-8));
  }

  TEST_CASE("a seeded dataset is the same on every platform") {
    // Oracle: golden, from this code on x86-64; the tolerance covers libm and the solver's
    // rounding.
    const auto system = make_system("double-pendulum");
    SamplingOptions options = {.trajectories = 2, .samples = 4, .duration = 0.5, .noise = 0.01};
    options.irregular_times = true;
    options.seed = 2024;
    const Dataset data = sample_dataset(*system, Chart::kVelocity, options);
    const Trajectory& t = data.train[0];
    CHECK(t.times(3) == Approx(0.45926094902327513).epsilon(1e-12));
    CHECK(t.states(0, 3) == Approx(-0.0062723857826279122).epsilon(1e-7));
    CHECK(t.states(1, 3) == Approx(1.3285061055014999).epsilon(1e-7));
    CHECK(t.states(2, 3) == Approx(-2.8898244036240444).epsilon(1e-7));
    CHECK(t.derivatives(3, 3) == Approx(-20.781072826363587).epsilon(1e-7));
  }

  TEST_CASE("options with a fault are refused in its words") {
    const auto system = make_system("spring");
    SamplingOptions options;
    options.samples = 1;
    CHECK_THROWS_WITH_AS(sample_dataset(*system, Chart::kCanonical, options),
                         "sample_dataset: SamplingOptions: samples is 1; it must be at least 2",
                         std::invalid_argument);
  }
}
