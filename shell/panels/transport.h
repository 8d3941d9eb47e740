#pragma once

#include "command.h"
#include "session/session_view.h"
#include "view_state.h"

namespace least_action {

/// Start or pause, one step, reset; and how fast training goes.
void draw_transport(const Rect& area, bool running, bool finished, Commands& commands);
void draw_training_speed(const Rect& area, ViewState& state);

/// The time of the animation: play or pause, a slider, the speed.
void draw_scrubber(const Rect& area, const SessionView& view, ViewState& state);

}  // namespace least_action
