#include "session/setting_builders.h"

namespace least_action::setting_builders {

void add_training_rows(std::vector<SettingRow>& rows) {
  const auto training = [](auto pick) {
    return [pick](C & c) -> auto& { return pick(c.training); };
  };
  using T = TrainerOptions;
  rows.push_back(choice(
      describe(
          kChoice, "loss", "Loss",
          "Match derivatives at the samples, whole segments of trajectories through a solver, "
          "or, with positions alone, the discrete Euler–Lagrange equations.",
          0, 0, true),
      {{static_cast<int>(LossKind::kDerivative), "derivative", "derivatives",
        "The field at each sample against the derivative there: fast, but derivatives must be "
        "known."},
       {static_cast<int>(LossKind::kTrajectory), "trajectory", "trajectories",
        "Segments solved from their first point against what was observed: needs no "
        "derivatives."},
       {static_cast<int>(LossKind::kAction), "action", "positions only (action)",
        "Three successive positions make the action stationary: Lagrangian networks, without "
        "velocities."}},
      training([](T & t) -> auto& { return t.loss; })));
  rows.push_back(choice(describe(kChoice, "optimizer", "Optimiser",
                                 "How parameters follow the gradient.", 0, 0, true),
                        {{static_cast<int>(OptimizerKind::kSgd), "sgd", "SGD with momentum"},
                         {static_cast<int>(OptimizerKind::kAdam), "adam", "Adam"},
                         {static_cast<int>(OptimizerKind::kAdamW), "adamw", "AdamW"}},
                        training([](T & t) -> auto& { return t.optimizer; })));
  rows.push_back(number(logarithmic(describe(kNumber, "lr", "Learning rate",
                                             "Size of a training step; 0.0001 to 0.03 suits "
                                             "Adam.",
                                             1e-7, 10, false)),
                        training([](T & t) -> auto& { return t.learning_rate; })));
  rows.push_back(number(
      describe(kNumber, "momentum", "Momentum", "Of SGD; Adam has its own.", 0, 0.999, false),
      training([](T & t) -> auto& { return t.momentum; })));
  rows.push_back(number(describe(kNumber, "decay", "Weight decay",
                                 "Pull of the parameters towards zero.", 0, 1, false),
                        training([](T & t) -> auto& { return t.weight_decay; })));
  rows.push_back(number(describe(kNumber, "clip", "Gradient clip",
                                 "Largest norm of a gradient; 0 for no limit.", 0, 1e6, false),
                        training([](T & t) -> auto& { return t.gradient_clip; })));
  rows.push_back(choice(
      describe(kChoice, "schedule", "Schedule",
               "How the learning rate changes over the training.", 0, 0, false),
      {{static_cast<int>(ScheduleKind::kConstant), "constant", "constant"},
       {static_cast<int>(ScheduleKind::kCosine), "cosine", "cosine"},
       {static_cast<int>(ScheduleKind::kWarmupCosine), "warmup", "warm-up, then cosine"}},
      training([](T & t) -> auto& { return t.schedule; })));
  rows.push_back(
      number(describe(kInteger, "warmup", "Warm-up",
                      "Steps over which a warm-up schedule rises.", 0, 100000, false),
             training([](T & t) -> auto& { return t.warmup_steps; })));
  rows.push_back(
      number(logarithmic(describe(kInteger, "steps", "Steps", "Training ends after this many.",
                                  1, 1000000, false)),
             training([](T & t) -> auto& { return t.total_steps; })));
  rows.push_back(
      number(describe(kInteger, "batch", "Batch",
                      "Samples (or segments) of a training step; 0 for all.", 0, 65536, true),
             training([](T & t) -> auto& { return t.batch_size; })));
  rows.push_back(number(
      describe(kInteger, "segment", "Segment length",
               "Trajectory loss: points predicted from each starting point.", 1, 500, true),
      training([](T & t) -> auto& { return t.segment_length; })));
  rows.push_back(
      number(describe(kInteger, "substeps", "Substeps",
                      "Trajectory loss: solver steps between two points, of a method of fixed "
                      "steps.",
                      1, 100, true),
             training([](T & t) -> auto& { return t.substeps; })));
  rows.push_back(choice(
      describe(
          kChoice, "train-method", "Training solver",
          "Trajectory loss: solves the segments. A residual network is iterated as the map "
          "it is.",
          0, 0, true),
      method_choices(), training([](T & t) -> auto& { return t.method; })));
  // Training is in float: finer tolerances cannot be met.
  rows.push_back(
      number(logarithmic(
                 describe(kNumber, "train-rtol", "Training tolerance",
                          "Trajectory loss: relative tolerance of an adaptive training solver; "
                          "the absolute one is a hundredth of it.",
                          1e-7, 0.1, true)),
             training([](T & t) -> auto& { return t.relative_tolerance; })));
  std::vector<Choice> sensitivities;
  for (const SensitivityTraits& method : sensitivity_methods()) {
    sensitivities.push_back(
        {static_cast<int>(method.method), std::string(method.name), std::string(method.title),
         std::string(method.help) + " Memory " + std::string(method.memory) + "."});
  }
  rows.push_back(choice(
      describe(kChoice, "sensitivity", "Gradient by",
               "Trajectory loss: how the gradient gets back through the solver, and what it "
               "costs in memory.",
               0, 0, true),
      std::move(sensitivities), training([](T & t) -> auto& { return t.sensitivity; })));
  rows.push_back(number(
      describe(kInteger, "checkpoints", "Checkpoints",
               "States kept by checkpointing; 0 for the logarithm of the number of steps.", 0,
               1000, true),
      training([](T & t) -> auto& { return t.checkpoints; })));
}

}  // namespace least_action::setting_builders
