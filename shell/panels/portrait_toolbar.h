#pragma once

#include "session/session.h"
#include "view_state.h"

namespace least_action {

/// Above the phase portrait: chips that show and hide each trajectory (and so are its legend),
/// and a popup with everything else that can be drawn: flow, level sets, data, split view,
/// axes.
/// Width that the toolbar takes with all its chips.
float portrait_toolbar_width(const SessionView& view);
void draw_portrait_toolbar(const Rect& area, const Session& session, ViewState& state);

}  // namespace least_action
