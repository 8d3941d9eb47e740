#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "flow/flow_trainer.h"
#include "session/session_config.h"

namespace least_action {

/// Everything that defines a flow's experiment: two equal configs give the same numbers.
struct FlowConfig {
  DensityKind density = DensityKind::kTwoMoons;
  Index width = 32, depth = 2;  ///< Of the network: hidden layers of equal width.
  Activation activation = Activation::kTanh;
  /// Solver of training, samples and densities alike.
  Method method = Method::kRk4;
  Index substeps = 4;                ///< Steps over [0, 1] of a fixed-step method.
  double relative_tolerance = 1e-4;  ///< Of an adaptive one.
  TraceEstimator trace = TraceEstimator::kExact;
  SensitivityMethod sensitivity = SensitivityMethod::kSymplecticAdjoint;
  double learning_rate = 8e-3;
  Index total_steps = 3000;
  Index batch_size = 128;
  double gradient_clip = 10;
  double kinetic = 0;
  Index train_samples = 0;  ///< 0: fresh ones in every step.
  std::uint64_t seed = 1;

  bool operator==(const FlowConfig&) const = default;
};

/// The table behind the controls and links: see `Setting` of session_config.h.
const std::vector<Setting>& flow_settings();

/// One setting as text, and its replacement, as for SessionConfig. `set_flow_setting` returns
/// what is wrong, in one sentence, and then changes nothing; `flow_setting_text` throws
/// std::invalid_argument for an unknown key.
std::string flow_setting_text(const FlowConfig& config, std::string_view key);
std::optional<std::string> set_flow_setting(FlowConfig& config, std::string_view key,
                                            std::string_view text);

/// Points that are solved at a time for showing: enough to fill the network's panels, few
/// enough to fit a frame.
inline constexpr Index kFlowSlice = 128;
/// Steps after which an adaptive solve gives up, in words: a flow that needs more has folded.
inline constexpr Index kFlowMaxSteps = 250;

/// What the solves of a flow take, from the settings alone.
struct FlowCost {
  /// Weights × samples × evaluations of one solve, of the training's batch or of a slice shown.
  /// A training step with its tangents and its way back is about ten times that.
  double work = 0;
  double tape_bytes = 0;  ///< Of the full tape, where the gradient is taken by it; else 0.
};
/// An adaptive solver is taken to need 32 steps, or 96 where the full tape keeps them all.
/// `config` must be free of other faults.
FlowCost estimate_cost(const FlowConfig& config);

/// What is wrong between settings, one sentence each; empty where the config can run.
std::vector<std::string> find_faults(const FlowConfig& config);

/// "density=rings&width=64": only what differs from the default.
std::string to_query(const FlowConfig& config);

/// A config from such a text, '#', '?' and %-escapes allowed. Never throws: what cannot be read
/// keeps its default and is explained. The config returned always can run.
struct ParsedFlowConfig {
  FlowConfig config;
  std::vector<std::string> faults;
};
ParsedFlowConfig parse_flow_config(std::string_view query);

/// The library's options of such a config.
FlowTrainerOptions trainer_options(const FlowConfig& config);

}  // namespace least_action
