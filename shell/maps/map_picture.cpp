#include "map_picture.h"

#include <algorithm>
#include <cmath>

#include "plots/axes.h"
#include "plots/plot_card.h"
#include "theme.h"

namespace least_action {
namespace {

/// Component `i` of point `p` at a depth between 0 and 1.
double state_at(const MapView& view, const MapModelView& map, Index p, Index i, double depth) {
  const Index points = view.points.cols();
  if (map.num_states < 2) {  // No path: straight from x to F(x).
    if (i >= map.outputs.rows() || i >= view.points.rows()) return 0;
    return (1 - depth) * double(view.points(i, p)) + depth * double(map.outputs(i, p));
  }
  const double at = std::clamp(depth, 0.0, 1.0) * double(map.num_states - 1);
  const Index k = std::min(static_cast<Index>(at), map.num_states - 2);
  const double s = at - double(k);
  return (1 - s) * double(map.states(i, k * points + p)) +
         s * double(map.states(i, (k + 1) * points + p));
}

/// Largest |component i| over all points and depths.
double reach(const MapView& view, const MapModelView& map, Index i) {
  double most = 0;
  if (i < map.states.rows()) most = double(map.states.row(i).cwiseAbs().maxCoeff());
  if (map.num_states < 2 && i < map.outputs.rows())
    most = std::max(most, double(map.outputs.row(i).cwiseAbs().maxCoeff()));
  if (i < view.points.rows())
    most = std::max(most, double(view.points.row(i).cwiseAbs().maxCoeff()));
  return std::isfinite(most) ? most : 1;
}

/// One of the two kinds of points: class +1, the right half of a line or disc.
bool is_coloured(const MapView& view, Index p) {
  return traits(view.task).is_classification ? view.targets(0, p) > 0 : view.points(0, p) > 0;
}

void draw_dot(ImDrawList& list, ImVec2 at, float radius, bool coloured, ImU32 color) {
  if (!std::isfinite(at.x) || !std::isfinite(at.y)) return;
  list.AddCircleFilled(at, radius + 0.8f, palette().surface, 12);
  list.AddCircleFilled(at, radius, coloured ? color : palette().ink, 12);
}

void draw_line_paths(const Rect& plot, const MapView& view, const MapModelView& map,
                     ImU32 color) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const double top = std::clamp(1.15 * reach(view, map, 0), 1.2, 3.0);
  const PlotArea plane(plot, {0, 1}, {-top, top});
  draw_axes(list, plane, linear_ticks(plane.x_range(), 4),
            linear_ticks(plane.y_range(), static_cast<int>(plot.height / 55) + 1), "depth");
  const double lift = map.state_dimension > 1 ? reach(view, map, 1) : 0;
  list.PushClipRect(plot.min(), {plot.right() + 8, plot.bottom() + 1}, true);
  constexpr int kParts = 96;
  for (Index p = 0; p < view.points.cols(); ++p) {
    // From ink on the left of the line to the map's hue on its right.
    const auto share = static_cast<float>(0.5 + 0.5 * double(view.points(0, p)));
    const ImU32 hue = mix(palette().ink, color, share);
    ImVec2 last = plane.point(0, state_at(view, map, p, 0, 0));
    for (int k = 1; k <= kParts; ++k) {
      const double depth = double(k) / kParts;
      const ImVec2 next = plane.point(depth, state_at(view, map, p, 0, depth));
      float alpha = 1;
      if (lift > 0) {
        const double height = state_at(view, map, p, 1, depth - 0.5 / kParts) / lift;
        alpha = 0.3f + 0.7f * static_cast<float>(std::clamp(0.5 + 0.5 * height, 0.0, 1.0));
      }
      if (std::isfinite(next.y)) list.AddLine(last, next, with_alpha(hue, alpha), 1.7f);
      last = next;
    }
    const ImVec2 target = plane.point(1, double(view.targets(0, p)));
    list.AddCircle({target.x - 1, target.y}, 3.6f, hue, 14, 1.3f);
  }
  list.PopClipRect();
  draw_corner_label(list, plot, "x");
}

/// Seen from above, or obliquely with the third component upward.
struct Eye {
  ImVec2 center;
  double scale = 1, height = 0;  // height: display units for one of the third component
  bool oblique = false;

