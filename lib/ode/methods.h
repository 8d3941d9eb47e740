#pragma once

#include <memory>

#include "ode/method.h"
#include "ode/stepper.h"

namespace least_action {

/// The stepper of a fixed-step method. Throws std::invalid_argument for an adaptive one, and
/// for a field that is not separable where the method needs one. The field must outlive it.
std::unique_ptr<Stepper<double>> make_stepper(Method method, const VectorField<double>& field,
                                              Index max_batch);

}  // namespace least_action
