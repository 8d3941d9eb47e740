#include "session/settings_table.h"

namespace least_action {
namespace {

using enum Setting::Kind;

void loss_choices(NumericSetting& setting) {
  setting.add_choice(LossKind::kDerivative, "derivative", "derivatives",
                     "The field at each sample against the derivative there: fast, but "
                     "derivatives must be known.");
  setting.add_choice(LossKind::kTrajectory, "trajectory", "trajectories",
                     "Segments solved from their first point against what was observed: needs "
                     "no derivatives.");
  setting.add_choice(LossKind::kAction, "action", "positions only (action)",
                     "Three successive positions make the action stationary: Lagrangian "
                     "networks, without velocities.");
}

void optimizer_choices(NumericSetting& setting) {
  setting.add_choice(OptimizerKind::kSgd, "sgd", "SGD with momentum");
  setting.add_choice(OptimizerKind::kAdam, "adam", "Adam");
  setting.add_choice(OptimizerKind::kAdamW, "adamw", "AdamW");
}

void schedule_choices(NumericSetting& setting) {
  setting.add_choice(ScheduleKind::kConstant, "constant", "constant");
  setting.add_choice(ScheduleKind::kCosine, "cosine", "cosine");
  setting.add_choice(ScheduleKind::kWarmupCosine, "warmup", "warm-up, then cosine");
}

void sensitivity_choices(NumericSetting& setting) {
  for (const SensitivityTraits& each : sensitivity_methods()) {
    setting.add_choice(each.method, each.name, each.title,
                       std::string(each.help) + " Memory " + std::string(each.memory) + ".");
  }
}

using T = TrainerOptions;
template <auto member>
inline constexpr auto option = field<&SessionConfig::training, member>;

constexpr SettingRowLine kTraining[] = {
    {{kChoice, "loss", "Loss",
      "Match derivatives at the samples, whole segments of trajectories through a solver, or, "
      "with positions alone, the discrete Euler–Lagrange equations.",
      0, 0, kRestarts, loss_choices},
     option<&T::loss>},
    {{kChoice, "optimizer", "Optimiser", "How parameters follow the gradient.", 0, 0, kRestarts,
      optimizer_choices},
     option<&T::optimizer>},
    {{kNumber, "lr", "Learning rate", "Size of a training step; 0.0001 to 0.03 suits Adam.",
      1e-7, 10, kLogarithmic},
     option<&T::learning_rate>},
    {{kNumber, "momentum", "Momentum", "Of SGD; Adam has its own.", 0, 0.999},
     option<&T::momentum>},
    {{kNumber, "decay", "Weight decay", "Pull of the parameters towards zero.", 0, 1},
     option<&T::weight_decay>},
    {{kNumber, "clip", "Gradient clip", "Largest norm of a gradient; 0 for no limit.", 0, 1e6},
     option<&T::gradient_clip>},
    {{kChoice, "schedule", "Schedule", "How the learning rate changes over the training.", 0, 0,
      kPlain, schedule_choices},
     option<&T::schedule>},
    {{kInteger, "warmup", "Warm-up", "Steps over which a warm-up schedule rises.", 0, 100000},
     option<&T::warmup_steps>},
    {{kInteger, "steps", "Steps", "Training ends after this many.", 1, 1000000, kLogarithmic},
     option<&T::total_steps>},
    {{kInteger, "batch", "Batch", "Samples (or segments) of a training step; 0 for all.", 0,
      65536, kRestarts},
     option<&T::batch_size>},
    {{kInteger, "segment", "Segment length",
      "Trajectory loss: points predicted from each starting point.", 1, 500, kRestarts},
     option<&T::segment_length>},
    {{kInteger, "substeps", "Substeps",
      "Trajectory loss: solver steps between two points, of a method of fixed steps.", 1, 100,
      kRestarts},
     option<&T::substeps>},
    {{kChoice, "train-method", "Training solver",
      "Trajectory loss: solves the segments. A residual network is iterated as the map it is.",
      0, 0, kRestarts, add_method_choices},
     option<&T::method>},
    // Training is in float: finer tolerances cannot be met.
    {{kNumber, "train-rtol", "Training tolerance",
      "Trajectory loss: relative tolerance of an adaptive training solver; the absolute one is "
      "a hundredth of it.",
      1e-7, 0.1, kRestarts | kLogarithmic},
     option<&T::relative_tolerance>},
    {{kChoice, "sensitivity", "Gradient by",
      "Trajectory loss: how the gradient gets back through the solver, and what it costs in "
      "memory.",
      0, 0, kRestarts, sensitivity_choices},
     option<&T::sensitivity>},
    {{kInteger, "checkpoints", "Checkpoints",
      "States kept by checkpointing; 0 for the logarithm of the number of steps.", 0, 1000,
      kRestarts},
     option<&T::checkpoints>}};

}  // namespace

std::span<const SettingRowLine> training_lines() { return kTraining; }

}  // namespace least_action
