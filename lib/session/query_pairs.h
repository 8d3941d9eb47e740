#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace least_action {

inline constexpr std::size_t kLongestQuery = 8192;

/// The pairs of "key=value&key=value" in order, %-escapes decoded, a leading '#' or '?'
/// dropped. A part without '=' is explained in `faults`, one sentence each; a query longer than
/// kLongestQuery is not read at all, and that is the only fault. Never throws.
std::vector<std::pair<std::string, std::string>> read_query_pairs(
    std::string_view query, std::vector<std::string>& faults);

}  // namespace least_action
