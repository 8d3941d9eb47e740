#pragma once

#include <array>
#include <string>
#include <vector>

#include "app.h"
#include "command.h"
#include "plots/accuracy_sweep.h"
#include "plots/energy_plot.h"
#include "plots/phase_portrait.h"
#include "plots/scene_view.h"
#include "session/session.h"
#include "view_state.h"
#include "workspace_switch.h"

namespace least_action {

/// The inside of `App`: the mechanics experiment with the state of its interface, the switch to
/// the other workspaces, and what the host is asked.
struct App::Implementation {
  explicit Implementation(const AppOptions& options);

  Session session;
  WorkspaceSwitch workspace;
  ViewState state;
  Commands commands;
  std::vector<HostRequest> requests;
  std::vector<CapturePlot> captures;  ///< Taken from the next frame, drawn without hints.

  PhasePortrait portrait;
  EnergyPlot energy;
  AccuracySweep accuracy;
  SceneView scenes;

  bool running = false;  ///< Mechanics is in training, as the user sees it (also where it is
                         ///< slowed down, and while another workspace is shown).
  bool autostart = true;
  bool visible = true;       ///< As the host last said.
  bool was_playing = false;  ///< The animation, a frame ago.
  bool start_over = false;
  double slow_steps = 0;  ///< Steps owed at a slow training speed.
  double last_time = -1, last_input = 0;
  int settle_frames = 3;    ///< Frames still to draw after something changed.
  std::uint64_t edits = 1;  ///< Changes of the experiment other than training steps.

  std::string message;
  bool message_is_fault = false;
  double message_since = -1e9;
  std::array<std::string, 4> model_messages;
  bool workspace_was_running = false;
  bool theme_dark = true, theme_touch = false, theme_applied = false;

  void say(std::string_view sentence, bool is_fault);
  /// Messages fade after a while; faults stay longer.
  float message_opacity() const;

  void train(double dt);
  void animate(double dt);
  void poll_workspace(Workspace& shown, double dt);
  void draw(const FrameInput& input, double dt);
  void draw_mechanics(const Layout& layout, const FrameInput& input);
  void draw_controls(const Layout& layout);
  /// The accuracy dial is on the display.
  bool shows_accuracy() const;
  void carry_out();
  void carry_out(const Command& command);
  void pin(const std::vector<double>& start);
  void set_pinned(const std::vector<std::vector<double>>& starts);
  /// True where it was a command that each workspace carries out itself.
  bool carry_out(const Command& command, Workspace& shown);

  /// After the session's config was replaced as a whole.
  void adopt_config(bool keep_view);
  /// Shows a config; false where it has faults (which are said).
  bool configure(const SessionConfig& config, const std::vector<std::string>& faults);
  void set_running(bool run);
  /// Of the workspace on show.
  TrainingProgress progress() const;
  /// Shows another workspace, made where need be.
  void show_workspace(std::size_t index);
  void load_query(std::string_view query);
  /// A run of mechanics, or a file of the workspace that its beginning names.
  void import_file(std::string_view name, std::string_view bytes);
  void start_over_workspace(Workspace& shown);
};

}  // namespace least_action
