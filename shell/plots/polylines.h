#pragma once

#include <cstddef>
#include <vector>

#include "imgui.h"
#include "plots/axes.h"

namespace least_action {

/// Curves in data units, one after the other. Cleared, not freed, so that refilling them does
/// not allocate.
struct Polylines {
  std::vector<ImVec2> points;
  std::vector<std::size_t> ends;  ///< One past the last point of each curve.

  void clear() {
    points.clear();
    ends.clear();
  }
  void add(double x, double y) {
    points.push_back({static_cast<float>(x), static_cast<float>(y)});
  }
  /// Ends the current curve; one of fewer than two points is dropped.
  void finish() {
    const std::size_t start = ends.empty() ? 0 : ends.back();
    if (points.size() < start + 2) {
      points.resize(start);
    } else {
      ends.push_back(points.size());
    }
  }
  std::size_t size() const { return ends.size(); }
  std::size_t start(std::size_t curve) const { return curve == 0 ? 0 : ends[curve - 1]; }
};

/// Draws all curves, shifted by (dx, dy) data units.
void draw_polylines(ImDrawList& list, const PlotArea& area, const Polylines& curves,
                    ImU32 color, float thickness, double dx = 0, double dy = 0);

/// Draws one curve point by point in display units: broken where a point is not finite or far
/// outside `clip`, leaving out points closer than half a unit to the last one. Uses the draw
/// list's own path, so it does not allocate once that has grown.
class CurvePen {
 public:
  CurvePen(ImDrawList& list, const Rect& clip, ImU32 color, float thickness);
  ~CurvePen() { lift(); }
  CurvePen(const CurvePen&) = delete;
  CurvePen& operator=(const CurvePen&) = delete;

  void to(ImVec2 point);
  void lift();  ///< Ends the current stroke; the next point starts another.

 private:
  void stroke();

  ImDrawList* list_;
  Rect clip_;
  ImU32 color_;
  float thickness_;
  ImVec2 last_{};
  bool down_ = false, outside_ = false;
};

}  // namespace least_action
