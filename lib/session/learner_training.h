#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "session/learner.h"
#include "train/trainer.h"

namespace least_action {

/// How far a training has come: what it tells its learner.
struct TrainingNews {
  Vector theta;
  Index step = 0, total_steps = 0;
  double learning_rate = 0;
  TrainingStatus status = TrainingStatus::kRunning;
  std::string message;  ///< The newest since the training began; empty where there was none.
  std::vector<HistoryEntry> history;

  /// Takes over `newer`, copying only what is new of a history that grows.
  void update(const TrainingNews& newer);
};

/// A trainer of either precision on a dataset, and the thread it may run on. Shared by the
/// learner and that thread: the learner may go first, and never waits for the other.
class LearnerTraining final {
 public:
  using AnyTrainer = std::variant<Trainer<float>, Trainer<double>>;
  using AnyState = std::variant<Trainer<float>::State, Trainer<double>::State>;

  LearnerTraining(AnyTrainer trainer, std::shared_ptr<const Dataset> data);

  const std::shared_ptr<const Dataset>& data() const { return data_; }
  Precision precision() const {
    return trainer_.index() == 0 ? Precision::kFloat32 : Precision::kFloat64;
  }
  const TrainerOptions& options() const;
  Index step() const;
  AnyState state() const;
  void set_state(const AnyState& state);
  void set_options(const TrainerOptions& options);  ///< See Trainer; no message after it.
  void set_theta(const Vector& theta);              ///< Rounded to the precision.
  TrainingReport advance(const Budget& budget);
  /// Brings `news` (any earlier one of this training) up to date.
  void collect(TrainingNews& news) const;

  /// Trains on a thread until finished, failed or asked to stop; until `take_news` says that it
  /// has ended, only that and `request_stop` may be called. Throws std::invalid_argument where
  /// no thread can be had.
  static void start(const std::shared_ptr<LearnerTraining>& training);
  void request_stop() { stop_ = true; }
  /// Brings `news` up to date with what the thread has told; false once it has ended.
  bool take_news(TrainingNews& news);

 private:
  void run();
  void tell();

  AnyTrainer trainer_;
  std::shared_ptr<const Dataset> data_;
  TrainingStatus status_ = TrainingStatus::kRunning;
  std::string message_;

  std::atomic<bool> stop_{false};
  std::mutex mutex_;
  TrainingNews told_;      // guarded by mutex_
  bool is_news_ = false;   // guarded by mutex_
  bool has_ended_ = true;  // guarded by mutex_
};

/// A training of `spec` from θ (that of the seed as the trainer itself would start it, where
/// there is none). Throws std::invalid_argument as Trainer does.
std::shared_ptr<LearnerTraining> make_training(const ModelSpec& spec,
                                               std::shared_ptr<const Dataset> data,
                                               const TrainerOptions& options,
                                               Precision precision, std::uint64_t seed,
                                               const std::optional<Vector>& theta);

/// Whether a training with `from` goes on with `to`: they differ in nothing but what
/// Trainer::set_options can change.
bool can_go_on(const TrainerOptions& from, const TrainerOptions& to);

}  // namespace least_action
