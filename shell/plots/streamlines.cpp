#include "plots/streamlines.h"

#include <algorithm>
#include <cmath>

namespace least_action {

bool FlowGrid::sample(double x, double y, double& vx, double& vy) const {
  const double u = (x - plane.x.lo) / plane.x.span() * static_cast<double>(plane.columns - 1);
  const double v = (y - plane.y.lo) / plane.y.span() * static_cast<double>(plane.rows - 1);
  if (!(u >= 0 && v >= 0 && u <= static_cast<double>(plane.columns - 1) &&
        v <= static_cast<double>(plane.rows - 1))) {
    return false;
  }
  const Index column = std::min(static_cast<Index>(u), plane.columns - 2);
  const Index row = std::min(static_cast<Index>(v), plane.rows - 2);
  const double a = u - static_cast<double>(column), b = v - static_cast<double>(row);
  const std::size_t i = plane.index(column, row),
                    j = i + static_cast<std::size_t>(plane.columns);
  const auto blend = [&](const std::vector<float>& f) {
    return (1 - b) * ((1 - a) * static_cast<double>(f[i]) + a * static_cast<double>(f[i + 1])) +
           b * ((1 - a) * static_cast<double>(f[j]) + a * static_cast<double>(f[j + 1]));
  };
  vx = blend(dx);
  vy = blend(dy);
  return std::isfinite(vx) && std::isfinite(vy);
}

double FlowGrid::speed_quantile(double fraction, double x_scale, double y_scale) const {
  std::vector<double> speeds;
  speeds.reserve(dx.size());
  for (std::size_t k = 0; k < dx.size(); ++k) {
    const double speed =
        std::hypot(static_cast<double>(dx[k]) * x_scale, static_cast<double>(dy[k]) * y_scale);
    if (std::isfinite(speed)) speeds.push_back(speed);
  }
  if (speeds.empty()) return 1;
  const auto rank =
      static_cast<std::ptrdiff_t>(fraction * static_cast<double>(speeds.size() - 1));
  std::nth_element(speeds.begin(), speeds.begin() + rank, speeds.end());
  return std::max(speeds[static_cast<std::size_t>(rank)], 1e-300);
}

int& StreamlineTracer::cell(double u, double v) {
  const int i = std::clamp(static_cast<int>(u / cell_size_), 0, cells_x_ - 1);
  const int j = std::clamp(static_cast<int>(v / cell_size_), 0, cells_y_ - 1);
  return occupied_[static_cast<std::size_t>(j * cells_x_ + i)];
}

// Midpoint steps of constant length in the display's metric; (x, y) in data units.
bool StreamlineTracer::follow(const FlowGrid& flow, double x, double y, double direction,
                              int line) {
  constexpr int kMaxSteps = 600;
  const double h = 0.6 * cell_size_;
  const auto unit = [&](double px, double py, double& ux, double& uy) {
    double vx, vy;
    if (!flow.sample(px, py, vx, vy)) return false;
    ux = vx * x_scale_;
    uy = vy * y_scale_;
    const double norm = std::hypot(ux, uy);
    if (!(norm > 1e-9)) return false;
    ux *= direction / norm;
    uy *= direction / norm;
    return true;
  };
  const double x0 = x, y0 = y;
  for (int step = 0; step < kMaxSteps; ++step) {
    double ux, uy;
    if (!unit(x, y, ux, uy)) return false;
    if (!unit(x + 0.5 * h * ux / x_scale_, y + 0.5 * h * uy / y_scale_, ux, uy)) return false;
    x += h * ux / x_scale_;
    y += h * uy / y_scale_;
    const double u = (x - flow.plane.x.lo) * x_scale_, v = (y - flow.plane.y.lo) * y_scale_;
    if (!(u >= 0 && v >= 0 && x <= flow.plane.x.hi && y <= flow.plane.y.hi)) return false;
    int& owner = cell(u, v);
    if (owner != 0 && owner != line) return false;
    owner = line;
    path_.push_back({static_cast<float>(x), static_cast<float>(y)});
    // Once around a closed orbit is enough.
    if (step > 8 && std::hypot((x - x0) * x_scale_, (y - y0) * y_scale_) < 0.8 * h) {
      path_.push_back({static_cast<float>(x0), static_cast<float>(y0)});
      return true;
    }
  }
  return true;
}

void StreamlineTracer::trace(const FlowGrid& flow, double x_scale, double y_scale,
                             double spacing, Polylines& curves) {
  curves.clear();
  x_scale_ = x_scale;
  y_scale_ = y_scale;
  cell_size_ = 0.5 * spacing;
  const double width = flow.plane.x.span() * x_scale, height = flow.plane.y.span() * y_scale;
  cells_x_ = std::clamp(static_cast<int>(width / cell_size_) + 1, 1, 1000);
  cells_y_ = std::clamp(static_cast<int>(height / cell_size_) + 1, 1, 1000);
  occupied_.assign(static_cast<std::size_t>(cells_x_) * static_cast<std::size_t>(cells_y_), 0);

  // Seeds in a fixed order that covers the plane evenly (the R2 sequence of Roberts 2018).
  const int seeds = 3 * static_cast<int>(width * height / (spacing * spacing));
  int line = 0;
  for (int k = 0; k < std::min(seeds, 4000); ++k) {
    const double u = std::fmod(0.5 + 0.7548776662466927 * k, 1.0) * width;
    const double v = std::fmod(0.5 + 0.5698402909980532 * k, 1.0) * height;
    bool room = true;
    for (int i = -1; i <= 1 && room; ++i) {
      for (int j = -1; j <= 1 && room; ++j) {
        room = cell(u + i * cell_size_, v + j * cell_size_) == 0;
      }
    }
    if (!room) continue;
    const double x = flow.plane.x.lo + u / x_scale, y = flow.plane.y.lo + v / y_scale;
    cell(u, v) = ++line;
    path_.clear();
    const bool closed = follow(flow, x, y, -1, line);
    std::reverse(path_.begin(), path_.end());
    path_.push_back({static_cast<float>(x), static_cast<float>(y)});
    if (!closed) follow(flow, x, y, 1, line);
    if (path_.size() < 6) continue;
    for (const ImVec2& p : path_) curves.points.push_back(p);
    curves.finish();
  }
}

namespace {

void draw_head(ImDrawList& list, ImVec2 tip, ImVec2 direction, float size, ImU32 color) {
  const ImVec2 side(-direction.y, direction.x);
  const ImVec2 back(tip.x - size * direction.x, tip.y - size * direction.y);
  const float half = 0.42f * size;
  list.AddTriangleFilled(tip, {back.x - half * side.x, back.y - half * side.y},
                         {back.x + half * side.x, back.y + half * side.y}, color);
}

}  // namespace

void draw_streamline_heads(ImDrawList& list, const PlotArea& area, const Polylines& curves,
                           ImU32 color, float size) {
  for (std::size_t c = 0; c < curves.size(); ++c) {
    const std::size_t first = curves.start(c), count = curves.ends[c] - first;
    if (count < 8) continue;
    const std::size_t middle = first + count / 2;
    const ImVec2 a = area.point(static_cast<double>(curves.points[middle - 1].x),
                                static_cast<double>(curves.points[middle - 1].y));
    const ImVec2 b = area.point(static_cast<double>(curves.points[middle].x),
                                static_cast<double>(curves.points[middle].y));
    if (!area.rect().contains(b)) continue;
    const float length = std::hypot(b.x - a.x, b.y - a.y);
    if (length < 0.1f) continue;
    draw_head(list, b, {(b.x - a.x) / length, (b.y - a.y) / length}, size, color);
  }
}

void draw_flow_arrows(ImDrawList& list, const PlotArea& area, const FlowGrid& flow,
                      double reference_speed, float spacing, ImU32 color, float thickness) {
  const Rect& r = area.rect();
  const int columns = std::max(1, static_cast<int>(r.width / spacing));
  const int rows = std::max(1, static_cast<int>(r.height / spacing));
  for (int j = 0; j < rows; ++j) {
    for (int i = 0; i < columns; ++i) {
      const ImVec2 center(
          r.x + r.width * (static_cast<float>(i) + 0.5f) / static_cast<float>(columns),
          r.y + r.height * (static_cast<float>(j) + 0.5f) / static_cast<float>(rows));
      double vx, vy;
      if (!flow.sample(area.x_value(center.x), area.y_value(center.y), vx, vy)) continue;
      const double ux = vx * area.x_scale(), uy = -vy * area.y_scale();
      const double speed = std::hypot(ux, uy);
      if (!(speed > 1e-9 * reference_speed)) continue;
      const double relative = std::min(1.0, std::sqrt(speed / reference_speed));
      const float length = static_cast<float>(relative) * 0.78f * spacing;
      if (length < 2.5f) {
        list.AddCircleFilled(center, thickness * 0.8f, color, 8);
        continue;
      }
      const ImVec2 d(static_cast<float>(ux / speed), static_cast<float>(uy / speed));
      const ImVec2 tip(center.x + 0.5f * length * d.x, center.y + 0.5f * length * d.y);
      const ImVec2 tail(center.x - 0.5f * length * d.x, center.y - 0.5f * length * d.y);
      const float head = std::min(0.45f * length, 3.2f + 1.6f * thickness);
      list.AddLine(tail, {tip.x - 0.8f * head * d.x, tip.y - 0.8f * head * d.y}, color,
                   thickness);
      draw_head(list, tip, d, head, color);
    }
  }
}

}  // namespace least_action
