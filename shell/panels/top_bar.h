#pragma once

#include "command.h"
#include "view_state.h"
#include "workspace_switch.h"

namespace least_action {

/// Name, the switch between workspaces, what the experiment is about, and what concerns the
/// page as a whole: link, files, theme, help. On a narrow display also start, step and reset.
void draw_top_bar(const Rect& area, const WorkspaceSwitch& workspace,
                  const TrainingProgress& progress, ViewState& state, Commands& commands);

/// A sentence for people: what happened last, and how training goes.
void draw_status_line(const Rect& area, const TrainingProgress& progress,
                      std::string_view message, bool is_fault, float opacity);

/// Names of the tabs of the narrow layout.
void draw_tabs(const Rect& area, ViewState& state);

/// What one sees and which keys there are, over everything else. `mechanics`: with what holds
/// there alone.
void draw_help(ViewState& state, std::string_view title, std::string_view description,
               bool mechanics);

}  // namespace least_action
