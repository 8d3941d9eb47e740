#pragma once

#include <array>
#include <string_view>

#include "layout.h"
#include "number_format.h"

namespace least_action {

struct Range {
  double lo = 0, hi = 1;
  double span() const { return hi - lo; }
};

struct Tick {
  double value;
  Label label;
};
/// Ticks of one axis, without allocation.
struct Ticks {
  std::array<Tick, 24> all;
  int count = 0;
  double step = 0;
  const Tick* begin() const { return all.data(); }
  const Tick* end() const { return all.data() + count; }
  void add(double value, const Label& label) {
    if (count < static_cast<int>(all.size()))
      all[static_cast<std::size_t>(count++)] = {value, label};
  }
};

/// Multiples of 1, 2 or 5 × 10ᵏ inside the range, about `target` of them, all labelled with the
/// decimals the step needs. None for an empty or non-finite range.
Ticks linear_ticks(Range range, int target);
/// Multiples of π/4, π/2, π, 2π, … labelled "−π/2", "0", "2π".
Ticks pi_ticks(Range range, int target);
/// Powers of ten inside a positive range, thinned to about `target`.
Ticks log_ticks(Range range, int target);

/// Maps data to the display: x to the right, y up, either may be logarithmic.
class PlotArea {
 public:
  PlotArea(Rect rect, Range x, Range y, bool log_y = false);

  const Rect& rect() const { return rect_; }
  const Range& x_range() const { return x_; }
  const Range& y_range() const { return y_; }
  float x(double value) const { return x0_ + static_cast<float>(value * x_scale_ - x_shift_); }
  float y(double value) const;
  ImVec2 point(double px, double py) const { return {x(px), y(py)}; }
  double x_value(float pixel) const;
  double y_value(float pixel) const;           ///< Linear axes only.
  double x_scale() const { return x_scale_; }  ///< Display units per data unit.
  double y_scale() const { return y_scale_; }

 private:
  Rect rect_;
  Range x_, y_;
  bool log_y_;
  float x0_, y0_;
  double x_scale_, y_scale_, x_shift_, y_shift_;
};

/// Grid lines and tick labels, below and to the left of the plot, as quiet as they can be and
/// still be read; the label of the x axis at the end of its ticks.
void draw_axes(ImDrawList& list, const PlotArea& area, const Ticks& x_ticks,
               const Ticks& y_ticks, std::string_view x_label);

/// Label of the y axis in the plot's upper left corner, on a patch of the card: units can be
/// longer than the margin is wide. Draw it after what is plotted.
void draw_corner_label(ImDrawList& list, const Rect& plot, std::string_view label);

}  // namespace least_action
