#pragma once

#include <string>

#include "maps/map_spec.h"
#include "session/map_session_config.h"

namespace least_action {

/// Nodes a side of the grid on which a classification's decision is shown.
inline constexpr Index kDecisionGrid = 49;

/// What a comparison of maps takes.
struct MapCost {
  /// Multiplications of weights by samples in one training step (with its way back) or one
  /// picture of every map, whichever is more.
  double work = 0;
  double bytes = 0;  ///< Of all tapes that a session makes.
};

/// An estimate from the settings alone, before anything of size is allocated; memory within
/// about a factor of two. `config` must be free of other faults.
MapCost estimate_cost(const MapSessionConfig& config);
/// Why that is too much for a page, with what could be smaller; empty where it is not.
std::string map_cost_fault(const MapSessionConfig& config);

/// The library's spec of one map of the session. Flows are differentiated by the full tape, or
/// by the symplectic adjoint where the tape would be large: both are exact.
MapSpec spec_of(const MapSessionConfig& config, const MapModelConfig& model);

/// Memory of a map's tape for so many points, about: the network's layers, once for each
/// evaluation that is alive at a time.
double map_tape_bytes(const MapSpec& spec, double points);

}  // namespace least_action
