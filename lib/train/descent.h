#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "train/optimizer.h"
#include "train/trainer.h"

namespace least_action {

/// Where a training by minibatches stands, and its way back: every kKeepEvery calm steps the
/// parameters are kept as good ones; divergence goes back to them and halves the learning rate.
/// What counts as divergence is the training's to say.
template <class S>
struct Descent {
  struct Point {
    VectorX<S> theta;
    OptimizerState<S> optimizer;
    Index step = 0;
  };

  static constexpr Index kKeepEvery = 50;   ///< Steps between two copies of good parameters.
  static constexpr Index kMaxFailures = 8;  ///< Divergences without one before giving up.
  static constexpr Index kMaxReserved = 65536;  ///< History entries reserved ahead, at most.

  Point now, good;
  VectorX<S> gradient;
  Index recoveries = 0;
  Index failures = 0;    ///< Divergences since the last good parameters.
  Index calm_steps = 0;  ///< Since the good parameters were last kept or gone back to.
  Index loss_count = 0;  ///< Minibatches since the last history entry …
  double loss_sum = 0;   ///< … and the sum of their losses.
  double learning_rate_scale = 1;
  std::vector<HistoryEntry> history;

  /// Goes on from these parameters, with an optimiser that remembers nothing; they are good.
  void start(const VectorX<S>& theta, const Optimizer<S>& optimizer);
  /// Keeps the parameters and the optimiser's state as good ones.
  void keep();

  /// Scales the gradient to the norm `largest` where it is longer (0: never). Returns its norm
  /// then: what the optimiser gets.
  double clip(double largest);
  /// Adam keeps squares of the gradient: once infinite, it would never move again.
  static double largest_norm();
  /// False for NaN, ∞, and values whose squares overflow: no parameters to go on with.
  static bool is_usable(const VectorX<S>& values);

  /// Takes a step down the gradient at `rate`; `is_good`: the parameters before it are worth
  /// going back to. What went wrong, in words; empty where nothing did.
  std::string move(const Optimizer<S>& optimizer, double rate, bool is_good);
  /// Goes back to the good parameters; says so. `learning_rate` is that of the options.
  std::string recover(const std::string& fault, double learning_rate);
  bool is_failed() const { return failures >= kMaxFailures; }
  /// Why a training that has failed stopped.
  std::string failure(double learning_rate) const;

  /// Counts the loss of a step without a fault.
  void count(double loss);
  /// Adds a history entry for the losses counted since the last one.
  void record(double test_loss, double rate);
  /// Room for the history, so that no step allocates (up to kMaxReserved entries ahead).
  void reserve_history(Index total_steps, Index test_every);
};

/// Throws std::invalid_argument for a budget that is none; `where` names the caller.
void check_budget(std::string_view where, const Budget& budget);

/// Takes steps of `training`, which goes by `descent`, until the budget is used up or it is
/// finished or has failed.
template <class Training, class S>
TrainingReport advance_within(std::string_view where, const Budget& budget, Training& training,
                              const Descent<S>& descent) {
  check_budget(where, budget);
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  const auto elapsed = [&] {
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
  };
  const Index recoveries = descent.recoveries;
  TrainingReport report;
  while (!training.is_finished() && !descent.is_failed()) {
    std::string message = training.take_step();
    if (!message.empty()) report.message = std::move(message);
    ++report.steps;
    if (budget.steps > 0 && report.steps >= budget.steps) break;
    // Reading the clock costs far less than any step.
    if (budget.milliseconds > 0 && elapsed() >= budget.milliseconds) break;
  }
  report.milliseconds = elapsed();
  if (descent.is_failed()) {
    report.status = TrainingStatus::kFailed;
    report.message = training.failure();
  } else if (training.is_finished()) {
    report.status = TrainingStatus::kFinished;
  } else if (descent.recoveries > recoveries) {
    report.status = TrainingStatus::kRecovered;
  }
  return report;
}

}  // namespace least_action
