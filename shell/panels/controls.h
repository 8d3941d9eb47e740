#pragma once

#include <string_view>

#include "icons.h"
#include "layout.h"
#include "session/session_config.h"
#include "view_state.h"

namespace least_action {

/// The playground's own controls, drawn over ImGui's invisible ones. Every control is an ImGui
/// item called by its visible label, so that automation finds it by what people read.

/// The row of the settings table called `key` (one with empty texts where there is none).
const Setting& setting(std::string_view key);

/// Text that wraps at `width` and may hold combining dots; moves the cursor below it.
void wrapped_text(std::string_view text, float width, ImU32 color);
/// Tooltip of the last item.
void explain(std::string_view text);

/// A button with a caption and, unless null, an icon; `primary` stands out.
bool text_button(const char* label, const Rect& area, const Icon* icon = nullptr,
                 bool primary = false);
/// A small button that is on or off, with an optional colour dot (0: none); where the label
/// does not fit, the dot stands for it.
bool chip(const char* label, const Rect& area, bool on, ImU32 dot = 0);
/// Width that `chip` needs.
float chip_width(const char* label, bool dot);
/// Joined buttons of which one is on; true when `selected` changed.
bool segmented(const char* name, const Rect& area, const char* const* labels, int count,
               int& selected);
/// A box that opens a list; true when `selected` changed.
/// `helps`: a line about each choice, shown under the pointer (and for the selected one on the
/// box); may be empty.
bool choice_box(const char* label, const Rect& area, const std::vector<std::string>& choices,
                int& selected, const std::vector<std::string>& helps = {});

/// Collapsible part of the controls; `summary` is shown while it is closed.
bool section(const char* title, std::string_view summary, bool open_by_default);
/// What is wrong with the setting `key`, if anything, below its control.
void show_fault(const ViewState& state, std::string_view key);

/// Rows "label · control" across the current width; true when the edit is complete: at once for
/// a setting that may change during training, on release for one that restarts it.
struct NumberStyle {
  double minimum = 0, maximum = 1;  ///< Of the slider; typed values may lie outside.
  bool logarithmic = false;
  const char* unit = "";
  int digits = 3;
};
bool number_row(std::string_view label, std::string_view help, double& value,
                const NumberStyle& style, bool live);
bool edit_number(const ViewState& state, const char* key, double& value,
                 const NumberStyle& style);
bool edit_integer(const ViewState& state, const char* key, Index& value,
                  const NumberStyle& style);
bool edit_toggle(const ViewState& state, const char* key, bool& value);
bool edit_choice(const ViewState& state, const char* key, int& value);
/// The same for a choice of the draft's settings by the names that links use.
bool edit_choice_by_name(ViewState& state, const char* key);
template <class Enum>
bool edit_enum(const ViewState& state, const char* key, Enum& value) {
  int index = static_cast<int>(value);
  const bool changed = edit_choice(state, key, index);
  value = static_cast<Enum>(index);
  return changed;
}
/// A switch with a caption, as used in popups.
bool toggle_row(const char* label, bool& value, bool enabled = true);

/// The rectangle of the next full-width row, and of the control in it after a label.
Rect next_row();
Rect row_control(const Rect& row, std::string_view label, std::string_view help);
float row_height();

}  // namespace least_action
