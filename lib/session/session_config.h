#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/dataset.h"
#include "models/dynamics_model.h"
#include "ode/solve.h"
#include "train/trainer.h"

namespace least_action {

/// One model of an experiment.
struct ModelConfig {
  ModelKind kind = ModelKind::kHamiltonian;
  std::vector<Index> hidden = {32, 32};
  Activation activation = Activation::kTanh;
  Index blocks = 1;  ///< Residual network only.
  bool operator==(const ModelConfig&) const = default;
};

/// Everything that defines an experiment: two equal configs give the same numbers.
struct SessionConfig {
  std::string system = "pendulum";
  std::vector<double> parameters;   ///< In the system's order; empty: its defaults.
  std::vector<ModelConfig> models;  ///< 1 to 4, trained on the same data.
  SamplingOptions data;
  TrainerOptions training;
  SolveOptions rollout;         ///< How learned trajectories are computed (the true ones:
                                ///< Dormand–Prince, 1e-10).
  double rollout_periods = 10;  ///< Length of the compared trajectories, in typical periods.
  std::vector<double> initial_state;  ///< Canonical, 2n; empty: the system's typical state.
  /// Further starts whose trajectories are shown, canonical, 2n each; at most kMaxPinned.
  std::vector<std::vector<double>> pinned;
  std::uint64_t seed = 1;  ///< Drives data, θ and minibatches (their seeds derive from it).

  SessionConfig();  ///< The default experiment: a pendulum, an HNN beside a plain neural ODE.
  bool operator==(const SessionConfig& other) const;  ///< The same settings (see `settings`).
};

inline constexpr std::size_t kMaxPinned = 8;

/// What a setting is, for user interfaces, links and scripts: one table serves them all.
struct Setting {
  enum class Kind { kChoice, kInteger, kNumber, kBoolean, kText };
  std::string key;    ///< "lr", "system", "noise", … (stable: links depend on it)
  std::string label;  ///< "Learning rate"
  std::string help;   ///< One line: what it does, unit, sensible range.
  Kind kind;
  double minimum = 0, maximum = 0;
  bool logarithmic = false;
  std::vector<std::string> choices;        ///< kChoice: values …
  std::vector<std::string> choice_labels;  ///< … and what people read.
  std::vector<std::string> choice_helps;   ///< One line about each; may be empty texts.
  bool restarts = false;                   ///< A change starts training anew.
};
const std::vector<Setting>& settings();

/// One setting of a config as text, and its replacement: `key` of the table above, or
/// "p.<name>" for a parameter of the config's system. Choosing another system resets its
/// parameters and the initial state. `set_setting` returns what is wrong, in one sentence, and
/// then changes nothing; faults between settings are `find_faults`'s. `setting_text` throws
/// std::invalid_argument for an unknown key.
std::string setting_text(const SessionConfig& config, std::string_view key);
std::optional<std::string> set_setting(SessionConfig& config, std::string_view key,
                                       std::string_view text);

/// "system=pendulum&models=hnn:32,32:tanh+node:32,32:tanh&noise=0.1…": only what differs from
/// the default experiment; the empty string is the default. Read back by `parse_config`.
std::string to_query(const SessionConfig& config);

/// A config from such a text (a leading '#' or '?' is allowed, %-escapes too; "preset=name"
/// starts from that preset instead of the default). Never throws: what cannot be read (unknown
/// key, bad number, out of range, absurd size) keeps its default and is explained in `faults`,
/// one sentence each, with the nearest known name. The config returned always can run.
struct ParsedConfig {
  SessionConfig config;
  std::vector<std::string> faults;
};
ParsedConfig parse_config(std::string_view query);

/// What is wrong with a config, one sentence each; empty where it can run.
std::vector<std::string> find_faults(const SessionConfig& config);

/// Named experiments that show something worth seeing.
struct Preset {
  std::string name, title, description, query;
};
const std::vector<Preset>& presets();

}  // namespace least_action
