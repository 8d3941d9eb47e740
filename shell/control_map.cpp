#include "control_map.h"

#include <cstdio>
#include <unordered_map>
#include <vector>

#include "imgui_internal.h"

namespace {

struct Control {
  ImGuiID id = 0;
  ImRect box;
  std::string label;
  ImGuiItemStatusFlags flags = 0;
};
std::vector<Control> controls;
std::unordered_map<ImGuiID, std::size_t> index_of;

}  // namespace

void ImGuiTestEngineHook_ItemAdd(ImGuiContext* context, ImGuiID id, const ImRect& box,
                                 const ImGuiLastItemData*) {
  if (id == 0 || context->CurrentWindow == nullptr) return;
  ImRect visible = box;
  visible.ClipWith(context->CurrentWindow->ClipRect);
  if (visible.GetWidth() <= 1 || visible.GetHeight() <= 1) return;
  if (index_of.emplace(id, controls.size()).second) controls.push_back({id, visible, {}, 0});
}

void ImGuiTestEngineHook_ItemInfo(ImGuiContext*, ImGuiID id, const char* label,
                                  ImGuiItemStatusFlags flags) {
  const auto found = index_of.find(id);
  if (found == index_of.end()) return;
  Control& control = controls[found->second];
  if (label != nullptr) control.label = label;
  control.flags = flags;
}

void ImGuiTestEngineHook_Log(ImGuiContext*, const char*, ...) {}

const char* ImGuiTestEngine_FindItemDebugLabel(ImGuiContext*, ImGuiID) { return nullptr; }

namespace least_action {

void enable_control_map(bool enabled) {
  ImGui::GetCurrentContext()->TestEngineHookItems = enabled;
}

void begin_control_map() {
  controls.clear();
  index_of.clear();
}

void mark_control(const char* label, float x, float y, float width, float height) {
  if (!ImGui::GetCurrentContext()->TestEngineHookItems) return;
  const ImGuiID id = ImGui::GetID(label);
  if (!index_of.emplace(id, controls.size()).second) return;
  controls.push_back({id, {x, y, x + width, y + height}, label, 0});
}

std::string json_string(const std::string& text) {
  std::string json = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      json += {'\\', c};
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c));
      json += escape;
    } else {
      json += c;
    }
  }
  return json + '"';
}

std::string control_map_json() {
  const ImGuiContext& context = *ImGui::GetCurrentContext();
  std::string json = "[";
  for (const Control& control : controls) {
    if (control.label.empty()) continue;
    char numbers[256];
    std::snprintf(numbers, sizeof numbers,
                  ",\"id\":%u,\"x\":%.1f,\"y\":%.1f,\"width\":%.1f,\"height\":%.1f,"
                  "\"checked\":%s,\"active\":%s,\"focused\":%s}",
                  control.id, control.box.Min.x, control.box.Min.y, control.box.GetWidth(),
                  control.box.GetHeight(),
                  control.flags & ImGuiItemStatusFlags_Checked ? "true" : "false",
                  context.ActiveId == control.id ? "true" : "false",
                  context.NavId == control.id ? "true" : "false");
    if (json.size() > 1) json += ',';
    json += "{\"label\":" + json_string(control.label) + numbers;
  }
  return json + "]";
}

}  // namespace least_action
