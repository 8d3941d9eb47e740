#include "train/trainer_options.h"

#include <cmath>

#include "base/contract.h"

namespace least_action {
namespace {

std::string fault(const char* name, const std::string& is, const std::string& expected) {
  return std::string("TrainerOptions: ") + name + " is " + is + "; it must be " + expected;
}
std::string fault(const char* name, double is, const std::string& expected) {
  return fault(name, to_text(is), expected);
}
std::string fault(const char* name, Index is, const std::string& expected) {
  return fault(name, std::to_string(is), expected);
}

// Solver steps of a segment, far beyond what a gradient survives: each keeps a state a sample.
constexpr Index kMaxSegmentSteps = 100000;

// Negated so that NaN is a fault as well.
bool in(double value, double low, double high) { return value >= low && value < high; }

}  // namespace

std::optional<std::string> find_fault(const TrainerOptions& o) {
  constexpr double kInfinity = HUGE_VAL;
  if (!(o.learning_rate > 0) || !std::isfinite(o.learning_rate)) {
    return fault("learning_rate", o.learning_rate, "positive and finite");
  }
  if (!in(o.momentum, 0, 1)) return fault("momentum", o.momentum, "at least 0 and below 1");
  if (!in(o.beta1, 0, 1)) return fault("beta1", o.beta1, "at least 0 and below 1");
  if (!in(o.beta2, 0, 1)) return fault("beta2", o.beta2, "at least 0 and below 1");
  if (!(o.epsilon > 0) || !std::isfinite(o.epsilon)) {
    return fault("epsilon", o.epsilon, "positive and finite");
  }
  if (!in(o.weight_decay, 0, kInfinity)) {
    return fault("weight_decay", o.weight_decay, "at least 0 and finite");
  }
  if (!in(o.gradient_clip, 0, kInfinity)) {
    return fault("gradient_clip", o.gradient_clip, "positive and finite, or 0 for none");
  }
  if (o.total_steps < 1) return fault("total_steps", o.total_steps, "at least 1");
  if (o.warmup_steps < 0) return fault("warmup_steps", o.warmup_steps, "at least 0");
  if (o.schedule == ScheduleKind::kWarmupCosine && o.warmup_steps >= o.total_steps) {
    return fault("warmup_steps", o.warmup_steps,
                 "below total_steps, which is " + std::to_string(o.total_steps));
  }
  if (o.batch_size < 0) {
    return fault("batch_size", o.batch_size, "positive, or 0 for all samples");
  }
  if (o.segment_length < 1 || o.segment_length > kMaxSegmentSteps) {
    return fault("segment_length", o.segment_length,
                 "at least 1 and at most " + std::to_string(kMaxSegmentSteps));
  }
  const Index most_substeps = kMaxSegmentSteps / o.segment_length;
  if (o.substeps < 1 || o.substeps > most_substeps) {
    return fault("substeps", o.substeps,
                 "at least 1, and at most " + std::to_string(most_substeps) +
                     " for a segment_length of " + std::to_string(o.segment_length));
  }
  if (!(o.relative_tolerance > 0) || !(o.relative_tolerance < 1)) {
    return fault("relative_tolerance", o.relative_tolerance, "above 0 and below 1");
  }
  if (o.checkpoints < 0) {
    return fault("checkpoints", o.checkpoints, "at least 1, or 0 for ⌈log₂ N⌉ + 1");
  }
  if (o.test_every < 1) return fault("test_every", o.test_every, "at least 1");
  return std::nullopt;
}

std::optional<std::string> find_fault(const TrainerOptions& o, ModelKind kind) {
  if (o.loss == LossKind::kAction && kind != ModelKind::kLagrangian) {
    return fault("loss", std::string("action"),
                 "another for a " + std::string(traits(kind).title) +
                     ": only a Lagrangian network has an action");
  }
  if (o.loss == LossKind::kTrajectory && kind != ModelKind::kResidual &&
      kind != ModelKind::kSeparableHamiltonian && traits(o.method).needs_separable) {
    return fault("method", std::string(traits(o.method).name),
                 "one for any field: " + std::string(traits(o.method).title) +
                     " needs H = T(p) + V(q), which only a " +
                     std::string(traits(ModelKind::kSeparableHamiltonian).title) + " has");
  }
  return find_fault(o);
}

}  // namespace least_action
