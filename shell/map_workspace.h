#pragma once

#include <memory>

#include "workspace.h"

namespace least_action {

/// "Maps": what neural ODEs and their relatives can and cannot do, side by side. A task, up to
/// three maps that learn it, their paths or decision regions, and errors beside what is proven.
std::unique_ptr<Workspace> make_map_workspace();

}  // namespace least_action
