#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>
#include <vector>

#include "base/contract.h"
#include "data/dataset.h"
#include "data/finite_difference.h"
#include "data/noise.h"
#include "ode/solve.h"

namespace least_action {
namespace {

/// What is drawn has a stream of its own, so that changing one setting moves nothing else.
enum Stream : std::uint64_t {
  kStartStream = 1,
  kTimeStream = 2,
  kNoiseStream = 3,
  kMissingStream = 4
};

Random stream(const SamplingOptions& options, Stream purpose, Index trajectory) {
  return Random(options.seed).split(purpose).split(static_cast<std::uint64_t>(trajectory));
}

Vector regular_times(const SamplingOptions& options) {
  return Vector::LinSpaced(options.samples, 0, options.duration);
}

/// Uniform on [0, duration], sorted, and at least a tenth of the mean spacing apart (finite
/// differences of noisy states explode on closer ones): drawn on what is left of the span when
/// those gaps are cut out, which are then put back.
Vector irregular_times(const SamplingOptions& options, Random random) {
  const double gap = 0.1 * options.duration / static_cast<double>(options.samples - 1);
  const double left = options.duration - gap * static_cast<double>(options.samples - 1);
  Vector times(options.samples);
  for (double& time : times) time = random.uniform(0, left);
  std::sort(times.begin(), times.end());
  for (Index k = 0; k < times.size(); ++k) times(k) += gap * static_cast<double>(k);
  return times;
}

/// The true canonical states (2n × m) at `times`, from a random state at t = 0.
Matrix simulate(const System& system, const Vector& times, Random random) {
  const SystemField field(system, Chart::kCanonical);
  Vector start(system.dimension());
  system.sample_state(random, Chart::kCanonical, start);
  const bool starts_later = times(0) > 0;
  std::vector<double> requested;
  if (starts_later) requested.push_back(0);
  requested.insert(requested.end(), times.begin(), times.end());
  const SolveOptions options{.method = Method::kDormandPrince54,
                             .relative_tolerance = 1e-10,
                             .absolute_tolerance = 1e-12};
  const Solution solution = solve(field, start, requested, options);
  if (!solution.ok()) {
    throw std::runtime_error("sample_dataset: the true motion of " +
                             std::string(system.name()) + " could not be computed. " +
                             solution.message);
  }
  return solution.states.rightCols(times.size());
}

/// ẋ (2n × m) of the exact equations in `chart`.
Matrix exact_derivatives(const System& system, Chart chart, const Matrix& states) {
  const SystemField field(system, chart);
  const auto tape = field.make_tape(states.cols());
  Matrix derivatives(states.rows(), states.cols());
  field.forward(Vector::Zero(states.cols()), states, derivatives, *tape);
  return derivatives;
}

void convert_columns(const System& system, Chart from, Chart to, Matrix& states) {
  for (Index k = 0; k < states.cols(); ++k) {
    system.convert(from, to, states.col(k), states.col(k));
  }
}

/// Marks entries as not observed. One number is drawn for each, so that a larger fraction drops
/// what a smaller one did, and more.
void drop_components(double fraction, Random random, Matrix& states) {
  for (double& entry : states.reshaped()) {
    if (random.uniform() < fraction) entry = std::numeric_limits<double>::quiet_NaN();
  }
}

Trajectory observe(const System& system, Chart chart, const SamplingOptions& options,
                   Index trajectory) {
  Trajectory observed;
  observed.times = options.irregular_times
                       ? irregular_times(options, stream(options, kTimeStream, trajectory))
                       : regular_times(options);
  Matrix truth = simulate(system, observed.times, stream(options, kStartStream, trajectory));

  observed.states = truth;
  if (options.noise > 0) {
    Random random = stream(options, kNoiseStream, trajectory);
    convert_columns(system, Chart::kCanonical, Chart::kVelocity, observed.states);
    add_noise(system, options.noise, random, observed.states);
    convert_columns(system, Chart::kVelocity, chart, observed.states);
  } else {
    convert_columns(system, Chart::kCanonical, chart, observed.states);
  }

  if (options.missing_fraction > 0) {
    drop_components(options.missing_fraction, stream(options, kMissingStream, trajectory),
                    observed.states);
  }

  if (options.targets == DerivativeTargets::kExact) {
    convert_columns(system, Chart::kCanonical, chart, truth);
    observed.derivatives = exact_derivatives(system, chart, truth);
    if (options.missing_fraction > 0) {
      observed.derivatives =
          observed.states.array().isNaN().select(observed.states, observed.derivatives);
    }
  } else {
    observed.derivatives.resize(system.dimension(), options.samples);
    differentiate(observed.times, observed.states, observed.derivatives);
  }
  return observed;
}

/// The last trajectories are for testing: at least one where a fraction is asked for, never
/// all.
Index num_test(const SamplingOptions& options) {
  if (options.test_fraction == 0) return 0;
  const double wanted = options.test_fraction * static_cast<double>(options.trajectories);
  return std::clamp<Index>(std::lround(wanted), 1, options.trajectories - 1);
}

}  // namespace

Dataset sample_dataset(const System& system, Chart chart, const SamplingOptions& options) {
  if (const auto fault = find_fault(options)) fail("sample_dataset", *fault);
  Dataset dataset;
  dataset.chart = chart;
  dataset.degrees_of_freedom = system.degrees_of_freedom();
  const Index num_train = options.trajectories - num_test(options);
  for (Index i = 0; i < options.trajectories; ++i) {
    (i < num_train ? dataset.train : dataset.test)
        .push_back(observe(system, chart, options, i));
  }
  return dataset;
}

}  // namespace least_action
