#pragma once

#include "plots/axes.h"
#include "session/session_view.h"

namespace least_action {

/// Projection of a trajectory on the plane of the portrait, with its images under q → q + 2π
/// for periodic coordinates. `trail`: the last such many seconds before `time` are drawn
/// strong.
struct CurveStyle {
  ImU32 color;
  float thickness;
  float rest_opacity;  ///< Of what is not the trail.
};
void draw_trajectory(ImDrawList& list, const PlotArea& area, const SessionView& view,
                     const TrajectoryView& trajectory, Index x_component, Index y_component,
                     double time, double trail, const CurveStyle& style);

/// State component at `time`, interpolated by a cubic; false where the trajectory does not
/// reach.
bool state_at(const SessionView& view, const TrajectoryView& trajectory, Index component,
              double time, double& value);

/// The image of `value` nearest to the middle of the range, for a periodic coordinate.
double nearest_image(const SessionView& view, Index component, double value, Range range);

}  // namespace least_action
