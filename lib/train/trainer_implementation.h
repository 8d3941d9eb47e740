#pragma once

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "data/minibatch.h"
#include "train/divergence_watch.h"
#include "train/loss.h"
#include "train/optimizer.h"
#include "train/trainer.h"

namespace least_action {

/// What a Trainer holds and does; only trainer*.cpp include this.
template <class S>
struct Trainer<S>::Implementation {
  /// Where training stands, or stood when all was well.
  struct Point {
    VectorX<S> theta;
    OptimizerState<S> optimizer;
    Index step = 0;
  };

  static constexpr Index kKeepEvery = 50;      ///< Steps between two copies of good parameters.
  static constexpr Index kMaxFailures = 8;     ///< Divergences without one before giving up.
  static constexpr Index kMinEvaluation = 64;  ///< Capacity outside of training, at least.
  static constexpr Index kMaxReserved = 65536;  ///< History entries reserved ahead, at most.

  std::shared_ptr<const DynamicsModel<S>> model;
  std::shared_ptr<const Dataset> data;
  TrainerOptions options;
  Vector weights;  // W
  Minibatches minibatches;
  std::unique_ptr<Loss<S>> train_loss;
  std::vector<Index> test_examples;
  std::unique_ptr<Loss<S>> test_loss;  // None without test examples.
  std::unique_ptr<Optimizer<S>> optimizer;

  Point now, good;
  VectorX<S> gradient;
  DivergenceWatch watch;
  Index recoveries = 0, failures = 0, calm_steps = 0, loss_count = 0;
  double learning_rate_scale = 1, loss_sum = 0;
  std::vector<HistoryEntry> history;

  Implementation(std::shared_ptr<const DynamicsModel<S>> trained,
                 std::shared_ptr<const Dataset> on, const TrainerOptions& how);

  /// Takes one step. What went wrong, in words; empty where nothing did.
  std::string take_step();
  /// Keeps the parameters and the optimiser's state as good ones.
  void keep();
  /// Adds a history entry for a step taken at `rate`.
  void record(double rate);
  /// Goes back to the good parameters; says so.
  std::string recover(const std::string& fault);
  std::string failure() const;

  /// Room for the history, so that no step allocates (up to kMaxReserved entries ahead).
  void reserve_history();
  Index evaluation_capacity() const {
    return std::max(minibatches.batch_size(), kMinEvaluation);
  }
  bool is_finished() const { return now.step >= options.total_steps; }
  bool is_failed() const { return failures >= kMaxFailures; }
  /// Of the next step, after schedule and recoveries.
  double learning_rate() const;

  /// False for NaN, ∞, and values whose squares overflow: no parameters to go on with.
  static bool is_usable(const VectorX<S>& values) {
    return std::isfinite(values.squaredNorm());
  }
};

}  // namespace least_action
