#include <algorithm>
#include <cmath>
#include <utility>

#include "base/contract.h"
#include "session/query_pairs.h"
#include "session/settings_table.h"

namespace least_action {
namespace {

constexpr std::string_view kParameterPrefix = "p.";

bool is_parameter(std::string_view key) {
  return key.substr(0, kParameterPrefix.size()) == kParameterPrefix;
}

std::string set_parameter(SessionConfig& config, std::string_view key, std::string_view text) {
  const std::unique_ptr<System> system = make_system(config.system);
  std::vector<std::string> names;
  for (const SystemParameter& parameter : system->parameters()) names.push_back(parameter.name);
  const std::string_view wanted = key.substr(kParameterPrefix.size());
  const auto found = std::find(names.begin(), names.end(), wanted);
  if (found == names.end()) {
    return "A " + std::string(system->title()) + " has no parameter " + quoted(wanted) + "." +
           did_you_mean(wanted, names);
  }
  const auto index = static_cast<std::size_t>(found - names.begin());
  const SystemParameter& parameter = system->parameters()[index];
  double value = 0;
  if (!parse_number(text, value) ||
      !(value >= parameter.minimum && value <= parameter.maximum)) {
    return "Parameter \"" + parameter.name + "\" must be a number from " +
           link_number(parameter.minimum) + " to " + link_number(parameter.maximum) + ", not " +
           quoted(text) + ".";
  }
  if (config.parameters.size() != names.size()) config.parameters = system->values();
  config.parameters[index] = value;
  return {};
}

std::string set_value(SessionConfig& config, std::string_view key, std::string_view text) {
  if (is_parameter(key)) return set_parameter(config, key, text);
  if (const SettingRow* row = find_setting_row(key)) return row->read(config, text);
  return unknown_setting_fault(key, settings());
}

const Preset* find_preset(std::string_view name) {
  for (const Preset& preset : presets())
    if (preset.name == name) return &preset;
  return nullptr;
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

// The config a query starts from, and the keys that later ones depend on, in order.
SessionConfig starting_config(const Pairs& pairs, std::vector<std::string>& faults) {
  SessionConfig config;
  for (const auto& [key, text] : pairs) {
    if (key != "preset") continue;
    if (const Preset* preset = find_preset(text)) {
      config = parse_config(preset->query).config;
      continue;
    }
    std::vector<std::string> names;
    for (const Preset& preset : presets()) names.push_back(preset.name);
    faults.push_back("No preset is called " + quoted(text) + "." + did_you_mean(text, names));
  }
  for (const auto& [key, text] : pairs) {
    if (key != "system") continue;
    const std::string fault = set_value(config, key, text);
    if (!fault.empty()) faults.push_back(fault);
  }
  return config;
}

void restore(ConfigPart part, const SessionConfig& from, SessionConfig& config) {
  switch (part) {
    case ConfigPart::kSystem:
      config = from;
      break;
    case ConfigPart::kParameters:
      config.parameters = from.parameters;
      break;
    case ConfigPart::kInitialState:
      config.initial_state = from.initial_state;
      config.pinned = from.pinned;
      break;
    case ConfigPart::kModels:
      config.models = from.models;
      break;
    case ConfigPart::kData:
      config.data = from.data;
      break;
    case ConfigPart::kTraining:
      config.training = from.training;
      break;
    case ConfigPart::kRollout:
      config.rollout = from.rollout;
      config.rollout_periods = from.rollout_periods;
      break;
  }
}

}  // namespace

std::string setting_text(const SessionConfig& config, std::string_view key) {
  if (is_parameter(key)) {
    const std::unique_ptr<System> system = make_system(config.system, config.parameters);
    for (std::size_t i = 0; i < system->parameters().size(); ++i) {
      if (system->parameters()[i].name == key.substr(kParameterPrefix.size()))
        return link_number(system->values()[i]);
    }
  } else if (const SettingRow* row = find_setting_row(key)) {
    return row->write(config);
  }
  fail("setting_text", "no setting is called " + quoted(key));
}

std::optional<std::string> set_setting(SessionConfig& config, std::string_view key,
                                       std::string_view text) {
  SessionConfig changed = config;
  std::string fault = set_value(changed, key, text);
  if (!fault.empty()) return fault;
  config = std::move(changed);
  return std::nullopt;
}

std::string to_query(const SessionConfig& config) {
  const SessionConfig defaults;
  std::string query;
  const auto add = [&query](const std::string& key, const std::string& value) {
    query += (query.empty() ? "" : "&") + key + '=' + value;
  };
  for (const SettingRow& row : setting_rows()) {
    // Another system starts from its own initial state.
    std::string usual = row.write(defaults);
    if (row.setting.key == "x0" && config.system != defaults.system) usual.clear();
    const std::string value = row.write(config);
    if (value != usual) add(row.setting.key, value);
    SessionConfig known = config;
    if (row.setting.key != "system" || !row.read(known, config.system).empty()) continue;
    const std::unique_ptr<System> system = make_system(config.system);
    if (config.parameters.size() != system->parameters().size()) continue;
    const bool same = config.system == defaults.system && !defaults.parameters.empty();
    for (std::size_t i = 0; i < system->parameters().size(); ++i) {
      const double usual_value = same ? defaults.parameters[i] : system->values()[i];
      if (config.parameters[i] != usual_value) {
        add(std::string(kParameterPrefix) + system->parameters()[i].name,
            link_number(config.parameters[i]));
      }
    }
  }
  return query;
}

std::string complete_query(const SessionConfig& config) {
  std::string query;
  for (const SettingRow& row : setting_rows()) {
    query += (query.empty() ? "" : "&") + row.setting.key + '=' + row.write(config);
  }
  const std::unique_ptr<System> system = make_system(config.system, config.parameters);
  for (std::size_t i = 0; i < system->parameters().size(); ++i) {
    query += '&' + std::string(kParameterPrefix) + system->parameters()[i].name + '=' +
             link_number(system->values()[i]);
  }
  return query;
}

ParsedConfig parse_config(std::string_view query) {
  ParsedConfig parsed;
  const Pairs pairs = read_query_pairs(query, parsed.faults);
  if (query.size() > kLongestQuery) {
    parsed.faults.back() += " The default experiment is shown.";
    return parsed;
  }
  const SessionConfig start = starting_config(pairs, parsed.faults);
  parsed.config = start;
  for (const auto& [key, text] : pairs) {
    if (key == "preset" || key == "system") continue;
    std::string fault = set_value(parsed.config, key, text);
    if (!fault.empty()) parsed.faults.push_back(std::move(fault));
  }
  // Settings may be fine one by one and not together: the part at fault falls back.
  for (int round = 0; round < 3; ++round) {
    const std::vector<ConfigFault> faults = find_config_faults(parsed.config);
    if (faults.empty()) return parsed;
    for (const ConfigFault& fault : faults) {
      parsed.faults.push_back(fault.text);
      restore(fault.part, start, parsed.config);
    }
  }
  if (!find_config_faults(parsed.config).empty()) parsed.config = SessionConfig();
  return parsed;
}

bool SessionConfig::operator==(const SessionConfig& other) const {
  return to_query(*this) == to_query(other);
}

}  // namespace least_action
