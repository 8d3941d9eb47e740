#pragma once

#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "session/session_config.h"

namespace least_action {

/// A setting whose value is one number, whatever config it is of: the number itself, a switch's
/// 0 or 1, or the enumerator of a choice.
struct NumericSetting {
  Setting setting;
  std::vector<int> enumerators;  ///< Of the choices, in their order.

  void add_choice(int enumerator, std::string_view name, std::string_view label,
                  std::string_view help = {});
  template <class Enum>
  void add_choice(Enum enumerator, std::string_view name, std::string_view label,
                  std::string_view help = {}) {
    add_choice(static_cast<int>(enumerator), name, label, help);
  }

  std::string text(double value) const;
  /// Returns what is wrong, as a sentence, leaving `value` alone; empty where it was read.
  std::string read(std::string_view text, double& value) const;
};

/// How a setting is had from a config: as a number (get, set) or, where that cannot say it, as
/// text (write, read; `read` returns what is wrong).
template <class Config>
struct SettingAccess {
  double (*get)(const Config&) = nullptr;
  void (*set)(Config&, double) = nullptr;
  std::string (*write)(const Config&) = nullptr;
  std::string (*read)(Config&, std::string_view) = nullptr;
};

/// Access by text.
template <class Config>
constexpr SettingAccess<Config> as_text(std::string (*write)(const Config&),
                                        std::string (*read)(Config&, std::string_view)) {
  return {nullptr, nullptr, write, read};
}

/// One row of a settings table: a setting, how a config's value is written as text, and how
/// text is read into a config.
template <class Config>
struct ConfigRow : NumericSetting {
  SettingAccess<Config> access;

  std::string write(const Config& config) const {
    return access.write != nullptr ? access.write(config) : text(access.get(config));
  }
  /// Returns what is wrong, as a sentence; empty where the value was taken.
  std::string read(Config& config, std::string_view text) const {
    if (access.read != nullptr) return access.read(config, text);
    double value = 0;
    std::string fault = NumericSetting::read(text, value);
    if (fault.empty()) access.set(config, value);
    return fault;
  }
};

/// Says of a setting what its member `restarts` or `logarithmic` says.
enum SettingFlag { kPlain = 0, kRestarts = 1, kLogarithmic = 2 };

/// A setting as a line of constants.
struct SettingLine {
  Setting::Kind kind;
  const char *key, *label, *help;
  double minimum = 0, maximum = 0;
  int flags = kPlain;
  void (*add_choices)(NumericSetting& setting) = nullptr;
};
NumericSetting make_setting(const SettingLine& line);

/// A table of rows is a list of these.
template <class Config>
struct RowLine {
  SettingLine setting;
  SettingAccess<Config> access;
};
template <class Config>
void add_rows(std::vector<ConfigRow<Config>>& rows,
              std::type_identity_t<std::span<const RowLine<Config>>> lines) {
  for (const RowLine<Config>& line : lines)
    rows.push_back({make_setting(line.setting), line.access});
}

/// The row called `key`, or nullptr.
template <class Config>
const ConfigRow<Config>* find_row(const std::vector<ConfigRow<Config>>& rows,
                                  std::string_view key) {
  for (const ConfigRow<Config>& row : rows)
    if (row.setting.key == key) return &row;
  return nullptr;
}

template <class Config>
std::vector<Setting> settings_of(const std::vector<ConfigRow<Config>>& rows) {
  std::vector<Setting> list;
  list.reserve(rows.size());
  for (const ConfigRow<Config>& row : rows) list.push_back(row.setting);
  return list;
}

/// "No setting is called …", with the nearest of those there are.
std::string unknown_setting_fault(std::string_view key, const std::vector<Setting>& known);

namespace member_access {

template <class Class, class Member>
Class class_of(Member Class::*);

/// config .* first .* second …
template <auto... path>
auto& reach(auto& config) {
  return (config.*....*path);
}
template <class Config, auto... path>
double get(const Config& config) {
  return static_cast<double>(reach<path...>(config));
}
template <class Config, auto... path>
void set(Config& config, double value) {
  auto& member = reach<path...>(config);
  member = static_cast<std::remove_reference_t<decltype(member)>>(value);
}

}  // namespace member_access

/// Access to a number, switch or enumerator by the pointers that lead to it, one member after
/// the other: field<&SessionConfig::data, &SamplingOptions::noise>.
template <auto first, auto... rest>
inline constexpr SettingAccess<decltype(member_access::class_of(first))> field = {
    member_access::get<decltype(member_access::class_of(first)), first, rest...>,
    member_access::set<decltype(member_access::class_of(first)), first, rest...>};

}  // namespace least_action
