#include "learner_options.h"

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "answer.h"
#include "base/contract.h"
#include "base/unknown_name.h"

namespace least_action::web {
namespace {

using emscripten::val;

// A starting θ of so many numbers takes a second to draw; a training step, several.
constexpr double kMostParameters = 1 << 24;

template <class Choice, std::size_t kCount>
Choice named(const char* kind, const std::string& name,
             const std::array<std::pair<const char*, Choice>, kCount>& known) {
  for (const auto& [each, choice] : known)
    if (name == each) return choice;
  fail_unknown(kind, kind, name, names_of(known, [](const auto& row) { return row.first; }));
}

LossKind loss_named(const std::string& name) {
  static constexpr std::array<std::pair<const char*, LossKind>, 3> kLosses{
      {{"derivative", LossKind::kDerivative},
       {"trajectory", LossKind::kTrajectory},
       {"action", LossKind::kAction}}};
  return named("loss", name, kLosses);
}

OptimizerKind optimizer_named(const std::string& name) {
  static constexpr std::array<std::pair<const char*, OptimizerKind>, 3> kOptimizers{
      {{"sgd", OptimizerKind::kSgd},
       {"adam", OptimizerKind::kAdam},
       {"adamw", OptimizerKind::kAdamW}}};
  return named("optimizer", name, kOptimizers);
}

ScheduleKind schedule_named(const std::string& name) {
  static constexpr std::array<std::pair<const char*, ScheduleKind>, 3> kSchedules{
      {{"constant", ScheduleKind::kConstant},
       {"cosine", ScheduleKind::kCosine},
       {"warmup-cosine", ScheduleKind::kWarmupCosine}}};
  return named("schedule", name, kSchedules);
}

ModelKind kind_named(const std::string& name) {
  for (const ModelTraits& known : model_kinds())
    if (known.name == name) return known.kind;
  fail_unknown("kind", "model", name,
               names_of(model_kinds(), [](const ModelTraits& each) { return each.name; }));
}

/// About how many parameters: an overestimate of the features, nothing allocated.
double about_parameters(const ModelSpec& spec) {
  double columns = 2.0 * static_cast<double>(2 * spec.degrees_of_freedom), sum = 0;
  for (const Index width : spec.hidden) {
    sum += static_cast<double>(width) * (columns + 1);
    columns = static_cast<double>(width);
  }
  sum += columns * static_cast<double>(2 * spec.degrees_of_freedom);
  return sum * static_cast<double>(spec.kind == ModelKind::kResidual ? spec.blocks : 1);
}

double number(const val& options, const char* name) { return options[name].as<double>(); }
Index whole(const val& options, const char* name) {
  return static_cast<Index>(number(options, name));
}

}  // namespace

ModelSpec model_spec(const val& options) {
  ModelSpec spec;
  spec.kind = kind_named(options["kind"].as<std::string>());
  spec.degrees_of_freedom = whole(options, "degreesOfFreedom");
  spec.hidden.clear();
  for (const double width : numbers(options["hidden"]))
    spec.hidden.push_back(static_cast<Index>(width));
  spec.activation = activation_named(options["activation"].as<std::string>());
  spec.blocks = whole(options, "blocks");
  spec.block_time = number(options, "blockTime");
  const std::vector<double> periodic = numbers(options["periodic"]);
  const std::vector<double> scale = numbers(options["scale"]);
  for (std::size_t i = 0; i < scale.size(); ++i)
    spec.features.push_back({periodic[i] != 0, 1 / scale[i]});
  const double size = about_parameters(spec);
  if (size > kMostParameters) {
    fail("Model.create", "these widths make about " + to_text(size) +
                             " parameters; expected at most " + to_text(kMostParameters));
  }
  return spec;
}

TrainerOptions trainer_options(const val& from) {
  TrainerOptions to;
  to.loss = loss_named(from["loss"].as<std::string>());
  to.optimizer = optimizer_named(from["optimizer"].as<std::string>());
  to.learning_rate = number(from, "learningRate");
  to.momentum = number(from, "momentum");
  to.beta1 = number(from, "beta1");
  to.beta2 = number(from, "beta2");
  to.epsilon = number(from, "epsilon");
  to.weight_decay = number(from, "weightDecay");
  to.gradient_clip = number(from, "gradientClip");
  to.schedule = schedule_named(from["schedule"].as<std::string>());
  to.warmup_steps = whole(from, "warmupSteps");
  to.total_steps = whole(from, "steps");
  to.batch_size = whole(from, "batchSize");
  to.segment_length = whole(from, "segmentLength");
  to.substeps = whole(from, "substeps");
  to.method = method_named(from["method"].as<std::string>());
  to.relative_tolerance = number(from, "relativeTolerance");
  to.sensitivity = sensitivity_named(from["sensitivity"].as<std::string>());
  to.checkpoints = whole(from, "checkpoints");
  to.test_every = whole(from, "testEvery");
  to.seed = static_cast<std::uint64_t>(number(from, "seed"));
  return to;
}

Precision precision_named(const std::string& name) {
  static constexpr std::array<std::pair<const char*, Precision>, 2> kPrecisions{
      {{"float32", Precision::kFloat32}, {"float64", Precision::kFloat64}}};
  return named("precision", name, kPrecisions);
}

}  // namespace least_action::web
