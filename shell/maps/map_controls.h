#pragma once

#include "command.h"
#include "display_state.h"
#include "layout.h"
#include "map_screen.h"

namespace least_action {

/// Task, maps and training of a comparison. Edits `screen.draft`; true when an edit is complete
/// and the draft should be applied.
bool draw_map_controls(const Rect& area, const MapView& view, MapScreen& screen,
                       const DisplayState& display, Commands& commands);

}  // namespace least_action
