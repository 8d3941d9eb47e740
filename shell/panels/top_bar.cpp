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

void draw_files_menu(Commands& commands) {
  struct Item {
    const char* label;
    const char* help;
    Command command;
  };
  const std::array<Item, 5> items{{
      {"Save this run",
       "Everything: settings, data, networks, optimiser and history, to go on later.",
       ExportFile{ExportFile::Kind::kRun}},
      {"Save the dataset as CSV", "The observed states and derivatives.",
       ExportFile{ExportFile::Kind::kDataset}},
      {"Save the history as CSV", "Losses and learning rate of each model.",
       ExportFile{ExportFile::Kind::kHistory}},
      {"Open a run …", "A file saved here before; dropping it on the page works too.",
       ImportFile{}},
      {"Start over", "The first experiment again; the autosaved one is forgotten.",
       StartOver{}},
  }};
  for (const Item& item : items) {
    if (ImGui::Selectable(item.label, false, ImGuiSelectableFlags_None,
                          {220, row_height() - 4})) {
      commands.push_back(item.command);
    }
    explain(item.help);
  }
}

}  // namespace

void draw_top_bar(const Rect& area, const SessionView& view, bool running, ViewState& state,
                  Commands& commands) {
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
  if (button(state.dark ? "Light theme" : "Dark theme",
             state.dark ? Icon::kSun : Icon::kMoon)) {
    commands.push_back(SetDark{!state.dark});
  }
  const float menu_right = x + size;
  if (button("Files", Icon::kDownload, ImGui::IsPopupOpen("files"))) ImGui::OpenPopup("files");
  if (button("Copy link", Icon::kLink)) commands.push_back(CopyLink{});
  ImGui::SetNextWindowPos({menu_right, y + size + 4}, ImGuiCond_Always, {1, 0});
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(8, 8));
  if (ImGui::BeginPopup("files")) {
    draw_files_menu(commands);
    ImGui::EndPopup();
  }
  ImGui::PopStyleVar();

  const float limit = x + size - 8;
  if (state.compact) {
    draw_transport({area.x, area.y + 7, std::max(120.0f, std::min(limit - area.x, 260.0f)),
                    area.height - 14},
                   running, view.finished, commands);
    return;
  }
  ImGui::PushFont(fonts().title);
  const float title = math_text_size("Least Action").x;
  draw_math_text(list, {area.x + 6, area.center().y - 0.5f * ImGui::GetFontSize()}, colors.ink,
                 "Least Action");
  ImGui::PopFont();
  const auto index = static_cast<std::size_t>(state.preset);
  const char* subtitle = state.preset >= 0 && index < presets().size()
                             ? presets()[index].description.c_str()
                             : "Networks that learn mechanics from observed motion.";
  const ImVec2 at(area.x + title + 26, area.center().y - 0.5f * ImGui::GetFontSize() + 1);
  if (draw_fitted_text(list, at, limit - at.x, colors.muted, subtitle)) {
    ImGui::SetCursorScreenPos(at);
    ImGui::Dummy({limit - at.x, ImGui::GetFontSize()});
    explain(subtitle);
  }
}

void draw_status_line(const Rect& area, const SessionView& view, std::string_view message,
                      bool is_fault, float opacity, bool running) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const Palette& colors = palette();
  ImGui::PushFont(fonts().small);
  const float y = area.center().y - 0.5f * ImGui::GetFontSize();
  Index step = 0;
  double speed = 0;
  for (const ModelView& model : view.models) {
    step = std::max(step, model.step);
    speed = std::max(speed, model.steps_per_second);
  }
  Label text = format_label("step %s", format_count(step).c_str());
  if (running && speed > 0) {
    text =
        format_label("step %s  ·  %s steps/s%s", format_count(step).c_str(),
                     format_value(speed, 2).c_str(), view.background ? "  ·  own thread" : "");
  } else if (view.finished) {
    text = format_label("step %s  ·  finished", format_count(step).c_str());
  } else if (!running) {
    text = format_label("step %s  ·  paused", format_count(step).c_str());
  }
  const float width = math_text_size(text).x;
  draw_math_text(list, {area.right() - width - 4, y}, colors.muted, text);
  if (running)
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

void draw_help(ViewState& state, std::string_view title, std::string_view description) {
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
    heading("What you see");
    wrapped_text(
        "The white (or black) ribbon is the true motion, each colour a network that learned it "
        "from the "
        "dots. Networks that know an energy keep it: their orbits close. The level sets of a "
        "learned "
        "energy lie on the true ones where it is right. Drag the crossed ring to start "
        "elsewhere.",
        inner, colors.muted);
    heading("Keys and gestures");
    static constexpr std::array<std::array<const char*, 2>, 9> kKeys{{
        {"Space", "start or pause training"},
        {"S", "one training step"},
        {"R", "reset the networks"},
        {"A", "play or pause the animation"},
        {"Tab", "next plot (or tab, on a narrow display)"},
        {"← →", "move through time; on the portrait, with ↑ ↓, the initial state"},
        {"Drag", "move the portrait, its ring, or the time"},
        {"Wheel, pinch", "zoom; a double click shows everything"},
        {"Click a number", "type a value"},
    }};
    for (const auto& [key, meaning] : kKeys) {
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
