#include "plots/trajectory_curve.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "plots/polylines.h"
#include "theme.h"

namespace least_action {
namespace {

constexpr double kTurn = 2 * std::numbers::pi;

bool is_periodic(const SessionView& view, Index component) {
  const auto k = static_cast<std::size_t>(component);
  return k < view.coordinate_periodic.size() && view.coordinate_periodic[k];
}

// Whole turns to shift values in [lo, hi] by so that some land in `range`.
struct Turns {
  int first = 0, last = 0;
};
Turns images(const SessionView& view, Index component, double lo, double hi, Range range) {
  if (!is_periodic(view, component)) return {};
  Turns turns{static_cast<int>(std::ceil(std::clamp((range.lo - hi) / kTurn, -50.0, 50.0))),
              static_cast<int>(std::floor(std::clamp((range.hi - lo) / kTurn, -50.0, 50.0)))};
  turns.last = std::min(turns.last, turns.first + 40);
  return turns;
}

// Between samples k and k + 1, the cubic of Catmull and Rom: the samples are those of a smooth
// motion, and straight chords would show their corners.
template <class Row>
double between(const Row& row, Index count, Index k, double s) {
  const double b = row[k], c = row[std::min(k + 1, count - 1)];
  const double a = k > 0 ? row[k - 1] : 2 * b - c;
  const double d = k + 2 < count ? row[k + 2] : 2 * c - b;
  return b + 0.5 * s * (c - a + s * (2 * a - 5 * b + 4 * c - d + s * (3 * (b - c) + d - a)));
}

// A step across a third of the plot says nothing about the motion in between (a network that
// has not learned yet can whirl round): the curve has a gap there.
template <class Row>
void draw_samples(CurvePen& pen, const PlotArea& area, const Row& x, const Row& y, Index count,
                  Index first, Index last, double dx, double dy) {
  const double far_x = area.x_range().span() / 3, far_y = area.y_range().span() / 3;
  constexpr double kChord = 7;  // display units, the longest that looks smooth
  for (Index k = first; k < last; ++k) {
    pen.to(area.point(x[k] + dx, y[k] + dy));
    if (k + 1 >= last) break;
    const double step_x = std::abs(x[k + 1] - x[k]), step_y = std::abs(y[k + 1] - y[k]);
    if (!(step_x < far_x && step_y < far_y)) {
      pen.lift();
      continue;
    }
    const double length = step_x * area.x_scale() + step_y * area.y_scale();
    const int parts = std::min(8, static_cast<int>(length / kChord) + 1);
    for (int part = 1; part < parts; ++part) {
      const double s = static_cast<double>(part) / parts;
      pen.to(area.point(between(x, count, k, s) + dx, between(y, count, k, s) + dy));
    }
  }
}

}  // namespace

bool state_at(const SessionView& view, const TrajectoryView& trajectory, Index component,
              double time, double& value) {
  const Index m = std::min<Index>(view.times.size(), trajectory.states.cols());
  if (m < 1 || component >= trajectory.states.rows() || time > view.times[m - 1] + 1e-9)
    return false;
  const double* begin = view.times.data();
  const Index k = std::upper_bound(begin, begin + m, time) - begin;
  if (k <= 0 || k >= m) {
    value = trajectory.states(component, k <= 0 ? 0 : m - 1);
    return std::isfinite(value);
  }
  const double s = (time - view.times[k - 1]) / (view.times[k] - view.times[k - 1]);
  value = between(trajectory.states.row(component), m, k - 1, s);
  return std::isfinite(value);
}

double nearest_image(const SessionView& view, Index component, double value, Range range) {
  if (!is_periodic(view, component)) return value;
  const double middle = 0.5 * (range.lo + range.hi);
  return value + kTurn * std::round((middle - value) / kTurn);
}

void draw_trajectory(ImDrawList& list, const PlotArea& area, const SessionView& view,
                     const TrajectoryView& trajectory, Index x_component, Index y_component,
                     double time, double trail, const CurveStyle& style) {
  const Index m = std::min<Index>(view.times.size(), trajectory.states.cols());
  if (m < 2 || std::max(x_component, y_component) >= trajectory.states.rows()) return;
  const auto x = trajectory.states.row(x_component), y = trajectory.states.row(y_component);
  const Turns turns_x =
      images(view, x_component, x.head(m).minCoeff(), x.head(m).maxCoeff(), area.x_range());
  const Turns turns_y =
      images(view, y_component, y.head(m).minCoeff(), y.head(m).maxCoeff(), area.y_range());
  const double* begin = view.times.data();
  const Index now = std::upper_bound(begin, begin + m, time) - begin;
  const Index tail = std::lower_bound(begin, begin + m, time - trail) - begin;
  for (int i = turns_x.first; i <= turns_x.last; ++i) {
    for (int j = turns_y.first; j <= turns_y.last; ++j) {
      const double dx = kTurn * i, dy = kTurn * j;
      {
        CurvePen pen(list, area.rect(), with_alpha(style.color, style.rest_opacity),
                     style.thickness);
        draw_samples(pen, area, x, y, m, 0, m, dx, dy);
      }
      CurvePen pen(list, area.rect(), style.color, style.thickness * 1.35f);
      draw_samples(pen, area, x, y, m, tail, now, dx, dy);
      double xt, yt;
      if (now > tail && state_at(view, trajectory, x_component, time, xt) &&
          state_at(view, trajectory, y_component, time, yt)) {
        pen.to(area.point(xt + dx, yt + dy));
      }
    }
  }
}

}  // namespace least_action
