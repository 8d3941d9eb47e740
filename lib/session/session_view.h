#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/types.h"
#include "data/dataset.h"
#include "session/session_config.h"
#include "systems/system.h"
#include "train/trainer.h"

namespace least_action {

/// A trajectory as shown: canonical coordinates of the true system (a velocity-chart model's
/// states are converted), at `SessionView::times`; fewer columns where its solve failed.
struct TrajectoryView {
  Matrix states;       ///< 2n × m
  Vector energy;       ///< m, the TRUE energy along it [J]
  std::string status;  ///< Empty, or why the solve stopped, in words.
  std::string note;    ///< Empty, or how it was computed where not as asked, in words.
  Index evaluations = 0;
};

/// One model as shown.
struct ModelView {
  std::string name;  ///< "HNN", "Neural ODE", … with a number where two are alike.
  ModelConfig config;
  Index num_parameters = 0;
  Index step = 0;
  double train_loss = 0, test_loss = 0, learning_rate = 0;
  double steps_per_second = 0;
  /// Of the last training step: evaluations of the field and products with its Jacobian (a
  /// batch counts as one), and the most memory its gradient held at a time [bytes]. 0 before
  /// it.
  Index evaluations_per_step = 0, products_per_step = 0;
  double gradient_bytes = 0;
  TrainingStatus status = TrainingStatus::kRunning;
  std::string message;  ///< Divergence, recovery, damping, in words.
  std::vector<HistoryEntry> history;
  TrajectoryView trajectory;
  double energy_drift = 0, trajectory_error = 0, valid_time = 0;
  bool valid_throughout = false;
};

/// The trajectories from one further start (SessionConfig::pinned).
struct PinnedView {
  TrajectoryView truth;
  std::vector<TrajectoryView> models;  ///< As SessionView::models.
};

/// All that a user interface shows, computed by `Session`; a UI computes nothing but pixels.
struct SessionView {
  std::uint64_t version = 0;  ///< Grows whenever anything below changes.
  std::uint64_t model_version =
      0;  ///< Grows when θ, models or system change (portraits are stale).
  bool training = false;
  bool background = false;  ///< Trains on a thread of its own.
  bool finished = false;
  std::vector<std::string> coordinate_symbols;  ///< 2n: "q", "p" (or "q₁", "q₂", "p₁", "p₂").
  std::vector<std::string> coordinate_units;  ///< 2n
  std::vector<double> coordinate_extent;      ///< 2n: half-width of the interesting range.
  std::vector<bool> coordinate_periodic;      ///< 2n
  double period = 1;                          ///< typical_period of the system [s]
  Vector times;                               ///< m common times of all trajectories [s]
  TrajectoryView truth;
  std::vector<ModelView> models;
  std::vector<PinnedView> pinned;
  Matrix train_points, test_points;  ///< 2n × N observed states, canonical
  std::string summary;               ///< The state in words, for screen readers.
};

}  // namespace least_action
