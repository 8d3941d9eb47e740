#include "plots/energy_plot.h"

#include <algorithm>
#include <cmath>

#include "plots/accuracy_plot.h"
#include "plots/plot_card.h"
#include "plots/polylines.h"
#include "text.h"
#include "theme.h"

namespace least_action {
namespace {

void draw_energy(ImDrawList& list, const PlotArea& plane, const SessionView& view,
                 const TrajectoryView& trajectory, ImU32 color, float thickness) {
  const Index m = std::min<Index>(view.times.size(), trajectory.energy.size());
  CurvePen pen(list, plane.rect(), color, thickness);
  for (Index k = 0; k < m; ++k) pen.to(plane.point(view.times[k], trajectory.energy[k]));
}

}  // namespace

void EnergyPlot::update_range(const SessionView& view, const ViewState& state) {
  if (version_ == view.version && visible_ == state.visible) return;
  version_ = view.version;
  visible_ = state.visible;
  if (view.truth.energy.size() == 0) return;
  const double level = view.truth.energy[0];
  double low = level, high = level;
  for (const double e : view.truth.energy) low = std::min(low, e), high = std::max(high, e);
  deviations_.clear();
  for (std::size_t m = 0; m < view.models.size(); ++m) {
    if (!state.is_visible(static_cast<int>(m))) continue;
    for (const double e : view.models[m].trajectory.energy) {
      if (std::isfinite(e)) deviations_.push_back(e - level);
    }
  }
  // Deviations beyond this are a runaway: the curve may leave the plot.
  const double limit = 2.0 * std::max(std::abs(level), high - low) + 1e-9;
  for (const double d : deviations_) {
    low = std::min(low, level + std::max(d, -limit));
    high = std::max(high, level + std::min(d, limit));
  }
  const double least = 0.04 * std::max(std::abs(level), 1e-6);
  const double air = std::max(0.12 * (high - low), least);
  range_ = {low - air, high + air};
}

void EnergyPlot::draw(const Rect& area, const SessionView& view, ViewState& state,
                      Commands& commands) {
  const Rect body = draw_plot_card(area, "", "energy.png", Focus::kEnergy, state, commands);
  const Rect tabs = draw_energy_tabs(area, state);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  ImGui::PushFont(fonts().small);
  draw_fitted_text(list, {tabs.right() + 12, tabs.center().y - 0.5f * ImGui::GetFontSize()},
                   area.right() - 44 - tabs.right(), palette().muted,
                   "along each trajectory [J]");
  ImGui::PopFont();
  const Rect plot{area.x + 50, body.y + 4, area.width - 64, body.height - 30};
  if (plot.width < 20 || plot.height < 20) return;
  const Index m = view.times.size();
  if (m < 2) {
    draw_placeholder(list, plot, "No trajectory yet.");
    return;
  }
  update_range(view, state);
  const PlotArea plane(plot, {view.times[0], view.times[m - 1]}, range_);
  draw_axes(list, plane, linear_ticks(plane.x_range(), static_cast<int>(plot.width / 80) + 1),
            linear_ticks(plane.y_range(), static_cast<int>(plot.height / 36) + 1), "t [s]");

  list.PushClipRect(plot.min(), plot.max(), true);
  if (state.truth_visible)
    draw_energy(list, plane, view, view.truth, with_alpha(palette().ink, 0.45f), 3.2f);
  for (std::size_t k = view.models.size(); k-- > 0;) {
    if (state.is_visible(static_cast<int>(k))) {
      draw_energy(list, plane, view, view.models[k].trajectory,
                  series_color(static_cast<int>(k)), 1.7f);
    }
  }
  const float x = plane.x(state.playback.time);
  list.AddLine({x, plot.y}, {x, plot.bottom()}, palette().muted, 1.2f);
  list.PopClipRect();

  ImGui::SetCursorScreenPos(plot.min());
  ImGui::InvisibleButton("Energy plot", plot.size());
  if (ImGui::IsItemActive()) {
    state.playback.playing = false;
    state.playback.time =
        std::clamp(plane.x_value(ImGui::GetMousePos().x), view.times[0], view.times[m - 1]);
  }
  if (ImGui::IsItemHovered() && !ImGui::IsItemActive())
    ImGui::SetMouseCursor(ImGuiMouseCursor_ResizeEW);
}

}  // namespace least_action
