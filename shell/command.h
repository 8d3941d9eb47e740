#pragma once

#include <cstddef>
#include <string>
#include <variant>
#include <vector>

#include "base/types.h"
#include "layout.h"
#include "session/session_config.h"

namespace least_action {

/// What panels and plots ask for. They change no session themselves: they append commands, and
/// the app carries them out between frames.
struct SetTraining {
  bool running;
};
struct StepTraining {
  Index steps;
};
struct ResetTraining {};
/// Back to the default experiment; the autosaved one is forgotten.
struct StartOver {};
/// The settings being edited (ViewState::draft) are complete: apply them.
struct ApplyDraft {
  std::string key;  ///< The setting that was edited: a fault is shown beside it.
};
struct LoadPreset {
  std::size_t index;
};
struct SetInitialState {
  std::vector<double> state;  ///< Canonical, 2n.
};
/// Another start to show trajectories from, beside the draggable one; or none of them.
struct PinStart {
  std::vector<double> state;  ///< Canonical, 2n.
};
struct ClearPins {};
struct ExportFile {
  enum class Kind { kRun, kDataset, kHistory };
  Kind kind;
};
struct ImportFile {};
struct CopyLink {};
struct CapturePlot {
  Rect area;
  std::string name;  ///< "losses.png"
};
struct SetDark {
  bool dark;
};
struct ShowWorkspace {
  std::size_t index;  ///< Of `workspaces()`.
};
/// A file of the workspace on show, by its index in `Workspace::exports`.
struct ExportFromWorkspace {
  std::size_t index;
};
/// A sentence for the status line.
struct ShowMessage {
  std::string sentence;
  bool is_fault = false;
};

using Command =
    std::variant<SetTraining, StepTraining, ResetTraining, StartOver, ApplyDraft, LoadPreset,
                 SetInitialState, PinStart, ClearPins, ExportFile, ImportFile, CopyLink,
                 CapturePlot, SetDark, ShowWorkspace, ExportFromWorkspace, ShowMessage>;
using Commands = std::vector<Command>;

}  // namespace least_action
