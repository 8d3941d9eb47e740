#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>

#include "base/contract.h"
#include "keyboard.h"
#include "number_format.h"
#include "panels/controls.h"
#include "text.h"
#include "theme.h"

namespace least_action {
namespace {

// The row whose value is being typed; there is one keyboard, so there is one.
struct TypedValue {
  ImGuiID id = 0;
  char text[32] = "";
  bool focus = false;
};
TypedValue typed;

// A slider lands on numbers people would choose: three digits, or two where it is logarithmic.
double rounded(double value, const NumberStyle& style) {
  const double grain =
      style.logarithmic
          ? std::pow(10.0, std::floor(std::log10(value)) - 1)
          : std::pow(10.0, std::floor(std::log10(style.maximum - style.minimum)) - 2);
  return std::round(value / grain) * grain;
}

double position_of(double value, const NumberStyle& style) {
  const double s = style.logarithmic
                       ? std::log(std::max(value, 1e-300) / style.minimum) /
                             std::log(style.maximum / style.minimum)
                       : (value - style.minimum) / (style.maximum - style.minimum);
  return std::clamp(std::isfinite(s) ? s : 0.0, 0.0, 1.0);
}

double value_at(double s, const NumberStyle& style) {
  const double v = style.logarithmic
                       ? style.minimum * std::pow(style.maximum / style.minimum, s)
                       : style.minimum + s * (style.maximum - style.minimum);
  return std::clamp(rounded(v, style), style.minimum, style.maximum);
}

// A thirtieth of the slider a key press, but at least what its digits can show.
double stepped(double value, int steps, const NumberStyle& style) {
  constexpr double kStep = 1.0 / 30;
  double s = position_of(value, style), next = value;
  for (int tries = 0; tries < 40 && next == value; ++tries) {
    s += kStep * steps;
    next = value_at(std::clamp(s, 0.0, 1.0), style);
  }
  return next;
}

void start_typing(ImGuiID id, double value) {
  typed = {id, "", true};
  std::snprintf(typed.text, sizeof typed.text, "%s", to_text(value).c_str());
}

// Returns true when a typed value was completed.
bool type_value(ImGuiID id, const Rect& box, double& value) {
  ImGui::SetCursorScreenPos({box.x, box.y + 1});
  ImGui::SetNextItemWidth(box.width);
  if (typed.focus) ImGui::SetKeyboardFocusHere();
  const bool entered =
      ImGui::InputText("value", typed.text, sizeof typed.text,
                       ImGuiInputTextFlags_CharsScientific | ImGuiInputTextFlags_AutoSelectAll |
                           ImGuiInputTextFlags_EnterReturnsTrue);
  const bool done = entered || (!typed.focus && ImGui::IsItemDeactivated());
  typed.focus = false;
  if (!done || typed.id != id) return false;
  typed.id = 0;
  double number = value;
  if (!parse_number(typed.text, number) || number == value) return false;
  value = number;
  return true;
}

}  // namespace

bool number_row(std::string_view label, std::string_view help, double& value,
                const NumberStyle& style, bool live) {
  const Palette& colors = palette();
  const Rect line = next_row();
  const Rect control = row_control(line, label, help);
  char name[64];
  std::snprintf(name, sizeof name, "%.*s", static_cast<int>(label.size()), label.data());
  ImGui::PushID(name);
  const ImGuiID id = ImGui::GetID(name);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float value_width = std::clamp(0.46f * control.width, 58.0f, 76.0f);
  const Rect track{control.x, control.y, control.width - value_width - 4, control.height};
  const Rect box{track.right() + 4, control.y, value_width, control.height};

  ImGui::SetCursorScreenPos({track.x - 4, track.y});
  const bool pressed = ImGui::InvisibleButton(name, {track.width + 8, track.height});
  bool complete = false;
  if (const int steps = slider_steps(); steps != 0) {
    const double next = stepped(value, steps, style);
    complete = next != value;
    value = next;
  }
  const bool starts_typing = pressed && pressed_by_key();
  const bool hovered = ImGui::IsItemHovered(),
             active = ImGui::IsItemActive() && ImGui::IsMouseDown(ImGuiMouseButton_Left);
  static double before = 0;
  if (ImGui::IsItemActivated()) before = value;
  if (active) {
    const float inner = std::max(track.width - 10, 1.0f);
    const double s = static_cast<double>((ImGui::GetMousePos().x - track.x - 5) / inner);
    const double next = value_at(std::clamp(s, 0.0, 1.0), style);
    complete = live && next != value;
    value = next;
  }
  if (ImGui::IsItemDeactivated()) complete = complete || value != before;
  if (!active) explain(help);

  const float y = control.center().y;
  const float knob =
      track.x + 5 + static_cast<float>(position_of(value, style)) * (track.width - 10);
  list.AddRectFilled({track.x, y - 1.5f}, {track.right(), y + 1.5f}, colors.hovered, 2);
  list.AddRectFilled({track.x, y - 1.5f}, {knob, y + 1.5f}, colors.muted, 2);
  list.AddCircleFilled({knob, y}, active || hovered ? 7.0f : 5.5f, colors.ink);

  if (starts_typing) start_typing(id, value);
  if (typed.id == id) {
    complete = type_value(id, box, value) || complete;
  } else {
    ImGui::SetCursorScreenPos(box.min());
    char edit_name[80];
    std::snprintf(edit_name, sizeof edit_name, "%s value", name);
    if (ImGui::InvisibleButton(edit_name, box.size())) start_typing(id, value);
    if (ImGui::IsItemHovered()) {
      list.AddRectFilled({box.x, box.y + 2}, {box.right(), box.bottom() - 2}, colors.raised, 6);
      ImGui::SetMouseCursor(ImGuiMouseCursor_TextInput);
    }
    const Label text =
        *style.unit != 0
            ? format_label("%s %s", format_value(value, style.digits).c_str(), style.unit)
            : format_value(value, style.digits);
    ImGui::PushFont(fonts().small);
    const ImVec2 size = math_text_size(text);
    draw_math_text(list, {box.right() - size.x - 2, y - 0.5f * size.y}, colors.ink, text);
    ImGui::PopFont();
  }
  ImGui::PopID();
  ImGui::SetCursorScreenPos({line.x, line.bottom() + ImGui::GetStyle().ItemSpacing.y});
  ImGui::Dummy({0, 0});
  ImGui::SetCursorScreenPos({line.x, line.bottom() + ImGui::GetStyle().ItemSpacing.y});
  return complete;
}

bool edit_number(const ViewState& state, const char* key, double& value,
                 const NumberStyle& style) {
  const Setting& row = setting(key);
  const bool complete = number_row(row.label, row.help, value, style, !row.restarts);
  show_fault(state, key);
  return complete;
}

bool edit_integer(const ViewState& state, const char* key, Index& value,
                  const NumberStyle& style) {
  double number = static_cast<double>(value);
  const Setting& row = setting(key);
  const bool complete = number_row(row.label, row.help, number, style, !row.restarts);
  const auto whole = static_cast<Index>(std::llround(std::clamp(number, -1e15, 1e15)));
  // A key moves it by at least 1, a drag goes to the nearest.
  const bool lost = whole == value && number != static_cast<double>(value);
  const bool by_key = lost && (ImGui::IsKeyPressed(kLessKey) || ImGui::IsKeyPressed(kMoreKey));
  value = whole + (by_key ? (number > static_cast<double>(value) ? 1 : -1) : 0);
  show_fault(state, key);
  return complete;
}

}  // namespace least_action
