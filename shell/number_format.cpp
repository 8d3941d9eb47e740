#include "number_format.h"

#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace least_action {
namespace {

constexpr const char* kSuperscripts[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
constexpr const char* kMinus = "−";

void append(Label& label, const char* text) {
  const std::size_t used = std::strlen(label.text.data());
  std::snprintf(label.text.data() + used, label.text.size() - used, "%s", text);
}

void append_exponent(Label& label, int exponent) {
  if (exponent < 0) append(label, "⁻");
  char digits[12];
  std::snprintf(digits, sizeof digits, "%d", std::abs(exponent));
  for (const char* d = digits; *d != 0; ++d) append(label, kSuperscripts[*d - '0']);
}

// "1.500" → "1.5", "2.000" → "2"
void drop_trailing_zeros(char* text) {
  if (std::strchr(text, '.') == nullptr) return;
  std::size_t n = std::strlen(text);
  while (n > 0 && text[n - 1] == '0') text[--n] = 0;
  if (n > 0 && text[n - 1] == '.') text[n - 1] = 0;
}

}  // namespace

Label format_label(const char* format, ...) {
  Label label;
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(label.text.data(), label.text.size(), format, arguments);
  va_end(arguments);
  return label;
}

Label format_value(double value, int digits) {
  if (std::isnan(value)) return format_label("–");
  if (std::isinf(value)) return format_label(value < 0 ? "−∞" : "∞");
  if (value == 0) return format_label("0");
  Label label;
  if (value < 0) append(label, kMinus);
  const double magnitude = std::abs(value);
  // The exponent after rounding, so that 9.996 with three digits is 10 and not 9.100.
  char scientific[32];
  std::snprintf(scientific, sizeof scientific, "%.*e", digits - 1, magnitude);
  const char* e = std::strchr(scientific, 'e');
  const int exponent = std::atoi(e + 1);
  char number[32];
  if (exponent >= -3 && exponent < 5) {
    const int decimals = digits - 1 - exponent;
    std::snprintf(number, sizeof number, "%.*f", decimals > 0 ? decimals : 0, magnitude);
    drop_trailing_zeros(number);
    append(label, number);
    return label;
  }
  std::snprintf(number, sizeof number, "%.*s", static_cast<int>(e - scientific), scientific);
  drop_trailing_zeros(number);
  if (std::strcmp(number, "1") != 0) {
    append(label, number);
    append(label, "×");
  }
  append(label, "10");
  append_exponent(label, exponent);
  return label;
}

Label format_count(long long value) {
  if (value >= 10000000) return format_label("%.1f M", static_cast<double>(value) * 1e-6);
  if (value >= 10000) return format_label("%lld %03lld", value / 1000, value % 1000);
  return format_label("%lld", value);
}

Label format_bytes(double bytes) {
  static constexpr std::array<const char*, 5> kUnits{"B", "KB", "MB", "GB", "TB"};
  if (!(bytes > 0)) return format_label("–");
  std::size_t unit = 0;
  while (bytes >= 999.5 && unit + 1 < kUnits.size()) bytes /= 1024, ++unit;
  return format_label("%s %s", format_value(bytes, bytes < 10 ? 2 : 3).c_str(), kUnits[unit]);
}

Label format_power_of_ten(int exponent) {
  Label label;
  if (exponent == 0) return format_label("1");
  append(label, "10");
  append_exponent(label, exponent);
  return label;
}

}  // namespace least_action
