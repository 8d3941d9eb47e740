#pragma once

#include <string_view>

#include "command.h"
#include "icons.h"
#include "view_state.h"

namespace least_action {

/// One entry of a legend.
struct LegendEntry {
  std::string_view name;
  ImU32 color;
};

/// The frame all plots share: a card with a title, and a camera at its top right that asks for
/// a picture of it. Returns the area below the title. `name` is the file's: "losses.png".
Rect draw_plot_card(const Rect& area, std::string_view title, const char* name, bool focused,
                    const DisplayState& display, Commands& commands);
/// The same for a plot of the mechanics workspace.
Rect draw_plot_card(const Rect& area, std::string_view title, const char* name, Focus focus,
                    ViewState& state, Commands& commands);

/// Card without a title: rounded surface with a hairline.
void draw_card(ImDrawList& list, const Rect& area, bool focused);

/// Round button with an icon, as an ImGui item called `label`; true when pressed.
bool icon_button(const char* label, Icon icon, const Rect& area, bool active = false);

/// A sentence in the middle of an empty plot.
void draw_placeholder(ImDrawList& list, const Rect& area, std::string_view sentence);

/// A caption above a value under the pointer, following it.
void draw_readout(ImDrawList& list, const Rect& bounds, ImVec2 at, const LegendEntry* entries,
                  int count, std::string_view heading);

}  // namespace least_action
