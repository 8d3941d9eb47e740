#include "panels/top_bar.h"

#include <algorithm>
#include <array>

#include "number_format.h"
#include "panels/controls.h"
#include "panels/transport.h"
#include "plots/plot_card.h"
#include "text.h"
#include "theme.h"

namespace least_action {
namespace {

struct MenuItem {
  const char* label;
  const char* help;
  Command command;
};

void draw_item(const MenuItem& item, Commands& commands) {
  if (ImGui::Selectable(item.label, false, ImGuiSelectableFlags_None,
                        {220, row_height() - 4})) {
    commands.push_back(item.command);
  }
  explain(item.help);
}

void draw_run_items(Commands& commands) {
  const std::array<MenuItem, 4> items{{
      {"Save this run",
       "Everything: settings, data, networks, optimiser and history, to go on later.",
       ExportFile{ExportFile::Kind::kRun}},
      {"Save the dataset as CSV", "The observed states and derivatives.",
       ExportFile{ExportFile::Kind::kDataset}},
      {"Save the history as CSV", "Losses and learning rate of each model.",
       ExportFile{ExportFile::Kind::kHistory}},
      {"Open a run …", "A file saved here before; dropping it on the page works too.",
       ImportFile{}},
  }};
  for (const MenuItem& item : items) draw_item(item, commands);
}

void draw_files_menu(const WorkspaceSwitch& workspace, const ViewState& state,
                     Commands& commands) {
  if (const Workspace* shown = workspace.shown()) {
    const std::vector<WorkspaceExport> exports = shown->exports();
    for (std::size_t k = 0; k < exports.size(); ++k) {
      draw_item({exports[k].label.c_str(), exports[k].help.c_str(), ExportFromWorkspace{k}},
                commands);
    }
    if (!workspace.entry().file_magic.empty()) {
      draw_item({"Open a file …",
                 "A file saved here before; dropping it on the page works too.", ImportFile{}},
                commands);
    }
    draw_item({"Start over", "The first experiment of this kind again.", StartOver{}},
              commands);
  } else {
    draw_run_items(commands);
    draw_item({"Start over", "The first experiment again; the autosaved one is forgotten.",
               StartOver{}},
              commands);
  }
  if (!state.compact) return;
  // A phone's bar has no room for these.
  draw_item({"Copy link", "The address of this experiment.", CopyLink{}}, commands);
  draw_item({state.dark ? "Light theme" : "Dark theme", "", SetDark{!state.dark}}, commands);
}

/// Right edge of what it drew; at most `area.width` wide where it is a box.
float draw_switch(const Rect& area, const WorkspaceSwitch& workspace, bool compact,
                  Commands& commands) {
  const std::vector<WorkspaceEntry>& entries = workspace.entries();
  if (entries.size() < 2) return area.x;
  int selected = static_cast<int>(workspace.index());
  bool changed = false;
  ImGui::PushFont(fonts().small);
  std::vector<std::string> titles;
  std::vector<const char*> labels;
  float widest = 0;
  for (const WorkspaceEntry& entry : entries) {
    titles.push_back(entry.title);
    labels.push_back(entry.title.c_str());
    widest = std::max(widest, math_text_size(entry.title).x);
  }
  const float width = compact ? std::min(widest + 38, area.width)
                              : (widest + 26) * static_cast<float>(entries.size());
  const Rect box{area.x, area.y, width, area.height};
  if (compact) {
    changed = choice_box("Workspace", box, titles, selected);
  } else {
    changed =
        segmented("Workspace", box, labels.data(), static_cast<int>(labels.size()), selected);
  }
  ImGui::PopFont();
  if (changed) commands.push_back(ShowWorkspace{static_cast<std::size_t>(selected)});
  return box.right();
}

}  // namespace

void draw_top_bar(const Rect& area, const WorkspaceSwitch& workspace,
                  const TrainingProgress& progress, ViewState& state, Commands& commands) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const Palette& colors = palette();
  const float size = state.compact ? 40.0f : 34.0f, gap = 2;
  float x = area.right() - size - (state.compact ? 0.0f : 4.0f);
  const float y = area.center().y - 0.5f * size;
  const auto button = [&](const char* label, Icon icon, bool on = false) {
    const bool pressed = icon_button(label, icon, {x, y, size, size}, on);
    x -= size + gap;
    return pressed;
  };
  if (button("Help", Icon::kHelp, state.help_open)) state.help_open = !state.help_open;
  if (!state.compact && button(state.dark ? "Light theme" : "Dark theme",
                               state.dark ? Icon::kSun : Icon::kMoon)) {
    commands.push_back(SetDark{!state.dark});
  }
  const float menu_right = x + size;
  if (button("Files", Icon::kDownload, ImGui::IsPopupOpen("files"))) ImGui::OpenPopup("files");
  if (!state.compact && button("Copy link", Icon::kLink)) commands.push_back(CopyLink{});
  ImGui::SetNextWindowPos({menu_right, y + size + 4}, ImGuiCond_Always, {1, 0});
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(8, 8));
  if (ImGui::BeginPopup("files")) {
    draw_files_menu(workspace, state, commands);
    ImGui::EndPopup();
  }
  ImGui::PopStyleVar();

  const float limit = x + size - 8;
  if (state.compact) {
    // On the narrowest phones the switch gives way: training must be in reach of a thumb.
    constexpr float kLeastTransport = 3 * 34 + 2 * 6;
    const float room = std::max(60.0f, limit - area.x - 8 - kLeastTransport);
    const float right =
        draw_switch({area.x, area.y + 7, room, area.height - 14}, workspace, true, commands);
    const float left = right > area.x ? right + 8 : area.x;
    draw_transport(
        {left, area.y + 7, std::clamp(limit - left, 84.0f, 260.0f), area.height - 14},
        progress.running, progress.finished, commands);
    return;
  }
  ImGui::PushFont(fonts().title);
  const float title = math_text_size("Least Action").x;
  draw_math_text(list, {area.x + 6, area.center().y - 0.5f * ImGui::GetFontSize()}, colors.ink,
                 "Least Action");
  ImGui::PopFont();
  const float right = draw_switch({area.x + title + 28, area.center().y - 14, 0, 28}, workspace,
                                  false, commands);
  const auto index = static_cast<std::size_t>(state.preset);
  const bool preset =
      workspace.shown() == nullptr && state.preset >= 0 && index < presets().size();
  const char* subtitle =
      preset ? presets()[index].description.c_str() : workspace.entry().subtitle.c_str();
  const ImVec2 at(std::max(area.x + title + 26, right + 18),
                  area.center().y - 0.5f * ImGui::GetFontSize() + 1);
  if (draw_fitted_text(list, at, limit - at.x, colors.muted, subtitle)) {
    ImGui::SetCursorScreenPos(at);
    ImGui::Dummy({limit - at.x, ImGui::GetFontSize()});
    explain(subtitle);
  }
}

