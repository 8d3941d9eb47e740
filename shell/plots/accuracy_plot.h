#pragma once

#include "command.h"
#include "plots/accuracy_sweep.h"
#include "view_state.h"

namespace least_action {

/// The accuracy dial as a plot: error, evaluations or time of each model's motion (and the
/// true one's) against the solver's tolerance or step, both logarithmic. A line marks what the
/// trajectories use now; clicking or dragging moves it. Below, how far off each comes back from
/// a trip forward and backward.
void draw_accuracy_plot(const Rect& area, const AccuracySweep& sweep, ViewState& state,
                        Commands& commands);

/// The tabs that a card with two plots has for a title: "Energy | Accuracy". Returns the space
/// to the right of them.
Rect draw_energy_tabs(const Rect& area, ViewState& state);

}  // namespace least_action
