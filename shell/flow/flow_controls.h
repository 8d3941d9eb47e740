#pragma once

#include <string>

#include "command.h"
#include "display_state.h"
#include "layout.h"
#include "session/flow_session.h"

namespace least_action {

/// The settings being edited, and what was wrong with the last edit.
struct FlowDraft {
  FlowConfig config;
  std::string fault, fault_key;
};

/// Density, transport and the settings of a flow, in a card. Applies complete edits to the
/// session; a fault is shown beside its setting, and the session stays as it was.
void draw_flow_controls(const Rect& area, FlowSession& session, FlowDraft& draft,
                        const DisplayState& display, Commands& commands);

}  // namespace least_action
