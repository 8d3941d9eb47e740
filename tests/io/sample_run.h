#pragma once

#include <limits>

#include "io/run_file.h"

namespace least_action::testing {

inline std::vector<Trajectory> sample_part(Index dimension, Index trajectories, double start) {
  std::vector<Trajectory> part;
  double value = start;
  for (Index i = 0; i < trajectories; ++i) {
    const Index points = 3 + i;
    Trajectory trajectory{Vector(points), Matrix(dimension, points), Matrix(dimension, points)};
    for (Index k = 0; k < points; ++k) {
      trajectory.times[k] = 0.1 * static_cast<double>(k * k + k);
      for (Index c = 0; c < dimension; ++c) {
        trajectory.states(c, k) = value = value * -1.37 + 0.1;
        trajectory.derivatives(c, k) = value / 3;
        if (value > 100 || value < -100) value /= 317;
      }
    }
    part.push_back(trajectory);
  }
  return part;
}

/// A state with a different number in every place, among them the awkward ones.
template <class S>
typename Trainer<S>::State sample_state(Index parameters) {
  using Limits = std::numeric_limits<S>;
  typename Trainer<S>::State state;
  S next = S(0.1);
  const auto fill = [&] {
    VectorX<S> values(parameters);
    for (S& value : values) value = next = next * S(1.0078125) + S(0.3);
    return values;
  };
  state.theta = fill();
  state.theta[0] = -S(0);
  state.theta[1] = Limits::denorm_min();
  state.theta[2] = Limits::max();
  state.good_theta = fill();
  state.good_theta[0] = Limits::quiet_NaN();
  state.good_theta[1] = -Limits::infinity();
  state.optimizer_moments = {fill(), fill()};
  state.good_moments = {fill(), fill()};
  state.step = 1234567890;
  state.good_step = 12;
  state.recoveries = 3;
  state.epoch_position = 4;
  state.optimizer_steps = 56;
  state.good_optimizer_steps = 7;
  state.failures = 2;
  state.calm_steps = 89;
  state.loss_count = 10;
  state.learning_rate_scale = 0.125;
  state.best_loss = std::numeric_limits<double>::infinity();
  state.smoothed_loss = 1.0 / 3;
  state.loss_sum = std::numeric_limits<double>::denorm_min();
  state.random_state = {~std::uint64_t{0}, 1, 0x0123456789abcdef, 0};
  state.permutation = {2, 0, 1};
  state.history = {{20, 0.5, std::numeric_limits<double>::quiet_NaN(), 1e-3},
                   {40, std::numeric_limits<double>::infinity(), -0.0, 5e-4}};
  return state;
}

/// A small run in which no two fields are alike.
inline RunFile sample_run() {
  RunFile run;
  run.config = "system=pendulum&name=q\xcc\x87";
  run.datasets = {{Chart::kCanonical, 1, sample_part(2, 2, 0.5), sample_part(2, 1, 0.7)},
                  {Chart::kVelocity, 2, sample_part(4, 1, 0.2), {}}};

  ModelRecord hamiltonian;
  hamiltonian.spec.hidden = {2};
  hamiltonian.spec.features = {{.periodic = true, .scale = 1},
                               {.periodic = false, .scale = 0.3}};
  hamiltonian.options.batch_size = 3;
  hamiltonian.options.test_every = 4;
  hamiltonian.options.total_steps = 100;
  hamiltonian.state = sample_state<float>(9);

  ModelRecord lagrangian;
  lagrangian.spec.kind = ModelKind::kLagrangian;
  lagrangian.spec.degrees_of_freedom = 2;
  lagrangian.spec.hidden = {3, 2};
  lagrangian.spec.activation = Activation::kSoftplus;
  lagrangian.spec.blocks = 3;
  lagrangian.spec.block_time = 0.07;
  lagrangian.options = {.loss = LossKind::kTrajectory,
                        .optimizer = OptimizerKind::kAdamW,
                        .learning_rate = 0.011,
                        .momentum = 0.12,
                        .beta1 = 0.13,
                        .beta2 = 0.14,
                        .epsilon = 0.15,
                        .weight_decay = 0.16,
                        .gradient_clip = 0.17,
                        .schedule = ScheduleKind::kWarmupCosine,
                        .warmup_steps = 18,
                        .total_steps = 1900,
                        .batch_size = 20,
                        .segment_length = 21,
                        .substeps = 22,
                        .test_every = 23,
                        .seed = 0xfedcba9876543210};
  lagrangian.dataset = 1;
  lagrangian.state = sample_state<double>(5);
  run.models = {hamiltonian, lagrangian};
  run.models.back().options.method = Method::kTsitouras54;
  run.models.back().options.relative_tolerance = 3e-7;
  run.models.back().options.sensitivity = SensitivityMethod::kCheckpointing;
  run.models.back().options.checkpoints = 5;
  return run;
}

}  // namespace least_action::testing
