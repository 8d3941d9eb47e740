#include "map_controls.h"

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "panels/controls.h"
#include "panels/transport.h"
#include "plots/plot_card.h"
#include "text.h"
#include "theme.h"

namespace least_action {
namespace {

const Setting& row_of(std::string_view key) {
  for (const Setting& row : map_settings())
    if (row.key == key) return row;
  return map_settings().front();
}

bool edit(const char* key, double& value, int digits = 3) {
  const Setting& row = row_of(key);
  return number_row(row.label, row.help, value,
                    {.minimum = row.minimum,
                     .maximum = row.maximum,
                     .logarithmic = row.logarithmic,
                     .digits = digits},
                    false);
}

bool edit_whole(std::string_view label, std::string_view help, Index& value, double least,
                double most, bool logarithmic = false) {
  double number = static_cast<double>(value);
  const bool done = number_row(label, help, number, {least, most, logarithmic, "", 6}, false);
  value = static_cast<Index>(std::llround(std::clamp(number, -1e9, 1e9)));
  return done;
}

bool choose_task(MapScreen& screen) {
  const Setting& row = row_of("task");
  int selected = 0;
  for (std::size_t k = 0; k < map_tasks().size(); ++k)
    if (map_tasks()[k].task == screen.draft.task) selected = static_cast<int>(k);
  const Rect line = next_row();
  const bool changed = choice_box("Task", line, row.choice_labels, selected);
  explain(row.help);
  ImGui::SetCursorScreenPos({line.x, line.bottom() + ImGui::GetStyle().ItemSpacing.y});
  if (changed) {
    static_cast<void>(
        set_map_setting(screen.draft, "task", row.choices[static_cast<std::size_t>(selected)]));
  }
  return changed;
}

bool edit_map(std::size_t index, MapModelConfig& map, bool removable, bool& remove) {
  const Setting& row = row_of("models");
  ImGui::PushID(static_cast<int>(index));
  bool changed = false;
  const Rect line = next_row();
  ImGui::GetWindowDrawList()->AddCircleFilled({line.x + 5, line.center().y}, 5,
                                              series_color(static_cast<int>(index)));
  int kind = 0;
  for (std::size_t k = 0; k < map_kinds().size(); ++k)
    if (map_kinds()[k].kind == map.kind) kind = static_cast<int>(k);
  const float cross = removable ? line.height : 0.0f;
  if (choice_box("Map", {line.x + 18, line.y, line.width - 18 - cross, line.height},
                 row.choice_labels, kind)) {
    map = usual_map(map_kinds()[static_cast<std::size_t>(kind)].kind);
    changed = true;
  }
  explain(traits(map.kind).help);
  if (removable &&
      icon_button("Remove", Icon::kCross,
                  {line.right() - cross + 4, line.y + 2, cross - 4, line.height - 4})) {
    remove = true;
  }
  ImGui::SetCursorScreenPos({line.x, line.bottom() + ImGui::GetStyle().ItemSpacing.y});
  ImGui::Indent(18);
  if (has_hidden_layers(map.kind) && !map.hidden.empty()) {
    // One width for all hidden layers: what a slider can say; links can say more.
    Index width = map.hidden.front();
    if (edit_whole("Width", "Units in each hidden layer of its network.", width, 1, 64, true))
      changed = true;
    if (width != map.hidden.front()) std::fill(map.hidden.begin(), map.hidden.end(), width);
  }
  if (map.kind == MapKind::kFullyConnected) {
    auto layers = static_cast<Index>(map.hidden.size());
    if (edit_whole("Layers", "Hidden layers.", layers, 1, 6)) changed = true;
    map.hidden.resize(static_cast<std::size_t>(std::clamp<Index>(layers, 1, 6)),
                      map.hidden.front());
  }
  if (const Index most = largest_depth(map.kind); most > 0) {
    const bool zeros = map.kind == MapKind::kAugmentedNeuralOde;
    if (edit_whole(zeros ? "Added" : "Blocks",
                   zeros ? "Dimensions added to the data's, all 0 at the start."
                         : "Residual blocks, one after the other.",
                   map.depth, 1, static_cast<double>(most), map.kind == MapKind::kOneNeuron)) {
      changed = true;
    }
  }
  ImGui::Unindent(18);
  ImGui::PopID();
  return changed;
}

bool edit_maps(MapScreen& screen) {
  std::vector<MapModelConfig>& maps = screen.draft.models;
  bool changed = false;
  std::size_t removed = maps.size();
  for (std::size_t k = 0; k < maps.size(); ++k) {
    bool remove = false;
    changed = edit_map(k, maps[k], maps.size() > 1, remove) || changed;
    if (remove) removed = k;
  }
  if (removed < maps.size()) {
    maps.erase(maps.begin() + static_cast<std::ptrdiff_t>(removed));
    changed = true;
  }
  if (maps.size() < kMaxMaps) {
    const Rect line = next_row();
    const Icon plus = Icon::kPlus;
    if (text_button("Add a map", {line.x + 18, line.y, line.width - 18, line.height}, &plus)) {
      // The first kind that is not there yet.
      MapKind added = MapKind::kFullyConnected;
      for (const MapKindTraits& kind : map_kinds()) {
        const auto same = [&](const MapModelConfig& map) { return map.kind == kind.kind; };
        if (std::any_of(maps.begin(), maps.end(), same)) continue;
        added = kind.kind;
        break;
      }
      maps.push_back(usual_map(added));
      changed = true;
    }
    ImGui::SetCursorScreenPos({line.x, line.bottom() + ImGui::GetStyle().ItemSpacing.y});
  }
  return changed;
}

bool edit_training(MapScreen& screen) {
  MapSessionConfig& draft = screen.draft;
  bool changed = edit("lr", draft.learning_rate);
  const auto whole = [&changed](const char* key, auto& value) {
    double number = static_cast<double>(value);
    changed = edit(key, number, 6) || changed;
    using Integer = std::decay_t<decltype(value)>;
    value = static_cast<Integer>(std::llround(std::clamp(number, 0.0, 4294967295.0)));
  };
  whole("steps", draft.steps);
  whole("batch", draft.batch);
  // A slider over all seeds helps nobody.
  double seed = static_cast<double>(draft.seed);
  const Setting& row = row_of("seed");
  changed = number_row(row.label, row.help, seed, {0, 100, false, "", 9}, false) || changed;
  draft.seed = static_cast<std::uint64_t>(std::llround(std::clamp(seed, 0.0, 4294967295.0)));
  return changed;
}

}  // namespace

bool draw_map_controls(const Rect& area, const MapView& view, MapScreen& screen,
                       const DisplayState& display, Commands& commands) {
  ImDrawList& outer = *ImGui::GetWindowDrawList();
  draw_card(outer, area, false);
  const Rect inner = area.shrunk(14, 12);
  const float transport = display.touch ? 42.0f : 34.0f;
  draw_transport({inner.x, inner.y, inner.width, transport}, view.training, view.finished,
                 commands);
  ImGui::SetCursorScreenPos({inner.x, inner.y + transport + 12});
  bool changed = false;
  if (ImGui::BeginChild("Map controls", {inner.width + 8, inner.height - transport - 12})) {
    ImGui::PushItemWidth(inner.width);
    changed = choose_task(screen) || changed;
    ImGui::Dummy({0, 2});
    if (section("Maps", maps_text(screen.draft.models), true)) {
      changed = edit_maps(screen) || changed;
    }
    if (section("Training", "", true)) changed = edit_training(screen) || changed;
    if (!screen.fault.empty()) {
      ImGui::PushFont(fonts().small);
      wrapped_text(screen.fault, ImGui::GetContentRegionAvail().x, palette().fault);
      ImGui::PopFont();
    }
    ImGui::PopItemWidth();
  }
  ImGui::EndChild();
  return changed;
}

}  // namespace least_action
