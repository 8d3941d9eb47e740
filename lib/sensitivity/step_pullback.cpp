#include "sensitivity/step_pullback.h"

#include <string>

#include "base/contract.h"
#include "ode/methods.h"
#include "ode/tableau.h"
#include "sensitivity/implicit_pullback.h"
#include "sensitivity/partitioned_pullback.h"
#include "sensitivity/runge_kutta_pullback.h"
#include "sensitivity/tao_pullback.h"

namespace least_action {

template <class S>
std::unique_ptr<StepPullback<S>> make_step_pullback(Method method, const VectorField<S>& field,
                                                    Index max_batch) {
  if (const ButcherTableau* tableau = explicit_tableau(method)) {
    return std::make_unique<RungeKuttaPullback<S>>(*tableau, field, max_batch);
  }
  const auto implicit = [&](const CollocationTableau& tableau) {
    return std::make_unique<ImplicitPullback<S>>(tableau, field, max_batch);
  };
  switch (method) {
    case Method::kSymplecticEuler:
    case Method::kStormerVerlet:
    case Method::kYoshida4:
    case Method::kYoshida6:
    case Method::kYoshida8:
      return std::make_unique<PartitionedPullback<S>>(method, field, max_batch);
    case Method::kImplicitMidpoint:
      return implicit(gauss_tableau(1));
    case Method::kGaussLegendre4:
      return implicit(gauss_tableau(2));
    case Method::kGaussLegendre6:
      return implicit(gauss_tableau(3));
    case Method::kRadau5:
      return implicit(radau_tableau());
    case Method::kTao2:
      return std::make_unique<TaoPullback<S>>(field, max_batch);
    default:
      fail("make_step_pullback",
           std::string(traits(method).title) + " has no reverse mode, expected another method");
  }
}

bool is_symmetric(Method method) {
  switch (method) {
    case Method::kStormerVerlet:
    case Method::kYoshida4:
    case Method::kYoshida6:
    case Method::kYoshida8:
    case Method::kImplicitMidpoint:
    case Method::kGaussLegendre4:
    case Method::kGaussLegendre6:
      return true;
    default:
      return false;
  }
}

template std::unique_ptr<StepPullback<float>> make_step_pullback(Method,
                                                                 const VectorField<float>&,
                                                                 Index);
template std::unique_ptr<StepPullback<double>> make_step_pullback(Method,
                                                                  const VectorField<double>&,
                                                                  Index);

}  // namespace least_action
