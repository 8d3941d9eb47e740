#include <cmath>
#include <exception>

#include "base/contract.h"
#include "session/experiment.h"
#include "session/settings_table.h"
#include "session/training_cost.h"

namespace least_action {
namespace {

// An initial state further out than this many times the interesting range is a slip.
constexpr double kFarthest = 100;

ConfigPart part_of(std::string_view key) {
  for (const std::string_view data : {"trajectories", "samples", "duration", "noise",
                                      "irregular", "missing", "targets", "test"})
    if (key == data) return ConfigPart::kData;
  for (const std::string_view rollout : {"integrator", "step", "rtol", "atol", "periods"})
    if (key == rollout) return ConfigPart::kRollout;
  if (key == "models") return ConfigPart::kModels;
  if (key == "x0" || key == "pins") return ConfigPart::kInitialState;
  return ConfigPart::kTraining;
}

std::string parameter_fault(const SystemParameter& parameter, double value) {
  if (value >= parameter.minimum && value <= parameter.maximum) return {};
  return "Parameter \"" + parameter.name + "\" must be from " + link_number(parameter.minimum) +
         " to " + link_number(parameter.maximum) +
         (parameter.unit.empty() ? "" : " " + parameter.unit) + ", not " + link_number(value) +
         ".";
}

std::string model_fault(const ModelConfig& model, Index degrees_of_freedom) {
  const auto is = [](Index value, Index maximum) { return value >= 1 && value <= maximum; };
  if (!is(static_cast<Index>(model.hidden.size()), kMaxHiddenLayers)) {
    return "A model has 1 to " + std::to_string(kMaxHiddenLayers) + " hidden layers, not " +
           std::to_string(model.hidden.size()) + ".";
  }
  for (const Index width : model.hidden) {
    if (is(width, kMaxWidth)) continue;
    return "A layer's width must be a whole number from 1 to " + std::to_string(kMaxWidth) +
           ", not " + std::to_string(width) + ".";
  }
  if (!is(model.blocks, kMaxBlocks)) {
    return "A residual network has 1 to " + std::to_string(kMaxBlocks) + " blocks, not " +
           std::to_string(model.blocks) + ".";
  }
  try {
    ModelSpec spec;
    spec.kind = model.kind;
    spec.degrees_of_freedom = degrees_of_freedom;
    spec.hidden = model.hidden;
    spec.activation = model.activation;
    spec.blocks = model.blocks;
    spec.check();
  } catch (const std::exception& error) {
    return std::string("A model cannot be built: ") + error.what() + ".";
  }
  return {};
}

std::string data_fault(const SamplingOptions& data) {
  if (data.trajectories * data.samples > kMaxSamples) {
    return "Trajectories times samples is " + std::to_string(data.trajectories * data.samples) +
           "; at most " + std::to_string(kMaxSamples) + " observations fit.";
  }
  if (data.test_fraction > 0 && data.trajectories < 2) {
    return "One trajectory cannot be split: use at least 2, or a test fraction of 0.";
  }
  if (data.targets == DerivativeTargets::kFiniteDifference && data.samples < 3) {
    return "Finite differences need at least 3 samples per trajectory.";
  }
  if (const auto fault = find_fault(data)) return "The data cannot be made: " + *fault + ".";
  return {};
}

std::string training_fault(const SessionConfig& config) {
  const TrainerOptions& training = config.training;
  if (training.loss == LossKind::kTrajectory) {
    if (config.data.samples <= training.segment_length) {
      return "Segment length is " + std::to_string(training.segment_length) +
             ", which needs at least " + std::to_string(training.segment_length + 1) +
             " samples per trajectory; there are " + std::to_string(config.data.samples) + ".";
    }
    if (training.segment_length * training.substeps > kMaxSegmentSteps) {
      return "Segment length times substeps is at most " + std::to_string(kMaxSegmentSteps) +
             ", not " + std::to_string(training.segment_length * training.substeps) + ".";
    }
  }
  if (const auto fault = find_fault(training)) return "Training cannot start: " + *fault + ".";
  return {};
}

// What loss and training solver ask of each model.
std::string suited_models_fault(const SessionConfig& config) {
  const TrainerOptions& training = config.training;
  const MethodTraits& method = traits(training.method);
  const std::vector<std::string> names = model_names(config.models);
  for (std::size_t i = 0; i < config.models.size(); ++i) {
    const ModelKind kind = config.models[i].kind;
    if (training.loss == LossKind::kAction && kind != ModelKind::kLagrangian) {
      return "Training from positions only needs a Lagrangian, which " + names[i] +
             " has not: use Lagrangian networks alone, or another loss.";
    }
    if (training.loss == LossKind::kTrajectory && method.needs_separable &&
        kind != ModelKind::kSeparableHamiltonian && kind != ModelKind::kResidual) {
      return std::string(method.title) + " needs a separable Hamiltonian, which " + names[i] +
             " is not: use separable Hamiltonian networks, or another training solver.";
    }
  }
  return {};
}

std::string rollout_fault(const SessionConfig& config, const System& system) {
  if (const auto fault = find_fault(config.rollout)) {
    return "Trajectories cannot be computed: " + *fault + ".";
  }
  if (traits(config.rollout.method).adaptive) return {};
  const double steps = config.rollout_periods * system.typical_period() / config.rollout.step;
  if (steps <= static_cast<double>(kMaxRolloutSteps)) return {};
  return "Step " + link_number(config.rollout.step) + " s is too small for " +
         link_number(config.rollout_periods) + " periods: at most " +
         std::to_string(kMaxRolloutSteps) + " steps are taken.";
}

}  // namespace

std::string initial_state_fault(const System& system, const std::vector<double>& x0) {
  if (x0.empty()) return {};
  const Index n = system.degrees_of_freedom();
  if (static_cast<Index>(x0.size()) != 2 * n) {
    return "Initial state has " + std::to_string(x0.size()) + " numbers; a " +
           std::string(system.title()) + " needs " + std::to_string(2 * n) + ".";
  }
  for (Index i = 0; i < 2 * n; ++i) {
    const SystemCoordinate& coordinate = system.coordinates()[static_cast<std::size_t>(i % n)];
    const double typical = i < n ? coordinate.typical_position : coordinate.typical_momentum;
    const double value = x0[static_cast<std::size_t>(i)];
    if (!(std::abs(value) <= kFarthest * typical)) {
      return "Initial state " + link_number(value) + " is out of range: at most " +
             link_number(kFarthest * typical) + " in size.";
    }
  }
  return {};
}

std::vector<ConfigFault> find_config_faults(const SessionConfig& config) {
  std::vector<ConfigFault> faults;
  const auto add = [&faults](ConfigPart part, std::string text) {
    if (!text.empty()) faults.push_back({part, std::move(text)});
    return faults.empty();
  };
  SessionConfig copy = config;
  if (!add(ConfigPart::kSystem, setting_rows().front().read(copy, config.system)))
    return faults;

  // A value is in range where its row reads back what it wrote.
  for (const SettingRow& row : setting_rows()) {
    if (row.setting.key == "models" && config.models.empty()) {
      add(ConfigPart::kModels, "There is no model; 1 to 4 are trained side by side.");
      continue;
    }
    add(part_of(row.setting.key), row.read(copy, row.write(config)));
  }

  const std::unique_ptr<System> defaults = make_system(config.system);
  const std::vector<SystemParameter>& parameters = defaults->parameters();
  if (!config.parameters.empty()) {
    if (config.parameters.size() != parameters.size()) {
      add(ConfigPart::kParameters, std::to_string(config.parameters.size()) +
                                       " parameters are given; a " +
                                       std::string(defaults->title()) + " has " +
                                       std::to_string(parameters.size()) + ".");
    } else {
      for (std::size_t i = 0; i < parameters.size(); ++i)
        add(ConfigPart::kParameters, parameter_fault(parameters[i], config.parameters[i]));
    }
  }
  if (!faults.empty()) return faults;

  const std::unique_ptr<System> system = make_system(config.system, config.parameters);
  add(ConfigPart::kInitialState, initial_state_fault(*system, config.initial_state));
  for (const std::vector<double>& start : config.pinned) {
    std::string fault = initial_state_fault(*system, start);
    if (start.empty()) fault = "A pinned start has no numbers.";
    add(ConfigPart::kInitialState, fault.empty() ? "" : "Pinned start: " + fault);
  }
  for (const ModelConfig& model : config.models)
    add(ConfigPart::kModels, model_fault(model, system->degrees_of_freedom()));
  add(ConfigPart::kData, data_fault(config.data));
  add(ConfigPart::kTraining, training_fault(config));
  add(ConfigPart::kTraining, suited_models_fault(config));
  if (faults.empty()) add(ConfigPart::kTraining, training_cost_fault(config, *system));
  add(ConfigPart::kRollout, rollout_fault(config, *system));
  return faults;
}

std::vector<std::string> find_faults(const SessionConfig& config) {
  std::vector<std::string> texts;
  for (ConfigFault& fault : find_config_faults(config)) texts.push_back(std::move(fault.text));
  return texts;
}

}  // namespace least_action
