#include "session/observations.h"

#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <stdexcept>
#include <string>

#include "systems/system.h"

using namespace least_action;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// q = 1 − 2t + 3t², p = t² at times without a pattern.
Trajectory parabola(Index points, double start = 0) {
  Trajectory trajectory;
  trajectory.times.resize(points);
  trajectory.states.resize(2, points);
  for (Index k = 0; k < points; ++k) {
    const double t = start + 0.1 * static_cast<double>(k) + 0.03 * static_cast<double>(k * k);
    trajectory.times[k] = t;
    trajectory.states.col(k) << 1 - 2 * t + 3 * t * t, t * t;
  }
  return trajectory;
}

Matrix parabola_derivatives(const Vector& times) {
  Matrix derivatives(2, times.size());
  derivatives << (6 * times.array() - 2).matrix().transpose(), 2 * times.transpose();
  return derivatives;
}

bool identical(const Matrix& a, const Matrix& b) {
  if (a.rows() != b.rows() || a.cols() != b.cols()) return false;
  for (Index i = 0; i < a.size(); ++i) {
    const double x = a.data()[i], y = b.data()[i];
    if (x != y && !(std::isnan(x) && std::isnan(y))) return false;
  }
  return true;
}

double largest_difference(const std::vector<Trajectory>& a, const std::vector<Trajectory>& b) {
  REQUIRE(a.size() == b.size());
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    REQUIRE(a[i].times == b[i].times);
    const auto compare = [&](const Matrix& x, const Matrix& y) {
      largest = std::max(largest, ((x - y).array().abs() / (1 + y.array().abs())).maxCoeff());
    };
    compare(a[i].states, b[i].states);
    compare(a[i].derivatives, b[i].derivatives);
  }
  return largest;
}

}  // namespace

