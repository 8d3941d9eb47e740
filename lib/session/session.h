#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "session/accuracy.h"
#include "session/session_config.h"
#include "session/session_view.h"

namespace least_action {

/// A rectangle of the plane spanned by two state components (canonical); the others are held
/// at `base` (2n).
struct PortraitRequest {
  Index x_component = 0, y_component = 1;
  double x_min = -1, x_max = 1, y_min = -1, y_max = 1;
  Index columns = 24, rows = 24;  ///< Nodes, 2 … 512 each.
  std::vector<double> base;       ///< 2n; empty: the initial state.
  bool energy = true;             ///< Also the energy level at each node.
};
/// Flow and energy on the nodes of a portrait, row by row from (x_min, y_min).
struct Portrait {
  Index columns = 0, rows = 0;
  std::vector<float> dx, dy;  ///< Components of ẋ along the two axes; NaN where undefined.
  std::vector<float> energy;  ///< Empty where the model has none.
};

/// Crossings of a Poincaré section: the trajectories from `points` starts on one true energy
/// level through {component = 0, increasing}; (x, y) pairs per start.
struct SectionRequest {
  Index section_component = -1;  ///< −1: the system's own choice.
  Index x_component = 1, y_component = 3;
  double energy = 0;
  Index starts = 12;
  double duration = 200;  ///< [s] per start.
};
struct Section {
  std::vector<float> x, y;
  std::vector<Index> start;  ///< Which start each point belongs to.
  /// Why there is none, or why it ends early, where that is so. A section of a learned model
  /// ends where its motion would take too many evaluations to follow: 1000 in a typical period
  /// (at least 5000, at most 50000; more for a relative tolerance below 1e-6).
  std::string message;
};

/// What a `configure` did.
struct ConfigureReport {
  bool restarted = false;           ///< Training began anew (data or models changed).
  std::vector<std::string> faults;  ///< Where not empty, nothing was changed.
};

/// One experiment: a system, data, up to four models trained on it, and what there is to see.
/// The façade of the library: the playground and the JavaScript package use it and nothing
/// else, so they show the same numbers. Trains in float, evaluates and rolls out in double.
///
/// Not thread-safe: call it from one thread. Training itself may run on a thread of its own
/// (`set_background`); θ after k steps is the same either way.
class Session final {
 public:
  /// Throws std::invalid_argument with the faults of the config, if any.
  explicit Session(const SessionConfig& config = {});
  ~Session();

  const SessionConfig& config() const;
  ConfigureReport configure(const SessionConfig& config);
  /// The compared trajectories start here (canonical, 2n); restarts nothing. Throws on size or
  /// non-finite values.
  void set_initial_state(const std::vector<double>& x0);
  /// Further starts to show trajectories from (canonical, 2n each, at most kMaxPinned), in
  /// place of those before; restarts nothing. Throws on size or values that are not finite.
  void set_pinned(const std::vector<std::vector<double>>& starts);

  void start();
  /// Without a thread, first gives the models that `poll` has not come to their step, so that
  /// all have equally many.
  void pause();
  /// Models at their starting θ, history empty, same data and seed.
  void reset();
  /// Trains every model by `steps` steps, here and now (background or not).
  void advance(Index steps);

  /// True where threads exist in this build and can be had.
  static bool threads_available();
  void set_background(bool background);

  /// Once a frame: takes news from the training thread, or, without one, trains when started;
  /// then refreshes what is stale of the view, a part at a time. All within about
  /// `milliseconds`, a third of it for the view where that is stale. A single training step of
  /// one model is not cut, and one solver step is always taken: only where these are longer
  /// than the time there is, so is the call. The time decides when something is shown, never
  /// what is shown in the end. Returns true when the view changed.
  bool poll(double milliseconds);
  /// Brings the whole view up to date now.
  void refresh();
  const SessionView& view() const;
  const System& system() const;

  /// model: −1 for the truth, else its index. Throws std::invalid_argument for bad ranges.
  Portrait portrait(Index model, const PortraitRequest& request) const;
  Section section(Index model, const SectionRequest& request) const;
  /// A trajectory from x0 (canonical) at the given times, converted as in TrajectoryView. With
  /// an adaptive method, ends where a learned model is too rough to be followed (2000
  /// evaluations in a typical period, at least 20000; more for a relative tolerance below
  /// 1e-6), and says so in its status.
  TrajectoryView rollout(Index model, const std::vector<double>& x0, const Vector& times) const;
  /// Error, evaluations and time against the tolerance (or step) of one model's own motion. A
  /// residual network has no tolerance, and says so in the message. Learned models are limited
  /// in evaluations, as in `rollout`: what does not fit ends early, and says so. Throws
  /// std::invalid_argument for a bad index, an unknown method or bad settings.
  AccuracyView accuracy_dial(Index model, const AccuracyRequest& request = {}) const;
  /// Forward over the roll-out's span, and back: does the motion return to its start? A
  /// residual network's inverse is no solve, and its message says so.
  RoundTripView round_trip(Index model) const;

  /// The whole run (config, data, θ, optimiser and random state, history) as one versioned
  /// file; `load` resumes it bit-exactly. `load` throws std::invalid_argument with the reason
  /// for a damaged, truncated, oversized or future-version file, and then changes nothing.
  std::string save() const;
  void load(std::string_view bytes);

  std::string dataset_csv()
      const;  ///< part,trajectory,t,<state…>,<derivative…> in the canonical chart
  std::string history_csv() const;  ///< model,step,train_loss,test_loss,learning_rate

  /// θ of one model, in double (what rollouts use), and its replacement.
  std::vector<double> theta(Index model) const;
  void set_theta(Index model, const std::vector<double>& theta);

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace least_action
