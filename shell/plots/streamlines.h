#pragma once

#include <vector>

#include "plots/contours.h"

namespace least_action {

/// A vector field on a grid, interpolated bilinearly.
struct FlowGrid {
  PlaneGrid plane;
  std::vector<float> dx, dy;

  /// False outside the grid and where the field is not finite.
  bool sample(double x, double y, double& vx, double& vy) const;
  /// The `fraction` quantile of the speed, measured with the given lengths per unit of x and y.
  double speed_quantile(double fraction, double x_scale, double y_scale) const;
};

/// Evenly spaced streamlines of a flow, after Jobard and Lefer (1997): each starts where there
/// is room and is followed both ways until it leaves the grid, slows to a stop or comes too
/// close to another. `x_scale`, `y_scale`: display units per data unit; `spacing` in display
/// units. Replaces `curves`; the same field gives the same lines.
class StreamlineTracer {
 public:
  void trace(const FlowGrid& flow, double x_scale, double y_scale, double spacing,
             Polylines& curves);

 private:
  bool follow(const FlowGrid& flow, double x, double y, double direction, int line);
  int& cell(double u, double v);

  std::vector<int> occupied_;  ///< Which line passed through each cell of spacing / 2; 0: none.
  std::vector<ImVec2> path_;
  int cells_x_ = 0, cells_y_ = 0;
  double cell_size_ = 1, x_scale_ = 1, y_scale_ = 1;
};

/// Arrow heads on streamlines, one in the middle of each that is long enough.
void draw_streamline_heads(ImDrawList& list, const PlotArea& area, const Polylines& curves,
                           ImU32 color, float size);

/// Arrows of a flow on a lattice fixed to the display, lengths compressed by a square root so
/// that slow regions stay readable; `reference_speed` (display units per second) gets full
/// length.
void draw_flow_arrows(ImDrawList& list, const PlotArea& area, const FlowGrid& flow,
                      double reference_speed, float spacing, ImU32 color, float thickness);

}  // namespace least_action
