#pragma once

#include "command.h"
#include "session/session_view.h"
#include "view_state.h"

namespace least_action {

/// One row of figures for each model: test loss, energy drift, valid prediction time, speed.
void draw_figures_table(const Rect& area, const SessionView& view, ViewState& state,
                        Commands& commands);

}  // namespace least_action
