#include "app.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "playground.h"
#include "theme.h"

namespace least_action {

App::App(const AppOptions& options)
    : implementation_(std::make_unique<Implementation>(options)) {}
App::~App() = default;

void App::frame(double now_seconds, const FrameInput& input) {
  Implementation& app = *implementation_;
  const double dt = app.last_time < 0 ? 0 : std::clamp(now_seconds - app.last_time, 0.0, 0.1);
  app.last_time = app.state.now = now_seconds;
  if (app.settle_frames > 0) --app.settle_frames;
  if (Workspace* shown = app.workspace.shown()) {
    app.poll_workspace(*shown, dt);
  } else {
    app.train(dt);
    app.animate(dt);
    if (app.shows_accuracy()) app.accuracy.advance(app.session, now_seconds);
  }
  app.draw(input, dt);
  app.carry_out();
}

bool App::needs_frame() const {
  const Implementation& app = *implementation_;
  const float opacity = app.message_opacity();
  const Workspace* const shown = app.workspace.shown();
  const bool moves =
      shown != nullptr ? shown->needs_frame()
                       : app.running || app.state.playback.playing || app.portrait.is_stale() ||
                             (app.shows_accuracy() && app.accuracy.is_pending(app.session));
  return moves || app.settle_frames > 0 || !app.captures.empty() ||
         (opacity > 0 && opacity < 1);
}

void App::set_visible(bool visible) {
  Implementation& app = *implementation_;
  if (visible == app.visible) return;  // a host may say so every frame
  app.visible = visible;
  app.last_time = -1;
  app.settle_frames = 3;
}

std::vector<HostRequest> App::take_requests() {
  return std::exchange(implementation_->requests, {});
}

std::string App::query() const {
  const Workspace* const shown = implementation_->workspace.shown();
  return workspace_link(implementation_->workspace.entry(),
                        shown != nullptr ? shown->query() : run_query());
}

std::string App::run_query() const { return to_query(implementation_->session.config()); }

void App::load_query(std::string_view query) { implementation_->load_query(query); }

std::string App::save() const { return implementation_->session.save(); }

std::uint64_t App::save_version() const {
  std::uint64_t steps = 0;
  for (const ModelView& model : view().models) steps += static_cast<std::uint64_t>(model.step);
  return (implementation_->edits << 36) + steps;
}

bool App::restore(std::string_view bytes) {
  Implementation& app = *implementation_;
  try {
    app.session.load(bytes);
  } catch (const std::exception&) {
    return false;
  }
  app.adopt_config(false);
  return true;
}

bool App::take_start_over() { return std::exchange(implementation_->start_over, false); }

void App::import_file(std::string_view name, std::string_view bytes) {
  implementation_->import_file(name, bytes);
}

const std::string& App::summary() const {
  const Workspace* const shown = implementation_->workspace.shown();
  return shown != nullptr ? shown->summary() : view().summary;
}

const std::string& App::workspace() const { return implementation_->workspace.entry().name; }

std::string App::workspace_json() const {
  const Workspace* const shown = implementation_->workspace.shown();
  return shown != nullptr ? shown->state_json() : "{}";
}

void App::show_message(std::string_view sentence, bool is_fault) {
  implementation_->say(sentence, is_fault);
}

const std::string& App::message() const { return implementation_->message; }

void App::set_dark(bool dark) {
  implementation_->state.dark = dark;
  implementation_->settle_frames = 3;
}
bool App::is_dark() const { return implementation_->state.dark; }

std::uint32_t App::background_color() const {
  const ImU32 color = palette().background;
  const auto channel = [color](int shift) { return (color >> shift) & 255u; };
  return channel(IM_COL32_R_SHIFT) << 16 | channel(IM_COL32_G_SHIFT) << 8 |
         channel(IM_COL32_B_SHIFT);
}

bool App::wants_text_input() const { return ImGui::GetIO().WantTextInput; }
bool App::is_training() const { return implementation_->progress().running; }
const SessionView& App::view() const { return implementation_->session.view(); }

}  // namespace least_action
