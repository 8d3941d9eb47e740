#include "data/noise.h"

#include <cmath>

#include "base/contract.h"

namespace least_action {

void add_noise(const System& system, double level, Random& random, MatrixRef states) {
  const Index n = system.degrees_of_freedom();
  if (states.rows() != 2 * n) fail_size("add_noise", "states", states.rows(), 2 * n, "rows");
  if (!(level >= 0) || !std::isfinite(level)) {
    fail_value("add_noise", "level", level, "0 or positive");
  }
  if (level == 0) return;
  Vector deviation(2 * n);
  for (Index i = 0; i < n; ++i) {
    const SystemCoordinate& coordinate = system.coordinates()[static_cast<std::size_t>(i)];
    deviation(i) = level * coordinate.typical_position;
    deviation(n + i) = level * coordinate.typical_velocity;
  }
  for (Index k = 0; k < states.cols(); ++k) {
    for (Index i = 0; i < 2 * n; ++i) states(i, k) += deviation(i) * random.normal();
  }
}

}  // namespace least_action
