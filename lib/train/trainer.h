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

namespace least_action {

enum class LossKind {
  kDerivative,  ///< mean over samples of ‖W(f(x) − ẋ)‖²/dim
  kTrajectory   ///< mean over segments and their points of ‖W(x̂(t_k) − x_k)‖²/dim, x̂ by RK4 (Euler for residual networks) from the segment's first point; exact discrete gradient
};
enum class OptimizerKind { kSgd, kAdam, kAdamW };
enum class ScheduleKind { kConstant, kCosine, kWarmupCosine };

struct TrainerOptions {
  LossKind loss = LossKind::kDerivative;
  OptimizerKind optimizer = OptimizerKind::kAdam;
  double learning_rate = 3e-3;
  double momentum = 0.9;      ///< SGD.
  double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
  double weight_decay = 0;    ///< L2 for SGD and Adam, decoupled for AdamW.
  double gradient_clip = 0;   ///< Largest Euclidean norm of the gradient; 0: none.
  ScheduleKind schedule = ScheduleKind::kConstant;
  Index warmup_steps = 100;
  Index total_steps = 20000;  ///< Where a cosine ends, and where training stops by itself.
  Index batch_size = 256;     ///< Samples (or segments) a step; 0 or ≥ all: full batch.
  Index segment_length = 8;   ///< Trajectory loss: points of a segment after its first.
  Index substeps = 1;         ///< Trajectory loss: solver steps between two points.
  Index test_every = 20;      ///< Steps between two entries of the history.
  std::uint64_t seed = 1;     ///< Of θ and of the minibatches.
};
/// What is wrong with the options, in words; empty where nothing is.
std::optional<std::string> find_fault(const TrainerOptions& options);

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
  std::string message;       ///< Set by kRecovered and kFailed: what happened, where, what was done.
  Index steps = 0;           ///< Taken by this call.
  double milliseconds = 0;   ///< Used by this call.
};

/// Trains one model on one dataset, a budget at a time: how the budgets are cut changes nothing,
/// and the same seed gives the same θ bit for bit on one platform. Divergence (a loss or
/// gradient that is not finite, or a loss 10⁴ times the best) rolls back to the last good
/// parameters and optimiser state, halves the learning rate and says so. No step allocates.
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

  TrainingReport advance(const Budget& budget);

  const DynamicsModel<S>& model() const;
  const Dataset& data() const;
  const TrainerOptions& options() const;
  /// Changes what can change during training without a restart: learning rate, momentum, weight
  /// decay, clipping, schedule, total_steps. Throws std::invalid_argument for a fault or another change.
  void set_options(const TrainerOptions& options);

  const VectorX<S>& theta() const;
  /// Replaces θ (an imported model) and restarts the optimiser.
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
    double learning_rate_scale = 1, best_loss = 0;
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
