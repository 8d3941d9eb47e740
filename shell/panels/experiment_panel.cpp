#include "panels/experiment_panel.h"

#include <algorithm>
#include <cctype>
#include <cmath>

#include "number_format.h"
#include "panels/controls.h"
#include "text.h"
#include "theme.h"

namespace least_action {
namespace {

void apply_if(bool complete, const char* key, Commands& commands) {
  if (complete) commands.push_back(ApplyDraft{key});
}

template <class Choices>
int index_in(const Choices& choices, std::string_view value) {
  for (std::size_t k = 0; k < choices.size(); ++k) {
    if (choices[k] == value) return static_cast<int>(k);
  }
  return -1;
}

// "pendulum", "g 9.81 m/s²"
NumberStyle parameter_style(const SystemParameter& parameter) {
  return {.minimum = parameter.minimum,
          .maximum = parameter.maximum,
          .logarithmic = parameter.minimum > 0 && parameter.maximum / parameter.minimum > 200,
          .unit = parameter.unit.c_str()};
}

}  // namespace

void draw_preset_choice(const Rect& area, ViewState& state, Commands& commands) {
  static const std::vector<std::string> titles = [] {
    std::vector<std::string> all;
    for (const Preset& preset : presets()) all.push_back(preset.title);
    return all;
  }();
  int selected = state.preset;
  if (choice_box("Preset", area, titles, selected)) {
    commands.push_back(LoadPreset{static_cast<std::size_t>(selected)});
  }
  if (state.preset < 0) {
    draw_math_text(*ImGui::GetWindowDrawList(),
                   {area.x + 10, area.center().y - 0.5f * ImGui::GetFontSize()},
                   palette().muted, "Your own experiment");
  }
}

void draw_system_settings(const Session& session, ViewState& state, Commands& commands) {
  if (!section("System", session.system().title(), true)) return;
  const Setting& row = setting("system");
  const Rect line = next_row();
  const Rect box = row_control(line, row.label, row.help);
  int selected = index_in(row.choices, state.draft.system);
  if (choice_box("System choice", box, row.choice_labels, selected)) {
    state.draft.system = row.choices[static_cast<std::size_t>(selected)];
    state.draft.parameters.clear();
    state.draft.initial_state.clear();
    commands.push_back(ApplyDraft{"system"});
    return;
  }
  ImGui::SetCursorScreenPos({line.x, line.bottom() + ImGui::GetStyle().ItemSpacing.y});
  show_fault(state, "system");

  const std::vector<SystemParameter>& parameters = session.system().parameters();
  if (state.draft.system != session.config().system) return;
  for (std::size_t k = 0; k < parameters.size(); ++k) {
    const SystemParameter& parameter = parameters[k];
    const bool edited = k < state.draft.parameters.size();
    double value = edited ? state.draft.parameters[k] : session.system().values()[k];
    const double before = value;
    // "mass1" with symbol m₁ reads "Mass m₁".
    std::string label = parameter.name;
    while (!label.empty() && std::isdigit(static_cast<unsigned char>(label.back())) != 0)
      label.pop_back();
    std::replace(label.begin(), label.end(), '_', ' ');
    if (!label.empty())
      label[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(label[0])));
    if (parameter.symbol.size() < 5) label += " " + parameter.symbol;
    const bool complete =
        number_row(label, parameter.description, value, parameter_style(parameter), false);
    if (value != before) {
      if (!edited) state.draft.parameters = session.system().values();
      state.draft.parameters[k] = value;
    }
    apply_if(complete, "parameters", commands);
  }
  show_fault(state, "parameters");
}

void draw_data_settings(ViewState& state, Commands& commands) {
  SamplingOptions& data = state.draft.data;
  const Label summary =
      format_label("%lld × %lld points%s", static_cast<long long>(data.trajectories),
                   static_cast<long long>(data.samples),
                   data.missing_fraction > 0 ? ", with gaps"
                   : data.noise > 0          ? ", noisy"
                                             : "");
  if (!section("Data", summary, false)) return;
  apply_if(edit_integer(state, "trajectories", data.trajectories, {2, 200}), "trajectories",
           commands);
  apply_if(edit_integer(state, "samples", data.samples, {2, 200}), "samples", commands);
  apply_if(edit_number(state, "duration", data.duration,
                       {.minimum = 0.1, .maximum = 50, .logarithmic = true, .unit = "s"}),
           "duration", commands);
  apply_if(edit_number(state, "noise", data.noise, {0, 0.5}), "noise", commands);
  apply_if(edit_number(state, "missing", data.missing_fraction, {0, 0.9, false, "", 2}),
           "missing", commands);
  apply_if(edit_number(state, "test", data.test_fraction, {0, 0.9, false, "", 2}), "test",
           commands);
  apply_if(edit_toggle(state, "irregular", data.irregular_times), "irregular", commands);
  apply_if(edit_enum(state, "targets", data.targets), "targets", commands);
}

// How segments are solved, and how the gradient gets back through that.
void draw_training_solver(ViewState& state, Commands& commands) {
  TrainerOptions& training = state.draft.training;
  apply_if(edit_choice_by_name(state, "train-method"), "train-method", commands);
  if (traits(training.method).adaptive) {
    apply_if(edit_number(state, "train-rtol", training.relative_tolerance,
                         {.minimum = 1e-7, .maximum = 1e-2, .logarithmic = true, .digits = 2}),
             "train-rtol", commands);
  } else {
    apply_if(edit_integer(state, "substeps", training.substeps, {1, 10}), "substeps", commands);
  }
  apply_if(edit_choice_by_name(state, "sensitivity"), "sensitivity", commands);
  if (training.sensitivity == SensitivityMethod::kCheckpointing) {
    apply_if(edit_integer(state, "checkpoints", training.checkpoints, {0, 30}), "checkpoints",
             commands);
  }
}

