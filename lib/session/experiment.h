#pragma once

#include <memory>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "io/run_file.h"
#include "session/clock.h"
#include "session/session_config.h"
#include "systems/system.h"
#include "train/trainer.h"

namespace least_action {

/// How far one model has come: what the training side tells the showing side.
struct Progress {
  VectorX<float> theta;
  Index step = 0;
  double train_loss = 0, test_loss = 0, learning_rate = 0;
  TrainingStatus status = TrainingStatus::kRunning;
  std::string message;
  std::vector<HistoryEntry> history;
  Index evaluations_per_step = 0, products_per_step = 0;
  double gradient_bytes = 0;
  Index timed_steps = 0;    ///< Steps since the experiment began …
  double milliseconds = 0;  ///< … and the time this model's steps took.
};

/// A system, its data and the models in training: everything that decides θ, and nothing that
/// is shown. Not thread-safe; one thread at a time may train.
class Experiment final {
 public:
  /// `config` must be free of faults (find_faults).
  explicit Experiment(const SessionConfig& config);
  /// From a file: θ, optimisers and datasets of `run`. Throws std::invalid_argument "Run file:
  /// …".
  Experiment(const SessionConfig& config, const RunFile& run);

  const System& system() const { return *system_; }
  /// Observations in the canonical chart, whichever charts the models are trained in.
  const Dataset& canonical_data() const { return *canonical_; }
  Index num_models() const { return static_cast<Index>(learners_.size()); }
  const std::string& name(Index model) const { return learner(model).name; }
  const ModelSpec& spec(Index model) const { return learner(model).trainer.model().spec(); }

  /// One step of every model that has steps left; false when none has.
  bool round();
  /// One step of one model after another, taking turns, as long as the next is likely to end by
  /// `deadline` (it is taken to last as long as its last one did), but at least one; false when
  /// no model has steps left. Where a slice ends decides nothing but when a step is taken.
  bool train_until(double deadline, const Clock& now = now_milliseconds);
  /// Steps the models that are still to have their turn, so that all have equally many.
  void complete_round();
  bool finished() const;
  void restart();  ///< Models at their starting θ, on the same data.
  /// Takes over what may change during training (see Trainer::set_options).
  void set_training(const TrainerOptions& options);
  void set_theta(Index model, const VectorX<float>& theta);

  /// Brings `progress` (one per model, any earlier state) up to date.
  void collect(std::vector<Progress>& progress) const;
  RunFile record(const std::string& config_text) const;

 private:
  struct Learner {
    std::string name;
    std::shared_ptr<const DynamicsModel<float>> model;
    Trainer<float> trainer;
    TrainingStatus status = TrainingStatus::kRunning;
    std::string message;
    Index timed_steps = 0;
    double milliseconds = 0;
    double last_step = 0;  // what it took by the clock of train_until
    bool has_steps_left() const {
      return status != TrainingStatus::kFinished && status != TrainingStatus::kFailed;
    }
  };
  static void take_step(Learner& learner);
  Learner* whose_turn();  // null when no model has steps left
  const Learner& learner(Index model) const {
    return learners_[static_cast<std::size_t>(model)];
  }
  std::shared_ptr<const Dataset> data_for(ModelKind kind) const;

  TrainerOptions training_;  // with the seeds that derive from the session's
  std::unique_ptr<System> system_;
  std::shared_ptr<const Dataset> canonical_,
      velocity_;  // velocity_ only where a model needs it
  std::vector<Learner> learners_;
  std::size_t turn_ = 0;  // whose turn it is in a round cut short, where not 0
};

/// The model of `config.models[model]`: features scaled by the system's typical sizes, angles
/// periodic, and a residual network's block as long as the data's sampling interval allows.
ModelSpec model_spec(const SessionConfig& config, const System& system, Index model);

/// "HNN", "Neural ODE", …, numbered where two are of a kind.
std::vector<std::string> model_names(const std::vector<ModelConfig>& models);

}  // namespace least_action
