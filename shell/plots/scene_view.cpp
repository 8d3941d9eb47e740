#include "plots/scene_view.h"

#include <algorithm>
#include <cmath>

#include "plots/plot_card.h"
#include "plots/trajectory_curve.h"
#include "text.h"
#include "theme.h"

namespace least_action {
namespace {

const TrajectoryView& trajectory_of(const SessionView& view, int series) {
  return series < 0 ? view.truth : view.models[static_cast<std::size_t>(series)].trajectory;
}

// A coil between two points: straight ends, a zigzag of constant width in between.
void draw_spring(ImDrawList& list, ImVec2 a, ImVec2 b, float width, ImU32 color,
                 float thickness) {
  const float length = std::hypot(b.x - a.x, b.y - a.y);
  if (length < 1) return;
  const ImVec2 d((b.x - a.x) / length, (b.y - a.y) / length), side(-d.y, d.x);
  constexpr int kCoils = 9;
  const float end = std::min(0.14f * length, 10.0f);
  const auto at = [&](float along, float across) {
    list.PathLineTo({a.x + along * d.x + across * side.x, a.y + along * d.y + across * side.y});
  };
  at(0, 0);
  at(end, 0);
  for (int k = 0; k < 2 * kCoils; ++k) {
    const float s = (static_cast<float>(k) + 0.5f) / (2.0f * kCoils);
    at(end + s * (length - 2 * end), k % 2 == 0 ? width : -width);
  }
  at(length - end, 0);
  at(length, 0);
  list.PathStroke(color, ImDrawFlags_None, thickness);
}

// The grid of cells for `count` scenes that makes the scenes largest.
int best_columns(const Rect& area, int count) {
  int best = 1;
  float largest = 0;
  for (int columns = 1; columns <= count; ++columns) {
    const int rows = (count + columns - 1) / columns;
    const float cell = std::min(area.width / static_cast<float>(columns),
                                area.height / static_cast<float>(rows) - 18);
    if (cell > largest) largest = cell, best = columns;
  }
  return best;
}

}  // namespace

void SceneView::update_trails(const Session& session) {
  const SessionView& view = session.view();
  if (version_ == view.version) return;
  version_ = view.version;
  const System& system = session.system();
  const Index n = system.degrees_of_freedom();
  configuration_.resize(n);
  for (int series = -1; series < static_cast<int>(std::min<std::size_t>(view.models.size(), 4));
       ++series) {
    std::vector<ImVec2>& points = trails_[static_cast<std::size_t>(series + 1)].points;
    points.clear();
    const TrajectoryView& trajectory = trajectory_of(view, series);
    for (Index k = 0; k < trajectory.states.cols() && trajectory.states.rows() >= n; ++k) {
      configuration_ = trajectory.states.col(k).head(n);
      if (!configuration_.allFinite()) break;
      const Scene scene = system.scene(configuration_);
      if (scene.bodies.empty()) break;
      const SceneBody& body = scene.bodies.back();
      points.push_back({static_cast<float>(body.x), static_cast<float>(body.y)});
    }
  }
}

void SceneView::draw_scene(ImDrawList& list, const Rect& cell, const Session& session,
                           const ViewState& state, int series) {
  const SessionView& view = session.view();
  const System& system = session.system();
  const Palette& colors = palette();
  const ImU32 hue = series_color(series);
  const double extent = std::max(system.scene_extent(), 1e-6);
  const Rect stage{cell.x, cell.y, cell.width, cell.height - 18};
  const float scale = 0.47f * std::min(stage.width, stage.height) / static_cast<float>(extent);
  const ImVec2 origin = stage.center();
  const auto at = [&](double x, double y) {
    return ImVec2(origin.x + scale * static_cast<float>(x),
                  origin.y - scale * static_cast<float>(y));
  };

  const std::string_view name =
      series < 0 ? std::string_view("Truth")
                 : std::string_view(view.models[static_cast<std::size_t>(series)].name);
  ImGui::PushFont(fonts().small);
  const float width = math_text_size(name).x;
  const float below = origin.y + 0.5f * std::min(stage.width, stage.height) + 2;
  draw_math_text(list, {cell.center().x - 0.5f * width, std::min(below, cell.bottom() - 17)},
                 hue, name);
  ImGui::PopFont();

  const Index n = system.degrees_of_freedom();
  const TrajectoryView& trajectory = trajectory_of(view, series);
  list.PushClipRect(stage.min(), stage.max(), true);
  bool there = true;
  for (Index k = 0; k < n && there; ++k) {
    there = state_at(view, trajectory, k, state.playback.time, configuration_[k]);
  }
  if (!there) {
    list.PopClipRect();
    draw_placeholder(list, stage, "left the scene");
    return;
  }

  // The path of the last two periods, fading.
  const std::vector<ImVec2>& trail = trails_[static_cast<std::size_t>(series + 1)].points;
  const double* times = view.times.data();
  const Index m = std::min<Index>(view.times.size(), static_cast<Index>(trail.size()));
  const Index now = std::upper_bound(times, times + m, state.playback.time) - times;
  const Index start =
      std::lower_bound(times, times + m, state.playback.time - 1.6 * view.period) - times;
  for (Index k = start + 1; k < now; ++k) {
    const float age =
        static_cast<float>(k - start) / static_cast<float>(std::max<Index>(1, now - start));
    const ImVec2 a = trail[static_cast<std::size_t>(k - 1)],
                 b = trail[static_cast<std::size_t>(k)];
    list.AddLine(at(static_cast<double>(a.x), static_cast<double>(a.y)),
                 at(static_cast<double>(b.x), static_cast<double>(b.y)),
                 with_alpha(hue, 0.5f * age * age), 1.6f);
  }

  const Scene scene = system.scene(configuration_);
  const float thickness = std::clamp(0.012f * stage.height, 1.2f, 3.0f);
  for (const SceneLink& link : scene.links) {
    const ImVec2 a = at(link.x0, link.y0), b = at(link.x1, link.y1);
    switch (link.kind) {
      case SceneLink::Kind::kRod:
        list.AddLine(a, b, mix(colors.surface, colors.ink, 0.62f), thickness);
        break;
      case SceneLink::Kind::kSpring:
        draw_spring(list, a, b, std::min(0.035f * stage.height, 5.0f),
                    mix(colors.surface, colors.ink, 0.62f), 1.4f);
        break;
      case SceneLink::Kind::kOrbit:
        list.AddLine(a, b, colors.border, 1);
        break;
    }
  }
  if (!scene.links.empty() && scene.links.front().kind != SceneLink::Kind::kOrbit) {
    list.AddCircleFilled(at(scene.links.front().x0, scene.links.front().y0), 2.4f,
                         colors.muted);
  }
  for (const SceneBody& body : scene.bodies) {
    const float radius = std::max(3.5f, scale * static_cast<float>(body.radius));
    list.AddCircleFilled(at(body.x, body.y), radius, hue);
    list.AddCircle(at(body.x, body.y), radius + 1, colors.surface, 0, 1.5f);
  }
  list.PopClipRect();
}

void SceneView::draw(const Rect& area, const Session& session, ViewState& state,
                     Commands& commands) {
  const SessionView& view = session.view();
  const Rect body = draw_plot_card(area, session.system().title(), "scene.png", Focus::kScenes,
                                   state, commands);
  update_trails(session);
  if (configuration_.size() != session.system().degrees_of_freedom() || view.times.size() < 2)
    return;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const int count = 1 + static_cast<int>(std::min<std::size_t>(view.models.size(), 4));
  const Rect inner{body.x + 10, body.y, body.width - 20, body.height - 6};
  const int columns = best_columns(inner, count), rows = (count + columns - 1) / columns;
  const float width = inner.width / static_cast<float>(columns);
  const float height = inner.height / static_cast<float>(rows);
  for (int k = 0; k < count; ++k) {
    const Rect cell{inner.x + width * static_cast<float>(k % columns),
                    inner.y + height * static_cast<float>(k / columns), width, height};
    draw_scene(list, cell.shrunk(3, 0), session, state, k - 1);
  }
}

}  // namespace least_action
