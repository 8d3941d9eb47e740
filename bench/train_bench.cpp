#include <memory>

#include "bench.h"
#include "train/trainer.h"

namespace least_action::bench {
namespace {

/// Random states and derivatives that a Lagrangian could have: the derivative's first half is
/// the state's second.
std::shared_ptr<const Dataset> random_data(Chart chart, Index n, Index trajectories,
                                           Index points) {
  Random random(1);
  Dataset data{chart, n, {}, {}};
  for (Index i = 0; i < trajectories; ++i) {
    Trajectory trajectory{Vector(points), Matrix(2 * n, points), Matrix(2 * n, points)};
    for (Index k = 0; k < points; ++k) {
      trajectory.times[k] = 0.05 * static_cast<double>(k);
      for (Index c = 0; c < 2 * n; ++c) trajectory.states(c, k) = random.normal();
      trajectory.derivatives.col(k).head(n) = trajectory.states.col(k).tail(n);
      for (Index c = 0; c < n; ++c) trajectory.derivatives(n + c, k) = random.normal();
    }
    data.train.push_back(trajectory);
  }
  return std::make_shared<Dataset>(std::move(data));
}

double flop_per_pass(Index inputs, const std::vector<Index>& hidden, Index batch) {
  double weights = 0;
  Index before = inputs;
  for (const Index width : hidden) {
    weights += static_cast<double>(before) * static_cast<double>(width);
    before = width;
  }
  return 2 * (weights + static_cast<double>(before)) * static_cast<double>(batch);
}

std::string title(const char* what, Index inputs, const std::vector<Index>& hidden,
                  Index batch) {
  std::string name = std::string(what) + " " + std::to_string(inputs);
  for (const Index width : hidden) name += "-" + std::to_string(width);
  return name + "-1, " + std::to_string(batch);
}

/// One whole step of the Trainer on the full batch: gather, forward, residual, gradient, Adam,
/// and its watch for divergence. The learning rate is too small to change anything.
Row training_step(ModelKind kind, const std::vector<Index>& hidden, Index batch, double native,
                  double wasm) {
  const bool lagrangian = kind == ModelKind::kLagrangian;
  ModelSpec spec;
  spec.kind = kind;
  spec.degrees_of_freedom = lagrangian ? 2 : 1;
  spec.hidden = hidden;
  spec.activation = lagrangian ? Activation::kSoftplus : Activation::kTanh;
  TrainerOptions options;
  options.batch_size = 0;
  options.learning_rate = 1e-12;
  options.total_steps = options.test_every = 1 << 30;
  const Index n = spec.degrees_of_freedom;
  Trainer<float> trainer(make_model<float>(spec), random_data(traits(kind).chart, n, 1, batch),
                         options);
  Row row;
  row.name = title(lagrangian ? "train LNN" : "train HNN", 2 * n, hidden, batch);
  row.milliseconds = median_milliseconds([&] { trainer.advance({.steps = 1}); }, 9);
  row.flop = (lagrangian ? 14 : 6) * flop_per_pass(2 * n, hidden, batch);
  row.native_target = native;
  row.wasm_target = wasm;
  return row;
}

/// A step on whole segments: 8 steps of RK4 forward, and again with their gradient.
Row trajectory_step(const std::vector<Index>& hidden, Index batch) {
  ModelSpec spec;
  spec.hidden = hidden;
  TrainerOptions options;
  options.loss = LossKind::kTrajectory;
  options.batch_size = 0;
  options.learning_rate = 1e-12;
  options.total_steps = options.test_every = 1 << 30;
  Trainer<float> trainer(make_model<float>(spec),
                         random_data(Chart::kCanonical, 1, batch, options.segment_length + 1),
                         options);
  Row row;
  row.name = title("train HNN segments", 2, hidden, batch);
  row.milliseconds = median_milliseconds([&] { trainer.advance({.steps = 1}); }, 9);
  // 4 stages a step: 2 F forward; 2 F again and 4 F for the gradient on the way back.
  row.flop = 8 * 4 * 8 * flop_per_pass(2, hidden, batch);
  return row;
}

}  // namespace

std::vector<Row> training_benchmarks(const Machine&) {
  return {training_step(ModelKind::kHamiltonian, {200, 200}, 750, 3.1, 20),
          training_step(ModelKind::kHamiltonian, {32, 32}, 256, 0.05, 0.25),
          training_step(ModelKind::kLagrangian, {64, 64}, 256, 0.5, 2.2),
          training_step(ModelKind::kLagrangian, {500, 500}, 512, 36, 190),
          trajectory_step({32, 32}, 64)};
}

}  // namespace least_action::bench
