#include "ode/methods.h"

#include <string>

#include "base/contract.h"
#include "base/unknown_name.h"
#include "ode/explicit_runge_kutta.h"
#include "ode/implicit_runge_kutta.h"
#include "ode/stormer_verlet.h"
#include "ode/symplectic_euler.h"
#include "ode/tao.h"
#include "ode/yoshida.h"

namespace least_action {
namespace {

using StepperPointer = std::unique_ptr<Stepper<double>>;
using Field = VectorField<double>;

template <const ButcherTableau& (*tableau)()>
StepperPointer make_runge_kutta(const Field& field, Index max_batch) {
  return std::make_unique<ExplicitRungeKutta<double>>(tableau(), field, max_batch);
}

template <int order>
StepperPointer make_yoshida(const Field& field, Index max_batch) {
  return std::make_unique<Yoshida>(order, field, max_batch);
}

template <int stages>
StepperPointer make_gauss(const Field& field, Index max_batch) {
  return std::make_unique<ImplicitRungeKutta<double>>(gauss_tableau(stages), field, max_batch);
}

StepperPointer make_tao(const Field& field, Index max_batch) {
  return std::make_unique<Tao>(field, max_batch);
}

template <class Concrete>
StepperPointer make(const Field& field, Index max_batch) {
  return std::make_unique<Concrete>(field, max_batch);
}

/// A method is a row here and a file. `factory` is empty where the method is adaptive.
struct Row {
  MethodTraits traits;
  StepperPointer (*factory)(const Field& field, Index max_batch);
};

// name, title, help, order; adaptive, symplectic, needs_separable, implicit
constexpr Row kRows[] = {
    {{Method::kEuler, "euler", "Euler", "The simplest: one evaluation a step, order 1.", 1,
      false, false, false, false},
     make_runge_kutta<euler_tableau>},
    {{Method::kMidpoint, "midpoint", "Explicit midpoint", "Two evaluations a step, order 2.", 2,
      false, false, false, false},
     make_runge_kutta<midpoint_tableau>},
    {{Method::kRk4, "rk4", "Runge–Kutta 4", "The classical method: four evaluations a step.", 4,
      false, false, false, false},
     make_runge_kutta<rk4_tableau>},
    {{Method::kDormandPrince54, "dopri5", "Dormand–Prince 5(4)",
      "Chooses its steps from a tolerance; six evaluations a step.", 5, true, false, false,
      false},
     nullptr},
    {{Method::kTsitouras54, "tsit5", "Tsitouras 5(4)",
      "Like Dormand–Prince with somewhat smaller errors; six evaluations a step.", 5, true,
      false, false, false},
     nullptr},
    {{Method::kBogackiShampine32, "bs32", "Bogacki–Shampine 3(2)",
      "Chooses its steps; for loose tolerances: three evaluations a step.", 3, true, false,
      false, false},
     nullptr},
    {{Method::kDormandPrince853, "dop853", "Dormand–Prince 8(5,3)",
      "Chooses its steps; for tight tolerances: twelve evaluations a step.", 8, true, false,
      false, false},
     nullptr},
    {{Method::kRadau5, "radau5", "Radau 5",
      "For stiff fields: L-stable, solves an equation in each step of its choice.", 5, true,
      false, false, true},
     nullptr},
    {{Method::kSymplecticEuler, "symplectic-euler", "Symplectic Euler",
      "Keeps the energy bounded with two half evaluations a step; for T(p) + V(q).", 1, false,
      true, true, false},
     make<SymplecticEuler>},
    {{Method::kStormerVerlet, "verlet", "Störmer–Verlet",
      "Leapfrog: keeps the energy bounded, time-reversible; for T(p) + V(q).", 2, false, true,
      true, false},
     make<StormerVerlet>},
    {{Method::kYoshida4, "yoshida4", "Yoshida 4",
      "Three leapfrogs in a step: symplectic, order 4; for T(p) + V(q).", 4, false, true, true,
      false},
     make_yoshida<4>},
    {{Method::kYoshida6, "yoshida6", "Yoshida 6",
      "Seven leapfrogs in a step: symplectic, order 6; for T(p) + V(q).", 6, false, true, true,
      false},
     make_yoshida<6>},
    {{Method::kYoshida8, "yoshida8", "Yoshida 8",
      "Fifteen leapfrogs in a step: symplectic, order 8; for T(p) + V(q).", 8, false, true,
      true, false},
     make_yoshida<8>},
    {{Method::kImplicitMidpoint, "implicit-midpoint", "Implicit midpoint",
      "Symplectic for every Hamiltonian; solves an equation in each step.", 2, false, true,
      false, true},
     make_gauss<1>},
    {{Method::kGaussLegendre4, "gauss4", "Gauss–Legendre 4",
      "Symplectic for every Hamiltonian, order 4; solves for two stages in each step.", 4,
      false, true, false, true},
     make_gauss<2>},
    {{Method::kGaussLegendre6, "gauss6", "Gauss–Legendre 6",
      "Symplectic for every Hamiltonian, order 6; solves for three stages in each step.", 6,
      false, true, false, true},
     make_gauss<3>},
    {{Method::kTao2, "tao2", "Tao 2",
      "Explicit, and symplectic in a doubled phase space for every Hamiltonian; three "
      "evaluations a step.",
      2, false, true, false, false},
     make_tao},
};

const Row& row(Method method) {
  for (const Row& candidate : kRows) {
    if (candidate.traits.method == method) return candidate;
  }
  fail_value("traits", "method", static_cast<double>(method), "one of methods()");
}

}  // namespace

const std::vector<MethodTraits>& methods() {
  static const std::vector<MethodTraits> all = [] {
    std::vector<MethodTraits> list;
    for (const Row& each : kRows) list.push_back(each.traits);
    return list;
  }();
  return all;
}

const MethodTraits& traits(Method method) { return row(method).traits; }

Method method_named(std::string_view name) {
  for (const MethodTraits& each : methods()) {
    if (each.name == name) return each.method;
  }
  fail_unknown("method_named", "method", name,
               names_of(methods(), [](const MethodTraits& each) { return each.name; }));
}

StepperPointer make_stepper(Method method, const Field& field, Index max_batch) {
  const Row& found = row(method);
  if (found.factory == nullptr) {
    fail("make_stepper", std::string(found.traits.title) +
                             " chooses its steps, expected a fixed-step method; use solve");
  }
  return found.factory(field, max_batch);
}

}  // namespace least_action
