#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "data/minibatch.h"
#include "train/descent.h"
#include "train/divergence_watch.h"
#include "train/loss.h"
#include "train/optimizer.h"
#include "train/trainer.h"

namespace least_action {

/// What a Trainer holds and does; only trainer*.cpp include this.
template <class S>
struct Trainer<S>::Implementation {
  static constexpr Index kMinEvaluation = 64;  ///< Capacity outside of training, at least.

  std::shared_ptr<const DynamicsModel<S>> model;
  std::shared_ptr<const Dataset> data;
  TrainerOptions options;
  Vector weights;  // W
  Minibatches minibatches;
  std::unique_ptr<Loss<S>> train_loss;
  std::vector<Index> test_examples;
  std::unique_ptr<Loss<S>> test_loss;  // None without test examples.
  std::unique_ptr<Optimizer<S>> optimizer;

  Descent<S> descent;
  DivergenceWatch watch;

  Implementation(std::shared_ptr<const DynamicsModel<S>> trained,
                 std::shared_ptr<const Dataset> on, const TrainerOptions& how);

  /// Takes one step. What went wrong, in words; empty where nothing did.
  std::string take_step();
  double mean_test_loss() const;  ///< At the θ of now; NaN without test examples.
  std::string failure() const { return descent.failure(options.learning_rate); }

  void reserve_history() { descent.reserve_history(options.total_steps, options.test_every); }
  Index evaluation_capacity() const {
    return std::max(minibatches.batch_size(), kMinEvaluation);
  }
  bool is_finished() const { return descent.now.step >= options.total_steps; }
  /// Of the next step, after schedule and recoveries.
  double learning_rate() const;
};

}  // namespace least_action