void draw_status_line(const Rect& area, const TrainingProgress& progress,
                      std::string_view message, bool is_fault, float opacity) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const Palette& colors = palette();
  ImGui::PushFont(fonts().small);
  const float y = area.center().y - 0.5f * ImGui::GetFontSize();
  const Label step = format_count(progress.step);
  Label text = format_label("step %s", step.c_str());
  if (progress.running && progress.steps_per_second > 0) {
    text = format_label("step %s  ·  %s steps/s%s", step.c_str(),
                        format_value(progress.steps_per_second, 2).c_str(),
                        progress.background ? "  ·  own thread" : "");
  } else if (progress.finished) {
    text = format_label("step %s  ·  finished", step.c_str());
  } else if (!progress.running) {
    text = format_label("step %s  ·  paused", step.c_str());
  }
  const float width = math_text_size(text).x;
  draw_math_text(list, {area.right() - width - 4, y}, colors.muted, text);
  if (progress.running)
    list.AddCircleFilled({area.right() - width - 13, area.center().y + 0.5f}, 3, colors.good);
  const ImU32 ink = with_alpha(is_fault ? colors.fault : colors.muted, opacity);
  const float room = area.width - width - 30;
  // A message that does not fit is read in full under the pointer.
  if (draw_fitted_text(list, {area.x + 6, y}, room, ink, message)) {
    ImGui::SetCursorScreenPos(area.min());
    ImGui::Dummy({room, area.height});
    explain(message);
  }
  ImGui::PopFont();
}

