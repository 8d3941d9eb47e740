// The desktop window: GLFW gives it a place and its input, Platform draws.
#include <GLFW/glfw3.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "imgui.h"
#include "imgui_impl_glfw.h"
#include "platform.h"
#include "png.h"

namespace least_action {
namespace {

constexpr int kWidth = 1280, kHeight = 800;

struct Window {
  GLFWwindow* handle = nullptr;
  Platform* platform = nullptr;
};

void wake(GLFWwindow* handle) {
  static_cast<Window*>(glfwGetWindowUserPointer(handle))->platform->wake();
}

void take_dropped(GLFWwindow* handle, int count, const char** paths) {
  Platform& platform = *static_cast<Window*>(glfwGetWindowUserPointer(handle))->platform;
  if (count < 1) return;
  std::ifstream file(paths[0], std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  platform.app().import_file(paths[0], bytes);
  platform.wake();
}

void save_file(App& app, const std::string& name, const std::string& bytes) {
  std::ofstream file(name, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  app.show_message(file ? "Saved " + name + " in the current folder."
                        : "Could not write " + name + " in the current folder.",
                   !file);
}

void answer(const Window& window, const HostRequest& request) {
  App& app = window.platform->app();
  switch (request.kind) {
    case HostRequest::Kind::kCopyText:
      glfwSetClipboardString(window.handle, request.bytes.c_str());
      break;
    case HostRequest::Kind::kCopyLink:
      glfwSetClipboardString(window.handle, ("#" + request.bytes).c_str());
      app.show_message("Copied; append it to the address of the page.");
      break;
    case HostRequest::Kind::kDownload:
      save_file(app, request.name, request.bytes);
      break;
    case HostRequest::Kind::kOpenFile:
      app.show_message("Drop the file on this window.");
      break;
    case HostRequest::Kind::kCapture:
      save_file(app, request.name, encode_png(window.platform->capture(request)));
      break;
  }
}

void run(Window& window, const AppOptions& options) {
  Platform platform(options);
  window.platform = &platform;
  glfwSetWindowUserPointer(window.handle, &window);
  // Before ImGui's backend, which calls the callbacks it finds.
  glfwSetCursorPosCallback(window.handle, [](GLFWwindow* w, double, double) { wake(w); });
  glfwSetMouseButtonCallback(window.handle, [](GLFWwindow* w, int, int, int) { wake(w); });
  glfwSetScrollCallback(window.handle, [](GLFWwindow* w, double, double) { wake(w); });
  glfwSetKeyCallback(window.handle, [](GLFWwindow* w, int, int, int, int) { wake(w); });
  glfwSetCharCallback(window.handle, [](GLFWwindow* w, unsigned) { wake(w); });
  glfwSetWindowFocusCallback(window.handle, [](GLFWwindow* w, int) { wake(w); });
  glfwSetWindowRefreshCallback(window.handle, wake);
  glfwSetDropCallback(window.handle, take_dropped);
  ImGui_ImplGlfw_InitForOpenGL(window.handle, true);

  double wait = 0;
  while (!glfwWindowShouldClose(window.handle)) {
    if (wait == 0) {
      glfwPollEvents();
    } else if (wait > 0) {
      glfwWaitEventsTimeout(wait);
    } else {
      glfwWaitEvents();
    }
    int width = 0, height = 0, pixels = 0, unused = 0;
    glfwGetWindowSize(window.handle, &width, &height);
    glfwGetFramebufferSize(window.handle, &pixels, &unused);
    const bool visible = width > 0 && !glfwGetWindowAttrib(window.handle, GLFW_ICONIFIED);
    platform.app().set_visible(visible);
    if (!visible) {
      wait = 0.1;
      continue;
    }
    platform.resize(static_cast<float>(width), static_cast<float>(height),
                    static_cast<float>(pixels) / static_cast<float>(width));
    ImGui_ImplGlfw_NewFrame();
    wait = platform.frame(glfwGetTime());
    for (const HostRequest& request : platform.app().take_requests()) answer(window, request);
    glfwSwapBuffers(window.handle);
  }
  ImGui_ImplGlfw_Shutdown();
}

}  // namespace
}  // namespace least_action

int main(int count, char** arguments) {
  using namespace least_action;
  glfwSetErrorCallback(
      [](int, const char* text) { std::fprintf(stderr, "playground: %s\n", text); });
  if (!glfwInit()) return 1;
  glfwWindowHint(GLFW_CONTEXT_VERSION_MAJOR, 3);
  glfwWindowHint(GLFW_CONTEXT_VERSION_MINOR, 0);
  Window window;
  window.handle = glfwCreateWindow(kWidth, kHeight, "Least Action", nullptr, nullptr);
  if (window.handle == nullptr) {
    glfwTerminate();
    return 1;
  }
  glfwMakeContextCurrent(window.handle);
  glfwSwapInterval(1);
  run(window, {.query = count > 1 ? arguments[1] : ""});
  glfwDestroyWindow(window.handle);
  glfwTerminate();
}
