#include "shell/headless.h"

#include <cstdlib>
#include <stdexcept>
#include <utility>

#include "control_map.h"
#include "fonts/embedded_fonts.h"
#include "imgui_internal.h"
#include "text.h"

namespace least_action::testing {
namespace {

// Of control_map_json, what a test needs: where the first control of this label is.
bool locate(const std::string& label, Rect& area) {
  const std::string json = control_map_json();
  const std::size_t at = json.find("{\"label\":" + json_string(label) + ",");
  if (at == std::string::npos) return false;
  const auto number = [&](const char* name) {
    const std::size_t k = json.find(name, at);
    return std::strtof(json.c_str() + k + std::string(name).size(), nullptr);
  };
  area = {number("\"x\":"), number("\"y\":"), number("\"width\":"), number("\"height\":")};
  return true;
}

void count_error(void* errors, const char*, ...) { ++*static_cast<int*>(errors); }

}  // namespace

AppOptions paused(const char* query) {
  return {.query = query, .background = false, .autostart = false};
}

HeadlessApp::HeadlessApp(float width, float height, const AppOptions& options)
    : context_(ImGui::CreateContext()) {
  ImGuiIO& io = ImGui::GetIO();
  io.IniFilename = nullptr;
  io.DisplaySize = {width, height};
  io.DeltaTime = 1 / 60.0f;
  build_fonts(regular_face(), medium_face(), 1);
  unsigned char* pixels = nullptr;
  int atlas_width = 0, atlas_height = 0;
  io.Fonts->GetTexDataAsAlpha8(&pixels, &atlas_width, &atlas_height);
  enable_control_map(true);
  app_ = std::make_unique<App>(options);
}

HeadlessApp::~HeadlessApp() {
  app_.reset();
  ImGui::DestroyContext(context_);
}

void HeadlessApp::frames(int count, const FrameInput& input) {
  for (int k = 0; k < count; ++k) {
    ImGui::NewFrame();
    begin_control_map();
    app_->frame(time_, input);
    ImGui::ErrorCheckEndFrameRecover(count_error, &errors_);
    ImGui::Render();
    time_ += 1 / 60.0;
    for (HostRequest& request : app_->take_requests()) requests_.push_back(std::move(request));
  }
}

void HeadlessApp::press(ImGuiKey key) {
  ImGui::GetIO().AddKeyEvent(key, true);
  frames(1);
  ImGui::GetIO().AddKeyEvent(key, false);
  frames(2);
}

void HeadlessApp::click(ImVec2 at) { drag(at, at); }

void HeadlessApp::drag(ImVec2 from, ImVec2 to) {
  ImGuiIO& io = ImGui::GetIO();
  io.AddMousePosEvent(from.x, from.y);
  frames(2);
  io.AddMouseButtonEvent(ImGuiMouseButton_Left, true);
  frames(1);
  for (int k = 1; k <= 4; ++k) {
    const float s = 0.25f * static_cast<float>(k);
    io.AddMousePosEvent(from.x + s * (to.x - from.x), from.y + s * (to.y - from.y));
    frames(1);
  }
  io.AddMouseButtonEvent(ImGuiMouseButton_Left, false);
  frames(2);
  io.AddMousePosEvent(-1e4f, -1e4f);
  frames(1);
}

bool HeadlessApp::has(const std::string& label) {
  Rect area;
  return locate(label, area);
}

Rect HeadlessApp::area(const std::string& label) {
  Rect area;
  if (!locate(label, area)) throw std::runtime_error("no control is called " + label);
  return area;
}

ImVec2 HeadlessApp::find(const std::string& label) { return area(label).center(); }

std::vector<HostRequest> HeadlessApp::requests() { return std::exchange(requests_, {}); }

}  // namespace least_action::testing
