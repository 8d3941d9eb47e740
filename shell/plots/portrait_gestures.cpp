#include "plots/portrait_gestures.h"

#include <algorithm>
#include <cmath>

#include "control_map.h"

namespace least_action {
namespace {

void pan(PortraitView& view, double dx, double dy) {
  view.x_min += dx, view.x_max += dx, view.y_min += dy, view.y_max += dy;
  view.moved = true;
}

}  // namespace

void zoom_portrait(PortraitView& view, double x, double y, double factor) {
  if (!(factor > 0) || !std::isfinite(factor)) return;
  const double span = (view.x_max - view.x_min) / factor;
  if (span < 1e-6 || span > 1e6) return;
  view.x_min = x + (view.x_min - x) / factor;
  view.x_max = x + (view.x_max - x) / factor;
  view.y_min = y + (view.y_min - y) / factor;
  view.y_max = y + (view.y_max - y) / factor;
  view.moved = true;
}

// A finger that rests on the background; a page without animation draws its next frame only
// when the finger is lifted.
bool PortraitGestures::is_pin(ImVec2 mouse, bool released, const ViewState& state,
                              const FrameInput& input) {
  constexpr double kLong = 0.55;  // [s]
  constexpr float kRest = 8;
  if (!may_be_long_) return false;
  if (!input.touch || input.pinching ||
      std::hypot(mouse.x - touched_.x, mouse.y - touched_.y) > kRest) {
    may_be_long_ = false;
    return false;
  }
  const bool is_long = state.now - touched_since_ >= kLong;
  if (is_long || released) may_be_long_ = false;
  return is_long;
}

PortraitGesture PortraitGestures::read(const PlotArea& area, ImVec2 handle, ViewState& state,
                                       const FrameInput& input) {
  PortraitGesture gesture;
  const ImGuiIO& io = ImGui::GetIO();
  const Rect& r = area.rect();
  ImGui::SetCursorScreenPos(r.min());
  ImGui::SetNextItemAllowOverlap();  // a button may lie upon it
  ImGui::InvisibleButton("Phase portrait", r.size());
  const bool hovered = ImGui::IsItemHovered(), active = ImGui::IsItemActive();
  const ImVec2 mouse = io.MousePos;

  const float reach = state.touch ? 28.0f : 14.0f;
  mark_control("Initial state", handle.x - reach, handle.y - reach, 2 * reach, 2 * reach);
  const float divider = r.x + state.layers.split_position * r.width;
  const bool near_handle = std::hypot(mouse.x - handle.x, mouse.y - handle.y) < reach;
  const bool near_divider =
      state.layers.split && std::abs(mouse.x - divider) < (state.touch ? 18.0f : 7.0f);
  gesture.hovers_handle = hovered && near_handle && !input.touch;
  gesture.hovers_divider = hovered && near_divider && !near_handle;

  if (ImGui::IsItemActivated()) {
    grip_ = near_handle ? Grip::kHandle : near_divider ? Grip::kDivider : Grip::kBackground;
    grip_offset_ = {handle.x - mouse.x, handle.y - mouse.y};
    state.focus = Focus::kPortrait;
    touched_ = mouse;
    touched_since_ = state.now;
    may_be_long_ = grip_ == Grip::kBackground && input.touch;
    if (grip_ == Grip::kBackground && io.KeyShift) {
      gesture.pins = true;
      grip_ = Grip::kNone;
    }
  }
  if (is_pin(mouse, ImGui::IsItemDeactivated(), state, input)) gesture.pins = true;
  gesture.pin_x = area.x_value(mouse.x);
  gesture.pin_y = area.y_value(mouse.y);
  if (!active) grip_ = Grip::kNone;
  const bool moved = io.MouseDelta.x != 0 || io.MouseDelta.y != 0;
  if (grip_ == Grip::kHandle) {
    gesture.drags_handle = true;
    if (moved && !ImGui::IsItemActivated()) {
      const float x = std::clamp(mouse.x + grip_offset_.x, r.x, r.right());
      const float y = std::clamp(mouse.y + grip_offset_.y, r.y, r.bottom());
      gesture.moved_handle = true;
      gesture.handle_x = area.x_value(x);
      gesture.handle_y = area.y_value(y);
    }
  } else if (grip_ == Grip::kDivider) {
    state.layers.split_position = std::clamp((mouse.x - r.x) / r.width, 0.02f, 0.98f);
  } else if (grip_ == Grip::kBackground && moved && !input.pinching) {
    pan(state.portrait, -static_cast<double>(io.MouseDelta.x) / area.x_scale(),
        static_cast<double>(io.MouseDelta.y) / area.y_scale());
  }

  if (hovered && io.MouseWheel != 0) {
    zoom_portrait(state.portrait, area.x_value(mouse.x), area.y_value(mouse.y),
                  std::pow(1.15, static_cast<double>(std::clamp(io.MouseWheel, -4.0f, 4.0f))));
  }
  if (input.pinching && r.contains({input.pinch_x, input.pinch_y})) {
    zoom_portrait(state.portrait, area.x_value(input.pinch_x), area.y_value(input.pinch_y),
                  static_cast<double>(input.pinch_scale));
    pan(state.portrait, -static_cast<double>(input.pinch_dx) / area.x_scale(),
        static_cast<double>(input.pinch_dy) / area.y_scale());
  }
  if (hovered && ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left) && !near_handle) {
    state.portrait.fitted = false;
  }
  if (gesture.hovers_handle || gesture.drags_handle)
    ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
  if (gesture.hovers_divider || grip_ == Grip::kDivider) {
    ImGui::SetMouseCursor(ImGuiMouseCursor_ResizeEW);
  }
  return gesture;
}

}  // namespace least_action
