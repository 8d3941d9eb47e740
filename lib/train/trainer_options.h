#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/types.h"
#include "models/dynamics_model.h"
#include "ode/method.h"
#include "sensitivity/sensitivity.h"

namespace least_action {

enum class LossKind {
  kDerivative,  ///< mean over samples of ‖W(f(x) − ẋ)‖²/dim
  kTrajectory,  ///< mean over segments and their points of ‖W(x̂(t_k) − x_k)‖²/dim, x̂ from the
                ///< segment's first point by `method` (Euler for residual networks), gradient
                ///< by `sensitivity`
  kAction  ///< Lagrangian networks, from positions alone: the discrete Euler–Lagrange equations
};
enum class OptimizerKind { kSgd, kAdam, kAdamW };
enum class ScheduleKind { kConstant, kCosine, kWarmupCosine };

struct TrainerOptions {
  LossKind loss = LossKind::kDerivative;
  OptimizerKind optimizer = OptimizerKind::kAdam;
  double learning_rate = 3e-3;
  double momentum = 0.9;  ///< SGD.
  double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
  double weight_decay = 0;   ///< L2 for SGD and Adam, decoupled for AdamW.
  double gradient_clip = 0;  ///< Largest Euclidean norm of the gradient; 0: none.
  ScheduleKind schedule = ScheduleKind::kConstant;
  Index warmup_steps = 100;
  Index total_steps = 20000;  ///< Where a cosine ends, and where training stops by itself.
  Index batch_size = 256;     ///< Samples (or segments) a step; 0 or ≥ all: full batch.
  Index segment_length = 8;   ///< Trajectory loss: points of a segment after its first.
  Index substeps = 1;  ///< Trajectory loss: solver steps between two points; 10⁵ in all.
  /// Trajectory loss: the solver of the roll-outs, and how its gradient is computed.
  Method method = Method::kRk4;
  double relative_tolerance = 1e-5;  ///< Adaptive methods; the absolute one is a hundredth.
  SensitivityMethod sensitivity = SensitivityMethod::kSymplecticAdjoint;
  Index checkpoints = 0;   ///< kCheckpointing; 0: ⌈log₂ N⌉ + 1.
  Index test_every = 20;   ///< Steps between two entries of the history.
  std::uint64_t seed = 1;  ///< Of θ and of the minibatches.

  bool operator==(const TrainerOptions&) const = default;
};
/// What is wrong with the options, in words; empty where nothing is.
std::optional<std::string> find_fault(const TrainerOptions& options);
/// The same, with what does not suit a model of this kind.
std::optional<std::string> find_fault(const TrainerOptions& options, ModelKind kind);

}  // namespace least_action
