#pragma once

#include <vector>

#include "session/dynamics.h"
#include "session/session.h"

namespace least_action {

/// Flow and energy of `dynamics` on the nodes of a portrait. `base` (2n) holds the components
/// that the plane does not span. Throws std::invalid_argument for a bad request.
Portrait make_portrait(const Dynamics& dynamics, const PortraitRequest& request,
                       const Vector& base);

/// The Poincaré section of `dynamics`: starts spread over the plane of the true energy level,
/// each followed for `duration`. Throws std::invalid_argument for a bad request.
Section make_section(const Dynamics& dynamics, const SectionRequest& request,
                     const SolveOptions& options);

}  // namespace least_action
