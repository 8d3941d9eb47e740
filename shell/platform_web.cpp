// The page's side of the app: C functions that page/*.js call, and a few calls back. Text goes
// in as (pointer, length) in UTF-8; text and files come out as a pointer, valid until the next
// call, with their size in `la_length`; null where there was none to be had, and `la_fault`
// says why.
#include <emscripten.h>
#include <emscripten/html5.h>

#include <array>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include "control_map.h"
#include "imgui.h"
#include "platform.h"
#include "platform_state.h"

// clang-format off
/// A fresh view of the module's memory: memory may have grown, on any thread, since the last.
EM_JS(void, la_share_memory, (), { Module["heap"] = () => HEAPU8; });
EM_JS(void, la_request, (int kind, const char* name, int name_size, const char* type, int type_size,
                         const char* bytes, int size), {
  const part = (at, length) => HEAPU8.slice(at, at + length);
  Module["onRequest"](kind, part(name, name_size), part(type, type_size), part(bytes, size));
});
EM_JS(void, la_picture, (const char* name, int name_size, const unsigned char* rgba, int width, int height), {
  Module["onPicture"](HEAPU8.slice(name, name + name_size), HEAPU8.slice(rgba, rgba + 4 * width * height),
                      width, height);
});
EM_JS(void, la_copied, (const char* text, int size), { Module["onCopied"](HEAPU8.slice(text, text + size)); });
EM_JS(void, la_failed, (const char* text, int size), { Module["onFailed"](HEAPU8.slice(text, text + size)); });
// clang-format on

namespace least_action {
namespace {

Platform* platform = nullptr;
std::string result, fault, clipboard;
float text_x = 0, text_y = 0, text_height = 0;

// What `make` gives; an exception may not leave a C function.
template <class Make>
const char* give(Make make) {
  try {
    result = make();
    return result.data();
  } catch (const std::exception& error) {
    result.clear();
    fault = error.what();
    return nullptr;
  }
}

// Does what the page asked; where that fails, the status line says so.
template <class Act>
void attempt(Act act) {
  try {
    act();
  } catch (const std::exception& error) {
    platform->app().show_message(error.what(), true);
  }
  platform->wake();
}

int size_of(const std::string& text) { return static_cast<int>(text.size()); }

std::string_view view_of(const char* text, int size) {
  return {text, static_cast<std::size_t>(size)};
}

struct KeyName {
  std::string_view name;
  ImGuiKey key;
};
constexpr std::array kKeyNames{KeyName{"ArrowLeft", ImGuiKey_LeftArrow},
                               KeyName{"ArrowRight", ImGuiKey_RightArrow},
                               KeyName{"ArrowUp", ImGuiKey_UpArrow},
                               KeyName{"ArrowDown", ImGuiKey_DownArrow},
                               KeyName{"Tab", ImGuiKey_Tab},
                               KeyName{"Enter", ImGuiKey_Enter},
                               KeyName{"Escape", ImGuiKey_Escape},
                               KeyName{"Backspace", ImGuiKey_Backspace},
                               KeyName{"Delete", ImGuiKey_Delete},
                               KeyName{"Insert", ImGuiKey_Insert},
                               KeyName{"Home", ImGuiKey_Home},
                               KeyName{"End", ImGuiKey_End},
                               KeyName{"PageUp", ImGuiKey_PageUp},
                               KeyName{"PageDown", ImGuiKey_PageDown},
                               KeyName{" ", ImGuiKey_Space},
                               KeyName{"-", ImGuiKey_Minus},
                               KeyName{"=", ImGuiKey_Equal},
                               KeyName{"+", ImGuiKey_KeypadAdd},
                               KeyName{",", ImGuiKey_Comma},
                               KeyName{".", ImGuiKey_Period},
                               KeyName{"/", ImGuiKey_Slash},
                               KeyName{"?", ImGuiKey_F1},  // wherever a layout has it
                               KeyName{"[", ImGuiKey_LeftBracket},
                               KeyName{"]", ImGuiKey_RightBracket}};

// From the DOM's `key`, so that shortcuts follow the keyboard's layout.
ImGuiKey find_key(std::string_view name) {
  if (name.size() == 1) {
    const char c = name[0];
    if (c >= 'a' && c <= 'z') return static_cast<ImGuiKey>(ImGuiKey_A + (c - 'a'));
    if (c >= 'A' && c <= 'Z') return static_cast<ImGuiKey>(ImGuiKey_A + (c - 'A'));
    if (c >= '0' && c <= '9') return static_cast<ImGuiKey>(ImGuiKey_0 + (c - '0'));
  }
  for (const KeyName& entry : kKeyNames) {
    if (entry.name == name) return entry.key;
  }
  return ImGuiKey_None;
}

void set_clipboard(void*, const char* text) {
  clipboard = text;
  la_copied(text, size_of(clipboard));
}

const char* get_clipboard(void*) { return clipboard.c_str(); }

void remember_text_cursor(ImGuiViewport*, ImGuiPlatformImeData* data) {
  text_x = data->InputPos.x;
  text_y = data->InputPos.y;
  text_height = data->InputLineHeight;
}

bool make_graphics_context() {
  EmscriptenWebGLContextAttributes attributes;
  emscripten_webgl_init_context_attributes(&attributes);
  attributes.majorVersion = 2;
  attributes.alpha = attributes.depth = attributes.stencil = attributes.antialias = false;
  attributes.powerPreference = EM_WEBGL_POWER_PREFERENCE_LOW_POWER;
  const EMSCRIPTEN_WEBGL_CONTEXT_HANDLE context =
      emscripten_webgl_create_context("#playground", &attributes);
  return context > 0 &&
         emscripten_webgl_make_context_current(context) == EMSCRIPTEN_RESULT_SUCCESS;
}

void answer_requests() {
  for (const HostRequest& request : platform->app().take_requests()) {
    if (request.kind == HostRequest::Kind::kCapture) {
      const Image image = platform->capture(request);
      la_picture(request.name.data(), size_of(request.name), image.rgba.data(), image.width,
                 image.height);
    } else {
      la_request(static_cast<int>(request.kind), request.name.data(), size_of(request.name),
                 request.type.data(), size_of(request.type), request.bytes.data(),
                 size_of(request.bytes));
    }
  }
}

void report(const std::string& why) { la_failed(why.data(), size_of(why)); }

}  // namespace
}  // namespace least_action

