#include "playground.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <exception>
#include <new>

#include "keyboard.h"
#include "panels/controls.h"
#include "panels/experiment_panel.h"
#include "panels/top_bar.h"
#include "panels/transport.h"
#include "plots/accuracy_plot.h"
#include "plots/figures_table.h"
#include "plots/loss_curve.h"
#include "plots/plot_card.h"
#include "shortcuts.h"
#include "text.h"
#include "theme.h"

namespace least_action {
namespace {

// What training without a thread and fresh trajectories may take of a frame: 10 ms where frames
// come fast; where drawing itself is slow (software GL) a share of the frame, or they would
// starve.
constexpr double kSliceMilliseconds = 10, kLongestSliceMilliseconds = 50, kSliceShare = 0.3;
constexpr double kAnimationRest = 120;  // [s] without input, after which the animation pauses

// The preset that a config is, by what its link would say wherever it starts; −1: none.
int preset_of(SessionConfig config) {
  static const std::vector<SessionConfig> configs = [] {
    std::vector<SessionConfig> all;
    for (const Preset& preset : presets()) all.push_back(parse_config(preset.query).config);
    return all;
  }();
  for (std::size_t k = 0; k < configs.size(); ++k) {
    config.initial_state = configs[k].initial_state;
    config.pinned = configs[k].pinned;
    if (to_query(config) == to_query(configs[k])) return static_cast<int>(k);
  }
  return -1;
}

// The plane worth seeing first: (q, p) of the first angle, or the configuration plane where two
// coordinates are lengths.
PortraitView first_plane(const System& system) {
  PortraitView view;
  const Index n = system.degrees_of_freedom();
  view.x_component = 0;
  view.y_component = n == 1 || system.coordinates().front().periodic ? n : 1;
  return view;
}

}  // namespace

App::Implementation::Implementation(const AppOptions& options)
    : workspace(options.workspaces != nullptr ? *options.workspaces : workspaces()) {
  install_keys();
  state.dark = options.dark;
  autostart = options.autostart;
  // A config without faults may still need more memory than there is: then the default stays.
  adopt_config(false);
  load_query(options.query);
  session.set_background(options.background && Session::threads_available());
  if (autostart) set_running(true);
}

void App::Implementation::say(std::string_view sentence, bool is_fault) {
  message = sentence;
  message_is_fault = is_fault;
  message_since = last_time < 0 ? -1 : last_time;
  settle_frames = 3;
}

float App::Implementation::message_opacity() const {
  if (message.empty()) return 0;
  const double since = message_since < 0 ? 0 : state.now - message_since;
  const double stay = message_is_fault ? 20 : 6;
  return static_cast<float>(std::clamp(stay + 1 - since, 0.0, 1.0));
}

void App::Implementation::set_running(bool run) {
  running = run && !session.view().finished;
  slow_steps = 0;
  if (!running) session.pause();
  settle_frames = 3;
}

void App::Implementation::train(double dt) {
  const double speed =
      kTrainingSpeeds[static_cast<std::size_t>(state.training_speed)].steps_per_second;
  if (running && speed == 0) {
    if (!session.view().training) session.start();
  } else if (session.view().training) {
    session.pause();
  }
  if (running && speed > 0) {
    slow_steps = std::min(slow_steps + dt * speed, 0.1 * speed + 1);
    // Steps of a large network take longer than a frame: what is owed waits.
    using Clock = std::chrono::steady_clock;
    const auto end =
        Clock::now() + std::chrono::duration<double, std::milli>(kSliceMilliseconds);
    for (; slow_steps >= 1; --slow_steps) {
      if (Clock::now() >= end) break;
      session.advance(1);
    }
  }
  session.poll(
      std::clamp(kSliceShare * 1000 * dt, kSliceMilliseconds, kLongestSliceMilliseconds));
  const SessionView& view = session.view();
  if (running && view.finished) {
    running = false;
    session.pause();
    if (!message_is_fault || message_opacity() == 0) say("Training is finished.", false);
  }
  for (std::size_t k = 0; k < view.models.size() && k < model_messages.size(); ++k) {
    if (view.models[k].message == model_messages[k]) continue;
    model_messages[k] = view.models[k].message;
    if (!model_messages[k].empty()) {
      say(view.models[k].name + ": " + model_messages[k],
          view.models[k].status == TrainingStatus::kFailed);
    }
  }
}

bool App::Implementation::shows_accuracy() const {
  return state.accuracy && workspace.shown() == nullptr &&
         (!state.compact || state.tab == Tab::kEnergy);
}

void App::Implementation::animate(double dt) {
  const ImGuiIO& io = ImGui::GetIO();
  if (io.MouseDelta.x != 0 || io.MouseDelta.y != 0 || io.MouseWheel != 0 ||
      ImGui::IsAnyMouseDown() || io.InputQueueCharacters.Size > 0 || running ||
      (state.playback.playing && !was_playing)) {
    last_input = state.now;
  }
  was_playing = state.playback.playing;
  const Vector& times = session.view().times;
  if (times.size() < 2) return;
  const double end = times[times.size() - 1];
  Playback& playback = state.playback;
  playback.time = std::clamp(playback.time, 0.0, end);
  if (!playback.playing) return;
  if (state.now - last_input > kAnimationRest) {
    playback.playing = was_playing = false;
    return;
  }
  playback.time += dt * playback.speed;
  if (playback.time > end) playback.time = std::fmod(playback.time, end);
}

void App::Implementation::draw_controls(const Layout& layout) {
  const Rect& area = layout.controls;
  draw_card(*ImGui::GetWindowDrawList(), area, false);
  const float padding = 14, width = area.width - 2 * padding;
  float y = area.y + 12;
  const float row = row_height();
  draw_preset_choice({area.x + padding, y, width, row + 4}, state, commands);
  y += row + 12;
  if (!layout.compact) {
    draw_transport({area.x + padding, y, width, 38}, running, session.view().finished,
                   commands);
    y += 46;
  }
  draw_training_speed({area.x + padding, y, width, 28}, state);
  y += 28 + 10;
  ImGui::SetCursorScreenPos({area.x + padding, y});
  if (ImGui::BeginChild("experiment", {width + padding - 4, area.bottom() - y - 6},
                        ImGuiChildFlags_None, ImGuiWindowFlags_NoBackground)) {
    ImGui::PushItemWidth(width);
    if (ImGui::BeginChild("settings", {width, 0}, ImGuiChildFlags_AutoResizeY,
                          ImGuiWindowFlags_NoBackground)) {
      ImGui::Dummy({0, 1});
      if (state.enters_controls) focus_first_control();
      state.enters_controls = false;
      draw_experiment_panel(session, state, commands);
      ImGui::Dummy({0, 4});
    }
    ImGui::EndChild();
    ImGui::PopItemWidth();
  }
  ImGui::EndChild();
}

void App::Implementation::draw_mechanics(const Layout& layout, const FrameInput& input) {
  const SessionView& view = session.view();
  if (!layout.controls.empty()) draw_controls(layout);
  portrait.draw(layout.portrait, session, state, input, commands);
  draw_scrubber(layout.scrubber, view, state);
  if (!layout.tabs.empty()) draw_tabs(layout.tabs, state);
  if (!layout.scenes.empty()) scenes.draw(layout.scenes, session, state, commands);
  if (!layout.losses.empty()) draw_loss_curve(layout.losses, view, state, commands);
  if (!layout.energy.empty()) {
    if (state.accuracy) {
      draw_accuracy_plot(layout.energy, accuracy, state, commands);
    } else {
      energy.draw(layout.energy, view, state, commands);
    }
  }
  if (!layout.table.empty()) draw_figures_table(layout.table, view, state, commands);
}

void App::Implementation::draw(const FrameInput& input, double dt) {
  const ImGuiIO& io = ImGui::GetIO();
  if (!theme_applied || theme_dark != state.dark || theme_touch != input.touch) {
    apply_theme(state.dark, input.touch);
    theme_dark = state.dark;
    theme_touch = input.touch;
    theme_applied = true;
  }
  state.touch = input.touch;
  const SessionView& view = session.view();
  const int num_models = static_cast<int>(view.models.size());
  state.shown_model = std::clamp(state.shown_model, 0, std::max(0, num_models - 1));
  const Layout layout = compute_layout(io.DisplaySize, state.tab, num_models, input.inset_top,
                                       input.inset_bottom);
  state.compact = layout.compact;
  state.tall = layout.controls.height > 900;
  state.capturing = !captures.empty();

  ImGui::SetNextWindowPos({0, 0});
  ImGui::SetNextWindowSize(io.DisplaySize);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(0, 0));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, 0);
  ImGui::Begin("Least Action", nullptr,
               ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove |
                   ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoBringToFrontOnFocus |
                   ImGuiWindowFlags_NoScrollWithMouse);
  ImGui::PopStyleVar(2);
  Workspace* const shown = workspace.shown();
  const TrainingProgress training = progress();
  handle_shared_shortcuts(shown, training.running, state, commands);
  draw_top_bar(layout.top_bar, workspace, training, state, commands);
  if (shown != nullptr) {
    const float top = layout.top_bar.bottom();
    const Rect area{layout.top_bar.x, top, layout.top_bar.width, layout.status.y - 4 - top};
    ImGui::PushID(workspace.entry().name.c_str());
    shown->draw({area, state, input, dt}, commands);
    ImGui::PopID();
    draw_help(state, shown->title(), shown->description(), false);
  } else {
    handle_mechanics_shortcuts(session, state, commands);
    draw_mechanics(layout, input);
    const auto index = static_cast<std::size_t>(state.preset);
    const bool known = state.preset >= 0 && index < presets().size();
    draw_help(state, known ? presets()[index].title : "",
              known ? presets()[index].description : session.system().description(), true);
  }
  draw_status_line(layout.status, training, message, message_is_fault, message_opacity());
  ImGui::SetCursorScreenPos({0, 0});
  ImGui::End();
  if (ImGui::IsMouseClicked(ImGuiMouseButton_Left) && state.focus == Focus::kControls)
    state.focus = Focus::kNone;  // the pointer took over
  navigate_controls(state.focus == Focus::kControls && shown == nullptr);

  for (const CapturePlot& capture : captures) {
    requests.push_back({.kind = HostRequest::Kind::kCapture,
                        .name = capture.name,
                        .type = "image/png",
                        .bytes = {},
                        .x = capture.area.x,
                        .y = capture.area.y,
                        .width = capture.area.width,
                        .height = capture.area.height});
  }
  captures.clear();
}

void App::Implementation::adopt_config(bool keep_view) {
  const SessionConfig& config = session.config();
  state.draft = config;
  state.fault.clear();
  state.fault_key.clear();
  state.preset = preset_of(config);
  ++edits;
  settle_frames = 3;
  if (keep_view) return;
  state.portrait = first_plane(session.system());
  state.playback.time = 0;
  state.visible.fill(true);
  state.truth_visible = true;
  state.shown_model = 0;
}

bool App::Implementation::configure(const SessionConfig& config,
                                    const std::vector<std::string>& faults) {
  try {
    const ConfigureReport report = session.configure(config);
    if (!report.faults.empty()) {
      say(report.faults.front(), true);
      return false;
    }
  } catch (const std::bad_alloc&) {
    say("There is not enough memory for this experiment.", true);
    return false;
  } catch (const std::exception& error) {
    say(error.what(), true);
    return false;
  }
  if (!faults.empty()) say("Part of the link could not be read: " + faults.front(), true);
  return true;
}

}  // namespace least_action
