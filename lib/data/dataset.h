#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/types.h"
#include "mechanics/chart.h"
#include "systems/system.h"

namespace least_action {

/// One observed trajectory: x(t_k), possibly noisy, and the derivative targets at those points.
/// Every trajectory has its own number of points and its own times.
///
/// NaN marks what was not observed: single components of a state (positions alone, a sensor
/// that dropped out) or of a derivative target. Losses leave such entries out of their sums and
/// their means; what needs a whole state (the start of a segment, the input of a field) uses
/// only points where every component was observed.
struct Trajectory {
  Vector times;        ///< m, strictly increasing [s]
  Matrix states;       ///< 2n × m
  Matrix derivatives;  ///< 2n × m
};

/// Observations of one system, in one chart, split into training and test trajectories.
struct Dataset {
  Chart chart = Chart::kCanonical;
  Index degrees_of_freedom = 1;
  std::vector<Trajectory> train, test;

  Index dimension() const { return 2 * degrees_of_freedom; }
  static Index num_samples(const std::vector<Trajectory>& part);
  /// How many entries of the states are missing.
  static Index num_missing(const std::vector<Trajectory>& part);
  /// All samples of a part, side by side: 2n × num_samples.
  static Matrix states(const std::vector<Trajectory>& part);
  static Matrix derivatives(const std::vector<Trajectory>& part);
};

/// The check of a part that comes from elsewhere. Throws std::invalid_argument "where: …"
/// unless each trajectory has m ≥ 1 finite, strictly increasing times and states and
/// derivatives of `dimension` × m, whose values (NaN: missing) are not looked at.
void check_part(std::string_view where, const std::vector<Trajectory>& part, Index dimension);

/// Where derivative targets come from.
enum class DerivativeTargets {
  kExact,  ///< ẋ of the true field at the true (noise-free) state, as Greydanus et al. 2019
  kFiniteDifference  ///< second-order differences of the observed (noisy) states, any spacing
};

struct SamplingOptions {
  Index trajectories = 25;  ///< In all; at least 2 where test_fraction > 0.
  Index samples = 30;       ///< Per trajectory, at least 2 (3 for finite differences).
  double duration = 3;      ///< [s] of each trajectory.
  /// Times drawn uniformly (sorted, no two closer than a tenth of the mean spacing) instead of
  /// a grid.
  bool irregular_times = false;
  double noise = 0;  ///< σ of Gaussian noise, in units of each component's typical size.
  /// Probability, below 1, that a component of a state is not observed, each for itself; its
  /// derivative target is then missing too.
  double missing_fraction = 0;
  double test_fraction = 0.2;
  DerivativeTargets targets = DerivativeTargets::kExact;
  std::uint64_t seed = 1;
};
/// What is wrong with the options, in words; empty where nothing is.
std::optional<std::string> find_fault(const SamplingOptions& options);

/// Simulates `system` from random states of its sampling region (Dormand–Prince, 1e-10) and
/// observes it in `chart`. Noise is added to (q, q̇) and carried to (q, p) by the system's own
/// conversion, so datasets of the same seed in both charts are the same measurements. The train
/// part does not depend on test_fraction's test part except in how many there are, and noise,
/// times, targets and missing components do not change which motions are observed, nor what is
/// missing anything else that is (finite differences reach over it).
/// Throws std::invalid_argument for a fault in the options; std::runtime_error where the true
/// motion cannot be computed (no sampling region of ours leads there).
Dataset sample_dataset(const System& system, Chart chart, const SamplingOptions& options);

}  // namespace least_action
