#include "plots/loss_curve.h"

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
  double low = INFINITY, high = 0;
};

Extent extent_of(const SessionView& view, const ViewState& state) {
  Extent extent;
  for (std::size_t m = 0; m < view.models.size(); ++m) {
    if (!state.is_visible(static_cast<int>(m))) continue;
    for (const HistoryEntry& entry : view.models[m].history) {
      extent.last_step = std::max(extent.last_step, entry.step);
      for (const double loss : {entry.train_loss, entry.test_loss}) {
        if (!(loss > 0) || !std::isfinite(loss)) continue;
        extent.low = std::min(extent.low, loss);
        extent.high = std::max(extent.high, loss);
      }
    }
  }
  return extent;
}

void draw_history(ImDrawList& list, const PlotArea& plane, const ModelView& model,
                  ImU32 color) {
  // A long history is noise a few entries wide: the geometric mean over a few display units.
  constexpr float kBin = 2.5f;
  const auto curve = [&](double HistoryEntry::*loss, ImU32 shade, float thickness) {
    CurvePen pen(list, plane.rect(), shade, thickness);
    double steps = 0, logarithms = 0;
    int count = 0;
    float end = -1e9f;
    const auto put = [&] {
      if (count > 0) pen.to(plane.point(steps / count, std::exp(logarithms / count)));
      steps = logarithms = count = 0;
    };
    for (const HistoryEntry& entry : model.history) {
      const double value = entry.*loss, step = static_cast<double>(entry.step);
      if (!(value > 0) || !std::isfinite(value)) {
        put();
        pen.lift();
        continue;
      }
      if (plane.x(step) > end) {
        put();
        end = plane.x(step) + kBin;
      }
      steps += step;
      logarithms += std::log(value);
      ++count;
    }
    put();
  };
  curve(&HistoryEntry::test_loss, mix(palette().surface, color, 0.5f), 1.2f);
  curve(&HistoryEntry::train_loss, color, 1.8f);
}

void draw_pointer(ImDrawList& list, const PlotArea& plane, const SessionView& view,
                  const ViewState& state) {
  const ImVec2 mouse = ImGui::GetMousePos();
  const double step = plane.x_value(mouse.x);
  list.AddLine({mouse.x, plane.rect().y}, {mouse.x, plane.rect().bottom()}, palette().faint);
  std::array<Label, 4> texts;
  std::array<LegendEntry, 4> entries;
  int count = 0;
  for (std::size_t m = 0; m < view.models.size() && count < 4; ++m) {
    const std::vector<HistoryEntry>& history = view.models[m].history;
    if (!state.is_visible(static_cast<int>(m)) || history.empty()) continue;
    auto entry = std::lower_bound(
        history.begin(), history.end(), step,
        [](const HistoryEntry& e, double s) { return static_cast<double>(e.step) < s; });
    if (entry == history.end()) --entry;
    texts[static_cast<std::size_t>(count)] =
        format_label("%s · test %s", format_value(entry->train_loss, 2).c_str(),
                     format_value(entry->test_loss, 2).c_str());
    entries[static_cast<std::size_t>(count)] = {texts[static_cast<std::size_t>(count)],
                                                series_color(static_cast<int>(m))};
    ++count;
  }
  if (count == 0) return;
  draw_readout(list, plane.rect(), mouse, entries.data(), count,
               format_label("step %s",
                            format_count(static_cast<long long>(std::max(0.0, step))).c_str()));
}

}  // namespace

void draw_loss_curve(const Rect& area, const SessionView& view, ViewState& state,
                     Commands& commands) {
  const Rect body = draw_plot_card(area, "Loss", "losses.png", Focus::kLosses, state, commands);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  ImGui::PushFont(fonts().small);
  const char* caption = "training, and test (pale)";
  draw_math_text(list, {area.x + 56, area.y + 11.5f}, palette().muted, caption);
  ImGui::PopFont();
  const Rect plot{area.x + 50, body.y + 4, area.width - 64, body.height - 30};
  if (plot.width < 20 || plot.height < 20) return;
  const Extent extent = extent_of(view, state);
  if (extent.last_step < 1 || !(extent.high > 0)) {
    draw_placeholder(list, plot, "Losses appear as training goes on.");
    return;
  }
  // At least a decade, in thirds of decades so that the axis does not creep with every entry.
  double low = std::floor(3 * std::log10(extent.low) - 0.15) / 3;
  double high = std::ceil(3 * std::log10(extent.high) + 0.15) / 3;
  if (high - low < 1) low = high - 1;
  const PlotArea plane(plot, {0, static_cast<double>(extent.last_step)},
                       {std::pow(10.0, low), std::pow(10.0, high)}, true);
  draw_axes(list, plane, linear_ticks(plane.x_range(), static_cast<int>(plot.width / 90) + 1),
            log_ticks(plane.y_range(), static_cast<int>(plot.height / 32) + 1), "steps");
  list.PushClipRect(plot.min(), {plot.right() + 2, plot.bottom() + 1}, true);
  for (std::size_t m = view.models.size(); m-- > 0;) {
    if (state.is_visible(static_cast<int>(m))) {
      draw_history(list, plane, view.models[m], series_color(static_cast<int>(m)));
    }
  }
  list.PopClipRect();
  ImGui::SetCursorScreenPos(plot.min());
  ImGui::InvisibleButton("Loss plot", plot.size());
  if (ImGui::IsItemHovered() && !state.capturing) draw_pointer(list, plane, view, state);
}

}  // namespace least_action
