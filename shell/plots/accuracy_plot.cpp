#include "plots/accuracy_plot.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "number_format.h"
#include "panels/controls.h"
#include "plots/axes.h"
#include "plots/plot_card.h"
#include "plots/polylines.h"
#include "text.h"
#include "theme.h"

namespace least_action {
namespace {

constexpr std::array<const char*, 3> kQuantities{"error", "NFE", "time"};
constexpr std::array<const char*, 3> kCaptions{"error of the solver",
                                               "evaluations of the field", "time [ms]"};

double value_of(const AccuracyPoint& point, AccuracyQuantity quantity) {
  switch (quantity) {
    case AccuracyQuantity::kError:
      return point.error;
    case AccuracyQuantity::kEvaluations:
      return static_cast<double>(point.evaluations);
    case AccuracyQuantity::kTime:
      return point.milliseconds;
  }
  return NAN;
}

bool is_shown(double value) { return value > 0 && std::isfinite(value); }

// Finer to the right.
double position(double setting) { return -std::log10(setting); }

struct Extent {
  double first = INFINITY, last = -INFINITY, low = INFINITY, high = 0;
  bool by_tolerance = true;
};

Extent extent_of(const AccuracySweep& sweep, const ViewState& state) {
  Extent extent;
  for (int s = -1; s < sweep.num_models(); ++s) {
    if (!state.is_visible(s)) continue;
    const AccuracySweep::Curve& curve = sweep.curve(s);
    for (const AccuracyPoint& point : curve.points) {
      const double value = value_of(point, state.accuracy_quantity);
      extent.first = std::min(extent.first, position(point.setting));
      extent.last = std::max(extent.last, position(point.setting));
      extent.by_tolerance = curve.by_tolerance;
      if (!is_shown(value)) continue;
      extent.low = std::min(extent.low, value);
      extent.high = std::max(extent.high, value);
    }
  }
  return extent;
}

Ticks setting_ticks(Range range, int target) {
  Ticks ticks;
  const int first = static_cast<int>(std::ceil(range.lo - 1e-9)),
            last = static_cast<int>(std::floor(range.hi + 1e-9));
  const int stride = std::max(1, (last - first + target) / std::max(1, target));
  for (int k = first; k <= last; k += stride) ticks.add(k, format_power_of_ten(-k));
  return ticks;
}

void draw_curve(ImDrawList& list, const PlotArea& plane, const AccuracySweep::Curve& curve,
                AccuracyQuantity quantity, ImU32 color, float thickness) {
  {  // The pen draws with the list's own path, as circles do.
    CurvePen pen(list, plane.rect(), color, thickness);
    for (const AccuracyPoint& point : curve.points) {
      const double value = value_of(point, quantity);
      if (is_shown(value)) {
        pen.to(plane.point(position(point.setting), value));
      } else {
        pen.lift();
      }
    }
  }
  for (const AccuracyPoint& point : curve.points) {
    const double value = value_of(point, quantity);
    if (!is_shown(value)) continue;
    const ImVec2 at = plane.point(position(point.setting), value);
    // A hollow point stopped early.
    if (point.status.empty()) {
      list.AddCircleFilled(at, thickness + 1.2f, color);
    } else {
      list.AddCircle(at, thickness + 1.6f, color, 0, 1.4f);
    }
  }
}

void draw_pointer(ImDrawList& list, const PlotArea& plane, const AccuracySweep& sweep,
                  const ViewState& state) {
  const ImVec2 mouse = ImGui::GetMousePos();
  const double wanted = plane.x_value(mouse.x);
  std::array<Label, 5> texts;
  std::array<LegendEntry, 5> entries;
  int count = 0;
  double setting = 0;
  bool by_tolerance = true;
  for (int s = -1; s < sweep.num_models() && count < 5; ++s) {
    const AccuracySweep::Curve& curve = sweep.curve(s);
    if (!state.is_visible(s) || curve.points.empty()) continue;
    const AccuracyPoint* nearest = nullptr;
    for (const AccuracyPoint& point : curve.points) {
      if (nearest == nullptr || std::abs(position(point.setting) - wanted) <
                                    std::abs(position(nearest->setting) - wanted)) {
        nearest = &point;
      }
    }
    setting = nearest->setting;
    by_tolerance = curve.by_tolerance;
    const auto k = static_cast<std::size_t>(count++);
    texts[k] = format_label("%s · %s NFE · %s ms", format_value(nearest->error, 2).c_str(),
                            format_count(nearest->evaluations).c_str(),
                            format_value(nearest->milliseconds, 2).c_str());
    entries[k] = {texts[k], series_color(s)};
  }
  if (count == 0) return;
  const float x = plane.x(position(setting));
  list.AddLine({x, plane.rect().y}, {x, plane.rect().bottom()}, palette().faint);
  draw_readout(list, plane.rect(), {x, mouse.y}, entries.data(), count,
               format_label(by_tolerance ? "tolerance %s" : "step %s s",
                            format_value(setting, 2).c_str()));
}

// "There and back: ● 2×10⁻⁷ ● 4×10⁻⁶"
void draw_round_trips(const Rect& area, const AccuracySweep& sweep, const ViewState& state) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const Palette& colors = palette();
  ImGui::PushFont(fonts().small);
  float x = area.x;
  const char* caption = "There and back";
  draw_math_text(list, area.min(), colors.muted, caption);
  ImGui::SetCursorScreenPos(area.min());
  ImGui::Dummy({math_text_size(caption).x, area.height});
  explain(
      "Solved forward over the whole span and back again: how far from the start that ends, "
      "in typical sizes. Motion that loses energy cannot be traced back.");
  x += math_text_size(caption).x + 12;
  for (int s = -1; s < sweep.num_models(); ++s) {
    const AccuracySweep::Curve& curve = sweep.curve(s);
    if (!state.is_visible(s) || !curve.has_round_trip) continue;
    const Label text =
        curve.round_trip.returned ? format_value(curve.round_trip.error, 2) : format_label("–");
    const float width = math_text_size(text).x + 14;
    if (x + width > area.right()) break;
    list.AddCircleFilled({x + 4, area.y + 7.5f}, 3.4f, series_color(s));
    draw_math_text(list, {x + 12, area.y}, colors.ink, text);
    ImGui::SetCursorScreenPos({x, area.y});
    ImGui::PushID(s);
    ImGui::Dummy({width, area.height});
    explain(curve.round_trip.message);
    ImGui::PopID();
    x += width + 14;
  }
  ImGui::PopFont();
}

// The line at what the trajectories use, and its dragging.
void draw_dial(const PlotArea& plane, bool by_tolerance, ViewState& state, Commands& commands) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  SolveOptions& rollout = state.draft.rollout;
  double& setting = by_tolerance ? rollout.relative_tolerance : rollout.step;
  ImGui::SetCursorScreenPos(plane.rect().min());
  ImGui::InvisibleButton("Accuracy plot", plane.rect().size());
  if (ImGui::IsItemActive()) {
    const double x = std::clamp(plane.x_value(ImGui::GetMousePos().x), plane.x_range().lo,
                                plane.x_range().hi);
    // Tenths of decades.
    const double chosen = std::pow(10.0, -std::round(10 * x) / 10);
    if (by_tolerance) rollout.absolute_tolerance *= chosen / rollout.relative_tolerance;
    setting = chosen;
  }
  if (ImGui::IsItemDeactivated()) {
    rollout.absolute_tolerance = std::clamp(rollout.absolute_tolerance, 1e-15, 0.1);
    commands.push_back(ApplyDraft{by_tolerance ? "rtol" : "step"});
  }
  if (ImGui::IsItemHovered()) ImGui::SetMouseCursor(ImGuiMouseCursor_ResizeEW);
  const float x = plane.x(position(setting));
  if (x < plane.rect().x || x > plane.rect().right()) return;
  list.AddLine({x, plane.rect().y}, {x, plane.rect().bottom()}, palette().muted, 1.2f);
  list.AddTriangleFilled({x - 5, plane.rect().y}, {x + 5, plane.rect().y},
                         {x, plane.rect().y + 7}, palette().muted);
}

