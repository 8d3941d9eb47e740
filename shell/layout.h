#pragma once

#include "imgui.h"

namespace least_action {

/// A rectangle of the display, in display units, y down.
struct Rect {
  float x = 0, y = 0, width = 0, height = 0;
  float right() const { return x + width; }
  float bottom() const { return y + height; }
  ImVec2 min() const { return {x, y}; }
  ImVec2 max() const { return {x + width, y + height}; }
  ImVec2 center() const { return {x + 0.5f * width, y + 0.5f * height}; }
  ImVec2 size() const { return {width, height}; }
  bool empty() const { return width <= 0 || height <= 0; }
  bool contains(ImVec2 p) const {
    return p.x >= x && p.y >= y && p.x < right() && p.y < bottom();
  }
  Rect shrunk(float dx, float dy) const {
    return {x + dx, y + dy, width - 2 * dx, height - 2 * dy};
  }
};

/// What a narrow display shows below the portrait, one at a time.
enum class Tab { kControls, kScene, kLosses, kEnergy, kTable };
inline constexpr int kNumTabs = 5;

/// Where everything is. A region that is not on screen is empty; the others never overlap and
/// together fill the display inside its margins.
struct Layout {
  bool compact = false;  ///< One column with tabs (phones, narrow windows).
  Rect top_bar, controls, portrait, scrubber, scenes, losses, energy, table, tabs, status;
};

/// Three columns on a laptop and beyond; one column with tabs where the display is narrower
/// than 820 or lower than 520 units.
Layout compute_layout(ImVec2 display, Tab tab, int num_models, float inset_top = 0,
                      float inset_bottom = 0);

}  // namespace least_action