  ImVec2 operator()(double x, double y, double z) const {
    if (!oblique) return {center.x + float(scale * x), center.y - float(scale * y)};
    constexpr double kCos = 0.906, kSin = 0.423, kTilt = 0.42;  // turned by 25°
    const double u = kCos * x - kSin * y, v = kSin * x + kCos * y;
    return {center.x + float(scale * u), center.y - float(scale * kTilt * v + height * z)};
  }
};

/// Largest |component i| of the points at a depth.
double reach_at(const MapView& view, const MapModelView& map, Index i, double depth) {
  double most = 0;
  for (Index p = 0; p < view.points.cols(); ++p)
    most = std::max(most, std::abs(state_at(view, map, p, i, depth)));
  return std::isfinite(most) ? most : 1;
}

/// Follows the points as they spread.
Eye eye_for(const Rect& plot, const MapView& view, const MapModelView& map, double depth) {
  const double extent = traits(view.task).extent;
  const double size =
      std::clamp(std::max(reach_at(view, map, 0, depth), reach_at(view, map, 1, depth)), extent,
                 8 * extent);
  Eye eye;
  eye.center = plot.center();
  eye.oblique = map.state_dimension > 2;
  const double half = 0.5 * double(std::min(plot.width, plot.height));
  eye.scale = half / (1.12 * size);
  if (eye.oblique) {
    eye.scale = std::min(0.5 * double(plot.width) / (1.3 * size),
                         0.36 * double(plot.height) / (0.55 * size));
    const double lift = std::max(reach(view, map, 2), 1e-3);
    eye.height = 0.36 * double(plot.height) / lift;
    eye.height = std::min(eye.height, 1.2 * eye.scale);
  }
  return eye;
}

/// Where R s + r = 0: a line through the plane, or a few lines of a plane in space.
void draw_read_out(const MapView& view, const MapModelView& map, const Eye& eye) {
  const VectorX<float>& weights = map.read_out;
  if (weights.size() != map.state_dimension + 1) return;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const double a = double(weights[0]), b = double(weights[1]),
               offset = double(weights[weights.size() - 1]);
  const double half = 1.1 * traits(view.task).extent;
  const ImU32 shade = mix(palette().surface, palette().muted, 0.75f);
  if (!eye.oblique) {
    const double norm = std::hypot(a, b);
    if (!(norm > 1e-9)) return;
    const double px = -a * offset / (norm * norm), py = -b * offset / (norm * norm);
    const double dx = -b / norm * 6 * half, dy = a / norm * 6 * half;
    list.AddLine(eye(px - dx, py - dy, 0), eye(px + dx, py + dy, 0), shade, 1.5f);
    return;
  }
  const double c = double(weights[2]);
  if (!(std::abs(c) > 1e-3 * (std::abs(a) + std::abs(b) + 1e-9))) return;
  constexpr int kLines = 6;
  const double most = 3 * std::max(reach(view, map, 2), 0.5);
  const auto corner = [&](double x, double y) {
    return eye(x, y, std::clamp(-(a * x + b * y + offset) / c, -most, most));
  };
  for (int k = 0; k <= kLines; ++k) {
    const double s = half * (2.0 * k / kLines - 1);
    list.AddLine(corner(s, -half), corner(s, half), with_alpha(shade, 0.55f));
    list.AddLine(corner(-half, s), corner(half, s), with_alpha(shade, 0.55f));
  }
}

void draw_plane_paths(const Rect& plot, const MapView& view, const MapModelView& map,
                      ImU32 color, double depth) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const Eye eye = eye_for(plot, view, map, depth);
  list.PushClipRect(plot.min(), plot.max(), true);
  // The floor: the plane of the data, for orientation.
  const double half = traits(view.task).extent;
  for (int k = -2; k <= 2; ++k) {
    const double s = 0.5 * k * half;
    list.AddLine(eye(s, -half, 0), eye(s, half, 0), palette().grid);
    list.AddLine(eye(-half, s, 0), eye(half, s, 0), palette().grid);
  }
  if (map.num_states > 1) draw_read_out(view, map, eye);
  const float radius = std::clamp(0.0115f * std::min(plot.width, plot.height), 2.0f, 3.4f);
  const bool classifies = traits(view.task).is_classification;
  const auto at = [&](Index p, double where) {
    const double x = state_at(view, map, p, 0, where), y = state_at(view, map, p, 1, where);
    return eye(x, y, eye.oblique ? state_at(view, map, p, 2, where) : 0);
  };
  // A tail of the way just gone.
  constexpr int kTail = 7;
  constexpr double kTailLength = 0.16;
  for (Index p = 0; p < view.points.cols(); ++p) {
    const ImU32 hue = is_coloured(view, p) ? color : palette().ink;
    ImVec2 last = at(p, depth);
    for (int k = 1; k <= kTail && depth > 0; ++k) {
      const ImVec2 next = at(p, std::max(0.0, depth - kTailLength * k / kTail));
      const float alpha = 0.4f * (1 - static_cast<float>(k) / (kTail + 1));
      list.AddLine(last, next, with_alpha(hue, alpha), 1.2f);
      last = next;
    }
  }
  if (!classifies) {
    // Where each should end: rings, every third to stay calm.
    for (Index p = 0; p < view.points.cols(); p += 3) {
      const ImVec2 goal = eye(double(view.targets(0, p)), double(view.targets(1, p)), 0);
      const ImU32 hue = is_coloured(view, p) ? color : palette().ink;
      list.AddCircle(goal, radius + 1.6f, with_alpha(hue, 0.35f), 12, 1);
    }
  }
  for (Index p = 0; p < view.points.cols(); ++p)
    draw_dot(list, at(p, depth), radius, is_coloured(view, p), color);
  list.PopClipRect();
}

}  // namespace

