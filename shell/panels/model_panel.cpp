#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <cstring>

#include "number_format.h"
#include "panels/controls.h"
#include "panels/experiment_panel.h"
#include "plots/plot_card.h"
#include "text.h"
#include "theme.h"

namespace least_action {
namespace {

constexpr std::size_t kMostModels = 4;

// "32, 32" as widths; false where it is something else.
bool read_widths(const char* text, std::vector<Index>& widths) {
  std::vector<Index> read;
  for (const char* at = text; *at != 0;) {
    if (std::isdigit(static_cast<unsigned char>(*at)) == 0) {
      if (std::strchr(" ,;x", *at) == nullptr) return false;
      ++at;
      continue;
    }
    Index width = 0;
    for (; std::isdigit(static_cast<unsigned char>(*at)) != 0; ++at) {
      width = std::min<Index>(10 * width + (*at - '0'), 1000000);
    }
    read.push_back(width);
  }
  if (read.empty()) return false;
  widths = std::move(read);
  return true;
}

void write_widths(const std::vector<Index>& widths, char* text, std::size_t size) {
  std::size_t used = 0;
  text[0] = 0;
  for (const Index width : widths) {
    used += static_cast<std::size_t>(std::snprintf(text + used, size - used,
                                                   used == 0 ? "%lld" : ", %lld",
                                                   static_cast<long long>(width)));
    if (used >= size) break;
  }
}

// A field for the widths of the hidden layers; true when they were changed.
bool widths_field(const Rect& area, ModelConfig& model, ViewState& state) {
  static char text[64];
  static ImGuiID editing = 0;
  const ImGuiID id = ImGui::GetID("Layers");
  char shown[64];
  write_widths(model.hidden, shown, sizeof shown);
  char* buffer = editing == id ? text : shown;
  ImGui::SetCursorScreenPos(area.min());
  ImGui::SetNextItemWidth(area.width);
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding,
                      ImVec2(10, 0.5f * (area.height - ImGui::GetFontSize())));
  ImGui::InputText("##Layers", buffer, sizeof text, ImGuiInputTextFlags_AutoSelectAll);
  ImGui::PopStyleVar();
  if (ImGui::IsItemActivated()) {
    editing = id;
    std::memcpy(text, shown, sizeof text);
  }
  const bool done = ImGui::IsItemDeactivatedAfterEdit();
  if (ImGui::IsItemDeactivated()) editing = 0;
  explain("Widths of the hidden layers, one after the other: \"32, 32\" is two of 32 units.");
  if (!done) return false;
  if (!read_widths(buffer, model.hidden)) {
    state.fault_key = "models";
    state.fault = "Layers are whole numbers with commas between them, such as 32, 32.";
    return false;
  }
  return true;
}

bool draw_model(std::size_t index, ModelConfig& model, ViewState& state, bool removable,
                bool& remove) {
  static const std::vector<std::string> kinds = [] {
    std::vector<std::string> all;
    for (const ModelTraits& kind : model_kinds()) all.emplace_back(kind.title);
    return all;
  }();
  static const std::vector<std::string> activations = [] {
    std::vector<std::string> all;
    for (const Activation activation : kActivations) all.emplace_back(name(activation));
    return all;
  }();
  bool changed = false;
  ImGui::PushID(static_cast<int>(index));
  const Rect line = next_row();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddCircleFilled({line.x + 5, line.center().y}, 5, series_color(static_cast<int>(index)));
  const float cross = removable ? line.height : 0.0f;
  int kind = 0;
  for (std::size_t k = 0; k < model_kinds().size(); ++k) {
    if (model_kinds()[k].kind == model.kind) kind = static_cast<int>(k);
  }
  if (choice_box("Model", {line.x + 18, line.y, line.width - 18 - cross, line.height}, kinds,
                 kind)) {
    model.kind = model_kinds()[static_cast<std::size_t>(kind)].kind;
    changed = true;
  }
  if (removable &&
      icon_button("Remove", Icon::kCross,
                  {line.right() - cross + 4, line.y + 2, cross - 4, line.height - 4})) {
    remove = true;
  }
  const float gap = ImGui::GetStyle().ItemSpacing.y;
  const Rect second{line.x + 18, line.bottom() + gap - 2, line.width - 18, line.height};
  const bool residual = model.kind == ModelKind::kResidual;
  const float part = std::floor((second.width - 6) / 2);
  changed = widths_field({second.x, second.y, part, second.height}, model, state) || changed;
  int activation = static_cast<int>(model.activation);
  if (choice_box("Activation", {second.x + part + 6, second.y, part, second.height},
                 activations, activation)) {
    model.activation = static_cast<Activation>(activation);
    changed = true;
  }
  ImGui::SetCursorScreenPos({line.x, second.bottom() + gap});
  if (residual) {
    double blocks = static_cast<double>(model.blocks);
    changed = number_row("Blocks", "Residual blocks, each an Euler step x + f(x).", blocks,
                         {1, 16}, false) ||
              changed;
    model.blocks = static_cast<Index>(std::llround(std::clamp(blocks, 0.0, 1e6)));
  }
  ImGui::Dummy({0, 1});
  ImGui::PopID();
  return changed;
}

}  // namespace

void draw_model_settings(const SessionView& view, ViewState& state, Commands& commands) {
  Label summary;
  for (const ModelView& model : view.models) {
    summary = summary.text[0] == 0
                  ? format_label("%s", model.name.c_str())
                  : format_label("%s, %s", Label(summary).c_str(), model.name.c_str());
  }
  if (!section("Models", summary, true)) return;
  std::vector<ModelConfig>& models = state.draft.models;
  bool changed = false;
  std::size_t removed = models.size();
  for (std::size_t k = 0; k < models.size(); ++k) {
    bool remove = false;
    changed = draw_model(k, models[k], state, models.size() > 1, remove) || changed;
    if (remove) removed = k;
  }
  if (removed < models.size()) {
    models.erase(models.begin() + static_cast<std::ptrdiff_t>(removed));
    changed = true;
  }
  if (models.size() < kMostModels) {
    const Rect line = next_row();
    const Icon plus = Icon::kPlus;
    if (text_button("Add a model", {line.x + 18, line.y, line.width - 18, line.height},
                    &plus)) {
      // The first kind that is not there yet, built like the first model.
      ModelConfig added = models.empty() ? ModelConfig{} : models.front();
      for (const ModelTraits& kind : model_kinds()) {
        const auto same = [&](const ModelConfig& model) { return model.kind == kind.kind; };
        if (std::none_of(models.begin(), models.end(), same)) {
          added.kind = kind.kind;
          break;
        }
      }
      models.push_back(added);
      changed = true;
    }
    ImGui::SetCursorScreenPos({line.x, line.bottom() + ImGui::GetStyle().ItemSpacing.y});
  }
  show_fault(state, "models");
  if (changed) commands.push_back(ApplyDraft{"models"});
}

}  // namespace least_action
