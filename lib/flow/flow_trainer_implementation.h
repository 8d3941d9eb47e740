#pragma once

#include <memory>
#include <string>

#include "flow/flow_trainer.h"
#include "sensitivity/sensitivity.h"
#include "train/descent.h"

namespace least_action {

/// What a FlowTrainer holds and does; only flow_trainer*.cpp include this.
template <class S>
struct FlowTrainer<S>::Implementation {
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
  std::string failure() const { return descent.failure(options.training.learning_rate); }
  double learning_rate() const;
  bool is_finished() const { return descent.now.step >= options.training.total_steps; }

  FlowTrainerOptions options;
  std::shared_ptr<const Density> density;
  Matrix train_set, test_set;
  Index batch_size;
  Descent<S> descent;
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

  Index evaluations = 0;
  double smoothed = 0, best = 0, likelihood = 0;
  bool has_best = false;
  std::size_t bytes = 0;
};

}  // namespace least_action