void draw_map_paths(const Rect& area, const MapView& view, const MapModelView& map, ImU32 color,
                    double depth) {
  if (area.width < 40 || area.height < 40) return;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  if (map.num_states < 2 && map.outputs.rows() != view.points.rows()) {
    draw_placeholder(list, area, "Layers of other widths: no path in one space.");
    return;
  }
  if (!has_moving_points(view)) {
    draw_line_paths({area.x + 30, area.y, area.width - 38, area.height - 20}, view, map, color);
    return;
  }
  draw_plane_paths(area, view, map, color, depth);
}

void draw_map_decision(const Rect& area, const MapView& view, const MapModelView& map,
                       ImU32 color) {
  const Index n = view.grid;
  if (n < 2 || static_cast<Index>(map.decision.size()) != n * n || area.width < 40) return;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float side = std::min(area.width, area.height);
  const Rect plot{area.center().x - 0.5f * side, area.center().y - 0.5f * side, side, side};
  const double half = view.half_width;
  const PlotArea plane(plot, {-half, half}, {-half, half});
  const ImU32 yes = mix(palette().surface, color, 0.55f),
              no = mix(palette().surface, palette().ink, 0.16f);
  const auto shade = [&](Index i, Index j) {
    const float value = map.decision[static_cast<std::size_t>(j * n + i)];
    // From one class to the other within ±½ of the border; NaN is neither.
    if (!std::isfinite(value)) return palette().surface;
    return mix(no, yes, std::clamp(0.5f + value, 0.0f, 1.0f));
  };
  list.AddRectFilled(plot.min(), plot.max(), no, 6);
  const float step = side / static_cast<float>(n - 1);
  for (Index j = 0; j + 1 < n; ++j) {
    for (Index i = 0; i + 1 < n; ++i) {
      const float x = plot.x + step * static_cast<float>(i),
                  y = plot.bottom() - step * static_cast<float>(j + 1);
      const ImU32 a = shade(i, j), b = shade(i + 1, j), c = shade(i + 1, j + 1),
                  d = shade(i, j + 1);
      if (a == no && b == no && c == no && d == no) continue;
      list.AddRectFilledMultiColor({x, y}, {x + step, y + step}, d, c, b, a);
    }
  }
  list.PushClipRect(plot.min(), plot.max(), true);
  const double radius = view.task == MapTask::kDisc ? 0.6 : 0;
  if (radius > 0) {
    list.AddCircle(plane.point(0, 0), static_cast<float>(radius * plane.x_scale()),
                   palette().ink, 64, 1.4f);
  }
  for (Index p = 0; p < view.points.cols(); ++p) {
    const ImVec2 at = plane.point(double(view.points(0, p)), double(view.points(1, p)));
    draw_dot(list, at, 1.8f, is_coloured(view, p), color);
  }
  list.PopClipRect();
}

}  // namespace least_action
