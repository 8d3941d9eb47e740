#pragma once

#include <string>

#include "app.h"

namespace least_action {

/// The figures on show as JSON, for automation and tests:
///
///   {"training", "background", "finished", "version", "period", "message", "symbols": [2n],
///    "initial": [2n], "truth_end": [2n],
///    "models": [{"name", "step", "parameters", "train_loss", "test_loss", "learning_rate",
///                "energy_drift", "trajectory_error", "valid_time", "message",
///                "history": [[step, train_loss, test_loss], …], "end": [2n]}]}
///
/// Numbers that are not finite become null.
std::string state_json(const App& app);

}  // namespace least_action
