#pragma once

#include <memory>
#include <string>
#include <vector>

#include "flow/flow_trainer.h"
#include "sensitivity/sensitivity.h"
#include "train/optimizer.h"

namespace least_action {

/// What a FlowTrainer holds and does; only flow_trainer*.cpp include this.
template <class S>
struct FlowTrainer<S>::Implementation {
  struct Point {
    VectorX<S> theta;
    OptimizerState<S> optimizer;
    Index step = 0;
  };
  static constexpr Index kKeepEvery = 50;
  static constexpr Index kMaxFailures = 8;
  static constexpr Index kMaxReserved = 65536;
  static constexpr double kExplosion = 20;  ///< [nat] above the best.
  static constexpr double kGood = 1;        ///< [nat] above the best: worth going back to.

  Implementation(const FlowTrainerOptions& how, std::shared_ptr<const Density> from,
                 const Matrix& train, const Matrix& test);

  /// Takes one step. What went wrong, in words; empty where nothing did.
  std::string take_step();
  void draw_minibatch();
  /// Solves `batch` columns of `x` at `theta`, whose field is `density_field`: the loss, and
  /// its gradient where wanted. NaN where the solve failed.
  double evaluate(Index batch, bool wants_gradient);
  /// Mean −log p of the `batch` columns of states_, starting as (x, 0).
  double test();
  std::string find_fault(double loss, double norm);
  void keep();
  void record(double rate);
  std::string recover(const std::string& fault);
  std::string failure() const;
  double learning_rate() const;
  bool is_finished() const { return now.step >= options.training.total_steps; }
  bool is_failed() const { return failures >= kMaxFailures; }

  FlowTrainerOptions options;
  std::shared_ptr<const Density> density;
  Matrix train_set, test_set;
  Index batch_size;
  Point now, good;
  VectorX<S> gradient;
  /// The fields refer to it: θ of the evaluation under way.
  VectorX<S> field_theta;
  FlowDensityField<S> field, test_field;
  std::unique_ptr<Sensitivity<S>> sensitivity, test_sensitivity;  // None: the same as training.
  std::unique_ptr<Optimizer<S>> optimizer;

  Matrix drawn;  // d × batch
  MatrixX<S> start, states, states_bar, start_bar;
  MatrixX<S> test_start, test_states;
  Matrix times{{1.0, 0.0}};
  Matrix no_times;
  VectorX<S> nothing;

  Index recoveries = 0, failures = 0, calm_steps = 0, loss_count = 0, evaluations = 0;
  double learning_rate_scale = 1, loss_sum = 0, smoothed = 0, best = 0, likelihood = 0;
  bool has_best = false;
  std::size_t bytes = 0;
  std::vector<HistoryEntry> history;
};

}  // namespace least_action