void choose_quantity(const Rect& area, const Rect& title, ViewState& state) {
  int quantity = static_cast<int>(state.accuracy_quantity);
  const float camera = state.compact ? 42.0f : 34.0f;
  const Rect room{title.right() + 10, title.y, area.right() - camera - title.right() - 14,
                  title.height};
  if (room.width >= 132) {
    segmented("Accuracy quantity", {room.right() - 132, room.y, 132, room.height},
              kQuantities.data(), static_cast<int>(kQuantities.size()), quantity);
  } else if (chip(kQuantities[static_cast<std::size_t>(quantity)],
                  {room.x, room.y, std::max(44.0f, room.width), room.height}, true)) {
    quantity = (quantity + 1) % static_cast<int>(kQuantities.size());
  }
  state.accuracy_quantity = static_cast<AccuracyQuantity>(quantity);
}

}  // namespace

Rect draw_energy_tabs(const Rect& area, ViewState& state) {
  static constexpr const char* kTabs[2] = {"Energy", "Accuracy"};
  const float height = state.compact ? 30.0f : 24.0f;
  const Rect tabs{area.x + 9, area.y + (state.compact ? 7.0f : 6.0f), 142, height};
  int selected = state.accuracy ? 1 : 0;
  segmented("Energy or accuracy", tabs, kTabs, 2, selected);
  state.accuracy = selected == 1;
  return tabs;
}

