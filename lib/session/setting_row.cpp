#include "session/setting_row.h"

#include <cmath>

#include "base/contract.h"
#include "session/settings_table.h"

namespace least_action {

void NumericSetting::add_choice(int enumerator, std::string_view name, std::string_view label,
                                std::string_view help) {
  enumerators.push_back(enumerator);
  setting.choices.emplace_back(name);
  setting.choice_labels.emplace_back(label);
  setting.choice_helps.emplace_back(help);
}

std::string NumericSetting::text(double value) const {
  if (setting.kind == Setting::Kind::kBoolean) return value != 0 ? "1" : "0";
  if (setting.kind != Setting::Kind::kChoice) return link_number(value);
  for (std::size_t i = 0; i < enumerators.size(); ++i)
    if (enumerators[i] == value) return setting.choices[i];
  return {};
}

std::string NumericSetting::read(std::string_view text, double& value) const {
  if (setting.kind == Setting::Kind::kBoolean) {
    const bool on = text == "1" || text == "true";
    if (!on && text != "0" && text != "false")
      return setting.label + " must be 1 or 0, not " + quoted(text) + ".";
    value = on ? 1 : 0;
    return {};
  }
  if (setting.kind == Setting::Kind::kChoice) {
    for (std::size_t i = 0; i < enumerators.size(); ++i) {
      if (setting.choices[i] != text) continue;
      value = enumerators[i];
      return {};
    }
    return setting.label + " cannot be " + quoted(text) + "." +
           did_you_mean(text, setting.choices);
  }
  const bool whole = setting.kind == Setting::Kind::kInteger;
  double number = 0;
  if (!parse_number(text, number) ||
      !(number >= setting.minimum && number <= setting.maximum) ||
      (whole && number != std::floor(number))) {
    return setting.label + " must be " + (whole ? "a whole number" : "a number") + " from " +
           link_number(setting.minimum) + " to " + link_number(setting.maximum) + ", not " +
           quoted(text) + ".";
  }
  value = number;
  return {};
}

NumericSetting make_setting(const SettingLine& line) {
  NumericSetting made;
  made.setting.key = line.key;
  made.setting.label = line.label;
  made.setting.help = line.help;
  made.setting.kind = line.kind;
  made.setting.minimum = line.minimum;
  made.setting.maximum = line.maximum;
  made.setting.logarithmic = (line.flags & kLogarithmic) != 0;
  made.setting.restarts = (line.flags & kRestarts) != 0;
  if (line.add_choices != nullptr) line.add_choices(made);
  return made;
}

std::string unknown_setting_fault(std::string_view key, const std::vector<Setting>& known) {
  std::vector<std::string> keys;
  for (const Setting& setting : known) keys.push_back(setting.key);
  return "No setting is called " + quoted(key) + "." + did_you_mean(key, keys);
}

}  // namespace least_action
