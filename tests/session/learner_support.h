#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "data/dataset.h"
#include "session/learner.h"
#include "systems/system.h"

/// Small things to train: a pendulum's motion, and models of it.
namespace learner_support {

using namespace least_action;

inline std::shared_ptr<const Dataset> pendulum_data(Chart chart = Chart::kCanonical,
                                                    std::uint64_t seed = 1) {
  SamplingOptions options;
  options.trajectories = 5;
  options.samples = 12;
  options.seed = seed;
  return std::make_shared<const Dataset>(
      sample_dataset(*make_system("pendulum"), chart, options));
}

inline ModelSpec small_spec(ModelKind kind = ModelKind::kHamiltonian) {
  ModelSpec spec;
  spec.kind = kind;
  spec.hidden = {6, 5};
  spec.features = {{true, 1}, {false, 0.5}};
  return spec;
}

inline TrainerOptions small_options(Index steps = 60) {
  TrainerOptions options;
  options.total_steps = steps;
  options.batch_size = 16;
  options.test_every = 5;
  return options;
}

inline bool same_history(const std::vector<HistoryEntry>& a,
                         const std::vector<HistoryEntry>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const bool same = a[i].step == b[i].step && a[i].train_loss == b[i].train_loss &&
                      a[i].test_loss == b[i].test_loss &&
                      a[i].learning_rate == b[i].learning_rate;
    if (!same) return false;
  }
  return true;
}

/// What decides how a learner goes on, and what it shows.
inline bool same(const Learner& a, const Learner& b) {
  return a.theta() == b.theta() && a.step() == b.step() &&
         same_history(a.history(), b.history()) && a.save() == b.save();
}

/// Polls until the thread has ended; false after a minute.
inline bool wait_for_end(Learner& learner) {
  for (int k = 0; k < 60000; ++k) {
    if (!learner.poll_background()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

}  // namespace learner_support
