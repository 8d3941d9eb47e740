#pragma once

#include <memory>

#include "ode/adaptive_stepper.h"
#include "ode/method.h"
#include "ode/stepper.h"
#include "ode/tableau.h"

namespace least_action {

/// The stepper of a fixed-step method. Throws std::invalid_argument for an adaptive one, and
/// for a field that is not separable where the method needs one. The field must outlive it.
std::unique_ptr<Stepper<double>> make_stepper(Method method, const VectorField<double>& field,
                                              Index max_batch);

/// The stepper of an adaptive method. Throws std::invalid_argument for a fixed-step one, a
/// fault in the options, and a max_batch out of range. The field must outlive it.
template <class S>
std::unique_ptr<AdaptiveStepper<S>> make_adaptive_stepper(const SolveOptions& options,
                                                          const VectorField<S>& field,
                                                          Index max_batch);

/// The tableau of an explicit Runge–Kutta method, fixed-step or adaptive; null for any other.
const ButcherTableau* explicit_tableau(Method method);

}  // namespace least_action
