#include "session/flow_config.h"

#include <algorithm>

#include "base/contract.h"
#include "session/query_pairs.h"
#include "session/settings_table.h"
#include "session/training_cost.h"

namespace least_action {
namespace {

using enum Setting::Kind;
using C = FlowConfig;
using Row = ConfigRow<C>;

void density_choices(NumericSetting& setting) {
  for (const DensityTraits& each : densities())
    setting.add_choice(each.kind, each.name, each.title, each.help);
}
void activation_choices(NumericSetting& setting) {
  setting.add_choice(Activation::kTanh, "tanh", "tanh");
  setting.add_choice(Activation::kSoftplus, "softplus", "softplus");
  setting.add_choice(Activation::kSine, "sine", "sine");
  setting.add_choice(Activation::kSilu, "silu", "SiLU");
}
/// Those that need no mechanical structure.
void method_choices(NumericSetting& setting) {
  for (const MethodTraits& each : methods()) {
    if (each.needs_separable || each.implicit || each.method == Method::kTao2) continue;
    setting.add_choice(each.method, each.name, each.title, each.help);
  }
}
void trace_choices(NumericSetting& setting) {
  for (const TraceTraits& each : trace_estimators())
    setting.add_choice(each.estimator, each.name, each.title, each.help);
}
void sensitivity_choices(NumericSetting& setting) {
  for (const SensitivityTraits& each : sensitivity_methods())
    setting.add_choice(each.method, each.name, each.title, each.help);
}

constexpr RowLine<C> kRows[] = {
    {{kChoice, "density", "Density", "The distribution whose samples the flow learns.", 0, 0,
      kRestarts, density_choices},
     field<&C::density>},
    {{kInteger, "width", "Width", "Neurons in each hidden layer.", 1, 256, kRestarts},
     field<&C::width>},
    {{kInteger, "depth", "Layers", "Hidden layers.", 1, 5, kRestarts}, field<&C::depth>},
    {{kChoice, "act", "Activation",
      "Of the hidden layers: smooth, so that the trace has a gradient.", 0, 0, kRestarts,
      activation_choices},
     field<&C::activation>},
    {{kChoice, "method", "Solver", "How the flow is integrated, in training and after.", 0, 0,
      kRestarts, method_choices},
     field<&C::method>},
    {{kInteger, "substeps", "Solver steps", "Steps of a fixed-step solver from t = 0 to 1.", 1,
      64, kRestarts},
     field<&C::substeps>},
    {{kNumber, "rtol", "Tolerance", "Relative tolerance of an adaptive solver.", 1e-8, 1e-1,
      kRestarts | kLogarithmic},
     field<&C::relative_tolerance>},
    {{kChoice, "trace", "Trace", "How the rate of the log-density is had in training.", 0, 0,
      kRestarts, trace_choices},
     field<&C::trace>},
    {{kChoice, "sens", "Gradient", "How the gradient gets back through the solve.", 0, 0,
      kRestarts, sensitivity_choices},
     field<&C::sensitivity>},
    {{kNumber, "lr", "Learning rate", "Of Adam, after a warm-up and under a cosine.", 1e-6, 1,
      kRestarts | kLogarithmic},
     field<&C::learning_rate>},
    {{kInteger, "steps", "Steps", "Training steps in all.", 1, 1000000,
      kRestarts | kLogarithmic},
     field<&C::total_steps>},
    {{kInteger, "batch", "Batch", "Samples in a step.", 1, 4096, kRestarts | kLogarithmic},
     field<&C::batch_size>},
    {{kNumber, "clip", "Gradient clip", "Largest norm of the gradient; 0: none.", 0, 1000,
      kRestarts},
     field<&C::gradient_clip>},
    {{kNumber, "kinetic", "Kinetic penalty",
      "Weight of ∫‖f‖² dt in the loss: straighter paths; 0: none.", 0, 10, kRestarts},
     field<&C::kinetic>},
    {{kInteger, "samples", "Samples", "A fixed set of so many; 0: fresh ones in every step.", 0,
      100000, kRestarts},
     field<&C::train_samples>},
    {{kInteger, "seed", "Seed", "Of parameters, samples and minibatches.", 0, 1e9, kRestarts},
     field<&C::seed>}};

const std::vector<Row>& rows() {
  static const std::vector<Row> all = [] {
    std::vector<Row> made;
    add_rows(made, kRows);
    return made;
  }();
  return all;
}

/// What a page comes back from within a second or two, and what fits besides its other memory.
constexpr double kMostWork = 5e8, kMostBytes = 300.0 * 1024 * 1024;
/// What an adaptive solver is taken to need in time, as trained flows are smooth; and in
/// memory, where a few rough solves would be too much.
constexpr double kAdaptiveSteps = 32, kAdaptiveTapes = 96;

}  // namespace

const std::vector<Setting>& flow_settings() {
  static const std::vector<Setting> all = settings_of(rows());
  return all;
}

std::string flow_setting_text(const FlowConfig& config, std::string_view key) {
  const Row* row = find_row(rows(), key);
  if (row == nullptr) fail("flow_setting_text", "no setting is called " + quoted(key));
  return row->write(config);
}

std::optional<std::string> set_flow_setting(FlowConfig& config, std::string_view key,
                                            std::string_view text) {
  const Row* row = find_row(rows(), key);
  std::string fault =
      row != nullptr ? row->read(config, text) : unknown_setting_fault(key, flow_settings());
  if (fault.empty()) return std::nullopt;
  return fault;
}

FlowTrainerOptions trainer_options(const FlowConfig& config) {
  FlowTrainerOptions options;
  options.flow.hidden.assign(static_cast<std::size_t>(config.depth), config.width);
  options.flow.activation = config.activation;
  TrainerOptions& training = options.training;
  training.learning_rate = config.learning_rate;
  training.total_steps = config.total_steps;
  training.warmup_steps = std::min<Index>(20, config.total_steps - 1);
  training.batch_size = config.batch_size;
  training.gradient_clip = config.gradient_clip;
  training.method = config.method;
  training.substeps = config.substeps;
  training.relative_tolerance = config.relative_tolerance;
  training.sensitivity = config.sensitivity;
  training.seed = config.seed;
  options.max_steps = kFlowMaxSteps;
  options.trace = config.trace;
  options.kinetic = config.kinetic;
  options.train_samples = config.train_samples;
  return options;
}

namespace {

/// Memory of one evaluation, by two tapes that are small and whole panels.
double evaluation_bytes(const FlowTrainerOptions& options) {
  constexpr Index kFew = 64, kMore = 128;
  const VectorX<float> theta = VectorX<float>::Zero(options.flow.layout().num_parameters());
  const FlowDensityField<float> field(options.flow, theta, options.trace, options.kinetic > 0);
  const auto few = static_cast<double>(field.make_tape(kFew)->bytes());
  const auto more = static_cast<double>(field.make_tape(kMore)->bytes());
  const auto batch = static_cast<double>(options.training.batch_size);
  return few + (more - few) / (kMore - kFew) * std::max(0.0, batch - kFew);
}

}  // namespace

FlowCost estimate_cost(const FlowConfig& config) {
  const FlowTrainerOptions options = trainer_options(config);
  const bool adaptive = traits(config.method).adaptive;
  const double stages = evaluations_per_step(config.method);
  const auto substeps = static_cast<double>(config.substeps);
  const auto batch = static_cast<double>(config.batch_size);
  FlowCost cost;
  cost.work = static_cast<double>(options.flow.layout().num_parameters()) * stages *
              (adaptive ? kAdaptiveSteps : substeps) *
              std::max(batch, static_cast<double>(kFlowSlice));
  if (config.sensitivity == SensitivityMethod::kFullTape) {
    cost.tape_bytes =
        stages * (adaptive ? kAdaptiveTapes : substeps) * evaluation_bytes(options);
  }
  return cost;
}

std::vector<std::string> find_faults(const FlowConfig& config) {
  std::vector<std::string> faults;
  for (const Row& row : rows()) {
    FlowConfig copy = config;
    std::string fault = row.read(copy, row.write(config));
    if (!fault.empty()) faults.push_back(std::move(fault));
  }
  if (!faults.empty()) return faults;
  const FlowTrainerOptions options = trainer_options(config);
  if (auto fault = find_fault(options)) faults.push_back(*fault);
  const FlowCost cost = estimate_cost(config);
  if (cost.work > kMostWork) {
    faults.emplace_back(
        "One training step would take seconds: lower Width, Layers, Batch or Solver steps.");
  }
  if (cost.tape_bytes > kMostBytes) {
    faults.push_back("The gradient by the full tape would hold about " +
                     bytes_text(cost.tape_bytes) + "; at most " + bytes_text(kMostBytes) +
                     " fit: choose the symplectic adjoint, or lower Width, Layers, Batch or "
                     "Solver steps.");
  }
  return faults;
}

std::string to_query(const FlowConfig& config) {
  const FlowConfig original;
  std::string query;
  for (const Row& row : rows()) {
    const std::string text = row.write(config);
    if (text == row.write(original)) continue;
    query += (query.empty() ? "" : "&") + row.setting.key + "=" + text;
  }
  return query;
}

ParsedFlowConfig parse_flow_config(std::string_view query) {
  ParsedFlowConfig parsed;
  for (const auto& [key, text] : read_query_pairs(query, parsed.faults)) {
    if (auto fault = set_flow_setting(parsed.config, key, text)) {
      parsed.faults.push_back(*fault);
    }
  }
  const std::vector<std::string> faults = find_faults(parsed.config);
  if (!faults.empty()) {
    // What does not go together: everything but the density is the default again.
    const DensityKind density = parsed.config.density;
    parsed.config = {};
    parsed.config.density = density;
    parsed.faults.insert(parsed.faults.end(), faults.begin(), faults.end());
  }
  return parsed;
}

}  // namespace least_action
