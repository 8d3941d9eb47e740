#pragma once

#include "app.h"
#include "plots/axes.h"
#include "view_state.h"

namespace least_action {

/// What the pointer did on the portrait in this frame.
struct PortraitGesture {
  bool moved_handle = false;
  double handle_x = 0, handle_y = 0;  ///< New place of the initial state, data units.
  bool hovers_handle = false, drags_handle = false;
  bool hovers_divider = false;
  bool pins = false;
  double pin_x = 0, pin_y = 0;  ///< A further start was asked for here, data units.
};

/// Reads pointer, wheel and pinch on the portrait's plot: dragging the background pans, the
/// wheel and two fingers zoom about their centre, a double click shows everything again, the
/// handle and the divider of the split view are dragged, a click with shift or a long touch
/// asks for a further start. Changes `state.portrait` and
/// `state.layers.split_position`.
class PortraitGestures {
 public:
  /// `handle`: the initial state in display units.
  PortraitGesture read(const PlotArea& area, ImVec2 handle, ViewState& state,
                       const FrameInput& input);

 private:
  enum class Grip { kNone, kBackground, kHandle, kDivider };
  bool is_pin(ImVec2 mouse, bool released, const ViewState& state, const FrameInput& input);

  Grip grip_ = Grip::kNone;
  ImVec2 grip_offset_{};
  ImVec2 touched_{};          // where the background was gripped …
  double touched_since_ = 0;  // … and when [s]
  bool may_be_long_ = false;  // a touch that has not moved yet
};

/// Scales the view by 1/factor about a point of it; stays within sizes that doubles can show.
void zoom_portrait(PortraitView& view, double x, double y, double factor);

}  // namespace least_action
