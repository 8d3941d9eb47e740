#pragma once

namespace least_action {

/// What every panel and plot needs to know of the display, whichever workspace it belongs to.
/// (Colours come from `palette()`, faces from `fonts()`, sizes are in display units: what is
/// drawn so is sharp at any pixel ratio.)
struct DisplayState {
  bool dark = true;
  bool touch = false;    ///< The pointer is a finger: nothing hovers.
  bool compact = false;  ///< A phone: one column.
  bool tall = false;     ///< Room for more open sections of the controls.
  /// While a picture is taken, nothing is drawn that only helps the pointer.
  bool capturing = false;
  double now = 0;  ///< [s] of the current frame.
};

}  // namespace least_action
