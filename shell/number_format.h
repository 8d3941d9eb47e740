#pragma once

#include <array>
#include <string_view>

namespace least_action {

/// A short text on the stack: labels are made every frame, so they do not allocate.
struct Label {
  std::array<char, 64> text{};
  operator std::string_view() const { return text.data(); }
  const char* c_str() const { return text.data(); }
};

/// A number with `digits` significant digits, trailing zeros dropped, a true minus sign, and
/// powers of ten as people write them: "0.003", "−1.5", "2.4×10⁻⁶", "–" for NaN.
Label format_value(double value, int digits = 3);
/// "12 345", "1.2 M".
Label format_count(long long value);
/// "1.5 GB", "320 MB", "4.1 KB"; "–" for 0.
Label format_bytes(double bytes);
/// 10ⁿ.
Label format_power_of_ten(int exponent);
/// printf into a label; what does not fit is cut.
Label format_label(const char* format, ...) __attribute__((format(printf, 1, 2)));

}  // namespace least_action
