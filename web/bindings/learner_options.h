#pragma once

#include <emscripten/val.h>

#include "session/learner.h"

namespace least_action::web {

/// A model as options describe it: kind, degreesOfFreedom, hidden, activation, blocks,
/// blockTime, and periodic and scale of each state component (both empty: none). Throws
/// std::invalid_argument for an unknown name and for a network beyond any use.
ModelSpec model_spec(const emscripten::val& options);

/// Options of a loss and of the training with it. Throws std::invalid_argument for an unknown
/// name.
TrainerOptions trainer_options(const emscripten::val& options);
Precision precision_named(const std::string& name);

}  // namespace least_action::web
