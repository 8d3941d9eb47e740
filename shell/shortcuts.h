#pragma once

#include "command.h"
#include "session/session.h"
#include "view_state.h"
#include "workspace.h"

namespace least_action {

/// Keys of every workspace (null: mechanics), unless someone types or a popup is open: space
/// (start, pause), S (step), R (reset), tab (next plot or tab), ? (help).
void handle_shared_shortcuts(Workspace* workspace, bool running, ViewState& state,
                             Commands& commands);
/// Those of mechanics alone: A (animation), C (controls: there arrows and Enter are ImGui's),
/// arrows elsewhere (time, or the initial state on the portrait), escape (no plot has the
/// keyboard).
void handle_mechanics_shortcuts(const Session& session, ViewState& state, Commands& commands);

}  // namespace least_action
