#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mechanics/action.h"

namespace least_action {

struct StationarityOptions {
  Index variations = 8;  ///< Random variations δq that vanish at both ends.
  /// Their sizes ε, from the largest down by equal factors; in units of the path's own size.
  double largest = 1e-1, smallest = 1e-3;
  Index sizes = 5;  ///< At least 2.
  std::uint64_t seed = 1;
};
/// What is wrong with the options, in words; empty where nothing is.
std::optional<std::string> find_fault(const StationarityOptions& options);

/// How far a path is from one of stationary action.
struct StationarityReport {
  double action = 0;  ///< S[q]
  /// RMS over inner points of the missing force r_k/h_k, and the same in units of the forces
  /// along the path (Action::force_scale): O(h²) for a natural motion, about 1 for one that
  /// ignores L.
  double residual = 0, relative_residual = 0;
  std::vector<double> sizes;    ///< ε, descending.
  std::vector<double> changes;  ///< RMS over the variations of S[q + ε δq] − S[q].
  /// Of log changes against log ε, by least squares: 2 where δS = 0 (the change is quadratic in
  /// ε), 1 where it is not; NaN where S did not change at all.
  double slope = 0;
};

/// The principle of stationary action, tried: S[q + ε δq] − S[q] for random smooth δq (the
/// first five sine modes with normal coefficients, ‖δq‖_RMS = the path's ‖q − q̄‖_RMS, or 1
/// where that is 0). S and the variations are discrete: a true motion sampled with step h has
/// δS = O(h²), so its slope is 2 for ε well above that. Throws std::invalid_argument for a
/// fault in the options and as Action::residual.
StationarityReport check_stationarity(Action& action, ConstVectorRef times, ConstMatrixRef path,
                                      const StationarityOptions& options = {});

}  // namespace least_action
