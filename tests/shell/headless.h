#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app.h"
#include "imgui.h"
#include "layout.h"

namespace least_action::testing {

/// The experiment of a link, waiting for input.
AppOptions paused(const char* query = "");

/// An ImGui context without window or renderer, and an app in it: frames are drawn into draw
/// lists and looked at.
class HeadlessApp {
 public:
  HeadlessApp(float width, float height, const AppOptions& options = paused());
  ~HeadlessApp();
  HeadlessApp(const HeadlessApp&) = delete;
  HeadlessApp& operator=(const HeadlessApp&) = delete;

  App& app() { return *app_; }
  void frames(int count, const FrameInput& input = {});
  /// Nothing is drawn for so long.
  void wait(double seconds) { time_ += seconds; }
  void press(ImGuiKey key);
  void click(ImVec2 at);
  void drag(ImVec2 from, ImVec2 to);
  /// Middle of the control that people read as `label` in the last frame; fails the test where
  /// there is none.
  ImVec2 find(const std::string& label);
  bool has(const std::string& label);
  /// All of that control.
  Rect area(const std::string& label);
  /// Unbalanced pushes and begins that ImGui had to repair so far.
  int errors() const { return errors_; }
  /// Every request of the host since the last call.
  std::vector<HostRequest> requests();

 private:
  ImGuiContext* context_;
  std::unique_ptr<App> app_;
  std::vector<HostRequest> requests_;
  double time_ = 0;
  int errors_ = 0;
};

}  // namespace least_action::testing
