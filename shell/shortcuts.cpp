#include "shortcuts.h"

#include <algorithm>

#include "imgui.h"
#include "keyboard.h"

namespace least_action {
namespace {

bool pressed(ImGuiKey key, bool repeat = false) { return ImGui::IsKeyPressed(key, repeat); }

void nudge_initial_state(const Session& session, const ViewState& state, double dx, double dy,
                         Commands& commands) {
  const TrajectoryView& truth = session.view().truth;
  SetInitialState command{session.config().initial_state};
  if (command.state.empty()) {
    if (truth.states.cols() < 1) return;
    command.state.assign(truth.states.data(), truth.states.data() + truth.states.rows());
  }
  const PortraitView& portrait = state.portrait;
  command.state[static_cast<std::size_t>(portrait.x_component)] +=
      dx * (portrait.x_max - portrait.x_min);
  command.state[static_cast<std::size_t>(portrait.y_component)] +=
      dy * (portrait.y_max - portrait.y_min);
  commands.push_back(std::move(command));
}

void next_focus(ViewState& state, bool backwards) {
  if (state.compact) {
    const int step = backwards ? kNumTabs - 1 : 1;
    state.tab = static_cast<Tab>((static_cast<int>(state.tab) + step) % kNumTabs);
    return;
  }
  constexpr int kCount = static_cast<int>(Focus::kControls) + 1;
  const int step = backwards ? kCount - 1 : 1;
  state.focus = static_cast<Focus>((static_cast<int>(state.focus) + step) % kCount);
  state.enters_controls = state.focus == Focus::kControls;
}

}  // namespace

void handle_shared_shortcuts(Workspace* workspace, bool running, ViewState& state,
                             Commands& commands) {
  if (!keys_are_free()) return;
  const bool shift = ImGui::GetIO().KeyShift;
  if (pressed(kStartKey)) commands.push_back(SetTraining{!running});
  if (pressed(ImGuiKey_S, true)) commands.push_back(StepTraining{1});
  if (pressed(ImGuiKey_R)) commands.push_back(ResetTraining{});
  if (pressed(ImGuiKey_F1) || (pressed(ImGuiKey_Slash) && shift)) state.help_open = true;
  if (!pressed(kNextKey)) return;
  if (workspace != nullptr) {
    workspace->next_focus(shift);
  } else {
    next_focus(state, shift);
  }
}

void handle_mechanics_shortcuts(const Session& session, ViewState& state, Commands& commands) {
  if (!keys_are_free()) return;
  if (pressed(ImGuiKey_A)) state.playback.playing = !state.playback.playing;
  if (pressed(ImGuiKey_Escape)) state.focus = Focus::kNone;

  if (pressed(ImGuiKey_C)) {
    state.focus = Focus::kControls;
    state.tab = Tab::kControls;
    state.enters_controls = true;
  }
  if (state.focus == Focus::kControls) return;  // its arrows go from control to control
  const double x = (pressed(ImGuiKey_RightArrow, true) ? 1 : 0) -
                   (pressed(ImGuiKey_LeftArrow, true) ? 1 : 0);
  const double y =
      (pressed(ImGuiKey_UpArrow, true) ? 1 : 0) - (pressed(ImGuiKey_DownArrow, true) ? 1 : 0);
  if (x == 0 && y == 0) return;
  if (state.focus == Focus::kPortrait) {
    nudge_initial_state(session, state, 0.01 * x, 0.01 * y, commands);
  } else if (const Vector& times = session.view().times; times.size() > 0) {
    state.playback.playing = false;
    const double moved = state.playback.time + 0.02 * x * session.view().period;
    state.playback.time = std::clamp(moved, 0.0, times[times.size() - 1]);
  }
}

}  // namespace least_action
