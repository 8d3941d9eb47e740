#pragma once

#include "command.h"
#include "session/session.h"
#include "view_state.h"

namespace least_action {

/// The settings of the experiment, in the order people think of them: what is observed, what
/// learns, from which data, how, and how the result is rolled out. Controls edit `state.draft`;
/// a completed edit appends ApplyDraft.
void draw_preset_choice(const Rect& area, ViewState& state, Commands& commands);
void draw_system_settings(const Session& session, ViewState& state, Commands& commands);
void draw_model_settings(const SessionView& view, ViewState& state, Commands& commands);
void draw_data_settings(ViewState& state, Commands& commands);
void draw_training_settings(ViewState& state, Commands& commands);
void draw_rollout_settings(const SessionView& view, ViewState& state, Commands& commands);

/// All of them below each other in the current window, with what a run can be saved as.
void draw_experiment_panel(const Session& session, ViewState& state, Commands& commands);

}  // namespace least_action
