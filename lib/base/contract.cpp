#include "base/contract.h"

#include <algorithm>
#include <cctype>
#include <clocale>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <vector>

namespace least_action {
namespace {

std::string reason(std::string_view why) {
  return why.empty() ? std::string() : " (" + std::string(why) + ")";
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substitution = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substitution});
    }
  }
  return row[b.size()];
}

/// What printf and strtod take for the point: a host (a toolkit, say) may have set a locale
/// that writes 0,5.
std::string_view locale_point() { return std::localeconv()->decimal_point; }

void replace_first(std::string& text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  if (at != std::string::npos) text.replace(at, from.size(), to);
}

}  // namespace

void fail(std::string_view where, std::string_view what) {
  throw std::invalid_argument(std::string(where) + ": " + std::string(what));
}

void fail_size(std::string_view where, std::string_view name, Index is, Index expected,
               std::string_view why) {
  fail(where, std::string(name) + " has size " + std::to_string(is) + ", expected " +
                  std::to_string(expected) + reason(why));
}

void fail_shape(std::string_view where, std::string_view name, Index rows, Index cols,
                Index expected_rows, Index expected_cols, std::string_view why) {
  fail(where, std::string(name) + " is " + std::to_string(rows) + " × " + std::to_string(cols) +
                  ", expected " + std::to_string(expected_rows) + " × " +
                  std::to_string(expected_cols) + reason(why));
}

void fail_value(std::string_view where, std::string_view name, double is,
                std::string_view expected) {
  fail(where,
       std::string(name) + " is " + to_text(is) + "; it must be " + std::string(expected));
}

std::string to_text(double value) {
  // libc++ 14 has no floating-point std::to_chars: the shortest of 1 … 17 digits that reads
  // back.
  char buffer[40];
  for (int digits = 1; digits <= 17; ++digits) {
    std::snprintf(buffer, sizeof buffer, "%.*g", digits, value);
    if (std::strtod(buffer, nullptr) == value || value != value) break;
  }
  // %g writes 10 as 1e+01: whole numbers of up to 15 digits read better in full.
  if (std::abs(value) < 1e15 && value == std::trunc(value) && value != 0) {
    std::snprintf(buffer, sizeof buffer, "%.0f", value);
  }
  std::string text = buffer;
  if (locale_point() != ".") replace_first(text, locale_point(), ".");
  return text;
}

bool parse_number(std::string_view text, double& value) {
  std::string terminated(text);
  if (locale_point() != ".") {
    if (terminated.find(locale_point()) != std::string::npos) return false;
    replace_first(terminated, ".", locale_point());
  }
  if (terminated.empty() || std::isspace(static_cast<unsigned char>(terminated[0])))
    return false;
  char* end = nullptr;
  const double parsed = std::strtod(terminated.c_str(), &end);
  if (end != terminated.c_str() + terminated.size()) return false;
  value = parsed;
  return true;
}

std::string nearest_name(std::string_view name, const std::string* known, std::size_t count) {
  std::string best;
  std::size_t best_distance = name.size() / 3 + 1;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t distance = edit_distance(name, known[i]);
    if (distance <= best_distance && (best.empty() || distance < best_distance)) {
      best = known[i];
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace least_action
