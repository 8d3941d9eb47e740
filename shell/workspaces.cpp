#include "imgui.h"
#include "workspace.h"

namespace least_action {

const std::vector<WorkspaceEntry>& workspaces() {
  static const std::vector<WorkspaceEntry> all{
      {"mechanics", "Mechanics", "Networks that learn mechanics from observed motion.",
       nullptr},
  };
  return all;
}

bool keys_are_free() {
  const ImGuiIO& io = ImGui::GetIO();
  return !io.WantTextInput && !io.KeyCtrl && !io.KeyAlt && !io.KeySuper &&
         !ImGui::IsPopupOpen(nullptr, ImGuiPopupFlags_AnyPopup);
}

}  // namespace least_action
