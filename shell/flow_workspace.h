#pragma once

#include <memory>

#include "workspace.h"

namespace least_action {

/// A density of the plane, learned by a continuous normalising flow: samples on their way from
/// a Gaussian, the density they carry, and the likelihood as training goes on.
std::unique_ptr<Workspace> make_flow_workspace();

}  // namespace least_action