void draw_training_settings(ViewState& state, Commands& commands) {
  TrainerOptions& training = state.draft.training;
  const Setting& optimizers = setting("optimizer");
  const auto optimizer = static_cast<std::size_t>(training.optimizer);
  const Label summary = format_label("%s, %s",
                                     optimizer < optimizers.choice_labels.size()
                                         ? optimizers.choice_labels[optimizer].c_str()
                                         : "",
                                     format_value(training.learning_rate, 2).c_str());
  if (!section("Training", summary, state.tall)) return;
  apply_if(edit_number(state, "lr", training.learning_rate,
                       {.minimum = 1e-5, .maximum = 1, .logarithmic = true, .digits = 2}),
           "lr", commands);
  apply_if(edit_enum(state, "loss", training.loss), "loss", commands);
  if (training.loss == LossKind::kTrajectory) {
    apply_if(edit_integer(state, "segment", training.segment_length, {1, 40}), "segment",
             commands);
    draw_training_solver(state, commands);
  }
  apply_if(edit_enum(state, "optimizer", training.optimizer), "optimizer", commands);
  if (training.optimizer == OptimizerKind::kSgd) {
    apply_if(edit_number(state, "momentum", training.momentum, {0, 0.99}), "momentum",
             commands);
  }
  apply_if(edit_enum(state, "schedule", training.schedule), "schedule", commands);
  if (training.schedule == ScheduleKind::kWarmupCosine) {
    apply_if(edit_integer(state, "warmup", training.warmup_steps, {0, 5000}), "warmup",
             commands);
  }
  apply_if(edit_integer(state, "batch", training.batch_size, {0, 1024}), "batch", commands);
  apply_if(edit_integer(state, "steps", training.total_steps,
                        {.minimum = 100, .maximum = 200000, .logarithmic = true}),
           "steps", commands);
  apply_if(edit_number(state, "decay", training.weight_decay, {0, 0.1}), "decay", commands);
  apply_if(edit_number(state, "clip", training.gradient_clip, {0, 10}), "clip", commands);
  double seed = static_cast<double>(state.draft.seed);
  if (edit_number(state, "seed", seed, {.minimum = 0, .maximum = 100, .digits = 9})) {
    state.draft.seed =
        seed >= 0 ? static_cast<std::uint64_t>(std::min(std::round(seed), 9007199254740991.0))
                  : 0;
    commands.push_back(ApplyDraft{"seed"});
  } else if (seed >= 0) {
    state.draft.seed = static_cast<std::uint64_t>(std::round(seed));
  }
}

void draw_rollout_settings(const SessionView& view, ViewState& state, Commands& commands) {
  SolveOptions& rollout = state.draft.rollout;
  const std::vector<MethodTraits>& all = methods();
  int selected = 0;
  for (std::size_t k = 0; k < all.size(); ++k) {
    if (all[k].method == rollout.method) selected = static_cast<int>(k);
  }
  if (!section("Trajectories", all[static_cast<std::size_t>(selected)].title, false)) return;
  apply_if(edit_choice_by_name(state, "integrator"), "integrator", commands);
  if (all[static_cast<std::size_t>(selected)].adaptive) {
    apply_if(edit_number(state, "rtol", rollout.relative_tolerance,
                         {.minimum = 1e-12, .maximum = 1e-2, .logarithmic = true, .digits = 2}),
             "rtol", commands);
    apply_if(edit_number(state, "atol", rollout.absolute_tolerance,
                         {.minimum = 1e-14, .maximum = 1e-2, .logarithmic = true, .digits = 2}),
             "atol", commands);
  } else {
    apply_if(
        edit_number(
            state, "step", rollout.step,
            {.minimum = 1e-3, .maximum = 1, .logarithmic = true, .unit = "s", .digits = 2}),
        "step", commands);
  }
  apply_if(edit_number(state, "periods", state.draft.rollout_periods, {1, 50}), "periods",
           commands);

  // The initial state, as numbers beside the handle of the portrait.
  if (view.truth.states.cols() < 1) return;
  std::vector<double> x0 = state.draft.initial_state;
  if (x0.empty()) {
    const auto first = view.truth.states.col(0);
    x0.assign(first.data(), first.data() + first.size());
  }
  for (std::size_t k = 0; k < x0.size() && k < view.coordinate_symbols.size(); ++k) {
    const double extent = 1.5 * view.coordinate_extent[k];
    const Label name = format_label("Initial %s", view.coordinate_symbols[k].c_str());
    if (number_row(
            name,
            "Where the compared trajectories start; or drag the handle of the phase portrait.",
            x0[k], {-extent, extent, false, view.coordinate_units[k].c_str()}, true)) {
      commands.push_back(SetInitialState{x0});
    }
  }
  show_fault(state, "x0");
}

void draw_experiment_panel(const Session& session, ViewState& state, Commands& commands) {
  draw_system_settings(session, state, commands);
  draw_model_settings(session.view(), state, commands);
  draw_data_settings(state, commands);
  draw_training_settings(state, commands);
  draw_rollout_settings(session.view(), state, commands);
}

}  // namespace least_action
