#include <new>

#include "flow_workspace.h"
#include "imgui.h"
#include "map_workspace.h"
#include "workspace.h"

namespace least_action {

const std::vector<WorkspaceEntry>& workspaces() {
  static const std::vector<WorkspaceEntry> all{
      {"mechanics", "Mechanics", "Networks that learn mechanics from observed motion.",
       nullptr},
      {"flow", "Density flow", "A Gaussian that learns to become any density.",
       make_flow_workspace, "least-action flow ", ".flow"},
      {"maps", "Maps", "What neural ODEs can and cannot map, side by side.",
       make_map_workspace},
  };
  return all;
}

std::string reason(const std::exception& error) {
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr)
    return "There is not enough memory for this.";
  return error.what();
}

bool keys_are_free() {
  const ImGuiIO& io = ImGui::GetIO();
  return !io.WantTextInput && !io.KeyCtrl && !io.KeyAlt && !io.KeySuper &&
         !ImGui::IsPopupOpen(nullptr, ImGuiPopupFlags_AnyPopup);
}

}  // namespace least_action
