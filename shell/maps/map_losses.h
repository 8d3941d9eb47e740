#pragma once

#include "command.h"
#include "display_state.h"
#include "layout.h"
#include "session/map_session.h"

namespace least_action {

/// Mean square error of each map over training steps, on the test points (solid) and in
/// training (pale), logarithmic; a dashed line where less is proven impossible.
void draw_map_losses(const Rect& area, const MapView& view, bool focused,
                     const DisplayState& display, Commands& commands);

}  // namespace least_action