void draw_tabs(const Rect& area, ViewState& state) {
  static constexpr const char* kNames[kNumTabs] = {"Controls", "Scene", "Loss", "Energy",
                                                   "Figures"};
  int selected = static_cast<int>(state.tab);
  if (segmented("tabs", area, kNames, kNumTabs, selected))
    state.tab = static_cast<Tab>(selected);
}

void draw_help(ViewState& state, std::string_view title, std::string_view description,
               bool mechanics) {
  if (!state.help_open) {
    state.help_shown = false;
    return;
  }
  const Palette& colors = palette();
  const ImVec2 display = ImGui::GetIO().DisplaySize;
  const float width = std::min(560.0f, display.x - 24);
  ImGui::SetNextWindowPos({0.5f * display.x, 0.5f * display.y}, ImGuiCond_Always, {0.5f, 0.5f});
  ImGui::SetNextWindowSizeConstraints({width, 0}, {width, display.y - 24});
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(24, 20));
  if (!state.help_shown) ImGui::OpenPopup("Help");
  state.help_shown = true;
  ImGui::PushStyleColor(ImGuiCol_PopupBg, colors.surface);
  if (ImGui::BeginPopup("Help")) {
    const float inner = width - 48;
    const auto heading = [&](std::string_view text) {
      ImGui::Dummy({0, 4});
      ImGui::PushFont(fonts().heading);
      wrapped_text(text, inner, colors.ink);
      ImGui::PopFont();
    };
    heading(title.empty() ? "Least Action" : title);
    wrapped_text(description, inner, colors.muted);
    if (mechanics) {
      heading("What you see");
      wrapped_text(
          "The white (or black) ribbon is the true motion, each colour a network that learned "
          "it from the dots. Networks that know an energy keep it: their orbits close. The "
          "level sets of a learned energy lie on the true ones where it is right. Drag the "
          "crossed ring to start elsewhere.",
          inner, colors.muted);
    }
    heading("Keys and gestures");
    struct Key {
      const char *key, *meaning;
      bool mechanics;
    };
    static constexpr std::array<Key, 11> kKeys{{
        {"Space", "start or pause training", false},
        {"S", "one training step", false},
        {"R", "reset the networks", false},
        {"A", "play or pause the animation", true},
        {"Tab", "next plot (or tab, on a narrow display)", false},
        {"C", "the controls: ↑ ↓ choose one, ← → change it, Enter presses or types", true},
        {"← →", "move through time; on the portrait, with ↑ ↓, the initial state", true},
        {"Drag", "move the portrait, its ring, or the time", true},
        {"Wheel, pinch", "zoom; a double click shows everything", true},
        {"Shift-click", "another start on the portrait (on a phone, a long touch)", true},
        {"Click a number", "type a value", false},
    }};
    for (const auto& [key, meaning, only_mechanics] : kKeys) {
      if (only_mechanics && !mechanics) continue;
      const ImVec2 at = ImGui::GetCursorScreenPos();
      draw_math_text(*ImGui::GetWindowDrawList(), at, colors.ink, key);
      ImGui::SetCursorScreenPos({at.x + 120, at.y});
      wrapped_text(meaning, inner - 120, colors.muted);
    }
    ImGui::Dummy({0, 6});
    const ImVec2 at = ImGui::GetCursorScreenPos();
    if (text_button("Close", {at.x, at.y, inner, 34}, nullptr, true))
      ImGui::CloseCurrentPopup();
    ImGui::EndPopup();
  }
  if (!ImGui::IsPopupOpen("Help")) state.help_open = false;
  ImGui::PopStyleColor();
  ImGui::PopStyleVar();
}

}  // namespace least_action
