#pragma once

#include <vector>

#include "command.h"
#include "display_state.h"
#include "imgui.h"
#include "layout.h"
#include "plots/axes.h"
#include "session/flow_session.h"

namespace least_action {

/// The plane from −extent to extent as the largest square inside `area` that leaves room for
/// ticks where `ticks` is set.
PlotArea square_plane(const Rect& area, double extent, bool ticks);

/// p on the cells of a view as a smooth surface of colour; 0 is the card's own colour and
/// `brightest` the other end of the scale. Cells that are not finite stay empty.
void draw_density(ImDrawList& list, const PlotArea& plane,
                  const std::vector<float>& log_density, Index cells, double brightest);
/// Largest p of a map that is drawn with `draw_density`.
double largest_density(const std::vector<float>& log_density);

/// The scale from 0 to `brightest` in the colours of `draw_density`, with its ends labelled.
void draw_density_scale(ImDrawList& list, const Rect& area, double brightest);

/// Where the samples are at `time` in [0, 1], each in the hue of the direction it came from,
/// with the way of the last moments behind it.
void draw_samples(ImDrawList& list, const PlotArea& plane, const FlowView& view, double time);

/// Samples of the target as small dots.
void draw_targets(ImDrawList& list, const PlotArea& plane, const MatrixX<float>& points,
                  ImU32 color, float size);

/// Mean negative log-likelihood over training steps, train pale and test strong, above the
/// line that no model can pass: the entropy of the density.
void draw_likelihood(const Rect& area, const FlowView& view, const DisplayState& display,
                     bool focused, Commands& commands);

}  // namespace least_action
