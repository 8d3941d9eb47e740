#include "keyboard.h"

#include <array>

#include "imgui_internal.h"
#include "theme.h"

namespace least_action {
namespace {

struct Renaming {
  ImGuiKey from, to;
  bool for_sliders;
  bool down = false;  // under the new name
};
// There is one keyboard.
std::array<Renaming, 4> renamings{{{ImGuiKey_Space, kStartKey, false},
                                   {ImGuiKey_Tab, kNextKey, false},
                                   {ImGuiKey_LeftArrow, kLessKey, true},
                                   {ImGuiKey_RightArrow, kMoreKey, true}}};
bool on_slider = false;  // in the last frame

bool navigates() {
  return (ImGui::GetIO().ConfigFlags & ImGuiConfigFlags_NavEnableKeyboard) != 0;
}

void set_down(ImGuiContext* context, ImGuiKey key, bool down) {
  ImGuiKeyData& data = *ImGui::GetKeyData(context, key);
  data.Down = down;
  data.AnalogValue = down ? 1.0f : 0.0f;
}

// Before ImGui reads its events.
void rename_keys(ImGuiContext* context, ImGuiContextHook*) {
  const bool typing = context->IO.WantTextInput;
  for (Renaming& renaming : renamings) {
    if (renaming.down) set_down(context, renaming.from, false);
  }
  for (ImGuiInputEvent& event : context->InputEventsQueue) {
    if (event.Type != ImGuiInputEventType_Key) continue;
    for (Renaming& renaming : renamings) {
      if (event.Key.Key != renaming.from) continue;
      // What was pressed under the new name is released under it.
      const bool wanted = !typing && (!renaming.for_sliders || on_slider);
      const bool rename = event.Key.Down ? wanted : renaming.down;
      renaming.down = event.Key.Down && wanted;
      if (rename) event.Key.Key = renaming.to;
    }
  }
  on_slider = false;
}

// After ImGui's own navigation: ImGui drops the release of a key that it does not know to be
// down.
void remember_renamed_keys(ImGuiContext* context, ImGuiContextHook*) {
  for (Renaming& renaming : renamings) {
    bool down = ImGui::GetKeyData(context, renaming.to)->Down;
    for (const ImGuiInputEvent& event : context->InputEventsQueue) {
      if (event.Type == ImGuiInputEventType_Key && event.Key.Key == renaming.to)
        down = event.Key.Down;
    }
    renaming.down = down;
    if (down) set_down(context, renaming.from, true);
  }
}

}  // namespace

void install_keys() {
  for (Renaming& renaming : renamings) renaming.down = false;
  on_slider = false;
  ImGuiContextHook hook;
  hook.Type = ImGuiContextHookType_NewFramePre;
  hook.Callback = rename_keys;
  ImGui::AddContextHook(ImGui::GetCurrentContext(), &hook);
  hook.Type = ImGuiContextHookType_NewFramePost;
  hook.Callback = remember_renamed_keys;
  ImGui::AddContextHook(ImGui::GetCurrentContext(), &hook);
}

void navigate_controls(bool enabled) {
  ImGuiContext& context = *ImGui::GetCurrentContext();
  const bool popup = context.OpenPopupStack.Size > 0;
  ImGuiConfigFlags& flags = context.IO.ConfigFlags;
  flags = enabled || popup ? flags | ImGuiConfigFlags_NavEnableKeyboard
                           : flags & ~ImGuiConfigFlags_NavEnableKeyboard;
  const ImGuiWindow* const window = context.NavWindow;
  // A popup's choices show for themselves which one it is.
  if (!enabled || popup || window == nullptr || context.NavId == 0 ||
      context.NavDisableHighlight || context.IO.WantTextInput) {
    return;
  }
  const ImRect rect =
      ImGui::WindowRectRelToAbs(context.NavWindow, window->NavRectRel[context.NavLayer]);
  ImDrawList& list = *ImGui::GetForegroundDrawList();
  list.PushClipRect(window->ClipRect.Min, window->ClipRect.Max);
  list.AddRect({rect.Min.x - 1, rect.Min.y - 1}, {rect.Max.x + 1, rect.Max.y + 1},
               palette().models[0], 7, ImDrawFlags_None, 1.8f);
  list.PopClipRect();
}

void focus_first_control() {
  ImGuiContext& context = *ImGui::GetCurrentContext();
  ImGuiWindow* const window = ImGui::GetCurrentWindow();
  ImGui::GetIO().ConfigFlags |= ImGuiConfigFlags_NavEnableKeyboard;
  ImGui::FocusWindow(window);
  ImGui::NavInitWindow(window, true);
  context.NavDisableHighlight = false;
  context.NavDisableMouseHover = true;
}

int slider_steps() {
  if (!navigates() || !ImGui::IsItemFocused()) return 0;
  on_slider = true;
  return (ImGui::IsKeyPressed(kMoreKey) ? 1 : 0) - (ImGui::IsKeyPressed(kLessKey) ? 1 : 0);
}

bool pressed_by_key() {
  const ImGuiContext& context = *ImGui::GetCurrentContext();
  return context.NavActivatePressedId != 0 &&
         context.NavActivatePressedId == context.LastItemData.ID;
}

}  // namespace least_action
