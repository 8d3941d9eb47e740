#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/types.h"
#include "flow/continuous_normalizing_flow.h"
#include "flow/density.h"
#include "train/trainer.h"

namespace least_action {

/// The defaults of a flow's training: Adam at 4e-3 under a warm-up and a cosine, batches of
/// 256, gradients clipped at 10, Runge–Kutta 4 in 8 steps.
TrainerOptions flow_training_defaults();

struct FlowTrainerOptions {
  FlowSpec flow;
  /// Optimiser, schedule, batch_size (256 where 0), clipping, test_every and seed; method,
  /// substeps (of a fixed-step method over [0, 1]), relative_tolerance, sensitivity and
  /// checkpoints of the solve. `loss` and `segment_length` mean nothing here.
  TrainerOptions training = flow_training_defaults();
  TraceEstimator trace = TraceEstimator::kExact;  ///< In training; tests are always exact.
  /// λ of a penalty λ ∫‖f‖² dt on the speed (Finlay et al., ICML 2020): straighter paths,
  /// fewer evaluations, at some cost in likelihood.
  double kinetic = 0;
  Index train_samples = 0;    ///< The fixed set that minibatches are drawn from; 0: fresh ones.
  Index test_samples = 1024;  ///< At most 65536.
  /// Of one solve; one that needs more has failed.
  Index max_steps = 10000;
};
/// What is wrong with the options, in words; empty where nothing is.
std::optional<std::string> find_fault(const FlowTrainerOptions& options);

/// Where a training stands: everything a bit-exact resume needs besides options and data.
template <class S>
struct FlowTrainerState {
  VectorX<S> theta, good_theta;
  std::vector<VectorX<S>> moments, good_moments;
  Index step = 0, good_step = 0, optimizer_steps = 0, good_optimizer_steps = 0;
  Index recoveries = 0, failures = 0, calm_steps = 0, loss_count = 0;
  double learning_rate_scale = 1, loss_sum = 0, smoothed = 0, best = 0;
  std::vector<HistoryEntry> history;
};

/// Trains a flow by maximum likelihood, a budget at a time: minimises the mean over a minibatch
/// of
///
///   −log p(x) = −log N(x(0)) + ∫₀¹ tr ∂f/∂x dt   [+ λ ∫₀¹ ‖f‖² dt],   x(1) = x,
///
/// by a solve from t = 1 to 0 and any sensitivity's gradient of it. The draws of a step depend
/// on the seed and the step alone, so how budgets are cut changes nothing. Divergence (a solve
/// that fails, a loss or gradient that is not finite, a loss 20 nat above the best) rolls back
/// to the last good parameters, halves the learning rate and says so. No step allocates where
/// the solver's steps are fixed.
template <class S>
class FlowTrainer final {
 public:
  /// Throws std::invalid_argument for a fault in the options. The density must outlive it.
  FlowTrainer(const FlowTrainerOptions& options, std::shared_ptr<const Density> density);
  /// On given samples (d × N each, finite; test may be empty).
  FlowTrainer(const FlowTrainerOptions& options, const Matrix& train, const Matrix& test);
  ~FlowTrainer();
  FlowTrainer(FlowTrainer&&) noexcept;
  FlowTrainer& operator=(FlowTrainer&&) noexcept;

  /// Trains until the budget is used up, training is finished, or it has failed.
  TrainingReport advance(const Budget& budget);

  const FlowTrainerOptions& options() const;
  const VectorX<S>& theta() const;
  /// Replaces θ and restarts the optimiser. Throws std::invalid_argument for another size or a
  /// number that is not finite.
  void set_theta(const VectorX<S>& theta);
  Index step() const;
  double learning_rate() const;  ///< The next step's, after schedule and recoveries.
  /// Mean negative log-likelihoods [nat] of the minibatches and of the test set.
  const std::vector<HistoryEntry>& history() const;
  const Matrix& test_samples() const;  ///< d × N, what the test loss is measured on.

  /// The loss (with its penalty) and its gradient at θ on given samples x (d × B, B at most the
  /// batch size), with the noise of `noise_seed` where the trace is estimated: for checks.
  double loss(const VectorX<S>& theta, const MatrixX<S>& x, std::uint64_t noise_seed,
              VectorX<S>* gradient = nullptr);
  /// Mean −log p over the test set at the present θ, with the exact trace and the solver of the
  /// training. NaN where there is no test set.
  double test_loss();

  Index evaluations() const;  ///< Network evaluations of the last step, both ways (NFE).
  std::size_t bytes() const;  ///< Most memory the last gradient held.

  FlowTrainerState<S> state() const;
  void set_state(const FlowTrainerState<S>& state);  ///< Throws where sizes do not fit.

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace least_action
