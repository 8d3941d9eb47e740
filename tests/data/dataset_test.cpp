#include "data/dataset.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

using namespace least_action;

namespace {

std::string fault_of(SamplingOptions options) { return find_fault(options).value_or(""); }

}  // namespace

TEST_SUITE("data/dataset") {
  TEST_CASE("samples of a part stand side by side in order") {
    Trajectory a{Vector::LinSpaced(2, 0, 1), Matrix::Constant(2, 2, 1),
                 Matrix::Constant(2, 2, 5)};
    Trajectory b{Vector::LinSpaced(3, 0, 1), Matrix::Constant(2, 3, 2),
                 Matrix::Constant(2, 3, 6)};
    const std::vector<Trajectory> part = {a, b};
    CHECK(Dataset::num_samples(part) == 5);
    Matrix states(2, 5), derivatives(2, 5);
    states << 1, 1, 2, 2, 2, 1, 1, 2, 2, 2;
    derivatives << 5, 5, 6, 6, 6, 5, 5, 6, 6, 6;
    CHECK(Dataset::states(part) == states);
    CHECK(Dataset::derivatives(part) == derivatives);
    CHECK(Dataset::num_samples({}) == 0);
    CHECK(Dataset::states({}).size() == 0);
  }

  TEST_CASE("a part from elsewhere is refused unless sizes fit and times increase") {
    const auto check = [](const Vector& times, Index rows, Index states, Index derivatives) {
      check_part("Part", {{times, Matrix::Zero(rows, states), Matrix::Zero(rows, derivatives)}},
                 2);
    };
    const Vector times = Vector::LinSpaced(3, -1, 1);
    CHECK_NOTHROW(check(times, 2, 3, 3));
    CHECK_NOTHROW(check(times.head(1), 2, 1, 1));
    CHECK_THROWS_AS(check(times, 3, 3, 3), std::invalid_argument);
    CHECK_THROWS_AS(check(times, 2, 2, 3), std::invalid_argument);
    CHECK_THROWS_AS(check(times, 2, 3, 2), std::invalid_argument);
    CHECK_THROWS_AS(check(Vector(0), 2, 0, 0), std::invalid_argument);
    for (const double bad : {-1.0, -2.0, std::numeric_limits<double>::quiet_NaN()}) {
      Vector broken = times;
      broken[1] = bad;
      CHECK_THROWS_AS(check(broken, 2, 3, 3), std::invalid_argument);
    }
    Vector endless = times;
    endless[2] = std::numeric_limits<double>::infinity();
    CHECK_THROWS_WITH_AS(check(endless, 2, 3, 3), "Part: times[2] is inf; it must be finite",
                         std::invalid_argument);
  }

  TEST_CASE("find_fault says which option, what it is and what it must be") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK(fault_of({}) == "");
    CHECK(fault_of({.trajectories = 0}) ==
          "SamplingOptions: trajectories is 0; it must be at least 1");
    CHECK(fault_of({.trajectories = 1}) ==
          "SamplingOptions: trajectories is 1; it must be at least 2 where some are kept for "
          "testing");
    CHECK(fault_of({.trajectories = 1, .test_fraction = 0}) == "");
    CHECK(fault_of({.samples = 1}) == "SamplingOptions: samples is 1; it must be at least 2");
    CHECK(fault_of({.samples = 2}) == "");
    CHECK(fault_of({.samples = 2, .targets = DerivativeTargets::kFiniteDifference}) ==
          "SamplingOptions: samples is 2; it must be at least 3 for finite differences");
    CHECK(fault_of({.duration = 0}) == "SamplingOptions: duration is 0; it must be positive");
    CHECK(fault_of({.noise = -0.5}) ==
          "SamplingOptions: noise is -0.5; it must be 0 or positive");
    CHECK(fault_of({.test_fraction = 1}) ==
          "SamplingOptions: test_fraction is 1; it must be at least 0 and less than 1");
    CHECK(fault_of({.noise = nan}) != "");
    CHECK(fault_of({.duration = nan}) != "");
    CHECK(fault_of({.test_fraction = nan}) != "");
    CHECK(fault_of({.duration = std::numeric_limits<double>::infinity()}) != "");
    const Index huge = std::numeric_limits<Index>::max();
    CHECK(fault_of({.trajectories = huge, .samples = huge}) != "");
    CHECK(fault_of({.trajectories = 10001, .samples = 1000}) != "");
  }
}
