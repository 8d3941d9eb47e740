#pragma once

#include <cmath>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/contract.h"
#include "session/settings_table.h"

/// How a row of the settings table is made: what all numbers, switches and choices have in
/// common. For settings*.cpp alone.
namespace least_action::setting_builders {

inline std::string range_fault(const Setting& setting, std::string_view text) {
  const char* what = setting.kind == Setting::Kind::kInteger ? "a whole number" : "a number";
  return setting.label + " must be " + what + " from " + link_number(setting.minimum) + " to " +
         link_number(setting.maximum) + ", not " + quoted(text) + ".";
}

inline Setting describe(Setting::Kind kind, std::string key, std::string label,
                        std::string help, double minimum, double maximum, bool restarts) {
  Setting setting;
  setting.key = std::move(key);
  setting.label = std::move(label);
  setting.help = std::move(help);
  setting.kind = kind;
  setting.minimum = minimum;
  setting.maximum = maximum;
  setting.restarts = restarts;
  return setting;
}

// `field` is a function SessionConfig& → T&. Reading a const config through it is safe: it only
// selects a member.
template <class Field>
auto& member(const SessionConfig& config, Field field) {
  return field(const_cast<SessionConfig&>(config));
}

template <class Field>
SettingRow number(Setting setting, Field field) {
  SettingRow row;
  row.write = [field](const SessionConfig& config) {
    return link_number(static_cast<double>(member(config, field)));
  };
  row.read = [field, setting](SessionConfig& config, std::string_view text) -> std::string {
    double value = 0;
    if (!parse_number(text, value) || !(value >= setting.minimum && value <= setting.maximum) ||
        (setting.kind == Setting::Kind::kInteger && value != std::floor(value))) {
      return range_fault(setting, text);
    }
    auto& target = field(config);
    target = static_cast<std::decay_t<decltype(target)>>(value);
    return {};
  };
  row.setting = std::move(setting);
  return row;
}

template <class Field>
SettingRow boolean(Setting setting, Field field) {
  SettingRow row;
  row.write = [field](const SessionConfig& config) {
    return std::string(member(config, field) ? "1" : "0");
  };
  row.read = [field, setting](SessionConfig& config, std::string_view text) -> std::string {
    if (text != "1" && text != "0" && text != "true" && text != "false") {
      return setting.label + " must be 1 or 0, not " + quoted(text) + ".";
    }
    field(config) = text == "1" || text == "true";
    return {};
  };
  row.setting = std::move(setting);
  return row;
}

struct Choice {
  int value;
  std::string name, label;
  std::string help = {};  ///< One line, where the label does not say it.
};

template <class Field>
SettingRow choice(Setting setting, std::vector<Choice> choices, Field field) {
  for (const Choice& c : choices) {
    setting.choices.push_back(c.name);
    setting.choice_labels.push_back(c.label);
    setting.choice_helps.push_back(c.help);
  }
  SettingRow row;
  row.write = [field, choices](const SessionConfig& config) -> std::string {
    for (const Choice& c : choices)
      if (c.value == static_cast<int>(member(config, field))) return c.name;
    return {};
  };
  row.read = [field, choices, setting](SessionConfig& config,
                                       std::string_view text) -> std::string {
    for (const Choice& c : choices) {
      if (c.name != text) continue;
      auto& target = field(config);
      target = static_cast<std::decay_t<decltype(target)>>(c.value);
      return {};
    }
    return setting.label + " cannot be " + quoted(text) + "." +
           did_you_mean(text, setting.choices);
  };
  row.setting = std::move(setting);
  return row;
}

using C = SessionConfig;
inline constexpr auto kInteger = Setting::Kind::kInteger;
inline constexpr auto kNumber = Setting::Kind::kNumber;
inline constexpr auto kBoolean = Setting::Kind::kBoolean;
inline constexpr auto kChoice = Setting::Kind::kChoice;

inline Setting logarithmic(Setting setting) {
  setting.logarithmic = true;
  return setting;
}

/// A choice among the rows of methods().
inline std::vector<Choice> method_choices() {
  std::vector<Choice> all;
  for (const MethodTraits& method : methods()) {
    all.push_back({static_cast<int>(method.method), std::string(method.name),
                   std::string(method.title), std::string(method.help)});
  }
  return all;
}

void add_training_rows(std::vector<SettingRow>& rows);

}  // namespace least_action::setting_builders
