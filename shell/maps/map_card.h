#pragma once

#include "command.h"
#include "display_state.h"
#include "layout.h"
#include "map_screen.h"

namespace least_action {

/// One map: its name and size, its picture, its error beside what is proven, and a sentence.
void draw_map_card(const Rect& area, const MapView& view, std::size_t index,
                   const MapScreen& screen, const DisplayState& display, Commands& commands);

}  // namespace least_action
