#pragma once

#include "base/random.h"
#include "base/types.h"
#include "systems/system.h"

namespace least_action {

/// A bounded part of phase space: { (q, p) : |q_i| ≤ q_high_i, H(q, p) ≤ energy }. The flow of
/// a conservative (or damped) system stays inside where the box holds the whole energy surface.
struct EnergyRegion {
  Vector q_high;  ///< n
  Vector p_high;  ///< n; at least the largest |p_i| with H(q, p) ≤ energy anywhere in the box.
  double energy = 0;
};

/// Writes a canonical state (2n) drawn uniformly in phase-space volume from the region, by
/// rejection. Volume is what the flow preserves (Liouville), so samples taken along
/// trajectories from here cover the region evenly too.
void sample_uniformly(const EnergyRegion& region, const System& system, Random& random,
                      VectorRef x);

}  // namespace least_action
