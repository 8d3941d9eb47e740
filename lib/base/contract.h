#pragma once

#include <string>
#include <string_view>

#include "base/types.h"

namespace least_action {

/// The cold half of every contract check. The message grammar is
/// *where: what is, what was expected (why)*, lower case after the colon, values included:
///
///   if (p.size() != n) fail_size("StormerVerlet::step", "p", p.size(), n, "degrees of
///   freedom");
///   // StormerVerlet::step: p has size 2, expected 1 (degrees of freedom)
///
/// All throw std::invalid_argument.
[[noreturn]] void fail(std::string_view where, std::string_view what);
[[noreturn]] void fail_size(std::string_view where, std::string_view name, Index is,
                            Index expected, std::string_view why = {});
[[noreturn]] void fail_shape(std::string_view where, std::string_view name, Index rows,
                             Index cols, Index expected_rows, Index expected_cols,
                             std::string_view why = {});
/// `expected` completes "name is VALUE; it must be …", e.g. "positive".
[[noreturn]] void fail_value(std::string_view where, std::string_view name, double is,
                             std::string_view expected);

/// A number as a person would write it: the shortest decimal that reads back as the same
/// double ("0.1", not "0.100000"). Locale-free and equal on every platform.
std::string to_text(double value);

/// Reads all of `text` as one number ("1e-3", "-2", "nan", "inf"); false, leaving `value`
/// alone, where it is anything else (empty, spaces, trailing characters).
bool parse_number(std::string_view text, double& value);

/// Of the `known` names, the one with the smallest edit distance to `name` where that is at
/// most one more than a third of its length (for "did you mean"); empty where none is near.
std::string nearest_name(std::string_view name, const std::string* known, std::size_t count);

}  // namespace least_action
