#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/types.h"
#include "data/dataset.h"
#include "models/dynamics_model.h"
#include "train/loss.h"
#include "train/trainer_options.h"

namespace least_action {

/// Stops at whichever is used up first; at least one step is taken. 0: no such limit.
struct Budget {
  Index steps = 0;
  double milliseconds = 0;
};

enum class TrainingStatus {
  kRunning,    ///< More steps remain.
  kFinished,   ///< total_steps were taken.
  kRecovered,  ///< Like kRunning, but a divergence was rolled back since the last report.
  kFailed      ///< Diverged again and again; the parameters are the last good ones.
};

struct HistoryEntry {
  Index step;
  double train_loss, test_loss;  ///< test_loss NaN where there is no test part.
  double learning_rate;
};

struct TrainingReport {
  TrainingStatus status = TrainingStatus::kRunning;
  std::string message;  ///< Set by kRecovered and kFailed: what happened, where, what was done.
  Index steps = 0;      ///< Taken by this call.
  double milliseconds = 0;  ///< Used by this call.
};

/// Where a trainer with this seed starts θ.
template <class S>
VectorX<S> starting_theta(const DynamicsModel<S>& model, std::uint64_t seed);

/// Trains one model on one dataset, a budget at a time: how the budgets are cut changes
/// nothing, and the same seed gives the same θ bit for bit on one platform. Divergence (a loss
/// or gradient that is not finite, or a loss 10⁴ times the best) rolls back to the last good
/// parameters and optimiser state, halves the learning rate and says so; the step counter goes
/// on. No step allocates.
///
/// W = 1/scale holds one number a component: the RMS of the training derivatives (derivative
/// loss) or states (trajectory loss), so components in other units count alike and a loss of 1
/// is that of predicting zero. The test loss uses the same W, on at most kMaxTestExamples
/// examples spread evenly over the test part.
template <class S>
class Trainer final {
 public:
  /// Throws std::invalid_argument for a fault in the options or a dataset that does not fit the
  /// model (dimension, chart, no samples, fewer points than a segment).
  Trainer(std::shared_ptr<const DynamicsModel<S>> model, std::shared_ptr<const Dataset> data,
          const TrainerOptions& options);
  ~Trainer();
  Trainer(Trainer&&) noexcept;
  Trainer& operator=(Trainer&&) noexcept;

  static constexpr Index kMaxTestExamples = 512;

  /// Trains until the budget is used up, training is finished, or it has failed; in the last
  /// two cases a further call takes no step.
  TrainingReport advance(const Budget& budget);

  const DynamicsModel<S>& model() const;
  const Dataset& data() const;
  const TrainerOptions& options() const;
  /// What the last step cost: evaluations and vjps of the model, and the memory of its gradient
  /// (zeros before the first).
  LossCost cost() const;
  /// Changes what can change during training without a restart: learning rate, momentum, weight
  /// decay, clipping, schedule, warm-up, total_steps, test_every. A new learning rate forgets
  /// the halvings of earlier recoveries (and lets a failed training go on). Throws
  /// std::invalid_argument for a fault or another change.
  void set_options(const TrainerOptions& options);

  const VectorX<S>& theta() const;
  /// Replaces θ (an imported model) and restarts the optimiser; step and history stay. Throws
  /// std::invalid_argument for another size or a number that is not finite.
  void set_theta(const VectorX<S>& theta);
  Index step() const;
  double train_loss() const;  ///< Of the newest history entry (NaN before the first).
  double test_loss() const;
  double learning_rate() const;  ///< The next step's, after schedule and recoveries.
  const std::vector<HistoryEntry>& history() const;

  /// The loss and its gradient on the whole of `part` at θ (no step): for checks and tests.
  double loss(const std::vector<Trajectory>& part, const VectorX<S>& theta,
              VectorX<S>* gradient = nullptr);

  /// Everything a bit-exact resume needs besides model, data and options.
  struct State {
    VectorX<S> theta, good_theta;
    std::vector<VectorX<S>> optimizer_moments, good_moments;
    Index step = 0, good_step = 0, recoveries = 0, epoch_position = 0;
    Index optimizer_steps = 0, good_optimizer_steps = 0;  ///< Since the optimiser's (re)start.
    Index failures = 0;    ///< Divergences since the last good parameters.
    Index calm_steps = 0;  ///< Since the good parameters were last kept or gone back to.
    double learning_rate_scale = 1, best_loss = 0;
    double smoothed_loss = 0;  ///< What best_loss is the least of.
    double loss_sum = 0;       ///< Of the minibatches since the last history entry …
    Index loss_count = 0;      ///< … and how many they were.
    std::array<std::uint64_t, 4> random_state{};
    std::vector<Index> permutation;
    std::vector<HistoryEntry> history;
  };
  State state() const;
  void set_state(const State& state);  ///< Throws std::invalid_argument where sizes do not fit.

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace least_action
