#pragma once

#include <array>
#include <cstddef>
#include <string>

#include "base/types.h"
#include "display_state.h"
#include "layout.h"
#include "session/session_config.h"
#include "session/session_view.h"

namespace least_action {

enum class FlowStyle { kNone, kArrows, kStreamlines };

/// Which plane of state space the portrait shows, and which part of it.
struct PortraitView {
  Index x_component = 0, y_component = 1;
  bool section = false;  ///< A Poincaré section instead of the flow.
  double x_min = -1, x_max = 1, y_min = -1, y_max = 1;
  bool fitted = false;  ///< False: fit to the system at the next frame.
  bool moved = false;   ///< Someone panned or zoomed: a resize keeps what they see.

  /// Both axes are positions: the flow there depends on momenta that are not shown.
  bool is_configuration(Index degrees_of_freedom) const {
    return x_component < degrees_of_freedom && y_component < degrees_of_freedom;
  }
};

/// What is drawn in the portrait.
struct Layers {
  FlowStyle flow = FlowStyle::kArrows;
  bool true_flow = false, learned_flow = true;
  bool true_energy = true, learned_energy = true;
  bool data = true;
  bool split = false;  ///< Truth left of a divider, the model right of it.
  float split_position = 0.5f;
};

/// The animation of the compared trajectories.
struct Playback {
  double time = 0;  ///< [s] in the trajectories' own time.
  double speed = 1;
  bool playing = true;
};

enum class Focus { kNone, kPortrait, kScenes, kLosses, kEnergy, kTable, kControls };

/// What the accuracy dial shows against the tolerance.
enum class AccuracyQuantity { kError, kEvaluations, kTime };

/// State of the interface that is no part of the experiment (so no part of a link).
struct ViewState : DisplayState {
  SessionConfig draft;    ///< Settings being edited; equal to the session's when applied.
  std::string fault_key;  ///< The setting whose value was refused …
  std::string fault;      ///< … and why.
  int preset = 0;         ///< Index of the preset on show; −1 after an edit.

  int training_speed = 2;  ///< Index into kTrainingSpeeds.
  Playback playback;
  PortraitView portrait;
  Layers layers;
  int shown_model = 0;  ///< Whose flow and level sets are drawn.
  std::array<bool, 4> visible{true, true, true, true};
  bool truth_visible = true;

  bool accuracy = false;  ///< The accuracy dial in the place of the energy.
  AccuracyQuantity accuracy_quantity = AccuracyQuantity::kError;

  Tab tab = Tab::kControls;
  Focus focus = Focus::kNone;
  bool enters_controls = false;  ///< The keyboard goes to the first control in this frame.
  bool help_open = false, help_shown = false;  ///< Asked for; its popup is there.

  bool is_visible(int series) const {
    return series < 0 ? truth_visible
                      : visible[static_cast<std::size_t>(series) % visible.size()];
  }
};

/// Training steps a second; 0: as fast as possible.
struct TrainingSpeed {
  const char* label;
  double steps_per_second;
};
inline constexpr std::array<TrainingSpeed, 3> kTrainingSpeeds{
    {{"10/s", 10}, {"200/s", 200}, {"full", 0}}};

}  // namespace least_action
