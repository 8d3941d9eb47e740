#pragma once

#include "command.h"
#include "session/session.h"
#include "view_state.h"

namespace least_action {

/// Keys of the playground, unless someone types or a popup is open: space (start, pause), S
/// (step), R (reset), A (animation), tab (next plot or tab), arrows (time, or the initial state
/// on the portrait), ? (help).
void handle_shortcuts(const Session& session, bool running, ViewState& state,
                      Commands& commands);

}  // namespace least_action
