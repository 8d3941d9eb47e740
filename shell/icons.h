#pragma once

#include "imgui.h"

namespace least_action {

enum class Icon {
  kPlay,
  kPause,
  kStep,
  kReset,
  kSun,
  kMoon,
  kHelp,
  kLink,
  kDownload,
  kUpload,
  kCamera,
  kLayers,
  kPlus,
  kCross,
  kChevronDown,
  kChevronRight,
  kFit
};

/// Draws an icon of `size` around `center`: strokes with the weight of the text, no font
/// needed.
void draw_icon(ImDrawList& list, Icon icon, ImVec2 center, float size, ImU32 color);

}  // namespace least_action
