#include "panels/portrait_toolbar.h"

#include <algorithm>

#include "panels/controls.h"
#include "plots/plot_card.h"
#include "text.h"
#include "theme.h"

namespace least_action {
namespace {

// Combo of state components for one axis.
bool axis_row(const char* label, const SessionView& view, Index& component) {
  const Rect line = next_row();
  const Rect box = row_control(line, label, "Which component of the state this axis shows.");
  int selected = static_cast<int>(component);
  const bool changed = choice_box(label, box, view.coordinate_symbols, selected);
  component = selected;
  ImGui::SetCursorScreenPos({line.x, line.bottom() + ImGui::GetStyle().ItemSpacing.y});
  return changed;
}

void draw_axes_choice(const Session& session, ViewState& state) {
  const SessionView& view = session.view();
  PortraitView& portrait = state.portrait;
  const Index x = portrait.x_component, y = portrait.y_component;
  bool changed = axis_row("Across", view, portrait.x_component);
  changed = axis_row("Upwards", view, portrait.y_component) || changed;
  if (changed) {
    // The same component twice is a line: the other axis takes what this one gave up.
    if (portrait.x_component == portrait.y_component) {
      (portrait.x_component != x ? portrait.y_component : portrait.x_component) =
          portrait.x_component != x ? x : y;
    }
    portrait.fitted = false;
  }
  const Index crossed = session.system().section_component();
  const auto is_crossed = [&](Index component) {
    return component % session.system().degrees_of_freedom() == crossed;
  };
  // The section lies in the other coordinates: a plane with the crossed one is no section.
  if (changed && (is_crossed(portrait.x_component) || is_crossed(portrait.y_component)))
    portrait.section = false;
  if (crossed < 0) {
    portrait.section = false;
  } else if (toggle_row("Poincaré section", portrait.section) && portrait.section) {
    // The plane of another coordinate than the one that crosses zero, and its momentum.
    const Index n = session.system().degrees_of_freedom();
    portrait.x_component = crossed == 0 ? 1 : 0;
    portrait.y_component = n + portrait.x_component;
    portrait.fitted = false;
  }
}

void draw_layers(const Session& session, ViewState& state) {
  const SessionView& view = session.view();
  Layers& layers = state.layers;
  static constexpr const char* kStyles[] = {"No flow", "Arrows", "Streamlines"};
  int style = static_cast<int>(layers.flow);
  const Rect line = next_row();
  if (segmented("flow", line, kStyles, 3, style)) layers.flow = static_cast<FlowStyle>(style);
  ImGui::SetCursorScreenPos({line.x, line.bottom() + ImGui::GetStyle().ItemSpacing.y});
  if (view.models.size() > 1) {
    static std::vector<std::string> names;
    names.clear();
    for (const ModelView& model : view.models) names.push_back(model.name);
    const Rect row = next_row();
    const Rect box = row_control(row, "Model", "Whose learned flow and level sets are drawn.");
    choice_box("Shown model", box, names, state.shown_model);
    ImGui::SetCursorScreenPos({row.x, row.bottom() + ImGui::GetStyle().ItemSpacing.y});
  }
  const bool configuration =
      state.portrait.is_configuration(session.system().degrees_of_freedom());
  const bool flow = layers.flow != FlowStyle::kNone && !layers.split && !configuration;
  toggle_row("True flow", layers.true_flow, flow);
  toggle_row("Learned flow", layers.learned_flow, flow);
  toggle_row("True energy levels", layers.true_energy);
  toggle_row("Learned energy levels", layers.learned_energy);
  toggle_row("Training data", layers.data);
  toggle_row("Split: truth and model", layers.split);
  if (view.coordinate_symbols.size() > 2) {
    ImGui::Dummy({0, 2});
    draw_axes_choice(session, state);
  }
}

const char* series_name(const SessionView& view, int series) {
  return series < 0 ? "Truth" : view.models[static_cast<std::size_t>(series)].name.c_str();
}

}  // namespace

float portrait_toolbar_width(const SessionView& view) {
  float width = 80;
  for (int series = -1; series < static_cast<int>(view.models.size()); ++series) {
    width += chip_width(series_name(view, series), true) + 4;
  }
  return width;
}

void draw_portrait_toolbar(const Rect& area, const Session& session, ViewState& state) {
  const SessionView& view = session.view();
  const float size = area.height;
  if (!state.capturing) {
    const Rect button{area.right() - size, area.y, size, size};
    if (icon_button("Layers", Icon::kLayers, button, ImGui::IsPopupOpen("layers")))
      ImGui::OpenPopup("layers");
    const Rect fit{area.right() - 2 * size - 4, area.y, size, size};
    if (icon_button("Show everything", Icon::kFit, fit)) state.portrait.fitted = false;
    ImGui::SetNextWindowPos({button.right(), button.bottom() + 4}, ImGuiCond_Always, {1, 0});
    ImGui::SetNextWindowSize({std::min(290.0f, ImGui::GetIO().DisplaySize.x - 16), 0});
  }
  if (ImGui::BeginPopup("layers")) {
    draw_layers(session, state);
    ImGui::EndPopup();
  }
  // The legend: names where they fit, else dots alone.
  float x = area.x;
  const float limit = area.right() - 2 * size - 10;
  const bool named = area.x + portrait_toolbar_width(view) - 84 <= limit;
  for (int series = -1; series < static_cast<int>(view.models.size()); ++series) {
    const char* name = series_name(view, series);
    const float width = named ? chip_width(name, true) : 30.0f;
    if (x + width > limit) break;
    bool& visible =
        series < 0 ? state.truth_visible : state.visible[static_cast<std::size_t>(series)];
    ImGui::PushID(series);
    if (chip(name, {x, area.y + 1, width, size - 2}, visible, series_color(series)))
      visible = !visible;
    ImGui::PopID();
    x += width + 4;
  }
}

}  // namespace least_action
