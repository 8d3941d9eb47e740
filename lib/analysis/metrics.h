#pragma once

#include "base/types.h"
#include "ode/solve.h"
#include "systems/system.h"

namespace least_action {

/// How well a predicted trajectory follows the true one and keeps its energy. Both are given at
/// the same times, one trajectory each (2n × m), in the same chart; the prediction may be
/// shorter (its solve failed): what is missing counts as lost, never as good.
struct TrajectoryMetrics {
  double energy_drift = 0;  ///< max_k |E(x̂_k) − E(x̂_0)| / energy scale, E the true energy
  double energy_rms = 0;    ///< root mean square of the same
  double trajectory_error = 0;  ///< RMS over time of the scaled distance to the truth
  double valid_time =
      0;  ///< first time the scaled distance exceeds `threshold` [s]; the whole span if never
  bool valid_throughout = false;
};

/// Distance is the RMS over components of (x̂ − x)/scale, angles compared modulo 2π, scale the
/// system's typical size of each component. The energy scale is the largest of |E(x_0)|
/// measured from the system's minimum along the true motion and the spread of T along it, so a
/// drift of 1 means "all of it" (a system at rest is measured by its typical sizes).
///
/// Means over time are trapezoidal, so irregular times do no harm. Where the prediction is
/// missing or not a number, drift and distance are infinite: so are energy_drift, energy_rms
/// and trajectory_error, while valid_time still tells how far it went. Throws
/// std::invalid_argument on wrong sizes, times that are not strictly monotone, or a threshold
/// that is not positive and finite.
TrajectoryMetrics compare_trajectories(const System& system, Chart chart, const Vector& times,
                                       const Matrix& truth, const Matrix& prediction,
                                       double threshold = 0.2);

}  // namespace least_action
