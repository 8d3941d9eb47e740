#include "plots/polylines.h"

#include <cmath>

namespace least_action {

CurvePen::CurvePen(ImDrawList& list, const Rect& clip, ImU32 color, float thickness)
    : list_(&list), clip_(clip.shrunk(-40, -40)), color_(color), thickness_(thickness) {
  list_->PathClear();
}

void CurvePen::lift() {
  stroke();
  outside_ = false;
}

void CurvePen::stroke() {
  if (down_) {
    if (list_->_Path.Size >= 2) {
      list_->PathStroke(color_, ImDrawFlags_None, thickness_);
    } else {
      list_->PathClear();
    }
  }
  down_ = false;
}

void CurvePen::to(ImVec2 point) {
  if (!std::isfinite(point.x) || !std::isfinite(point.y)) {
    lift();
    return;
  }
  const bool outside = !clip_.contains(point);
  if (down_) {
    if (outside && outside_) {
      // Two in a row outside: the stroke between them is not (noticeably) inside.
      stroke();
      last_ = point;
      return;
    }
    if (std::abs(point.x - last_.x) + std::abs(point.y - last_.y) < 0.6f) return;
    list_->PathLineTo(point);
  } else {
    if (outside_ && !outside) list_->PathLineTo(last_);
    if (!outside) {
      list_->PathLineTo(point);
      down_ = true;
    }
  }
  outside_ = outside;
  last_ = point;
}

void draw_polylines(ImDrawList& list, const PlotArea& area, const Polylines& curves,
                    ImU32 color, float thickness, double dx, double dy) {
  for (std::size_t c = 0; c < curves.size(); ++c) {
    CurvePen pen(list, area.rect(), color, thickness);
    for (std::size_t k = curves.start(c); k < curves.ends[c]; ++k) {
      pen.to(area.point(static_cast<double>(curves.points[k].x) + dx,
                        static_cast<double>(curves.points[k].y) + dy));
    }
  }
}

}  // namespace least_action
