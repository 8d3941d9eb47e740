#include "plots/plot_card.h"

#include <algorithm>

#include "text.h"
#include "theme.h"

namespace least_action {

void draw_card(ImDrawList& list, const Rect& area, bool focused) {
  const Palette& colors = palette();
  list.AddRectFilled(area.min(), area.max(), colors.surface, 10);
  const ImU32 edge = focused ? mix(colors.border, colors.models[0], 0.7f) : colors.border;
  list.AddRect({area.x + 0.5f, area.y + 0.5f}, {area.right() - 0.5f, area.bottom() - 0.5f},
               edge, 10, ImDrawFlags_None, focused ? 1.5f : 1.0f);
}

bool icon_button(const char* label, Icon icon, const Rect& area, bool active) {
  const Palette& colors = palette();
  ImGui::SetCursorScreenPos(area.min());
  const bool pressed = ImGui::InvisibleButton(label, area.size());
  const bool hovered = ImGui::IsItemHovered();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  if (hovered || active) {
    list.AddRectFilled(area.min(), area.max(),
                       ImGui::IsItemActive() ? colors.hovered : colors.raised, 7);
  }
  const float size = std::min(17.0f, 0.56f * std::min(area.width, area.height));
  draw_icon(list, icon, area.center(), size, hovered || active ? colors.ink : colors.muted);
  if (hovered) ImGui::SetItemTooltip("%s", label);
  return pressed;
}

Rect draw_plot_card(const Rect& area, std::string_view title, const char* name, Focus focus,
                    ViewState& state, Commands& commands) {
  return draw_plot_card(area, title, name, state.focus == focus, state, commands);
}

Rect draw_plot_card(const Rect& area, std::string_view title, const char* name, bool focused,
                    const DisplayState& state, Commands& commands) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  draw_card(list, area, focused && !state.capturing);
  ImGui::PushFont(fonts().heading);
  draw_math_text(list, {area.x + 14, area.y + 9}, palette().ink, title);
  ImGui::PopFont();
  const bool hovered = area.contains(ImGui::GetMousePos()) && !state.touch;
  if (!state.capturing && (hovered || state.compact)) {
    ImGui::PushID(name);
    const float size = state.compact ? 34.0f : 26.0f;
    if (icon_button("Save as a picture", Icon::kCamera,
                    {area.right() - size - 5, area.y + 5, size, size})) {
      commands.push_back(CapturePlot{area, name});
    }
    ImGui::PopID();
  }
  return {area.x, area.y + 34, area.width, area.height - 34};
}

void draw_placeholder(ImDrawList& list, const Rect& area, std::string_view sentence) {
  ImGui::PushFont(fonts().small);
  const ImVec2 size = math_text_size(sentence);
  draw_math_text(list, {area.center().x - 0.5f * size.x, area.center().y - 0.5f * size.y},
                 palette().muted, sentence);
  ImGui::PopFont();
}

void draw_readout(ImDrawList& list, const Rect& bounds, ImVec2 at, const LegendEntry* entries,
                  int count, std::string_view heading) {
  const Palette& colors = palette();
  ImGui::PushFont(fonts().small);
  constexpr float kRow = 17, kPadding = 8;
  float width = math_text_size(heading).x;
  for (int k = 0; k < count; ++k)
    width = std::max(width, math_text_size(entries[k].name).x + 14);
  width += 2 * kPadding;
  const float height = kRow * static_cast<float>(count + 1) + 2 * kPadding - 4;
  const bool to_the_left = at.x + 14 + width > bounds.right();
  const float x = to_the_left ? at.x - 14 - width : at.x + 14;
  const float y =
      std::clamp(at.y - 0.5f * height, bounds.y, std::max(bounds.y, bounds.bottom() - height));
  list.AddRectFilled({x, y}, {x + width, y + height}, with_alpha(colors.raised, 0.95f), 7);
  draw_math_text(list, {x + kPadding, y + kPadding - 2}, colors.muted, heading);
  for (int k = 0; k < count; ++k) {
    const float row = y + kPadding - 2 + kRow * static_cast<float>(k + 1);
    list.AddCircleFilled({x + kPadding + 4, row + 7}, 3.2f, entries[k].color);
    draw_math_text(list, {x + kPadding + 14, row}, colors.ink, entries[k].name);
  }
  ImGui::PopFont();
}

}  // namespace least_action