TEST_SUITE("session/observations") {
  // Oracle: the parabola's own derivative.
  TEST_CASE("missing derivatives are estimated, given ones are kept") {
    Observations observed;
    observed.train = {parabola(7), parabola(3, 2), parabola(2), parabola(5)};
    observed.train[3].derivatives = Matrix::Constant(2, 5, 17);
    observed.test = {parabola(4)};
    const Dataset data = make_dataset(observed, true, 0.5);
    REQUIRE(data.train.size() == 4);
    REQUIRE(data.test.size() == 1);
    for (const Trajectory* each : {&data.train[0], &data.train[1], &data.test[0]})
      CHECK(each->derivatives.isApprox(parabola_derivatives(each->times), 1e-11));
    CHECK(data.train[2].derivatives.array().isNaN().all());
    CHECK(data.train[2].derivatives.cols() == 2);
    CHECK(data.train[3].derivatives == Matrix::Constant(2, 5, 17));

    const Dataset bare = make_dataset(observed, false, 0);
    CHECK(bare.train[0].derivatives.array().isNaN().all());
    CHECK(bare.train[3].derivatives == Matrix::Constant(2, 5, 17));
  }

  TEST_CASE("what was not observed has no derivative, and what was has one across it") {
    Observations observed;
    observed.train = {parabola(6)};
    observed.train[0].states(0, 2) = NAN;
    observed.train[0].states.row(1).setConstant(NAN);
    const Dataset data = make_dataset(observed, true, 0);
    const Matrix& derivatives = data.train[0].derivatives;
    const Matrix expected = parabola_derivatives(data.train[0].times);
    CHECK(std::isnan(derivatives(0, 2)));
    CHECK(derivatives(0, 3) == doctest::Approx(expected(0, 3)));
    CHECK(derivatives.row(1).array().isNaN().all());
  }

  TEST_CASE("the last trajectories become the test part, and one stays to train on") {
    const auto counts = [](std::size_t trajectories, double fraction) {
      Observations observed;
      for (std::size_t i = 0; i < trajectories; ++i)
        observed.train.push_back(parabola(3, static_cast<double>(i)));
      const Dataset data = make_dataset(observed, true, fraction);
      CHECK(data.train.size() + data.test.size() == trajectories);
      CHECK(data.train[0].times[0] == 0);
      if (!data.test.empty())
        CHECK(data.test[0].times[0] == static_cast<double>(data.train.size()));
      return data.test.size();
    };
    CHECK(counts(10, 0) == 0);
    CHECK(counts(10, 0.2) == 2);
    CHECK(counts(10, 0.21) == 3);
    CHECK(counts(10, 0.999) == 9);
    CHECK(counts(1, 0.5) == 0);
    CHECK(counts(2, 0.01) == 1);
  }

  TEST_CASE("observations that make no sense are refused in words") {
    const auto refused = [](const std::function<void(Observations&)>& change,
                            double fraction = 0) {
      Observations observed;
      observed.train = {parabola(4), parabola(5)};
      observed.test = {parabola(3)};
      change(observed);
      CHECK_THROWS_WITH_AS(make_dataset(observed, true, fraction), doctest::Contains("Dataset"),
                           std::invalid_argument);
    };
    refused([](Observations& o) { o.train.clear(); });
    refused([](Observations& o) { o.degrees_of_freedom = 0; });
    refused([](Observations& o) { o.degrees_of_freedom = -1; });
    refused([](Observations& o) { o.degrees_of_freedom = 2; });
    refused([](Observations& o) { o.degrees_of_freedom = Index{1} << 28; });
    refused([](Observations& o) { o.train[1].times[2] = 0; });
    refused([](Observations& o) { o.train[1].times[2] = NAN; });
    refused([](Observations& o) { o.train[1].times[4] = kInfinity; });
    refused([](Observations& o) { o.train[0].times.resize(0); });
    refused([](Observations& o) { o.train[0].states.conservativeResize(2, 3); });
    refused([](Observations& o) { o.test[0].states.conservativeResize(3, 3); });
    refused([](Observations& o) { o.train[0].derivatives = Matrix::Zero(2, 3); });
    refused([](Observations& o) { o.train[0].states(0, 1) = kInfinity; });
    refused(
        [](Observations& o) { o.test[0].derivatives = Matrix::Constant(2, 3, -kInfinity); });
    for (const double fraction : {-0.1, 1.0, 2.0, double{NAN}}) {
      refused([](Observations&) {}, fraction);
    }
    Observations observed;
    observed.train = {parabola(4), parabola(5)};
    observed.train[1].states(1, 3) = kInfinity;
    CHECK_THROWS_WITH_AS(make_dataset(observed, true, 0),
                         doctest::Contains("trajectory 1 holds a number that is infinite"),
                         std::invalid_argument);
  }

  TEST_CASE("points too near for a quotient have no derivative instead of an infinite one") {
    Observations observed;
    observed.train = {parabola(3)};
    observed.train[0].times << 0, 1e-310, 2e-310;
    const Dataset data = make_dataset(observed, true, 0);
    CHECK(!data.train[0].derivatives.array().isInf().any());
  }

  TEST_CASE("a dataset comes back from its CSV as it was") {
    SamplingOptions options;
    options.trajectories = 4;
    options.missing_fraction = 0.2;
    const Dataset data =
        sample_dataset(*make_system("double-pendulum"), Chart::kVelocity, options);
    const Dataset back = dataset_from_csv(dataset_csv(data));
    CHECK(back.chart == data.chart);
    REQUIRE(back.train.size() == data.train.size());
    REQUIRE(back.test.size() == data.test.size());
    for (std::size_t i = 0; i < data.train.size(); ++i) {
      CHECK(identical(back.train[i].states, data.train[i].states));
      CHECK(identical(back.train[i].derivatives, data.train[i].derivatives));
    }
    CHECK_THROWS_AS(dataset_from_csv("part,t\n"), std::invalid_argument);
  }

  // Oracle: the same motions observed in the other chart, by the system's exact equations.
  TEST_CASE("a dataset in another chart is what would have been sampled there") {
    for (const SystemTraits& known : systems()) {
      CAPTURE(known.name);
      const auto system = make_system(known.name);
      SamplingOptions options;
      options.trajectories = 4;
      const Dataset canonical = sample_dataset(*system, Chart::kCanonical, options);
      const Dataset velocity = sample_dataset(*system, Chart::kVelocity, options);
      const Dataset to_velocity = dataset_in_chart(canonical, *system, Chart::kVelocity);
      CHECK(to_velocity.chart == Chart::kVelocity);
      CHECK(largest_difference(to_velocity.train, velocity.train) < 1e-10);
      CHECK(largest_difference(to_velocity.test, velocity.test) < 1e-10);
      const Dataset to_canonical = dataset_in_chart(velocity, *system, Chart::kCanonical);
      CHECK(largest_difference(to_canonical.train, canonical.train) < 1e-10);
      CHECK(largest_difference(to_canonical.test, canonical.test) < 1e-10);
      const Dataset same = dataset_in_chart(canonical, *system, Chart::kCanonical);
      CHECK(largest_difference(same.train, canonical.train) == 0);
    }
  }

  TEST_CASE("what is missing in one chart is missing in the other, and nothing more") {
    // Of a pendulum p = m l² q̇: neither half needs the other.
    const auto pendulum = make_system("pendulum");
    SamplingOptions options;
    options.trajectories = 3;
    options.missing_fraction = 0.4;
    Dataset data = sample_dataset(*pendulum, Chart::kCanonical, options);
    const Dataset moved = dataset_in_chart(data, *pendulum, Chart::kVelocity);
    for (std::size_t i = 0; i < data.train.size(); ++i) {
      const auto missing = [](const Matrix& values) {
        return Matrix(values.array().isNaN().cast<double>());
      };
      CHECK(missing(moved.train[i].states) == missing(data.train[i].states));
      CHECK(missing(moved.train[i].derivatives) == missing(data.train[i].derivatives));
    }
    // A double pendulum's momenta need both velocities and both angles.
    const auto pair = make_system("double-pendulum");
    data = sample_dataset(*pair, Chart::kVelocity, SamplingOptions{.trajectories = 2});
    data.train[0].states(2, 3) = NAN;
    data.train[0].states(1, 5) = NAN;
    const Dataset momenta = dataset_in_chart(data, *pair, Chart::kCanonical);
    const Matrix& states = momenta.train[0].states;
    CHECK(!states.col(3).head(2).hasNaN());
    CHECK(std::isnan(states(2, 3)));
    CHECK(states(0, 5) == data.train[0].states(0, 5));
    CHECK(std::isnan(states(1, 5)));
    CHECK(!states.col(4).hasNaN());
    CHECK(momenta.train[0].derivatives.topRows(2) == data.train[0].derivatives.topRows(2));
  }

  TEST_CASE("a dataset of other degrees of freedom has no other chart") {
    const Dataset data =
        sample_dataset(*make_system("pendulum"), Chart::kCanonical, SamplingOptions{});
    CHECK_THROWS_AS(dataset_in_chart(data, *make_system("two-body"), Chart::kVelocity),
                    std::invalid_argument);
    CHECK_THROWS_AS(dataset_in_chart(data, *make_system("two-body"), Chart::kCanonical),
                    std::invalid_argument);
  }
}
