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
