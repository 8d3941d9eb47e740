#include "data/dataset.h"

#include <cmath>

#include "base/contract.h"

namespace least_action {
namespace {

/// More than any experiment here needs, and what a browser tab can hold.
constexpr Index kMaxSamples = 10000000;

Matrix side_by_side(const std::vector<Trajectory>& part, Matrix Trajectory::*block) {
  if (part.empty()) return {};
  Matrix all((part.front().*block).rows(), Dataset::num_samples(part));
  Index column = 0;
  for (const Trajectory& trajectory : part) {
    const Matrix& own = trajectory.*block;
    all.middleCols(column, own.cols()) = own;
    column += own.cols();
  }
  return all;
}

}  // namespace

Index Dataset::num_samples(const std::vector<Trajectory>& part) {
  Index count = 0;
  for (const Trajectory& trajectory : part) count += trajectory.times.size();
  return count;
}

Index Dataset::num_missing(const std::vector<Trajectory>& part) {
  Index count = 0;
  for (const Trajectory& trajectory : part) count += trajectory.states.array().isNaN().count();
  return count;
}

Matrix Dataset::states(const std::vector<Trajectory>& part) {
  return side_by_side(part, &Trajectory::states);
}

Matrix Dataset::derivatives(const std::vector<Trajectory>& part) {
  return side_by_side(part, &Trajectory::derivatives);
}

void check_part(std::string_view where, const std::vector<Trajectory>& part, Index dimension) {
  for (const Trajectory& trajectory : part) {
    const Vector& times = trajectory.times;
    if (times.size() == 0) fail(where, "a trajectory has no times; expected at least one");
    const auto check = [&](std::string_view name, const Matrix& values) {
      if (values.rows() == dimension && values.cols() == times.size()) return;
      fail_shape(where, name, values.rows(), values.cols(), dimension, times.size(),
                 "state components × times of the trajectory");
    };
    check("states", trajectory.states);
    check("derivatives", trajectory.derivatives);
    for (Index k = 0; k < times.size(); ++k) {
      const std::string name = "times[" + std::to_string(k) + "]";
      if (!std::isfinite(times[k])) fail_value(where, name, times[k], "finite");
      if (k > 0 && !(times[k] > times[k - 1])) {
        fail_value(where, name, times[k],
                   "greater than the " + to_text(times[k - 1]) + " before it");
      }
    }
  }
}

std::optional<std::string> find_fault(const SamplingOptions& options) {
  const auto fault = [](const std::string& name, double is, const std::string& expected) {
    return "SamplingOptions: " + name + " is " + to_text(is) + "; it must be " + expected;
  };
  const Index fewest_samples = options.targets == DerivativeTargets::kFiniteDifference ? 3 : 2;
  if (!(options.test_fraction >= 0 && options.test_fraction < 1)) {
    return fault("test_fraction", options.test_fraction, "at least 0 and less than 1");
  }
  if (options.trajectories < 1) {
    return fault("trajectories", static_cast<double>(options.trajectories), "at least 1");
  }
  if (options.test_fraction > 0 && options.trajectories < 2) {
    return fault("trajectories", static_cast<double>(options.trajectories),
                 "at least 2 where some are kept for testing");
  }
  if (options.samples < fewest_samples) {
    return fault("samples", static_cast<double>(options.samples),
                 fewest_samples == 3 ? "at least 3 for finite differences" : "at least 2");
  }
  if (options.samples > kMaxSamples || options.trajectories > kMaxSamples / options.samples) {
    return fault(
        "trajectories times samples",
        static_cast<double>(options.trajectories) * static_cast<double>(options.samples),
        "at most " + std::to_string(kMaxSamples));
  }
  if (!(options.duration > 0) || !std::isfinite(options.duration)) {
    return fault("duration", options.duration, "positive");
  }
  if (!(options.noise >= 0) || !std::isfinite(options.noise)) {
    return fault("noise", options.noise, "0 or positive");
  }
  if (!(options.missing_fraction >= 0 && options.missing_fraction < 1)) {
    return fault("missing_fraction", options.missing_fraction, "at least 0 and less than 1");
  }
  return std::nullopt;
}

}  // namespace least_action
