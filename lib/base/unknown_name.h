#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace least_action {

/// The answer to a name that is in no catalog: throws std::invalid_argument
///
///   make_system: no system is called "pendulm", did you mean "pendulum"?; known: spring, …
///
/// with a suggestion only where a known name is near (nearest_name). `kind` is what was looked
/// for, in the singular. Of a very long name only the beginning is repeated.
[[noreturn]] void fail_unknown(std::string_view where, std::string_view kind,
                               std::string_view name, const std::vector<std::string>& known);

/// The names of the rows of a catalog, given what tells a row's name.
template <class Rows, class NameOf>
std::vector<std::string> names_of(const Rows& rows, NameOf name_of) {
  std::vector<std::string> names;
  for (const auto& row : rows) names.emplace_back(name_of(row));
  return names;
}

}  // namespace least_action
