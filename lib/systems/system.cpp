#include "systems/system.h"

#include "base/contract.h"

namespace least_action {
namespace {

void check_state(std::string_view where, std::string_view name, Index size,
                 const System& system) {
  if (size != system.dimension()) {
    fail_size(where, name, size, system.dimension(), std::string(system.name()));
  }
}

}  // namespace

double System::energy(Chart chart, ConstVectorRef x) const {
  check_state("System::energy", "x", x.size(), *this);
  const Index n = degrees_of_freedom();
  if (chart == Chart::kCanonical) return hamiltonian(x.head(n), x.tail(n));
  Vector p(n);
  momentum(x.head(n), x.tail(n), p);
  return hamiltonian(x.head(n), p);
}

void System::convert(Chart from, Chart to, ConstVectorRef x, VectorRef y) const {
  check_state("System::convert", "x", x.size(), *this);
  check_state("System::convert", "y", y.size(), *this);
  const Index n = degrees_of_freedom();
  if (from == to) {
    y = x;
    return;
  }
  const Vector source = x;  // y may be x.
  y.head(n) = source.head(n);
  if (to == Chart::kCanonical) {
    momentum(source.head(n), source.tail(n), y.tail(n));
  } else {
    velocity(source.head(n), source.tail(n), y.tail(n));
  }
}

}  // namespace least_action
