#include "plots/axes.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <numbers>

#include "text.h"
#include "theme.h"

namespace least_action {
namespace {

bool usable(Range range) {
  return std::isfinite(range.lo) && std::isfinite(range.hi) && range.hi > range.lo;
}

// The smallest of 1, 2, 5 × 10ᵏ that is at least `step`.
double nice_step(double step) {
  const double power = std::pow(10.0, std::floor(std::log10(step)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= step * (1 - 1e-12)) return factor * power;
  }
  return 10 * power;
}

Label decimal_label(double value, double step) {
  if (std::abs(value) < 1e-9 * step) return format_label("0");
  if (std::abs(value) >= 1e5 || step < 1e-4) return format_value(value, 4);
  const int decimals = std::max(0, static_cast<int>(std::ceil(-std::log10(step) - 1e-9)));
  return format_label("%s%.*f", value < 0 ? "−" : "", decimals, std::abs(value));
}

// quarters of π: −2 → "−π/2", 3 → "3π/4", 8 → "2π"
Label pi_label(long long quarters) {
  if (quarters == 0) return format_label("0");
  const char* sign = quarters < 0 ? "−" : "";
  long long numerator = std::llabs(quarters), denominator = 4;
  while (denominator > 1 && numerator % 2 == 0) numerator /= 2, denominator /= 2;
  char factor[24] = "";
  if (numerator != 1) std::snprintf(factor, sizeof factor, "%lld", numerator);
  if (denominator == 1) return format_label("%s%sπ", sign, factor);
  return format_label("%s%sπ/%lld", sign, factor, denominator);
}

}  // namespace

Ticks linear_ticks(Range range, int target) {
  Ticks ticks;
  if (!usable(range) || target < 1) return ticks;
  const double step = nice_step(range.span() / target);
  ticks.step = step;
  // Far from zero a step below the spacing of doubles would never advance.
  if (!(step > 1e-12 * std::max(std::abs(range.lo), std::abs(range.hi)))) return ticks;
  for (double k = std::ceil(range.lo / step - 1e-9); k * step <= range.hi + 1e-9 * step; ++k) {
    ticks.add(k * step, decimal_label(k * step, step));
  }
  return ticks;
}

Ticks pi_ticks(Range range, int target) {
  if (!usable(range) || target < 1) return {};
  constexpr double kQuarter = std::numbers::pi / 4;
  if (range.span() < 3 * kQuarter) return linear_ticks(range, target);
  Ticks ticks;
  long long quarters = 1;
  while (range.span() / (static_cast<double>(quarters) * kQuarter) > 1.4 * target)
    quarters *= 2;
  const double step = static_cast<double>(quarters) * kQuarter;
  ticks.step = step;
  for (double k = std::ceil(range.lo / step - 1e-9); k * step <= range.hi + 1e-9 * step; ++k) {
    if (std::abs(k) > 1e6) break;
    ticks.add(k * step, pi_label(static_cast<long long>(k) * quarters));
  }
  return ticks;
}

Ticks log_ticks(Range range, int target) {
  Ticks ticks;
  if (!usable(range) || !(range.lo > 0) || target < 1) return ticks;
  const int first = static_cast<int>(std::ceil(std::log10(range.lo) - 1e-9));
  const int last = static_cast<int>(std::floor(std::log10(range.hi) + 1e-9));
  const int stride = std::max(1, (last - first + target) / target);
  ticks.step = stride;
  for (int exponent = first; exponent <= last; exponent += stride) {
    ticks.add(std::pow(10.0, exponent), format_power_of_ten(exponent));
  }
  return ticks;
}

PlotArea::PlotArea(Rect rect, Range x, Range y, bool log_y)
    : rect_(rect), x_(x), y_(y), log_y_(log_y), x0_(rect.x), y0_(rect.bottom()) {
  const double lo = log_y ? std::log10(y.lo) : y.lo, hi = log_y ? std::log10(y.hi) : y.hi;
  x_scale_ = static_cast<double>(rect.width) / x.span();
  y_scale_ = static_cast<double>(rect.height) / (hi - lo);
  x_shift_ = x.lo * x_scale_;
  y_shift_ = lo * y_scale_;
}

float PlotArea::y(double value) const {
  const double v = log_y_ ? std::log10(std::max(value, 1e-300)) : value;
  return y0_ - static_cast<float>(v * y_scale_ - y_shift_);
}
double PlotArea::x_value(float pixel) const {
  return (static_cast<double>(pixel - x0_) + x_shift_) / x_scale_;
}
double PlotArea::y_value(float pixel) const {
  return (static_cast<double>(y0_ - pixel) + y_shift_) / y_scale_;
}

void draw_axes(ImDrawList& list, const PlotArea& area, const Ticks& x_ticks,
               const Ticks& y_ticks, std::string_view x_label) {
  const Palette& colors = palette();
  const Rect& r = area.rect();
  ImFont* font = fonts().small != nullptr ? fonts().small : ImGui::GetFont();
  const float size = kSmallSize;
  ImGui::PushFont(font);
  const auto snapped = [](float v) { return std::floor(v) + 0.5f; };
  float last_right = -1e9f;
  // The x label sits at the right end of the tick row, so ticks make room for it.
  const float label_width = x_label.empty() ? 0 : math_text_size(x_label).x;
  const float row = r.bottom() + 4;
  for (const Tick& tick : x_ticks) {
    const float x = area.x(tick.value);
    if (x < r.x - 0.5f || x > r.right() + 0.5f) continue;
    list.AddLine({snapped(x), r.y}, {snapped(x), r.bottom()}, colors.grid);
    const float width = math_text_size(tick.label).x;
    const float left = std::clamp(x - 0.5f * width, r.x - 8, r.right() - width);
    if (left < last_right + 8) continue;
    if (!x_label.empty() && left + width > r.right() - label_width - 8) continue;
    draw_math_text(list, font, size, {left, row}, colors.muted, tick.label);
    last_right = left + width;
  }
  float last_top = 1e9f;
  for (const Tick& tick : y_ticks) {
    const float y = area.y(tick.value);
    if (y < r.y - 0.5f || y > r.bottom() + 0.5f) continue;
    list.AddLine({r.x, snapped(y)}, {r.right(), snapped(y)}, colors.grid);
    const float top = y - 0.5f * size - 1;
    if (top + size > last_top - 3 || top < r.y - size) continue;
    const float width = math_text_size(tick.label).x;
    draw_math_text(list, font, size, {r.x - 7 - width, top}, colors.muted, tick.label);
    last_top = top;
  }
  if (!x_label.empty()) {
    draw_math_text(list, font, size, {r.right() - label_width, row}, colors.ink, x_label);
  }
  ImGui::PopFont();
}

void draw_corner_label(ImDrawList& list, const Rect& plot, std::string_view label) {
  if (label.empty()) return;
  ImGui::PushFont(fonts().small);
  const float width = math_text_size(label).x;
  list.AddRectFilled({plot.x + 1, plot.y + 1}, {plot.x + width + 14, plot.y + kSmallSize + 9},
                     with_alpha(palette().surface, 0.85f), 5);
  draw_math_text(list, {plot.x + 7, plot.y + 4}, palette().ink, label);
  ImGui::PopFont();
}

}  // namespace least_action
