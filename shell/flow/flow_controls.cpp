#include "flow_controls.h"

#include <algorithm>
#include <cmath>
#include <exception>

#include "number_format.h"
#include "panels/controls.h"
#include "panels/transport.h"
#include "plots/plot_card.h"
#include "text.h"
#include "theme.h"
#include "workspace.h"

namespace least_action {
namespace {

const Setting& flow_setting(std::string_view key) {
  for (const Setting& setting : flow_settings()) {
    if (setting.key == key) return setting;
  }
  static const Setting none{};
  return none;
}

/// Lets the session have the draft; where it refuses, the draft is as it was, and why is kept.
void apply(std::string_view key, FlowSession& session, FlowDraft& draft) {
  draft.fault_key = key;
  draft.fault.clear();
  try {
    const ConfigureReport report = session.configure(draft.config);
    if (!report.faults.empty()) draft.fault = report.faults.front();
  } catch (const std::exception& error) {  // No memory, say: a frame must not end with it.
    draft.fault = reason(error);
  }
  draft.config = session.config();
}

void show_draft_fault(const FlowDraft& draft, std::string_view key) {
  if (draft.fault.empty() || draft.fault_key != key) return;
  ImGui::PushFont(fonts().small);
  wrapped_text(draft.fault, ImGui::GetContentRegionAvail().x, palette().fault);
  ImGui::PopFont();
}

/// The value as a person edits it: by its text, so that the table's own rules decide.
void take(const char* key, const std::string& text, FlowSession& session, FlowDraft& draft) {
  if (auto fault = set_flow_setting(draft.config, key, text)) {
    draft.fault_key = key;
    draft.fault = *fault;
    return;
  }
  apply(key, session, draft);
}

void choice_row(const char* key, FlowSession& session, FlowDraft& draft) {
  const Setting& setting = flow_setting(key);
  const std::string now = flow_setting_text(draft.config, key);
  const auto found = std::find(setting.choices.begin(), setting.choices.end(), now);
  int selected =
      found == setting.choices.end() ? -1 : static_cast<int>(found - setting.choices.begin());
  const Rect line = next_row();
  const Rect box = row_control(line, setting.label, setting.help);
  if (choice_box(setting.label.c_str(), box, setting.choice_labels, selected,
                 setting.choice_helps)) {
    take(key, setting.choices[static_cast<std::size_t>(selected)], session, draft);
  }
  ImGui::SetCursorScreenPos({line.x, line.bottom() + ImGui::GetStyle().ItemSpacing.y});
  ImGui::Dummy({0, 0});
  ImGui::SetCursorScreenPos({line.x, line.bottom() + ImGui::GetStyle().ItemSpacing.y});
  show_draft_fault(draft, key);
}

/// A slider of a number of the draft between bounds that people use; typed values may be
/// outside, up to the setting's own.
template <class T>
void number_setting(const char* key, T FlowConfig::*field, const NumberStyle& style,
                    FlowSession& session, FlowDraft& draft) {
  const Setting& setting = flow_setting(key);
  double value = static_cast<double>(draft.config.*field);
  const bool whole = setting.kind == Setting::Kind::kInteger;
  const bool complete = number_row(setting.label, setting.help, value, style, false);
  if (whole) value = std::round(value);
  const double kept = std::clamp(value, setting.minimum, setting.maximum);
  draft.config.*field = static_cast<T>(kept);
  if (complete && kept != value) {
    draft.config = session.config();
    draft.fault_key = key;
    draft.fault = setting.label + " must be from " + format_value(setting.minimum).c_str() +
                  " to " + format_value(setting.maximum).c_str() + ".";
  } else if (complete) {
    apply(key, session, draft);
  }
  show_draft_fault(draft, key);
}

void draw_flow_settings(FlowSession& session, FlowDraft& draft, bool tall) {
  FlowConfig& c = draft.config;
  const Label network =
      format_label("%lld × %lld %s", static_cast<long long>(c.depth),
                   static_cast<long long>(c.width), flow_setting_text(c, "act").c_str());
  if (section("Network", network, true)) {
    number_setting("width", &FlowConfig::width, {4, 128, true}, session, draft);
    number_setting("depth", &FlowConfig::depth, {1, 4, false, "", 1}, session, draft);
    choice_row("act", session, draft);
  }
  const bool adaptive = traits(c.method).adaptive;
  const Label solver =
      adaptive ? format_label("%s", std::string(traits(c.method).name).c_str())
               : format_label("%s, %lld steps", std::string(traits(c.method).name).c_str(),
                              static_cast<long long>(c.substeps));
  if (section("Flow", solver, true)) {
    choice_row("method", session, draft);
    if (adaptive) {
      number_setting("rtol", &FlowConfig::relative_tolerance, {1e-7, 1e-2, true}, session,
                     draft);
    } else {
      number_setting("substeps", &FlowConfig::substeps, {1, 20}, session, draft);
    }
    choice_row("trace", session, draft);
    number_setting("kinetic", &FlowConfig::kinetic, {0, 0.5}, session, draft);
  }
  const Label training =
      format_label("Adam %s, batch %lld", format_value(c.learning_rate).c_str(),
                   static_cast<long long>(c.batch_size));
  if (section("Training", training, tall)) {
    number_setting("lr", &FlowConfig::learning_rate, {1e-4, 0.1, true}, session, draft);
    number_setting("steps", &FlowConfig::total_steps, {100, 20000, true}, session, draft);
    number_setting("batch", &FlowConfig::batch_size, {16, 1024, true}, session, draft);
    choice_row("sens", session, draft);
    number_setting("clip", &FlowConfig::gradient_clip, {0, 100}, session, draft);
    number_setting("samples", &FlowConfig::train_samples, {0, 5000}, session, draft);
    number_setting("seed", &FlowConfig::seed, {0, 100}, session, draft);
  }
}

}  // namespace

void draw_flow_controls(const Rect& area, FlowSession& session, FlowDraft& draft,
                        const DisplayState& display, Commands& commands) {
  draw_card(*ImGui::GetWindowDrawList(), area, false);
  const float padding = 14, width = area.width - 2 * padding, row = row_height();
  float y = area.y + 12;
  const Setting& density = flow_setting("density");
  const auto found = std::find(density.choices.begin(), density.choices.end(),
                               flow_setting_text(draft.config, "density"));
  int selected = static_cast<int>(found - density.choices.begin());
  if (choice_box("Density", {area.x + padding, y, width, row + 4}, density.choice_labels,
                 selected, density.choice_helps)) {
    take("density", density.choices[static_cast<std::size_t>(selected)], session, draft);
  }
  y += row + 12;
  const FlowView& view = session.view();
  draw_transport({area.x + padding, y, width, 38}, view.training, view.finished, commands);
  y += 48;
  ImGui::SetCursorScreenPos({area.x + padding, y});
  if (ImGui::BeginChild("flow controls", {width + padding - 4, area.bottom() - y - 6},
                        ImGuiChildFlags_None, ImGuiWindowFlags_NoBackground)) {
    if (ImGui::BeginChild("flow settings", {width, 0}, ImGuiChildFlags_AutoResizeY,
                          ImGuiWindowFlags_NoBackground)) {
      ImGui::Dummy({0, 1});
      draw_flow_settings(session, draft, display.tall);
      ImGui::Dummy({0, 4});
    }
    ImGui::EndChild();
  }
  ImGui::EndChild();
}

}  // namespace least_action
