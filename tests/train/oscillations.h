#pragma once

#include <cmath>
#include <vector>

#include "base/random.h"
#include "data/dataset.h"

namespace least_action::testing {

/// Analytic observations of n uncoupled oscillators of mass 1, which are the same numbers in
/// both charts (p = q̇):
///
///   qᵢ = Aᵢ cos(ωᵢ t + φᵢ),   q̇ᵢ = −Aᵢ ωᵢ sin(ωᵢ t + φᵢ),   q̈ᵢ = −ωᵢ² qᵢ,   ωᵢ = 1 + 0.3 i.
struct Oscillations {
  Chart chart = Chart::kCanonical;
  Index degrees_of_freedom = 1;
  Index train = 4, test = 2;  ///< Trajectories.
  Index points = 12;
  double spacing = 0.1;    ///< [s]
  bool irregular = false;  ///< Spacings of 0.5 to 1.5 times that.
  double noise = 0;        ///< σ of noise on the states (not on their derivatives).
};

inline Trajectory oscillation(const Oscillations& o, Random& random) {
  const Index n = o.degrees_of_freedom;
  Vector amplitude(n), phase(n);
  for (Index i = 0; i < n; ++i) {
    amplitude[i] = random.uniform(0.5, 1.0);
    phase[i] = random.uniform(0, 6.28);
  }
  Trajectory trajectory{Vector(o.points), Matrix(2 * n, o.points), Matrix(2 * n, o.points)};
  double t = 0;
  for (Index k = 0; k < o.points; ++k) {
    trajectory.times[k] = t;
    t += o.spacing * (o.irregular ? random.uniform(0.5, 1.5) : 1.0);
    for (Index i = 0; i < n; ++i) {
      const double omega = 1 + 0.3 * static_cast<double>(i);
      const double q = amplitude[i] * std::cos(omega * trajectory.times[k] + phase[i]);
      const double v = -amplitude[i] * omega * std::sin(omega * trajectory.times[k] + phase[i]);
      trajectory.states(i, k) = q + o.noise * random.normal();
      trajectory.states(n + i, k) = v + o.noise * random.normal();
      trajectory.derivatives(i, k) = v;
      trajectory.derivatives(n + i, k) = -omega * omega * q;
    }
  }
  return trajectory;
}

inline Dataset observe(const Oscillations& o, std::uint64_t seed = 1) {
  Random random(seed);
  Dataset data{o.chart, o.degrees_of_freedom, {}, {}};
  for (Index i = 0; i < o.train; ++i) data.train.push_back(oscillation(o, random));
  for (Index i = 0; i < o.test; ++i) data.test.push_back(oscillation(o, random));
  return data;
}

}  // namespace least_action::testing
