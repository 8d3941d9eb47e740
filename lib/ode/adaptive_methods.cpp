#include <string>
#include <type_traits>

#include "base/contract.h"
#include "ode/adaptive_runge_kutta.h"
#include "ode/methods.h"
#include "ode/radau5.h"

namespace least_action {

const ButcherTableau* explicit_tableau(Method method) {
  switch (method) {
    case Method::kEuler:
      return &euler_tableau();
    case Method::kMidpoint:
      return &midpoint_tableau();
    case Method::kRk4:
      return &rk4_tableau();
    case Method::kDormandPrince54:
      return &dormand_prince_tableau();
    case Method::kTsitouras54:
      return &tsitouras_tableau();
    case Method::kBogackiShampine32:
      return &bogacki_shampine_tableau();
    case Method::kDormandPrince853:
      return &dormand_prince_853_tableau();
    default:
      return nullptr;
  }
}

template <class S>
std::unique_ptr<AdaptiveStepper<S>> make_adaptive_stepper(const SolveOptions& options,
                                                          const VectorField<S>& field,
                                                          Index max_batch) {
  if (options.method == Method::kRadau5) {
    if constexpr (std::is_same_v<S, double>) {
      return std::make_unique<Radau5>(field, max_batch, options);
    } else {
      fail("make_adaptive_stepper", "Radau 5 is for double precision only");
    }
  }
  const ButcherTableau* tableau = explicit_tableau(options.method);
  if (tableau == nullptr || tableau->error.size() == 0) {
    fail("make_adaptive_stepper", std::string(traits(options.method).title) +
                                      " has fixed steps; expected an adaptive method, see "
                                      "make_stepper");
  }
  return std::make_unique<AdaptiveRungeKutta<S>>(*tableau, field, max_batch, options);
}

template std::unique_ptr<AdaptiveStepper<float>> make_adaptive_stepper(
    const SolveOptions&, const VectorField<float>&, Index);
template std::unique_ptr<AdaptiveStepper<double>> make_adaptive_stepper(
    const SolveOptions&, const VectorField<double>&, Index);

}  // namespace least_action
