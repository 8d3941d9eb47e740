#pragma once

#include <string>

#include "session/session_config.h"
#include "systems/system.h"

namespace least_action {

/// What one training step of an experiment's hungriest model takes, and what all of them hold
/// together.
struct TrainingCost {
  double bytes = 0;       ///< Network evaluations and states that gradients are made of.
  double operations = 0;  ///< Floating-point, of one step of the model that needs most.
};

/// An estimate from the settings alone, before anything of size is allocated: the memory of a
/// sample's network evaluation is asked of the model itself, how many are alive at a time
/// follows from loss, training solver and sensitivity. Adaptive solvers are taken to need three
/// steps between two observations. Within about a factor of two where their steps are known.
/// `config` must be free of other faults.
TrainingCost estimate_training_cost(const SessionConfig& config, const System& system);

/// Why that is too much for a page, with what could be smaller; empty where it is not.
std::string training_cost_fault(const SessionConfig& config, const System& system);

/// A tab of a browser has a few gigabytes and shares them; a step longer than a minute is no
/// playground.
inline constexpr double kMaxTrainingBytes = 1024.0 * 1024 * 1024;
inline constexpr double kMaxStepOperations = 1e12;

/// Evaluations of the field in one step, about: implicit methods take some five iterations.
double evaluations_per_step(Method method);

/// "1.5 GB", "320 MB", "4.1 KB".
std::string bytes_text(double bytes);

}  // namespace least_action
