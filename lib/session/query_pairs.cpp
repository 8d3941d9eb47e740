#include "session/query_pairs.h"

#include "session/settings_table.h"

namespace least_action {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// A '%' that starts no escape stands for itself.
std::string decoded(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = i + 2 < text.size() && text[i] == '%' ? hex_digit(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
    if (low >= 0) {
      plain += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> read_query_pairs(
    std::string_view query, std::vector<std::string>& faults) {
  std::vector<std::pair<std::string, std::string>> pairs;
  if (query.size() > kLongestQuery) {
    faults.push_back("The settings are " + std::to_string(query.size()) +
                     " characters long; at most " + std::to_string(kLongestQuery) +
                     " are read.");
    return pairs;
  }
  if (!query.empty() && (query[0] == '#' || query[0] == '?')) query.remove_prefix(1);
  for (const std::string_view part : split(query, '&')) {
    if (part.empty()) continue;
    const std::size_t equals = part.find('=');
    std::string key = decoded(part.substr(0, equals));
    if (equals == std::string_view::npos) {
      faults.push_back("Setting " + quoted(key) + " has no value.");
      continue;
    }
    pairs.emplace_back(std::move(key), decoded(part.substr(equals + 1)));
  }
  return pairs;
}

}  // namespace least_action
