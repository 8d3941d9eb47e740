#include "panels/controls.h"

#include <algorithm>

#include "text.h"
#include "theme.h"

namespace least_action {
namespace {

void draw_centered(ImDrawList& list, const Rect& area, ImU32 color, std::string_view text) {
  const ImVec2 size = math_text_size(text);
  draw_math_text(list, {area.center().x - 0.5f * size.x, area.center().y - 0.5f * size.y},
                 color, text);
}

}  // namespace

const Setting& setting(std::string_view key) {
  for (const Setting& row : settings()) {
    if (row.key == key) return row;
  }
  static const Setting kNone{};
  return kNone;
}

void wrapped_text(std::string_view text, float width, ImU32 color) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const ImVec2 origin = ImGui::GetCursorScreenPos();
  const float line_height = ImGui::GetFontSize() * 1.32f, space = math_text_size(" ").x;
  float x = 0, y = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    const float size = math_text_size(word).x;
    if (x > 0 && x + size > width) x = 0, y += line_height;
    draw_math_text(list, {origin.x + x, origin.y + y}, color, word);
    x += size + space;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  ImGui::Dummy({width, y + line_height});
}

void explain(std::string_view text) {
  if (text.empty() || !ImGui::IsItemHovered(ImGuiHoveredFlags_ForTooltip)) return;
  if (!ImGui::BeginTooltip()) return;
  ImGui::PushFont(fonts().small);
  const float width = std::min(math_text_size(text).x + 2, 280.0f);
  wrapped_text(text, width, palette().ink);
  ImGui::PopFont();
  ImGui::EndTooltip();
}

float row_height() { return ImGui::GetFontSize() + 2 * ImGui::GetStyle().FramePadding.y + 2; }

Rect next_row() {
  const ImVec2 at = ImGui::GetCursorScreenPos();
  return {at.x, at.y, ImGui::GetContentRegionAvail().x, row_height()};
}

Rect row_control(const Rect& row, std::string_view label, std::string_view help) {
  const float width = std::floor(0.41f * row.width);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  ImGui::SetCursorScreenPos(row.min());
  ImGui::Dummy({width, row.height});
  explain(help);
  draw_fitted_text(list, {row.x, row.center().y - 0.5f * ImGui::GetFontSize()}, width - 6,
                   palette().muted, label);
  return {row.x + width, row.y, row.width - width, row.height};
}

bool text_button(const char* label, const Rect& area, const Icon* icon, bool primary) {
  const Palette& colors = palette();
  ImGui::SetCursorScreenPos(area.min());
  const bool pressed = ImGui::InvisibleButton(label, area.size());
  const bool hovered = ImGui::IsItemHovered(), active = ImGui::IsItemActive();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const ImU32 fill = primary ? mix(colors.ink, colors.surface,
                                   active    ? 0.22f
                                   : hovered ? 0.1f
                                             : 0)
                             : (hovered ? colors.hovered : colors.raised);
  const ImU32 ink = primary ? colors.surface : colors.ink;
  list.AddRectFilled(area.min(), area.max(), fill, 8);
  if (primary) ImGui::PushFont(fonts().heading);
  const ImVec2 size = math_text_size(label);
  const float icon_size = icon != nullptr ? 13.0f : 0.0f;
  const bool with_text = size.x + icon_size + 14 <= area.width;
  if (icon != nullptr && !with_text) {
    draw_icon(list, *icon, area.center(), icon_size + 1, ink);
  } else {
    const float total = size.x + (icon != nullptr ? icon_size + 8 : 0);
    const float x = area.center().x - 0.5f * total;
    if (icon != nullptr)
      draw_icon(list, *icon, {x + 0.5f * icon_size, area.center().y}, icon_size, ink);
    draw_math_text(list, {x + total - size.x, area.center().y - 0.5f * size.y}, ink, label);
  }
  if (primary) ImGui::PopFont();
  if (!with_text) explain(label);
  return pressed;
}

float chip_width(const char* label, bool dot) {
  ImGui::PushFont(fonts().small);
  const float width = math_text_size(label).x + 20 + (dot ? 14.0f : 0.0f);
  ImGui::PopFont();
  return width;
}

