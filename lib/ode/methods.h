#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "ode/stepper.h"

namespace least_action {

enum class Method {
  kEuler,            ///< order 1
  kMidpoint,         ///< explicit midpoint, order 2
  kRk4,              ///< classical Runge–Kutta, order 4
  kDormandPrince54,  ///< adaptive 5(4) with PI control and dense output
  kSymplecticEuler,  ///< order 1, separable fields
  kStormerVerlet,    ///< order 2, separable fields
  kYoshida4,         ///< order 4, separable fields
  kImplicitMidpoint  ///< order 2, symplectic for every Hamiltonian field
};

struct MethodTraits {
  Method method;
  std::string_view name;   ///< "euler", "midpoint", "rk4", "dopri5", "symplectic-euler",
                           ///< "verlet", "yoshida4", "implicit-midpoint"
  std::string_view title;  ///< For people: "Dormand–Prince 5(4)".
  int order;
  bool adaptive, symplectic, needs_separable;
};
const std::vector<MethodTraits>& methods();
const MethodTraits& traits(Method method);
Method method_named(
    std::string_view name);  ///< Throws std::invalid_argument naming the known ones.
/// The stepper of a fixed-step method. Throws std::invalid_argument for an adaptive one, and
/// for a field that is not separable where the method needs one. The field must outlive it.
std::unique_ptr<Stepper<double>> make_stepper(Method method, const VectorField<double>& field,
                                              Index max_batch);

}  // namespace least_action
