#pragma once

#include "imgui.h"
#include "layout.h"
#include "map_screen.h"

namespace least_action {

/// The way of the points through one map. On a line: a curve for each point over the depth,
/// shaded by the dimension that was added, where one was; rings at the right are the targets.
/// In the plane: the points at `depth`, seen from above or, with a third dimension, obliquely,
/// with the line (or plane) where a read-out changes its sign.
void draw_map_paths(const Rect& area, const MapView& view, const MapModelView& map, ImU32 color,
                    double depth);

/// The values of a classification over the window, and the points in their true classes.
void draw_map_decision(const Rect& area, const MapView& view, const MapModelView& map,
                       ImU32 color);

}  // namespace least_action
