#pragma once

#include <string_view>
#include <vector>

namespace least_action {

enum class Method {
  kEuler,              ///< order 1
  kMidpoint,           ///< explicit midpoint, order 2
  kRk4,                ///< classical Runge–Kutta, order 4
  kDormandPrince54,    ///< adaptive 5(4) with PI control and dense output
  kSymplecticEuler,    ///< order 1, separable fields
  kStormerVerlet,      ///< order 2, separable fields
  kYoshida4,           ///< order 4, separable fields
  kImplicitMidpoint,   ///< order 2, symplectic for every Hamiltonian field
  kTsitouras54,        ///< adaptive 5(4)
  kBogackiShampine32,  ///< adaptive 3(2)
  kDormandPrince853,   ///< adaptive 8(5,3), dense output of order 7
  kRadau5,             ///< adaptive, implicit, order 5, L-stable: for stiff fields
  kYoshida6,           ///< order 6, separable fields
  kYoshida8,           ///< order 8, separable fields
  kGaussLegendre4,     ///< order 4, symplectic for every Hamiltonian field
  kGaussLegendre6,     ///< order 6, symplectic for every Hamiltonian field
  kTao2  ///< order 2, explicit, symplectic in an extended phase space, for any H(q, p)
};

struct MethodTraits {
  Method method;
  std::string_view name;   ///< "euler", "midpoint", "rk4", "dopri5", "symplectic-euler",
                           ///< "verlet", "yoshida4", "implicit-midpoint", "tsit5", "bs32",
                           ///< "dop853", "radau5", "yoshida6", "yoshida8", "gauss4", "gauss6",
                           ///< "tao2"
  std::string_view title;  ///< For people: "Dormand–Prince 5(4)".
  std::string_view help;   ///< One line: what it is for, and its cost in evaluations a step.
  int order;
  bool adaptive, symplectic, needs_separable, implicit;
};
const std::vector<MethodTraits>& methods();
const MethodTraits& traits(Method method);
Method method_named(
    std::string_view name);  ///< Throws std::invalid_argument naming the known ones.

}  // namespace least_action