bool chip(const char* label, const Rect& area, bool on, ImU32 dot) {
  const Palette& colors = palette();
  ImGui::SetCursorScreenPos(area.min());
  const bool pressed = ImGui::InvisibleButton(label, area.size());
  const bool hovered = ImGui::IsItemHovered();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  if (on || hovered) {
    list.AddRectFilled(area.min(), area.max(), hovered ? colors.hovered : colors.raised,
                       0.5f * area.height);
  }
  ImGui::PushFont(fonts().small);
  const float y = area.center().y;
  const bool dot_only = dot != 0 && area.width < 34;
  float x = dot_only   ? area.center().x - 3
            : dot != 0 ? area.x + 10
                       : area.center().x - 0.5f * math_text_size(label).x;
  if (dot != 0) {
    if (on) {
      list.AddCircleFilled({x + 3, y}, 4.2f, dot);
    } else {
      list.AddCircle({x + 3, y}, 3.6f, colors.faint, 0, 1.4f);
    }
    x += 14;
  }
  const float room = area.right() - 6 - x;
  const bool fits = math_text_size(label).x <= room;
  if (fits || room > 40) {  // A letter or two say nothing.
    draw_fitted_text(list, {x, y - 0.5f * ImGui::GetFontSize()}, room,
                     on ? colors.ink : colors.muted, label);
  }
  ImGui::PopFont();
  if (!fits) explain(label);
  return pressed;
}

bool segmented(const char* name, const Rect& area, const char* const* labels, int count,
               int& selected) {
  const Palette& colors = palette();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddRectFilled(area.min(), area.max(), mix(colors.surface, colors.raised, 0.6f), 7);
  const float width = area.width / static_cast<float>(count);
  bool changed = false;
  ImGui::PushID(name);
  ImGui::PushFont(fonts().small);
  for (int k = 0; k < count; ++k) {
    const Rect part{area.x + width * static_cast<float>(k), area.y, width, area.height};
    ImGui::SetCursorScreenPos(part.min());
    if (ImGui::InvisibleButton(labels[k], part.size()) && selected != k) {
      selected = k;
      changed = true;
    }
    const bool on = selected == k;
    if (on || ImGui::IsItemHovered()) {
      const Rect fill = part.shrunk(2, 2);
      list.AddRectFilled(fill.min(), fill.max(), on ? colors.hovered : colors.raised, 6);
    }
    draw_centered(list, part, on ? colors.ink : colors.muted, labels[k]);
  }
  ImGui::PopFont();
  ImGui::PopID();
  return changed;
}

bool choice_box(const char* label, const Rect& area, const std::vector<std::string>& choices,
                int& selected, const std::vector<std::string>& helps) {
  const Palette& colors = palette();
  ImGui::PushID(label);
  ImGui::SetCursorScreenPos(area.min());
  if (ImGui::InvisibleButton(label, area.size())) ImGui::OpenPopup("choices");
  const bool hovered = ImGui::IsItemHovered();
  const auto explain_choice = [&helps](int k) {
    if (k >= 0 && k < static_cast<int>(helps.size()))
      explain(helps[static_cast<std::size_t>(k)]);
  };
  explain_choice(selected);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddRectFilled(area.min(), area.max(), hovered ? colors.hovered : colors.raised, 7);
  const float y = area.center().y;
  if (selected >= 0 && selected < static_cast<int>(choices.size())) {
    draw_fitted_text(list, {area.x + 10, y - 0.5f * ImGui::GetFontSize()}, area.width - 34,
                     colors.ink, choices[static_cast<std::size_t>(selected)]);
  }
  draw_icon(list, Icon::kChevronDown, {area.right() - 13, y}, 10, colors.muted);
  bool changed = false;
  ImGui::SetNextWindowPos({area.x, area.bottom() + 3});
  ImGui::SetNextWindowSizeConstraints({std::min(area.width, 400.0f), 0}, {420, 420});
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(6, 6));
  if (ImGui::BeginPopup("choices")) {
    for (int k = 0; k < static_cast<int>(choices.size()); ++k) {
      if (ImGui::Selectable(choices[static_cast<std::size_t>(k)].c_str(), k == selected,
                            ImGuiSelectableFlags_None, {0, row_height() - 6})) {
        changed = k != selected;
        selected = k;
      }
      if (k == selected && ImGui::IsWindowAppearing()) ImGui::SetItemDefaultFocus();
      explain_choice(k);
    }
    ImGui::EndPopup();
  }
  ImGui::PopStyleVar();
  ImGui::PopID();
  return changed;
}

