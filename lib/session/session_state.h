#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "analysis/accuracy_dial.h"
#include "session/background.h"
#include "session/experiment.h"
#include "session/session.h"
#include "session/trajectory_board.h"

namespace least_action {

/// Behind Session: the experiment (the training side), the view (the showing side), and the
/// letter box between them.
struct Session::Implementation {
  explicit Implementation(const SessionConfig& wanted);
  Implementation(const SessionConfig& saved, const RunFile& run);
  ~Implementation();

  // The training side. `experiment` is the background's alone while that runs.
  SessionConfig config;
  std::unique_ptr<Experiment> experiment;
  std::unique_ptr<Background> background;
  bool training = false;

  // The letter box: written by whoever trains, read by `take_news`.
  std::mutex news_mutex;
  std::vector<Progress> news;  // guarded by news_mutex
  bool has_news = false;       // guarded by news_mutex

  // The showing side.
  SessionView view;
  std::vector<std::shared_ptr<const DynamicsModel<double>>> models;
  std::vector<std::unique_ptr<Dynamics>> live;  // newest θ of each model
  std::unique_ptr<Dynamics> truth;
  std::unique_ptr<TrajectoryBoard> board;
  /// The trajectories from one pinned start, in a view of their own.
  struct Pin {
    std::unique_ptr<TrajectoryBoard> board;
    SessionView shown;
  };
  std::vector<Pin> pins;
  std::size_t next_pin = 0;  // whose turn it is
  /// The accuracy dial's last reference, and what it is of. Changed by whoever asks for a
  /// table; `replace` lets go of it.
  struct ReferenceKey {
    Index model = -1;
    Vector theta, start;
    std::vector<double> times;
    bool operator==(const ReferenceKey& other) const;
  };
  struct KeptReference {
    ReferenceKey key;
    AccuracyReference reference;
  };
  std::optional<KeptReference> reference;
  struct Pace {
    Index steps = 0;
    double milliseconds = 0;
  };
  std::vector<Pace> paces;  // where the speed was last measured

  /// Stops the background for as long as it lives.
  class Exclusive final {
   public:
    explicit Exclusive(Implementation& state);
    ~Exclusive();

   private:
    Implementation* state_;
  };

  void replace(std::unique_ptr<Experiment> fresh);  ///< Takes over, and shows, an experiment.
  void build_view();
  void restart_trajectories();
  void build_pins();  ///< Of the config, from the newest parameters.
  bool pins_pending(bool hold_back) const;
  /// Works on the pins in turn for about so long; true when what they show changed.
  bool advance_pins(double milliseconds, bool hold_back);
  void post_news();  ///< Called by whoever trains.
  bool take_news();
  bool take_progress(const std::vector<Progress>& progress);
  void follow_training();  ///< Tells the background whether to run.
  void changed();          ///< A new version of the view.
  Vector initial_state() const;
  const Dynamics& dynamics(Index model) const;  ///< −1: the truth.
};

}  // namespace least_action
