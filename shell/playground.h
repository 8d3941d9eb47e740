#pragma once

#include <array>
#include <string>
#include <vector>

#include "app.h"
#include "command.h"
#include "plots/energy_plot.h"
#include "plots/phase_portrait.h"
#include "plots/scene_view.h"
#include "session/session.h"
#include "view_state.h"

namespace least_action {

/// The inside of `App`: the experiment, the state of its interface, and what the host is asked.
struct App::Implementation {
  explicit Implementation(const AppOptions& options);

  Session session;
  ViewState state;
  Commands commands;
  std::vector<HostRequest> requests;
  std::vector<CapturePlot> captures;  ///< Taken from the next frame, drawn without hints.

  PhasePortrait portrait;
  EnergyPlot energy;
  SceneView scenes;

  bool running = false;      ///< Training, as the user sees it (also where it is slowed down).
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
  bool theme_dark = true, theme_touch = false, theme_applied = false;

  void say(std::string_view sentence, bool is_fault);
  /// Messages fade after a while; faults stay longer.
  float message_opacity() const;

  void train(double dt);
  void animate(double dt);
  void draw(const FrameInput& input);
  void draw_controls(const Layout& layout);
  void carry_out();
  void carry_out(const Command& command);

  /// After the session's config was replaced as a whole.
  void adopt_config(bool keep_view);
  /// Shows a config; false where it has faults (which are said).
  bool configure(const SessionConfig& config, const std::vector<std::string>& faults);
  void set_running(bool run);
};

}  // namespace least_action
