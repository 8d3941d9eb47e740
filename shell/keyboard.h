#pragma once

#include "imgui.h"

namespace least_action {

/// The keys that belong to the playground wherever the keyboard is (outside a text field):
/// space starts and pauses, tab goes to the next plot. ImGui's own navigation would take them
/// to press and to leave controls, so they reach ImGui under these names, and it sees neither.
inline constexpr ImGuiKey kStartKey = ImGuiKey_F20, kNextKey = ImGuiKey_F21;
/// Left and right, while the keyboard is on a slider: they move its value and not the focus.
inline constexpr ImGuiKey kLessKey = ImGuiKey_F22, kMoreKey = ImGuiKey_F23;

/// Renames keys in the current ImGui context for as long as it lives; call once.
void install_keys();

/// At the end of a frame: whether arrows and Enter work the controls of the focused window from
/// the next frame on (they do in an open popup in any case), and the ring around the control
/// that has the keyboard.
void navigate_controls(bool enabled);
/// Gives the keyboard to the first control of the current window: call before it is drawn.
void focus_first_control();
/// The last item is a slider: the change that the keyboard asks for, in steps (0 mostly).
int slider_steps();
/// The last item was pressed by the keyboard, not the pointer.
bool pressed_by_key();

}  // namespace least_action
