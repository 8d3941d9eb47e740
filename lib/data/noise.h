#pragma once

#include "base/random.h"
#include "base/types.h"
#include "systems/system.h"

namespace least_action {

/// Adds independent Gaussian noise to measurements (q, q̇): the standard deviation of each
/// component is `level` times its typical size in `system`.
///
/// states: 2n × m in the velocity chart (positions and velocities are what instruments see).
/// Draws 2nm normals, column by column; none where level is 0. Throws std::invalid_argument on
/// a wrong number of rows or a level that is negative or not finite.
void add_noise(const System& system, double level, Random& random, MatrixRef states);

}  // namespace least_action