using namespace least_action;  // The functions below have C names.

extern "C" {

/// Before any other: lets the page read and write the module's memory.
EMSCRIPTEN_KEEPALIVE void la_prepare() { la_share_memory(); }

/// Creates the WebGL2 context and the app; false where there is no context.
EMSCRIPTEN_KEEPALIVE bool la_start(const char* query, int size, bool dark, bool background,
                                   bool autostart, bool mac) {
  if (!make_graphics_context()) return false;
  try {
    platform = new Platform({.query = std::string(view_of(query, size)),
                             .dark = dark,
                             .background = background,
                             .autostart = autostart});
  } catch (const std::exception& error) {
    report(error.what());
    return false;
  }
  ImGuiIO& io = ImGui::GetIO();
  io.SetClipboardTextFn = set_clipboard;
  io.GetClipboardTextFn = get_clipboard;
  io.SetPlatformImeDataFn = remember_text_cursor;
  io.ConfigMacOSXBehaviors = mac;
  io.BackendFlags |= ImGuiBackendFlags_HasMouseCursors;
  io.BackendPlatformName = "page";
  return true;
}

EMSCRIPTEN_KEEPALIVE int la_length() { return size_of(result); }
EMSCRIPTEN_KEEPALIVE const char* la_fault() { return fault.c_str(); }

/// Seconds until the next frame is due, as Platform::frame.
EMSCRIPTEN_KEEPALIVE double la_frame(double now) {
  try {
    const double wait = platform->frame(now);
    answer_requests();
    return wait;
  } catch (const std::exception& error) {
    report(error.what());
    return -2;
  }
}
EMSCRIPTEN_KEEPALIVE double la_num_frames() {
  return static_cast<double>(platform->num_frames());
}
EMSCRIPTEN_KEEPALIVE void la_resize(float width, float height, float ratio) {
  platform->resize(width, height, ratio);
}
EMSCRIPTEN_KEEPALIVE void la_insets(float top, float bottom) {
  platform->input().inset_top = top;
  platform->input().inset_bottom = bottom;
  platform->wake();
}
EMSCRIPTEN_KEEPALIVE void la_restore_device() { platform->restore_device(); }

// --- Input: page/input.js ---

EMSCRIPTEN_KEEPALIVE void la_pointer(float x, float y, bool touch) {
  ImGuiIO& io = ImGui::GetIO();
  platform->input().touch = touch;
  io.AddMouseSourceEvent(touch ? ImGuiMouseSource_TouchScreen : ImGuiMouseSource_Mouse);
  io.AddMousePosEvent(x, y);
  platform->wake();
}
EMSCRIPTEN_KEEPALIVE void la_pointer_away() {
  ImGui::GetIO().AddMousePosEvent(-FLT_MAX, -FLT_MAX);
  platform->wake();
}
EMSCRIPTEN_KEEPALIVE void la_button(int button, bool down) {
  ImGui::GetIO().AddMouseButtonEvent(button, down);
  platform->wake();
}
EMSCRIPTEN_KEEPALIVE void la_wheel(float x, float y) {
  ImGui::GetIO().AddMouseWheelEvent(x, y);
  platform->wake();
}
EMSCRIPTEN_KEEPALIVE void la_pinch(bool pinching, float scale, float x, float y, float dx,
                                   float dy) {
  FrameInput& input = platform->input();
  input.pinching = pinching;
  input.pinch_scale *= scale;
  input.pinch_x = x;
  input.pinch_y = y;
  input.pinch_dx += dx;
  input.pinch_dy += dy;
  platform->wake();
}
EMSCRIPTEN_KEEPALIVE void la_modifiers(bool ctrl, bool shift, bool alt, bool meta) {
  ImGuiIO& io = ImGui::GetIO();
  io.AddKeyEvent(ImGuiMod_Ctrl, ctrl);
  io.AddKeyEvent(ImGuiMod_Shift, shift);
  io.AddKeyEvent(ImGuiMod_Alt, alt);
  io.AddKeyEvent(ImGuiMod_Super, meta);
}
EMSCRIPTEN_KEEPALIVE bool la_key(const char* name, int size, bool down) {
  const ImGuiKey key = find_key(view_of(name, size));
  if (key == ImGuiKey_None) return false;
  ImGui::GetIO().AddKeyEvent(key, down);
  platform->wake();
  return true;
}
EMSCRIPTEN_KEEPALIVE void la_text(const char* text, int size) {
  ImGui::GetIO().AddInputCharactersUTF8(std::string(view_of(text, size)).c_str());
  platform->wake();
}
EMSCRIPTEN_KEEPALIVE void la_set_clipboard(const char* text, int size) {
  clipboard = view_of(text, size);
}
EMSCRIPTEN_KEEPALIVE void la_focus(bool focused) {
  ImGui::GetIO().AddFocusEvent(focused);
  platform->wake();
}
EMSCRIPTEN_KEEPALIVE int la_cursor() { return ImGui::GetMouseCursor(); }
EMSCRIPTEN_KEEPALIVE bool la_wants_text() { return ImGui::GetIO().WantTextInput; }
EMSCRIPTEN_KEEPALIVE float la_text_cursor(int part) {
  return part == 0 ? text_x : part == 1 ? text_y : text_height;
}

// --- The experiment ---

EMSCRIPTEN_KEEPALIVE const char* la_query() {
  return give([] { return platform->app().query(); });
}
EMSCRIPTEN_KEEPALIVE void la_load_query(const char* query, int size) {
  attempt([&] { platform->app().load_query(view_of(query, size)); });
}
/// The run that `la_save` gives, as a link's query.
EMSCRIPTEN_KEEPALIVE const char* la_run_query() {
  return give([] { return platform->app().run_query(); });
}
EMSCRIPTEN_KEEPALIVE const char* la_save() {
  return give([] { return platform->app().save(); });
}
EMSCRIPTEN_KEEPALIVE double la_save_version() {
  return static_cast<double>(platform->app().save_version());
}
EMSCRIPTEN_KEEPALIVE bool la_restore(const char* bytes, int size) {
  bool restored = false;
  attempt([&] { restored = platform->app().restore(view_of(bytes, size)); });
  return restored;
}
EMSCRIPTEN_KEEPALIVE bool la_take_start_over() { return platform->app().take_start_over(); }
EMSCRIPTEN_KEEPALIVE void la_import(const char* name, int name_size, const char* bytes,
                                    int size) {
  attempt([&] { platform->app().import_file(view_of(name, name_size), view_of(bytes, size)); });
}
EMSCRIPTEN_KEEPALIVE void la_message(const char* text, int size, bool is_fault) {
  platform->app().show_message(view_of(text, size), is_fault);
  platform->wake();
}
EMSCRIPTEN_KEEPALIVE void la_set_visible(bool visible) {
  platform->app().set_visible(visible);
  platform->wake();
}
EMSCRIPTEN_KEEPALIVE void la_set_dark(bool dark) {
  platform->app().set_dark(dark);
  platform->wake();
}
EMSCRIPTEN_KEEPALIVE bool la_is_dark() { return platform->app().is_dark(); }
EMSCRIPTEN_KEEPALIVE int la_background_color() {
  return static_cast<int>(platform->app().background_color());
}
EMSCRIPTEN_KEEPALIVE const char* la_status() {
  return give([] { return platform->app().message(); });
}
EMSCRIPTEN_KEEPALIVE const char* la_summary() {
  return give([] { return platform->app().summary(); });
}

// --- Automation ---

EMSCRIPTEN_KEEPALIVE const char* la_state() {
  return give([] { return state_json(platform->app()); });
}
EMSCRIPTEN_KEEPALIVE void la_map_controls(bool enabled) {
  enable_control_map(enabled);
  platform->wake();
}
EMSCRIPTEN_KEEPALIVE const char* la_controls() {
  return give([] { return control_map_json(); });
}
}
