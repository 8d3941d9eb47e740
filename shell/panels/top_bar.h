#pragma once

#include "command.h"
#include "session/session_view.h"
#include "view_state.h"

namespace least_action {

/// Name, what the experiment is about, and what concerns the page as a whole: link, files,
/// theme, help. On a narrow display also start, step and reset.
void draw_top_bar(const Rect& area, const SessionView& view, bool running, ViewState& state,
                  Commands& commands);

/// A sentence for people: what happened last, or how training goes.
void draw_status_line(const Rect& area, const SessionView& view, std::string_view message,
                      bool is_fault, float opacity, bool running);

/// Names of the tabs of the narrow layout.
void draw_tabs(const Rect& area, ViewState& state);

/// What one sees and which keys there are, over everything else.
void draw_help(ViewState& state, std::string_view title, std::string_view description);

}  // namespace least_action
