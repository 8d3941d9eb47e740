#include "systems/energy_region.h"

namespace least_action {

void sample_uniformly(const EnergyRegion& region, const System& system, Random& random,
                      VectorRef x) {
  const Index n = system.degrees_of_freedom();
  do {
    for (Index i = 0; i < n; ++i) {
      x(i) = random.uniform(-region.q_high(i), region.q_high(i));
      x(n + i) = random.uniform(-region.p_high(i), region.p_high(i));
    }
  } while (!(system.hamiltonian(x.head(n), x.tail(n)) <= region.energy));
}

}  // namespace least_action
