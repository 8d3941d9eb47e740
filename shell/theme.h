#pragma once

#include <array>

#include "imgui.h"

namespace least_action {

/// Colours of one theme. Truth is neutral ink; each of up to four models has one hue, the same
/// in every plot. The hues (after Okabe and Ito) stay apart under the common colour-vision
/// deficiencies and have similar weight on the background.
struct Palette {
  ImU32 background;  ///< Behind everything.
  ImU32 surface;     ///< Cards that hold plots and controls.
  ImU32 raised;      ///< Buttons, fields.
  ImU32 hovered;     ///< … under the pointer.
  ImU32 border;      ///< Hairlines around cards.
  ImU32 grid;        ///< Hairlines inside plots.
  ImU32 ink;         ///< Text, truth.
  ImU32 muted;       ///< Secondary text, ticks.
  ImU32 faint;       ///< Disabled text, data points.
  ImU32 fault;       ///< What is wrong.
  ImU32 good;        ///< What went well.
  std::array<ImU32, 4> models;
};

const Palette& palette();
/// Installs the theme's colours and shapes in ImGui's style; `touch` widens what fingers hit.
void apply_theme(bool dark, bool touch);
/// Hue of a model; −1: the truth.
ImU32 series_color(int model);
/// The same colour at `alpha` times its opacity.
ImU32 with_alpha(ImU32 color, float alpha);
/// Blend: 0 gives a, 1 gives b.
ImU32 mix(ImU32 a, ImU32 b, float amount);

}  // namespace least_action
