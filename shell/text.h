#pragma once

#include <string_view>

#include "imgui.h"

namespace least_action {

/// The faces of the playground. Any may be null: then ImGui's current font stands in.
struct Fonts {
  ImFont* body = nullptr;     ///< kBodySize: controls and prose.
  ImFont* small = nullptr;    ///< kSmallSize: ticks, captions, table.
  ImFont* heading = nullptr;  ///< kBodySize, medium or bold: section and plot titles.
  ImFont* title = nullptr;    ///< kTitleSize, medium or bold: the name in the top bar.
};
inline constexpr float kBodySize = 15, kSmallSize = 12.5f, kTitleSize = 19;

/// Code points the playground uses, as ImGui glyph ranges (pairs, zero-terminated): Latin,
/// Greek, super- and subscripts, arrows, mathematical operators. Icons are drawn, not set.
const ImWchar* glyph_ranges();

/// Adds the four faces to ImGui's font atlas (after clearing it) from TrueType data, rasterised
/// at `pixel_ratio` × their size, and sets io.FontGlobalScale so that sizes stay in display
/// units. `medium` may be empty: then `regular` serves. The data must outlive the atlas. The
/// caller rebuilds its renderer's texture, and calls again when the ratio changes.
Fonts build_fonts(std::string_view regular, std::string_view medium, float pixel_ratio);

/// The fonts in use (those of the last `build_fonts` or `set_fonts`).
void set_fonts(const Fonts& fonts);
const Fonts& fonts();

/// Width and height of `label` in the current font. A combining dot above (U+0307, also two of
/// them, or U+0308) takes no width.
ImVec2 math_text_size(std::string_view label);

/// Draws `label` at `position` (top left) in the current font; a letter followed by U+0307 gets
/// its dot drawn right above its ink, whatever the font thinks of combining marks: q̇, q̇₁, ẍ.
void draw_math_text(ImDrawList& list, ImVec2 position, ImU32 color, std::string_view label);

/// Draws `label` cut to `width` with an ellipsis where it is longer; true when it was cut.
bool draw_fitted_text(ImDrawList& list, ImVec2 position, float width, ImU32 color,
                      std::string_view label);

/// The same as an ImGui item at the cursor.
void math_text(std::string_view label);

/// The same at a font and size of choice (null: the current font).
void draw_math_text(ImDrawList& list, ImFont* font, float size, ImVec2 position, ImU32 color,
                    std::string_view label);

}  // namespace least_action
