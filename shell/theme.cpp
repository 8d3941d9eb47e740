#include "theme.h"

namespace least_action {
namespace {

constexpr ImU32 rgb(unsigned hex, unsigned alpha = 255) {
  return IM_COL32((hex >> 16) & 255, (hex >> 8) & 255, hex & 255, alpha);
}

constexpr Palette kDark{.background = rgb(0x0e1116),
                        .surface = rgb(0x161a21),
                        .raised = rgb(0x232933),
                        .hovered = rgb(0x2e3641),
                        .border = rgb(0x262c36),
                        .grid = rgb(0x252b35),
                        .ink = rgb(0xeceef1),
                        .muted = rgb(0x98a1ad),
                        .faint = rgb(0x5d6672),
                        .fault = rgb(0xff7b72),
                        .good = rgb(0x56d39b),
                        .models = {rgb(0x4aa8ff), rgb(0xff9440), rgb(0x2fc6a0), rgb(0xe07fd0)}};

constexpr Palette kLight{
    .background = rgb(0xf3f2ee),
    .surface = rgb(0xfdfdfb),
    .raised = rgb(0xecebe6),
    .hovered = rgb(0xe1dfd8),
    .border = rgb(0xe2e0d9),
    .grid = rgb(0xe9e7e1),
    .ink = rgb(0x1d2127),
    .muted = rgb(0x646b75),
    .faint = rgb(0xa3a7ac),
    .fault = rgb(0xc2352a),
    .good = rgb(0x128055),
    .models = {rgb(0x0f6fc6), rgb(0xd9590b), rgb(0x008a6c), rgb(0xa8459f)}};

const Palette* current = &kDark;

ImVec4 rgba(ImU32 color) { return ImGui::ColorConvertU32ToFloat4(color); }

}  // namespace

const Palette& palette() { return *current; }

ImU32 series_color(int model) {
  if (model < 0) return current->ink;
  return current->models[static_cast<std::size_t>(model) % current->models.size()];
}

ImU32 with_alpha(ImU32 color, float alpha) {
  const float a = static_cast<float>((color >> IM_COL32_A_SHIFT) & 255) * alpha;
  return (color & ~IM_COL32_A_MASK) | (static_cast<ImU32>(a + 0.5f) << IM_COL32_A_SHIFT);
}

ImU32 mix(ImU32 a, ImU32 b, float amount) {
  const ImVec4 u = rgba(a), v = rgba(b);
  const auto blend = [amount](float x, float y) { return x + (y - x) * amount; };
  return ImGui::ColorConvertFloat4ToU32(
      {blend(u.x, v.x), blend(u.y, v.y), blend(u.z, v.z), blend(u.w, v.w)});
}

void apply_theme(bool dark, bool touch) {
  current = dark ? &kDark : &kLight;
  const Palette& p = *current;
  ImGuiStyle& style = ImGui::GetStyle();
  style = ImGuiStyle();
  style.WindowPadding = {14, 12};
  style.FramePadding = touch ? ImVec2(10, 9) : ImVec2(9, 5);
  style.ItemSpacing = touch ? ImVec2(8, 9) : ImVec2(8, 6);
  style.ItemInnerSpacing = {8, 6};
  style.WindowBorderSize = style.FrameBorderSize = style.ChildBorderSize = 0;
  style.PopupBorderSize = 1;
  style.FrameRounding = style.GrabRounding = 6;
  style.PopupRounding = style.ChildRounding = style.WindowRounding = 8;
  style.ScrollbarSize = touch ? 10 : 8;
  style.ScrollbarRounding = 8;
  style.DisabledAlpha = 0.45f;
  style.AntiAliasedLinesUseTex = true;
  style.CurveTessellationTol = 0.6f;
  style.CircleTessellationMaxError = 0.15f;
  style.HoverStationaryDelay = 0.25f;

  const ImVec4 none(0, 0, 0, 0);
  ImVec4* c = style.Colors;
  c[ImGuiCol_Text] = rgba(p.ink);
  c[ImGuiCol_TextDisabled] = rgba(p.muted);
  c[ImGuiCol_WindowBg] = rgba(p.background);
  c[ImGuiCol_ChildBg] = none;
  c[ImGuiCol_PopupBg] = rgba(mix(p.surface, p.raised, 0.35f));
  c[ImGuiCol_Border] = rgba(mix(p.border, p.muted, 0.15f));
  c[ImGuiCol_BorderShadow] = none;
  c[ImGuiCol_FrameBg] = rgba(p.raised);
  c[ImGuiCol_FrameBgHovered] = c[ImGuiCol_FrameBgActive] = rgba(p.hovered);
  c[ImGuiCol_Button] = rgba(p.raised);
  c[ImGuiCol_ButtonHovered] = rgba(p.hovered);
  c[ImGuiCol_ButtonActive] = rgba(mix(p.hovered, p.ink, 0.12f));
  c[ImGuiCol_Header] = rgba(p.raised);
  c[ImGuiCol_HeaderHovered] = c[ImGuiCol_HeaderActive] = rgba(p.hovered);
  c[ImGuiCol_ScrollbarBg] = none;
  c[ImGuiCol_ScrollbarGrab] = rgba(p.raised);
  c[ImGuiCol_ScrollbarGrabHovered] = c[ImGuiCol_ScrollbarGrabActive] = rgba(p.hovered);
  c[ImGuiCol_SliderGrab] = c[ImGuiCol_SliderGrabActive] = rgba(p.ink);
  c[ImGuiCol_CheckMark] = rgba(p.ink);
  c[ImGuiCol_Separator] = rgba(p.border);
  c[ImGuiCol_TextSelectedBg] = rgba(with_alpha(p.models[0], 0.35f));
  c[ImGuiCol_NavHighlight] = rgba(p.models[0]);
  c[ImGuiCol_ModalWindowDimBg] = rgba(with_alpha(p.background, 0.7f));
}

}  // namespace least_action
