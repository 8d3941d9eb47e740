#pragma once

#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "app.h"
#include "command.h"
#include "display_state.h"
#include "layout.h"

namespace least_action {

/// What a workspace is given to draw one frame.
struct WorkspaceFrame {
  Rect area;  ///< All between the top bar and the status line, in display units; at least about
              ///< 340 × 500 on a phone, 800 × 440 on anything wider.
  const DisplayState& display;
  const FrameInput& input;
  double dt = 0;  ///< [s] since the last frame, at most 0.1; 0 after the page was hidden.
};

/// How far training has come, for the status line.
struct TrainingProgress {
  Index step = 0;
  double steps_per_second = 0;  ///< 0 where not known.
  bool running = false;
  bool finished = false;    ///< No steps are left.
  bool background = false;  ///< On a thread of its own.
};

/// A file that a workspace offers in the Files menu.
struct WorkspaceExport {
  std::string label;  ///< "Save the samples as CSV"
  std::string help;   ///< One line.
};
struct ExportedFile {
  std::string name, type, bytes;  ///< "samples.csv", "text/csv", …
};

/// One of several things the page can be about ("Density flow", "Maps"): an experiment of its
/// own with its own screen. The app gives it the room between top bar and status line, the time
/// of a frame to train in, the keys all workspaces share, and a place in the address.
///
/// It is made when it is first shown and then kept; only the one on show is polled and drawn,
/// so the others cost nothing while they wait. All calls come from the thread of the ImGui
/// context: in a frame first `poll`, then `draw`, then what keys and buttons asked for.
///
/// A workspace asks for what it cannot do itself by commands: `SetTraining`, `StepTraining` and
/// `ResetTraining` (as `draw_transport` of panels/transport.h appends them) come back as the
/// calls below, `CapturePlot` (as `draw_plot_card` of plots/plot_card.h appends it) saves a
/// rectangle as PNG, `ShowMessage` says something in the status line.
///
/// What `poll`, `load_query` and the calls that commands and files lead to throw is said in the
/// status line, and the page lives on; `draw` must not throw.
class Workspace {
 public:
  virtual ~Workspace() = default;

  /// Draws everything inside `frame.area`, with ImGui items called by their visible labels.
  /// Further keys than the shared ones are its own: it asks ImGui for them here, unless
  /// `keys_are_free()` is false. Settings change here, too.
  virtual void draw(const WorkspaceFrame& frame, Commands& commands) = 0;

  /// Once a frame: trains where started and refreshes what is shown, within about
  /// `milliseconds` (one training step is not cut). True when something shown has changed.
  virtual bool poll(double milliseconds) = 0;

  virtual void start() = 0;  ///< Train from now on (in `poll`); nothing where finished.
  virtual void pause() = 0;
  virtual void step() = 0;   ///< One training step, here and now; the app pauses before.
  virtual void reset() = 0;  ///< Parameters at their beginning, same data and seed; paused.
  virtual TrainingProgress progress() const = 0;

  /// True while something moves by itself: training, animation, work in progress. False, and
  /// the page draws no frames until there is input.
  virtual bool needs_frame() const = 0;

  /// What differs from the default, as "key=value&key=value" without '#', for the address: to
  /// be read back by `load_query` of any later build. Keys may not be called "workspace".
  virtual std::string query() const = 0;
  /// Takes over the settings of such a text, %-escapes and all; what is not said is the
  /// default. What cannot be read keeps its default and is explained, one sentence each.
  /// Training goes on anew where it was running.
  virtual std::vector<std::string> load_query(std::string_view query) = 0;

  /// The state in words, for screen readers; changes at most a few times a second.
  virtual const std::string& summary() const = 0;
  /// A heading and what there is to see, for the help.
  virtual std::string_view title() const = 0;
  virtual std::string_view description() const = 0;

  /// Figures for automation and tests: a JSON object.
  virtual std::string state_json() const { return "{}"; }
  /// The next (or last) of its plots or tabs, as Tab goes round them.
  virtual void next_focus(bool /*backwards*/) {}
  /// What it can save, and the file at an index of that list.
  virtual std::vector<WorkspaceExport> exports() const { return {}; }
  virtual ExportedFile export_file(std::size_t /*index*/) const { return {}; }
  /// Goes on from a file saved here before, paused; false where the bytes are of another kind.
  /// Throws std::invalid_argument with the reason for damaged ones, and then changes nothing.
  virtual bool import_file(std::string_view /*bytes*/) { return false; }
};

/// Why something failed, as a sentence for people.
std::string reason(const std::exception& error);

/// True where the keyboard is neither in a text field nor in a popup.
bool keys_are_free();

/// A row of the switch in the top bar.
struct WorkspaceEntry {
  std::string name;      ///< "flow": in the address.
  std::string title;     ///< "Density flow": in the switch.
  std::string subtitle;  ///< One line, beside the switch.
  /// Null for mechanics, which is the app's own.
  std::unique_ptr<Workspace> (*make)();
  /// How the files begin that its `import_file` reads, and what their names end in; none: "".
  std::string file_magic = {}, file_extension = {};
};

/// The workspaces of the page, "mechanics" first.
const std::vector<WorkspaceEntry>& workspaces();

}  // namespace least_action
