#include "platform.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#ifdef __EMSCRIPTEN__
#include <GLES3/gl3.h>
#define LEAST_ACTION_GLSL "#version 300 es"
#else
#include <GLFW/glfw3.h>
#define LEAST_ACTION_GLSL "#version 130"
#endif

#include "control_map.h"
#include "fonts/embedded_fonts.h"
#include "imgui.h"
#include "imgui_impl_opengl3.h"
#include "text.h"

namespace least_action {
namespace {

// Tooltips wait 0.4 s after the pointer rests.
constexpr double kSettleSeconds = 0.6;
constexpr double kCursorBlinkSeconds = 0.4;

ImGuiContext* make_context() {
  IMGUI_CHECKVERSION();
  ImGuiContext* context = ImGui::CreateContext();
  ImGuiIO& io = ImGui::GetIO();
  io.IniFilename = nullptr;
  io.LogFilename = nullptr;
  ImGui_ImplOpenGL3_Init(LEAST_ACTION_GLSL);
  return context;
}

}  // namespace

void Platform::ContextDeleter::operator()(ImGuiContext* context) const {
  ImGui_ImplOpenGL3_Shutdown();
  ImGui::DestroyContext(context);
}

Platform::Platform(const AppOptions& options)
    : context_(make_context()), app_(std::make_unique<App>(options)) {}

Platform::~Platform() = default;

void Platform::resize(float width, float height, float pixel_ratio) {
  width = std::max(1.f, width);
  height = std::max(1.f, height);
  pixel_ratio = std::clamp(pixel_ratio, 0.25f, 8.f);
  if (width == width_ && height == height_ && pixel_ratio == input_.pixel_ratio) return;
  width_ = width;
  height_ = height;
  input_.pixel_ratio = pixel_ratio;
  wake();
}

double Platform::frame(double now) {
  const bool had_input = std::exchange(awake_, false);
  if (had_input) settled_at_ = now + kSettleSeconds;
  const float ratio = input_.pixel_ratio;
  if (faces_ratio_ != ratio) {
    faces_ratio_ = ratio;
    build_fonts(regular_face(), medium_face(), std::max(1.f, ratio));
    ImGui_ImplOpenGL3_DestroyFontsTexture();
    ImGui_ImplOpenGL3_CreateFontsTexture();
  }

  ImGuiIO& io = ImGui::GetIO();
  io.DisplaySize = {width_, height_};
  io.DisplayFramebufferScale = {ratio, ratio};
  io.DeltaTime = static_cast<float>(std::clamp(now - last_frame_, 1e-4, 0.25));
  last_frame_ = now;

  ImGui_ImplOpenGL3_NewFrame();
  ImGui::NewFrame();
  begin_control_map();
  app_->frame(now, input_);
  ImGui::Render();

  const std::uint32_t color = app_->background_color();
  glViewport(0, 0, static_cast<int>(std::lround(width_ * ratio)),
             static_cast<int>(std::lround(height_ * ratio)));
  glClearColor(static_cast<float>(color >> 16 & 255) / 255,
               static_cast<float>(color >> 8 & 255) / 255,
               static_cast<float>(color & 255) / 255, 1);
  glClear(GL_COLOR_BUFFER_BIT);
  ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());

  ++num_frames_;
  input_.pinch_scale = 1;
  input_.pinch_dx = input_.pinch_dy = 0;
  if (app_->needs_frame() || now < settled_at_) return 0;
  return io.WantTextInput ? kCursorBlinkSeconds : -1;
}

Image Platform::capture(const HostRequest& request) const {
  const float ratio = input_.pixel_ratio;
  const auto pixel = [&](float position, float size) {
    return static_cast<int>(std::lround(std::clamp(position, 0.f, size) * ratio));
  };
  const int left = pixel(request.x, width_), right = pixel(request.x + request.width, width_);
  const int top = pixel(request.y, height_),
            bottom = pixel(request.y + request.height, height_);
  Image image{right - left, bottom - top, {}};
  if (image.width <= 0 || image.height <= 0) return {};
  const std::size_t row = static_cast<std::size_t>(image.width) * 4;
  std::vector<std::uint8_t> upside_down(row * static_cast<std::size_t>(image.height));
  const int frame_height = pixel(height_, height_);
  glPixelStorei(GL_PACK_ALIGNMENT, 1);
  glReadPixels(left, frame_height - bottom, image.width, image.height, GL_RGBA,
               GL_UNSIGNED_BYTE, upside_down.data());
  image.rgba.resize(upside_down.size());
  for (std::size_t y = 0; y < static_cast<std::size_t>(image.height); ++y) {
    const std::size_t from = static_cast<std::size_t>(image.height) - 1 - y;
    std::memcpy(&image.rgba[y * row], &upside_down[from * row], row);
  }
  for (std::size_t i = 3; i < image.rgba.size(); i += 4) image.rgba[i] = 255;
  return image;
}

void Platform::restore_device() {
  ImGui_ImplOpenGL3_DestroyDeviceObjects();
  ImGui_ImplOpenGL3_CreateDeviceObjects();
  wake();
}

}  // namespace least_action
