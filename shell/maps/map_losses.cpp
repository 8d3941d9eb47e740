#include "map_losses.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "plots/axes.h"
#include "plots/plot_card.h"
#include "plots/polylines.h"
#include "text.h"
#include "theme.h"

namespace least_action {
namespace {

struct Extent {
  Index last_step = 0;
  double low = INFINITY, high = 0, bound = NAN;
};

Extent extent_of(const MapView& view) {
  Extent extent;
  const auto take = [&extent](double value) {
    if (!(value > 0) || !std::isfinite(value)) return;
    extent.low = std::min(extent.low, value);
    extent.high = std::max(extent.high, value);
  };
  for (const MapModelView& map : view.models) {
    if (!std::isnan(map.bound.mean_square_error)) extent.bound = map.bound.mean_square_error;
    for (const HistoryEntry& entry : map.history) {
      extent.last_step = std::max(extent.last_step, entry.step);
      take(entry.train_loss);
      take(entry.test_loss);
    }
  }
  if (extent.last_step > 0) take(extent.bound);
  return extent;
}

void draw_bound(ImDrawList& list, const PlotArea& plane, double bound) {
  const Rect& r = plane.rect();
  const float y = plane.y(bound);
  for (float x = r.x; x < r.right(); x += 9)
    list.AddLine({x, y}, {std::min(x + 5, r.right()), y}, palette().ink, 1.4f);
  ImGui::PushFont(fonts().small);
  const char* words = "least possible where the order is kept";
  const ImVec2 size = math_text_size(words);
  if (size.x + 16 < r.width) {
    const float top = y - size.y - 4 > r.y ? y - size.y - 4 : y + 4;
    list.AddRectFilled({r.right() - size.x - 10, top - 1}, {r.right(), top + size.y + 1},
                       with_alpha(palette().surface, 0.8f), 4);
    draw_math_text(list, {r.right() - size.x - 5, top}, palette().ink, words);
  }
  ImGui::PopFont();
}

void draw_pointer(ImDrawList& list, const PlotArea& plane, const MapView& view) {
  const ImVec2 mouse = ImGui::GetMousePos();
  const double step = plane.x_value(mouse.x);
  list.AddLine({mouse.x, plane.rect().y}, {mouse.x, plane.rect().bottom()}, palette().faint);
  std::array<Label, kMaxMaps> texts;
  std::array<LegendEntry, kMaxMaps> entries;
  int count = 0;
  for (std::size_t m = 0; m < view.models.size() && m < kMaxMaps; ++m) {
    const std::vector<HistoryEntry>& history = view.models[m].history;
    if (history.empty()) continue;
    auto entry = std::lower_bound(
        history.begin(), history.end(), step,
        [](const HistoryEntry& e, double s) { return static_cast<double>(e.step) < s; });
    if (entry == history.end()) --entry;
    const auto k = static_cast<std::size_t>(count++);
    texts[k] = format_label("%s", format_value(entry->test_loss, 3).c_str());
    entries[k] = {texts[k], series_color(static_cast<int>(m))};
  }
  if (count == 0) return;
  draw_readout(list, plane.rect(), mouse, entries.data(), count,
               format_label("step %s",
                            format_count(static_cast<long long>(std::max(0.0, step))).c_str()));
}

}  // namespace

void draw_map_losses(const Rect& area, const MapView& view, bool focused,
                     const DisplayState& display, Commands& commands) {
  const Rect body =
      draw_plot_card(area, "Mean square error", "map-losses.png", focused, display, commands);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  ImGui::PushFont(fonts().small);
  if (area.width > 420)
    draw_math_text(list, {area.x + 156, area.y + 11.5f}, palette().muted,
                   "on test points, and in training (pale)");
  ImGui::PopFont();
  const Rect plot{area.x + 50, body.y + 4, area.width - 64, body.height - 30};
  if (plot.width < 20 || plot.height < 20) return;
  const Extent extent = extent_of(view);
  if (extent.last_step < 1 || !(extent.high > 0)) {
    draw_placeholder(list, plot, "Errors appear as training goes on.");
    return;
  }
  double low = std::floor(3 * std::log10(extent.low) - 0.15) / 3;
  const double high = std::ceil(3 * std::log10(extent.high) + 0.15) / 3;
  if (high - low < 1) low = high - 1;
  const PlotArea plane(plot, {0, static_cast<double>(extent.last_step)},
                       {std::pow(10.0, low), std::pow(10.0, high)}, true);
  draw_axes(list, plane, linear_ticks(plane.x_range(), static_cast<int>(plot.width / 90) + 1),
            log_ticks(plane.y_range(), static_cast<int>(plot.height / 32) + 1), "steps");
  list.PushClipRect(plot.min(), {plot.right() + 2, plot.bottom() + 1}, true);
  for (const bool training : {true, false}) {
    for (std::size_t m = view.models.size(); m-- > 0;) {
      const ImU32 color = series_color(static_cast<int>(m));
      CurvePen pen(list, plot, training ? mix(palette().surface, color, 0.42f) : color,
                   training ? 1.2f : 1.9f);
      for (const HistoryEntry& entry : view.models[m].history) {
        const double value = training ? entry.train_loss : entry.test_loss;
        if (value > 0 && std::isfinite(value)) {
          pen.to(plane.point(static_cast<double>(entry.step), value));
        } else {
          pen.lift();
        }
      }
    }
  }
  if (!std::isnan(extent.bound)) draw_bound(list, plane, extent.bound);
  list.PopClipRect();
  ImGui::SetCursorScreenPos(plot.min());
  ImGui::InvisibleButton("Error plot", plot.size());
  if (ImGui::IsItemHovered() && !display.capturing) draw_pointer(list, plane, view);
}

}  // namespace least_action
