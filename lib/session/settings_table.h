#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "session/session_config.h"
#include "session/setting_row.h"
#include "systems/system.h"

namespace least_action {

/// One row of the table behind `settings`.
using SettingRow = ConfigRow<SessionConfig>;
using SettingRowLine = RowLine<SessionConfig>;

/// The rows of `SessionConfig::training`, in order.
std::span<const SettingRowLine> training_lines();
/// A choice among the rows of methods().
void add_method_choices(NumericSetting& setting);

/// All rows, "system" first: the others may depend on it.
const std::vector<SettingRow>& setting_rows();
/// The row called `key`, or nullptr.
const SettingRow* find_setting_row(std::string_view key);

/// Every setting with its value, for files: later builds may have other defaults.
std::string complete_query(const SessionConfig& config);

/// " Did you mean "noise"?" where a known name is near, else empty.
std::string did_you_mean(std::string_view name, const std::vector<std::string>& known);

/// A value as shown in a message: quoted, cut after 40 characters.
std::string quoted(std::string_view text);

/// "hnn:32,32:tanh+resnet:16:silu:2" from and to models: kind:widths:activation[:blocks].
std::string models_text(const std::vector<ModelConfig>& models);
/// Returns what is wrong, as a sentence, leaving `models` alone; empty where it was read.
std::string read_models(std::string_view text, std::vector<ModelConfig>& models);

/// `to_text` without the '+' of an exponent, which form decoding would turn into a space.
std::string link_number(double value);
/// Reads "1,-0.5"; false, leaving `values` alone, where a part is no finite number.
bool read_numbers(std::string_view text, std::vector<double>& values);

/// The parts of `text` between separators.
std::vector<std::string_view> split(std::string_view text, char separator);

/// A fault of a config, and the part of the config that has to change.
enum class ConfigPart {
  kSystem,
  kParameters,
  kInitialState,
  kModels,
  kData,
  kTraining,
  kRollout
};
struct ConfigFault {
  ConfigPart part;
  std::string text;
};
std::vector<ConfigFault> find_config_faults(const SessionConfig& config);
/// What is wrong with a start as an initial state of `system` (canonical, 2n; or empty for the
/// system's own); empty where nothing is.
std::string initial_state_fault(const System& system, const std::vector<double>& x0);

/// Limits that keep an experiment from a link runnable on a phone.
inline constexpr Index kMaxModels = 4;
inline constexpr Index kMaxHiddenLayers = 5;
inline constexpr Index kMaxWidth = 512;
inline constexpr Index kMaxBlocks = 16;
inline constexpr Index kMaxSamples = 200000;
inline constexpr Index kMaxSegmentSteps = 2000;
inline constexpr Index kMaxRolloutSteps = 200000;

}  // namespace least_action