bool section(const char* title, std::string_view summary, bool open_by_default) {
  const Palette& colors = palette();
  const Rect row = next_row();
  const float height = row.height + 4;
  ImGui::SetCursorScreenPos(row.min());
  ImGuiStorage& storage = *ImGui::GetStateStorage();
  const ImGuiID id = ImGui::GetID(title);
  bool open = storage.GetBool(id, open_by_default);
  if (ImGui::InvisibleButton(title, {row.width, height})) {
    open = !open;
    storage.SetBool(id, open);
  }
  const bool hovered = ImGui::IsItemHovered();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float y = row.y + 0.5f * height;
  list.AddLine({row.x, row.y - 2.5f}, {row.x + row.width, row.y - 2.5f}, colors.border);
  draw_icon(list, open ? Icon::kChevronDown : Icon::kChevronRight, {row.x + 5, y}, 9,
            hovered ? colors.ink : colors.muted);
  ImGui::PushFont(fonts().heading);
  draw_math_text(list, {row.x + 18, y - 0.5f * ImGui::GetFontSize()}, colors.ink, title);
  const float used = 18 + math_text_size(title).x + 12;
  ImGui::PopFont();
  if (!open && !summary.empty()) {
    ImGui::PushFont(fonts().small);
    const float width = math_text_size(summary).x;
    const float x = std::max(row.x + used, row.right() - width);
    draw_fitted_text(list, {x, y - 0.5f * ImGui::GetFontSize()}, row.right() - x + 1,
                     colors.muted, summary);
    ImGui::PopFont();
  }
  return open;
}

void show_fault(const ViewState& state, std::string_view key) {
  if (state.fault.empty() || state.fault_key != key) return;
  ImGui::PushFont(fonts().small);
  wrapped_text(state.fault, ImGui::GetContentRegionAvail().x, palette().fault);
  ImGui::PopFont();
}

bool toggle_row(const char* label, bool& value, bool enabled) {
  const Palette& colors = palette();
  const Rect row = next_row();
  ImGui::BeginDisabled(!enabled);
  const bool pressed = ImGui::InvisibleButton(label, row.size());
  ImGui::EndDisabled();
  if (pressed) value = !value;
  const bool hovered = ImGui::IsItemHovered();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float y = row.center().y;
  draw_math_text(list, {row.x, y - 0.5f * ImGui::GetFontSize()},
                 !enabled             ? colors.faint
                 : (hovered || value) ? colors.ink
                                      : colors.muted,
                 label);
  const float right = row.right(), left = right - 30;
  const bool on = value && enabled;
  list.AddRectFilled({left, y - 8}, {right, y + 8}, on ? colors.ink : colors.hovered, 8);
  list.AddCircleFilled({on ? right - 8 : left + 8, y}, 5.6f,
                       on ? colors.surface : colors.muted);
  return pressed;
}

bool edit_toggle(const ViewState& state, const char* key, bool& value) {
  const Setting& row = setting(key);
  const bool changed = toggle_row(row.label.c_str(), value);
  explain(row.help);
  show_fault(state, key);
  return changed;
}

bool edit_choice(const ViewState& state, const char* key, int& value) {
  const Setting& row = setting(key);
  const Rect line = next_row();
  const Rect box = row_control(line, row.label, row.help);
  const bool changed =
      choice_box(row.label.c_str(), box, row.choice_labels, value, row.choice_helps);
  ImGui::SetCursorScreenPos({line.x, line.bottom() + ImGui::GetStyle().ItemSpacing.y});
  show_fault(state, key);
  return changed;
}

bool edit_choice_by_name(ViewState& state, const char* key) {
  const std::vector<std::string>& names = setting(key).choices;
  const auto found = std::find(names.begin(), names.end(), setting_text(state.draft, key));
  int selected = found == names.end() ? -1 : static_cast<int>(found - names.begin());
  if (!edit_choice(state, key, selected)) return false;
  return !set_setting(state.draft, key, names[static_cast<std::size_t>(selected)]);
}

}  // namespace least_action