void draw_accuracy_plot(const Rect& area, const AccuracySweep& sweep, ViewState& state,
                        Commands& commands) {
  const Rect body = draw_plot_card(area, "", "accuracy.png", Focus::kEnergy, state, commands);
  const Rect tabs = draw_energy_tabs(area, state);
  choose_quantity(area, tabs, state);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float top = state.compact ? 10.0f : 4.0f;
  const Rect plot{area.x + 50, body.y + top, area.width - 64, body.height - 52 - top};
  if (plot.width < 20 || plot.height < 20) return;
  const Extent extent = extent_of(sweep, state);
  draw_round_trips({area.x + 14, area.bottom() - 22, area.width - 28, 16}, sweep, state);
  if (!(extent.last > extent.first) || !(extent.high > 0)) {
    const bool map = sweep.num_models() > 0 && !sweep.curve(0).message.empty();
    draw_placeholder(list, plot,
                     map ? "Nothing to turn: a map has no tolerance."
                         : "Solving at one tolerance after another …");
    return;
  }
  double low = std::floor(std::log10(extent.low) - 0.1),
         high = std::ceil(std::log10(extent.high) + 0.1);
  if (high - low < 1) high = low + 1;
  const PlotArea plane(plot, {extent.first - 0.15, extent.last + 0.15},
                       {std::pow(10.0, low), std::pow(10.0, high)}, true);
  draw_axes(list, plane, setting_ticks(plane.x_range(), static_cast<int>(plot.width / 56) + 1),
            log_ticks(plane.y_range(), static_cast<int>(plot.height / 26) + 1),
            extent.by_tolerance ? "tolerance" : "step [s]");
  list.PushClipRect(plot.min(), {plot.right() + 2, plot.bottom() + 1}, true);
  if (state.accuracy_quantity == AccuracyQuantity::kError && extent.by_tolerance) {
    // Where the error is what was asked for.
    list.AddLine(plane.point(extent.first, std::pow(10.0, -extent.first)),
                 plane.point(extent.last, std::pow(10.0, -extent.last)), palette().grid, 1.5f);
  }
  if (state.truth_visible) {
    draw_curve(list, plane, sweep.curve(-1), state.accuracy_quantity,
               with_alpha(palette().ink, 0.5f), 2.4f);
  }
  for (int s = sweep.num_models(); s-- > 0;) {
    if (state.is_visible(s))
      draw_curve(list, plane, sweep.curve(s), state.accuracy_quantity, series_color(s), 1.7f);
  }
  list.PopClipRect();
  draw_dial(plane, extent.by_tolerance, state, commands);
  const bool free = ImGui::IsItemHovered() && !ImGui::IsItemActive() && !state.capturing;
  // In the corner that the curves leave free: errors fall, costs rise.
  const bool falls = state.accuracy_quantity == AccuracyQuantity::kError;
  const Rect corner{plot.x, falls ? plot.bottom() - kSmallSize - 12 : plot.y, plot.width,
                    plot.height};
  draw_corner_label(list, corner, kCaptions[static_cast<std::size_t>(state.accuracy_quantity)]);
  if (free) draw_pointer(list, plane, sweep, state);
}

}  // namespace least_action
