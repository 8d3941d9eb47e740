#include "text.h"

#include <array>

#include "imgui_internal.h"

namespace least_action {
namespace {

Fonts current;

// A combining mark this file draws by hand; 0: any other code point.
unsigned combining_dots(unsigned code) { return code == 0x307 ? 1u : code == 0x308 ? 2u : 0u; }

struct Decoder {
  const char* at;
  const char* end;
  bool next(unsigned& code) {
    if (at >= end) return false;
    at += ImTextCharFromUtf8(&code, at, end);
    return true;
  }
};

}  // namespace

const ImWchar* glyph_ranges() {
  static constexpr std::array<ImWchar, 29> kRanges{
      0x0020, 0x007e,  // ASCII
      0x00a0, 0x00ff,  // Latin-1: ×, ·, ², °, é, …
      0x0131, 0x0131,  // ı
      0x0370, 0x03ff,  // Greek
      0x2010, 0x2026,  // hyphens, dashes, quotes, …
      0x2032, 0x2033,  // primes
      0x2070, 0x209f,  // super- and subscripts
      0x2113, 0x2113,  // ℓ
      0x2190, 0x2195,  // arrows
      0x21d2, 0x21d2,  // ⇒
      0x2202, 0x2202,  // ∂
      0x2207, 0x2207,  // ∇
      0x2208, 0x221e,  // ∈ … ∑ − √ ∝ ∞
      0x2248, 0x2265,  // ≈ ≠ ≡ ≤ ≥
      0};
  return kRanges.data();
}

Fonts build_fonts(std::string_view regular, std::string_view medium, float pixel_ratio) {
  ImGuiIO& io = ImGui::GetIO();
  if (!(pixel_ratio > 0)) pixel_ratio = 1;
  if (medium.empty()) medium = regular;
  io.Fonts->Clear();
  const auto add = [&](std::string_view data, float size) {
    ImFontConfig config;
    config.FontDataOwnedByAtlas = false;
    config.OversampleH = pixel_ratio >= 2 ? 1 : 2;
    config.OversampleV = 1;
    config.PixelSnapH = false;
    // The atlas only reads the data; ImGui's interface predates const here.
    return io.Fonts->AddFontFromMemoryTTF(const_cast<char*>(data.data()),
                                          static_cast<int>(data.size()), size * pixel_ratio,
                                          &config, glyph_ranges());
  };
  Fonts fonts;
  fonts.body = add(regular, kBodySize);
  fonts.small = add(regular, kSmallSize);
  fonts.heading = add(medium, kBodySize);
  fonts.title = add(medium, kTitleSize);
  io.FontDefault = fonts.body;
  io.FontGlobalScale = 1 / pixel_ratio;
  set_fonts(fonts);
  return fonts;
}

void set_fonts(const Fonts& fonts) { current = fonts; }
const Fonts& fonts() { return current; }

ImVec2 math_text_size(std::string_view label) {
  ImFont* font = ImGui::GetFont();
  const float size = ImGui::GetFontSize(), scale = size / font->FontSize;
  float width = 0;
  Decoder decoder{label.data(), label.data() + label.size()};
  for (unsigned code = 0; decoder.next(code);) {
    if (combining_dots(code) == 0) {
      width += font->GetCharAdvance(static_cast<ImWchar>(code)) * scale;
    }
  }
  return {width, size};
}

void draw_math_text(ImDrawList& list, ImFont* font, float size, ImVec2 position, ImU32 color,
                    std::string_view label) {
  if (font == nullptr) font = ImGui::GetFont();
  const float scale = size / font->FontSize;
  Decoder decoder{label.data(), label.data() + label.size()};
  float x = position.x;
  const ImFontGlyph* base = nullptr;
  float base_x = x;
  for (unsigned code = 0;;) {
    const char* start = decoder.at;
    if (!decoder.next(code)) break;
    if (const unsigned dots = combining_dots(code); dots != 0) {
      if (base == nullptr) continue;
      // Above the ink of the letter, a dot's width clear of it; ẍ has its two side by side.
      const float radius = 0.065f * size;
      const float center = base_x + 0.5f * (base->X0 + base->X1) * scale;
      const float y = position.y + base->Y0 * scale - 2.1f * radius;
      for (unsigned k = 0; k < dots; ++k) {
        const float shift = dots == 1 ? 0.0f : (k == 0 ? -1.6f : 1.6f) * radius;
        list.AddCircleFilled({center + shift, y}, radius, color, 12);
      }
      continue;
    }
    base = font->FindGlyph(static_cast<ImWchar>(code));
    base_x = x;
    list.AddText(font, size, {x, position.y}, color, start, decoder.at);
    x += font->GetCharAdvance(static_cast<ImWchar>(code)) * scale;
  }
}

void draw_math_text(ImDrawList& list, ImVec2 position, ImU32 color, std::string_view label) {
  draw_math_text(list, ImGui::GetFont(), ImGui::GetFontSize(), position, color, label);
}

void math_text(std::string_view label) {
  const ImVec2 position = ImGui::GetCursorScreenPos();
  draw_math_text(*ImGui::GetWindowDrawList(), position, ImGui::GetColorU32(ImGuiCol_Text),
                 label);
  ImGui::Dummy(math_text_size(label));
}

bool draw_fitted_text(ImDrawList& list, ImVec2 position, float width, ImU32 color,
                      std::string_view label) {
  if (math_text_size(label).x <= width) {
    draw_math_text(list, position, color, label);
    return false;
  }
  const float ellipsis = math_text_size("…").x;
  std::size_t end = label.size();
  while (end > 0) {
    --end;
    // Only whole code points, and no space before the ellipsis.
    if ((static_cast<unsigned char>(label[end]) & 0xc0) == 0x80 ||
        (end > 0 && label[end - 1] == ' '))
      continue;
    if (math_text_size(label.substr(0, end)).x + ellipsis <= width) break;
  }
  const std::string_view kept = label.substr(0, end);
  draw_math_text(list, position, color, kept);
  draw_math_text(list, {position.x + math_text_size(kept).x, position.y}, color, "…");
  return true;
}

}  // namespace least_action
