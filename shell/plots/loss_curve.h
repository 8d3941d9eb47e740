#pragma once

#include "command.h"
#include "session/session_view.h"
#include "view_state.h"

namespace least_action {

/// Training loss (solid) and test loss (thin) of each model over training steps, logarithmic.
void draw_loss_curve(const Rect& area, const SessionView& view, ViewState& state,
                     Commands& commands);

}  // namespace least_action
