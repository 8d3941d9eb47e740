#include "session/flow_config.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <stdexcept>
#include <utility>

#include "base/contract.h"
#include "session/query_pairs.h"
#include "session/settings_table.h"
#include "session/training_cost.h"

namespace least_action {
namespace {

using Kind = Setting::Kind;

struct Row {
  Setting setting;
  std::function<std::string(const FlowConfig&)> write;
  std::function<std::string(FlowConfig&, std::string_view)> read;
};

Setting describe(Kind kind, const char* key, const char* label, const char* help,
                 double minimum = 0, double maximum = 0, bool logarithmic = false) {
  Setting setting;
  setting.kind = kind;
  setting.key = key;
  setting.label = label;
  setting.help = help;
  setting.minimum = minimum;
  setting.maximum = maximum;
  setting.logarithmic = logarithmic;
  setting.restarts = true;
  return setting;
}

template <class T>
Row number(Setting setting, T FlowConfig::*field) {
  Row row;
  row.write = [field](const FlowConfig& config) {
    return link_number(static_cast<double>(config.*field));
  };
  row.read = [field, setting](FlowConfig& config, std::string_view text) -> std::string {
    double value = 0;
    const bool whole = setting.kind == Kind::kInteger;
    if (!parse_number(text, value) || !(value >= setting.minimum && value <= setting.maximum) ||
        (whole && value != std::floor(value))) {
      return setting.label + " must be a " + (whole ? "whole " : "") + "number from " +
             link_number(setting.minimum) + " to " + link_number(setting.maximum) + ", not " +
             quoted(text) + ".";
    }
    config.*field = static_cast<T>(value);
    return {};
  };
  row.setting = std::move(setting);
  return row;
}

template <class T>
struct Choice {
  T value;
  std::string_view name, label, help;
};

template <class T>
Row choice(Setting setting, const std::vector<Choice<T>>& choices, T FlowConfig::*field) {
  for (const Choice<T>& each : choices) {
    setting.choices.emplace_back(each.name);
    setting.choice_labels.emplace_back(each.label);
    setting.choice_helps.emplace_back(each.help);
  }
  Row row;
  row.write = [field, choices](const FlowConfig& config) -> std::string {
    for (const Choice<T>& each : choices) {
      if (each.value == config.*field) return std::string(each.name);
    }
    return {};
  };
  row.read = [field, choices, setting](FlowConfig& config,
                                       std::string_view text) -> std::string {
    for (const Choice<T>& each : choices) {
      if (each.name != text) continue;
      config.*field = each.value;
      return {};
    }
    return setting.label + " cannot be " + quoted(text) + "." +
           did_you_mean(text, setting.choices);
  };
  row.setting = std::move(setting);
  return row;
}

std::vector<Choice<DensityKind>> density_choices() {
  std::vector<Choice<DensityKind>> all;
  for (const DensityTraits& each : densities()) {
    all.push_back({each.kind, each.name, each.title, each.help});
  }
  return all;
}
std::vector<Choice<Activation>> activation_choices() {
  return {{Activation::kTanh, "tanh", "tanh", {}},
          {Activation::kSoftplus, "softplus", "softplus", {}},
          {Activation::kSine, "sine", "sine", {}},
          {Activation::kSilu, "silu", "SiLU", {}}};
}
/// Those that need no mechanical structure.
std::vector<Choice<Method>> method_choices() {
  std::vector<Choice<Method>> all;
  for (const MethodTraits& each : methods()) {
    if (each.needs_separable || each.implicit || each.method == Method::kTao2) continue;
    all.push_back({each.method, each.name, each.title, each.help});
  }
  return all;
}
std::vector<Choice<TraceEstimator>> trace_choices() {
  std::vector<Choice<TraceEstimator>> all;
  for (const TraceTraits& each : trace_estimators()) {
    all.push_back({each.estimator, each.name, each.title, each.help});
  }
  return all;
}
std::vector<Choice<SensitivityMethod>> sensitivity_choices() {
  std::vector<Choice<SensitivityMethod>> all;
  for (const SensitivityTraits& each : sensitivity_methods()) {
    all.push_back({each.method, each.name, each.title, each.help});
  }
  return all;
}

std::vector<Row> make_rows() {
  using C = FlowConfig;
  std::vector<Row> rows;
  rows.push_back(choice(describe(Kind::kChoice, "density", "Density",
                                 "The distribution whose samples the flow learns."),
                        density_choices(), &C::density));
  rows.push_back(number(
      describe(Kind::kInteger, "width", "Width", "Neurons in each hidden layer.", 1, 256),
      &C::width));
  rows.push_back(
      number(describe(Kind::kInteger, "depth", "Layers", "Hidden layers.", 1, 5), &C::depth));
  rows.push_back(choice(describe(Kind::kChoice, "act", "Activation",
                                 "Of the hidden layers: smooth, so that the trace has a "
                                 "gradient."),
                        activation_choices(), &C::activation));
  rows.push_back(choice(describe(Kind::kChoice, "method", "Solver",
                                 "How the flow is integrated, in training and after."),
                        method_choices(), &C::method));
  rows.push_back(number(describe(Kind::kInteger, "substeps", "Solver steps",
                                 "Steps of a fixed-step solver from t = 0 to 1.", 1, 64),
                        &C::substeps));
  rows.push_back(number(describe(Kind::kNumber, "rtol", "Tolerance",
                                 "Relative tolerance of an adaptive solver.", 1e-8, 1e-1, true),
                        &C::relative_tolerance));
  rows.push_back(choice(describe(Kind::kChoice, "trace", "Trace",
                                 "How the rate of the log-density is had in training."),
                        trace_choices(), &C::trace));
  rows.push_back(choice(describe(Kind::kChoice, "sens", "Gradient",
                                 "How the gradient gets back through the solve."),
                        sensitivity_choices(), &C::sensitivity));
  rows.push_back(number(describe(Kind::kNumber, "lr", "Learning rate",
                                 "Of Adam, after a warm-up and under a cosine.", 1e-6, 1, true),
                        &C::learning_rate));
  rows.push_back(number(
      describe(Kind::kInteger, "steps", "Steps", "Training steps in all.", 1, 1000000, true),
      &C::total_steps));
  rows.push_back(
      number(describe(Kind::kInteger, "batch", "Batch", "Samples in a step.", 1, 4096, true),
             &C::batch_size));
  rows.push_back(number(describe(Kind::kNumber, "clip", "Gradient clip",
                                 "Largest norm of the gradient; 0: none.", 0, 1000),
                        &C::gradient_clip));
  rows.push_back(
      number(describe(Kind::kNumber, "kinetic", "Kinetic penalty",
                      "Weight of ∫‖f‖² dt in the loss: straighter paths; 0: none.", 0, 10),
             &C::kinetic));
  rows.push_back(
      number(describe(Kind::kInteger, "samples", "Samples",
                      "A fixed set of so many; 0: fresh ones in every step.", 0, 100000),
             &C::train_samples));
  rows.push_back(number(describe(Kind::kInteger, "seed", "Seed",
                                 "Of parameters, samples and minibatches.", 0, 1e9),
                        &C::seed));
  return rows;
}

const std::vector<Row>& rows() {
  static const std::vector<Row> all = make_rows();
  return all;
}

const Row* find_row(std::string_view key) {
  for (const Row& row : rows()) {
    if (row.setting.key == key) return &row;
  }
  return nullptr;
}

/// What a page comes back from within a second or two, and what fits besides its other memory.
constexpr double kMostWork = 5e8, kMostBytes = 300.0 * 1024 * 1024;
/// What an adaptive solver is taken to need in time, as trained flows are smooth; and in
/// memory, where a few rough solves would be too much.
constexpr double kAdaptiveSteps = 32, kAdaptiveTapes = 96;

}  // namespace

const std::vector<Setting>& flow_settings() {
  static const std::vector<Setting> all = [] {
    std::vector<Setting> list;
    for (const Row& row : rows()) list.push_back(row.setting);
    return list;
  }();
  return all;
}

std::string flow_setting_text(const FlowConfig& config, std::string_view key) {
  const Row* row = find_row(key);
  if (row == nullptr) fail("flow_setting_text", "no setting is called " + quoted(key));
  return row->write(config);
}

std::optional<std::string> set_flow_setting(FlowConfig& config, std::string_view key,
                                            std::string_view text) {
  if (const Row* row = find_row(key)) {
    std::string fault = row->read(config, text);
    if (fault.empty()) return std::nullopt;
    return fault;
  }
  std::vector<std::string> known;
  for (const Row& row : rows()) known.push_back(row.setting.key);
  return "No setting is called " + quoted(key) + "." + did_you_mean(key, known);
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
