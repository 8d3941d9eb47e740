#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace least_action {

/// The pairs of "key=value&key=value" in order, %-escapes decoded, a leading '#' or '?'
/// dropped. A part without '=' is explained in `faults`, one sentence each; more than 8192
/// characters are not read at all. Never throws.
std::vector<std::pair<std::string, std::string>> read_query_pairs(
    std::string_view query, std::vector<std::string>& faults);

}  // namespace least_action
