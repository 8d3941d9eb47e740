#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "session/phase_flow.h"
#include "train/trainer.h"

namespace least_action {

/// The numbers a training computes with.
enum class Precision { kFloat32, kFloat64 };

/// What a loss is at the learner's θ.
struct LossReport {
  double loss = 0;
  Vector gradient;     ///< num_parameters; empty where it was not asked for.
  Index examples = 0;  ///< Samples, segments or triples the mean was taken over.
};

/// One model with its parameters, on data of the caller's own: the façade of the library for
/// who brings a dataset instead of an experiment (Session). Evaluates in double in the model's
/// own chart; trains in float or double. Not thread-safe; training itself may run on a thread
/// of its own (`start_background`), and θ after k steps is the same either way.
class Learner final {
 public:
  /// θ starts as a Trainer with this seed would start it. Throws std::invalid_argument for a
  /// bad spec.
  explicit Learner(const ModelSpec& spec, std::uint64_t seed = 1);
  ~Learner();
  Learner(Learner&&) noexcept;
  Learner& operator=(Learner&&) noexcept;

  const ModelSpec& spec() const;
  Index num_parameters() const;
  /// How θ is made of weights and biases, in order; see DynamicsModel::parameter_blocks.
  std::vector<ParameterBlock> parameter_blocks() const;

  /// What evaluations use: the newest θ that training has made known (every `advance`; in the
  /// background a few hundredths of a second late).
  const Vector& theta() const;
  /// Replaces θ; a training under way goes on from it with a fresh optimiser. Throws
  /// std::invalid_argument for another size, a number that is not finite, or while training
  /// runs in the background.
  void set_theta(const Vector& theta);

  /// Rates and trajectories at θ. Its `rates`, `rollout`, `pullback` are in the model's chart.
  PhaseFlow& flow();
  /// Writes the learned energy (N) at the states x (dimension × N). Throws
  /// std::invalid_argument where the model has none.
  void energy(ConstMatrixRef x, VectorRef energy);
  /// The loss of `options` (in double) on all of a part at θ, weighed as training on
  /// `data.train` weighs it, and its gradient where asked. Throws std::invalid_argument for a
  /// fault in the options, or data that do not fit or hold no example.
  LossReport loss(const Dataset& data, bool of_test_part, const TrainerOptions& options,
                  bool with_gradient) const;

  // --- Training ------------------------------------------------------------------------------

  /// Says what to train on and how; options.total_steps is how many more steps are wanted.
  /// Called again with the same dataset, precision and options (but those Trainer::set_options
  /// can change), optimiser, minibatches and history go on; otherwise they start anew from the
  /// present θ (and the history with them). Throws std::invalid_argument for a fault in the
  /// options or a dataset that does not fit, changing nothing.
  void prepare(std::shared_ptr<const Dataset> data, const TrainerOptions& options,
               Precision precision = Precision::kFloat32);
  bool prepared() const;
  /// Trains here and now; see Trainer::advance. Throws std::invalid_argument unless prepared,
  /// or while training runs in the background.
  TrainingReport advance(const Budget& budget);

  /// Trains on a thread until finished, failed or stopped. Throws std::invalid_argument where
  /// the build or host has no threads, or unless prepared.
  void start_background();
  /// Asks for a stop after the step at work; does not wait.
  void request_stop();
  /// True until the thread has taken its last step and told of it. Takes over its news (θ,
  /// history).
  bool poll_background();

  /// Of the last `advance`, or of the background's news.
  TrainingStatus status() const;
  /// The newest since `prepare`: what went wrong, and what was done. Empty where nothing did.
  const std::string& message() const;
  Index step() const;  ///< Since `prepare` started anew.
  Index total_steps() const;
  double train_loss() const;  ///< Of the newest history entry (NaN before the first).
  double test_loss() const;
  double learning_rate() const;  ///< The next step's; 0 before anything was prepared.
  const std::vector<HistoryEntry>& history() const;

  // --- Files ---------------------------------------------------------------------------------

  /// Model, θ, options, optimiser and history as a run file without its dataset, only a number
  /// to know it by: after `load` a `prepare` with equal data and options goes on bit for bit.
  /// Throws std::invalid_argument while training runs in the background.
  std::string save() const;
  /// Not prepared yet, but with the step and history of the file. Throws std::invalid_argument
  /// "Run file: …" for what is not such a file.
  static Learner load(std::string_view bytes);

 private:
  struct Implementation;
  explicit Learner(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace least_action
