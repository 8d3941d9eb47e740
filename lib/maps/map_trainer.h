#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "maps/learned_map.h"
#include "maps/map_evaluation.h"
#include "maps/map_task.h"
#include "train/descent.h"
#include "train/divergence_watch.h"
#include "train/optimizer.h"
#include "train/trainer.h"

namespace least_action {

struct MapTrainerOptions {
  double learning_rate = 1e-2;  ///< Adam; falls along half a cosine to 0 at total_steps.
  Index total_steps = 2000;
  Index batch_size = 128;    ///< Fresh examples a step.
  double gradient_clip = 1;  ///< Largest Euclidean norm of the gradient; 0: none.
  Index test_every = 20;     ///< Steps between two entries of the history.
  std::uint64_t seed = 1;    ///< Of θ and of the examples.
};
/// What is wrong with the options, in words; empty where nothing is.
std::optional<std::string> find_fault(const MapTrainerOptions& options);

/// Trains one map on one task by Adam on the mean square error of fresh examples,
///
///   ℓ = mean over the batch of |F(x; θ) − y|²,
///
/// a budget at a time: how the budgets are cut changes nothing, and the same seed gives the
/// same θ bit for bit on one platform. Divergence goes back to the last good parameters with
/// half the learning rate and says so, as in Trainer. No step allocates.
template <class S>
class MapTrainer final {
 public:
  /// Throws std::invalid_argument for a fault in the options or a map that does not fit.
  MapTrainer(std::shared_ptr<const LearnedMap<S>> map, MapTask task,
             const MapTrainerOptions& options = {});

  /// Trains until the budget is used up, training is finished, or it has failed; in the last
  /// two cases a further call takes no step.
  TrainingReport advance(const Budget& budget);

  const LearnedMap<S>& map() const { return *map_; }
  MapTask task() const { return task_; }
  const MapTrainerOptions& options() const { return options_; }
  const VectorX<S>& theta() const { return descent_.now.theta; }
  /// Replaces θ and restarts the optimiser; step and history stay. Throws std::invalid_argument
  /// for another size or a number that is not finite.
  void set_theta(const VectorX<S>& theta);
  /// Trains for another number of steps in all: the learning rate falls to 0 there, from where
  /// it is now on; parameters, optimiser and history stay. Fewer than taken: it is finished.
  /// Throws std::invalid_argument below 1.
  void set_total_steps(Index total_steps);
  Index step() const { return descent_.now.step; }
  /// Training and test loss (both mean square errors) every test_every steps.
  const std::vector<HistoryEntry>& history() const { return descent_.history; }
  MapScore score() { return evaluation_.score(descent_.now.theta); }  ///< At the θ of now.
  double learning_rate() const;  ///< The next step's, after schedule and recoveries.
  Index evaluations() const { return tape_->evaluations(); }  ///< Of the last step's forward.
  std::size_t bytes() const { return tape_->bytes(); }

 private:
  template <class Training, class Scalar>
  friend TrainingReport advance_within(std::string_view, const Budget&, Training&,
                                       const Descent<Scalar>&);

  std::string take_step();  ///< What went wrong, in words; empty where nothing did.
  std::string failure() const;
  double loss_and_gradient();
  bool is_finished() const { return step() >= options_.total_steps; }

  std::shared_ptr<const LearnedMap<S>> map_;
  MapTask task_;
  MapTrainerOptions options_;
  Adam<S> optimizer_;
  Random examples_;
  std::unique_ptr<typename LearnedMap<S>::Tape> tape_;
  MapEvaluation<S> evaluation_;
  MatrixX<S> x_, y_, outputs_, no_bar_;
  Descent<S> descent_;
  DivergenceWatch watch_;
};

}  // namespace least_action
