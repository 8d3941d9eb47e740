#pragma once

#include <vector>

#include "base/types.h"
#include "plots/polylines.h"

namespace least_action {

/// A rectangle of the plane with values on a regular grid of nodes, row by row from
/// (x.lo, y.lo).
struct PlaneGrid {
  Range x, y;
  Index columns = 0, rows = 0;

  double node_x(Index column) const {
    return x.lo + x.span() * static_cast<double>(column) / static_cast<double>(columns - 1);
  }
  double node_y(Index row) const {
    return y.lo + y.span() * static_cast<double>(row) / static_cast<double>(rows - 1);
  }
  std::size_t index(Index column, Index row) const {
    return static_cast<std::size_t>(row * columns + column);
  }
};

/// Writes the values on a grid `factor` times as fine (the old nodes are kept): along each axis
/// the cubic through the four nearest nodes, so that level sets curve instead of having
/// corners. Fourth order in the spacing; exact for cubics. Where one of the four is not finite,
/// linear between the nearest two. Grids with fewer than four nodes along an axis are copied.
/// `scratch` is overwritten.
void refine(const PlaneGrid& grid, const std::vector<float>& values, Index factor,
            PlaneGrid& fine_grid, std::vector<float>& fine_values, std::vector<float>& scratch);

/// Appends the level set {value = level} to `curves`: marching squares with linear
/// interpolation on the edges, the ambiguous saddle decided by the mean of the four corners,
/// and the segments joined into curves. Cells with a non-finite corner are left out. Accurate
/// to second order in the spacing. `links` is scratch space.
class ContourTracer {
 public:
  void trace(const PlaneGrid& grid, const std::vector<float>& values, double level,
             Polylines& curves);

 private:
  struct Link {
    int next[2] = {-1, -1};
    bool visited = false;
  };
  void connect(int a, int b);
  std::vector<Link> links_;
  std::vector<int> touched_;
};

}  // namespace least_action
