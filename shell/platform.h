#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "app.h"

struct ImGuiContext;

namespace least_action {

/// Pixels of a frame: RGBA, 8 bits each, row by row from the top left.
struct Image {
  int width = 0, height = 0;
  std::vector<std::uint8_t> rgba;
};

/// What the page and the desktop window do alike: an ImGui context with its OpenGL renderer,
/// the faces at the display's pixel ratio, and the frames of the app. A host makes an OpenGL 3
/// or WebGL2 context current first, feeds input to ImGui's event queue, and asks for frames.
class Platform final {
 public:
  explicit Platform(const AppOptions& options);
  ~Platform();
  Platform(const Platform&) = delete;
  Platform& operator=(const Platform&) = delete;

  App& app() { return *app_; }
  /// What the next frame is told; a frame resets the pinch and keeps the rest.
  FrameInput& input() { return input_; }

  /// Size of the display in logical pixels; a new pixel ratio sets the faces anew.
  /// Nothing where all are as before.
  void resize(float width, float height, float pixel_ratio);

  /// Input came: frames follow until hovering and focus have settled.
  void wake() { awake_ = true; }

  /// Draws a frame at `now` [s] and returns when the next is due: 0 at the display's next
  /// refresh, positive after so many seconds (a blinking text cursor), negative not before
  /// input.
  double frame(double now);
  std::uint64_t num_frames() const { return num_frames_; }

  /// The rectangle of a capture request as pixels of the frame just drawn.
  Image capture(const HostRequest& request) const;

  /// After the host lost its OpenGL context and got a new one: uploads everything again.
  void restore_device();

 private:
  struct ContextDeleter {
    void operator()(ImGuiContext* context) const;
  };
  std::unique_ptr<ImGuiContext, ContextDeleter> context_;
  std::unique_ptr<App> app_;
  FrameInput input_;
  float width_ = 1, height_ = 1, faces_ratio_ = 0;
  double last_frame_ = 0, settled_at_ = 0;
  std::uint64_t num_frames_ = 0;
  bool awake_ = true;
};

}  // namespace least_action
