#include "idle_time.h"

#include "imgui.h"

namespace least_action {
namespace {

bool any_key_is_down() {
  for (int key = ImGuiKey_NamedKey_BEGIN; key < ImGuiKey_NamedKey_END; ++key)
    if (ImGui::IsKeyDown(static_cast<ImGuiKey>(key))) return true;
  return false;
}

}  // namespace

void IdleTime::advance(double dt, bool busy) {
  const ImGuiIO& io = ImGui::GetIO();
  const bool touched = io.MouseDelta.x != 0 || io.MouseDelta.y != 0 || io.MouseWheel != 0 ||
                       ImGui::IsAnyMouseDown() || any_key_is_down();
  seconds_ = touched || busy ? 0 : seconds_ + dt;
}

}  // namespace least_action
