#include "panels/transport.h"

#include <algorithm>
#include <array>

#include "number_format.h"
#include "panels/controls.h"
#include "plots/plot_card.h"
#include "text.h"
#include "theme.h"

namespace least_action {

void draw_transport(const Rect& area, bool running, bool finished, Commands& commands) {
  constexpr float kGap = 6;
  const float third = (area.width - 2 * kGap) / 3;
  const float small = std::clamp(0.3f * area.width, std::min(44.0f, third), 84.0f);
  const float wide = area.width - 2 * small - 2 * kGap;
  const Icon main_icon = running ? Icon::kPause : Icon::kPlay;
  const char* main_label = running ? "Pause" : finished ? "Done" : "Start";
  if (text_button(main_label, {area.x, area.y, wide, area.height}, &main_icon, true)) {
    commands.push_back(SetTraining{!running});
  }
  explain(finished ? "All training steps are taken: raise Steps to go on, or reset."
                   : "Space starts and pauses training.");
  const Icon step = Icon::kStep, reset = Icon::kReset;
  const Rect step_area{area.x + wide + kGap, area.y, small, area.height};
  if (text_button("Step", step_area, &step)) commands.push_back(StepTraining{1});
  explain("One training step (S).");
  const Rect reset_area{step_area.right() + kGap, area.y, small, area.height};
  if (text_button("Reset", reset_area, &reset)) commands.push_back(ResetTraining{});
  explain("Networks back to their beginning, same data (R).");
}

void draw_training_speed(const Rect& area, ViewState& state) {
  std::array<const char*, kTrainingSpeeds.size()> labels{};
  for (std::size_t k = 0; k < labels.size(); ++k) labels[k] = kTrainingSpeeds[k].label;
  const Rect box =
      row_control(area, "Speed",
                  "Training steps a second: slow enough to watch, or as fast as the machine.");
  segmented("Training speed", {box.x, box.y, box.width, box.height}, labels.data(),
            static_cast<int>(labels.size()), state.training_speed);
}

void draw_scrubber(const Rect& area, const SessionView& view, ViewState& state) {
  const Palette& colors = palette();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  draw_card(list, area, false);
  Playback& playback = state.playback;
  const double end = view.times.size() > 0 ? view.times[view.times.size() - 1] : 0;
  const float size = area.height - 10, y = area.center().y;
  const Rect play{area.x + 6, area.y + 5, size, size};
  if (icon_button(playback.playing ? "Pause animation" : "Play animation",
                  playback.playing ? Icon::kPause : Icon::kPlay, play)) {
    playback.playing = !playback.playing;
  }
  static constexpr std::array<double, 4> kSpeeds{0.5, 1, 2, 5};
  static constexpr std::array<const char*, 4> kNames{"½×", "1×", "2×", "5×"};
  std::size_t speed = 1;
  for (std::size_t k = 0; k < kSpeeds.size(); ++k) {
    if (kSpeeds[k] == playback.speed) speed = k;
  }
  const Rect speed_box{area.right() - 48, area.y + 6, 42, area.height - 12};
  ImGui::PushID("Animation speed");
  if (chip(kNames[speed], speed_box, true))
    playback.speed = kSpeeds[(speed + 1) % kSpeeds.size()];
  explain("Speed of the animation: seconds of motion in a second.");
  ImGui::PopID();

  ImGui::PushFont(fonts().small);
  const Label text = format_label("%.1f / %.1f s", playback.time, end);
  const float text_width = math_text_size(format_label("%.1f / %.1f s", end, end)).x;
  const float text_x = speed_box.x - 8 - text_width;
  draw_math_text(list, {text_x, y - 0.5f * ImGui::GetFontSize()}, colors.muted, text);
  ImGui::PopFont();

  const Rect track{play.right() + 12, area.y, text_x - play.right() - 26, area.height};
  if (track.width < 20 || !(end > 0)) return;
  ImGui::SetCursorScreenPos({track.x - 8, track.y});
  ImGui::InvisibleButton("Time", {track.width + 16, track.height});
  if (ImGui::IsItemActive()) {
    playback.playing = false;
    const double s = static_cast<double>((ImGui::GetMousePos().x - track.x) / track.width);
    playback.time = std::clamp(s, 0.0, 1.0) * end;
  }
  const bool strong = ImGui::IsItemHovered() || ImGui::IsItemActive();
  const float knob = track.x + static_cast<float>(playback.time / end) * track.width;
  list.AddRectFilled({track.x, y - 1.5f}, {track.right(), y + 1.5f}, colors.hovered, 2);
  list.AddRectFilled({track.x, y - 1.5f}, {knob, y + 1.5f}, colors.muted, 2);
  // A notch a period.
  const int periods = static_cast<int>(end / std::max(view.period, 1e-9) + 1e-6);
  for (int k = 1; k < periods && periods <= 40; ++k) {
    const float x = track.x + static_cast<float>(k * view.period / end) * track.width;
    list.AddLine({x, y + 5}, {x, y + 8}, colors.faint);
  }
  list.AddCircleFilled({knob, y}, strong ? 7.5f : 6.0f, colors.ink);
}

}  // namespace least_action
