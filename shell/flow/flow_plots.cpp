#include "flow_plots.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "plots/plot_card.h"
#include "plots/polylines.h"
#include "text.h"
#include "theme.h"

namespace least_action {
namespace {

constexpr ImU32 rgb(unsigned hex) {
  return IM_COL32((hex >> 16) & 255, (hex >> 8) & 255, hex & 255, 255);
}
// From nothing to much, by even steps of lightness: upward on a dark ground, downward on a
// light one.
constexpr std::array<ImU32, 5> kGlow{rgb(0x1d3e66), rgb(0x2672ad), rgb(0x35a6bb), rgb(0x8fd6a4),
                                     rgb(0xf7f2c4)};
constexpr std::array<ImU32, 5> kInk{rgb(0xc9dfe6), rgb(0x8abfd3), rgb(0x4a94c0), rgb(0x27609f),
                                    rgb(0x16305f)};

bool is_dark() { return (palette().surface & 255) < 128; }

/// The colour of a share s of the brightest density.
ImU32 density_color(double share) {
  const std::array<ImU32, 5>& stops = is_dark() ? kGlow : kInk;
  // A root, so that the slopes of the density are seen as well as its peaks.
  const double s = std::sqrt(std::clamp(std::isfinite(share) ? share : 0.0, 0.0, 1.0)) * 5;
  const auto k = static_cast<std::size_t>(std::min(s, 4.999));
  const ImU32 from = k == 0 ? palette().surface : stops[k - 1];
  return mix(from, stops[k], static_cast<float>(s - static_cast<double>(k)));
}

/// A closed wheel of the four hues of the series.
ImU32 direction_color(float x, float y) {
  const double turn =
      std::atan2(static_cast<double>(y), static_cast<double>(x)) / (2 * std::numbers::pi) + 0.5;
  const double s = std::clamp(turn, 0.0, 0.9999) * 4;
  const int k = static_cast<int>(s);
  return mix(series_color(k), series_color((k + 1) % 4), static_cast<float>(s - k));
}

struct Extent {
  double low, high;
};
/// From below the entropy to a nat and a half above it, or less where all was nearer.
Extent likelihood_extent(const FlowView& view) {
  double high = view.entropy + 0.3;
  for (const HistoryEntry& entry : view.history) {
    for (const double loss : {entry.train_loss, entry.test_loss}) {
      if (std::isfinite(loss)) high = std::max(high, loss);
    }
  }
  high = std::min(high, view.entropy + 1.5);
  const double margin = 0.06 * (high - view.entropy);
  return {view.entropy - 1.6 * margin, high + margin};
}

void draw_curve(ImDrawList& list, const PlotArea& plane, const FlowView& view,
                double HistoryEntry::*loss, ImU32 color, float thickness) {
  // A long history is noise a few entries wide: the mean over a few display units.
  constexpr float kBin = 2.5f;
  CurvePen pen(list, plane.rect(), color, thickness);
  double steps = 0, sum = 0;
  int count = 0;
  float end = -1e9f;
  const auto put = [&] {
    if (count > 0) pen.to(plane.point(steps / count, sum / count));
    steps = sum = count = 0;
  };
  for (const HistoryEntry& entry : view.history) {
    const double value = entry.*loss, step = static_cast<double>(entry.step);
    if (!std::isfinite(value)) {
      put();
      pen.lift();
      continue;
    }
    if (plane.x(step) > end) {
      put();
      end = plane.x(step) + kBin;
    }
    steps += step;
    sum += value;
    ++count;
  }
  put();
}

void draw_entropy(ImDrawList& list, const PlotArea& plane, double entropy) {
  const float y = plane.y(entropy);
  constexpr float kDash = 5;
  for (float x = plane.rect().x; x < plane.rect().right(); x += 2 * kDash) {
    list.AddLine({x, y}, {std::min(x + kDash, plane.rect().right()), y}, palette().good, 1.4f);
  }
  ImGui::PushFont(fonts().small);
  const Label label = format_label("entropy %s", format_value(entropy, 4).c_str());
  const ImVec2 size = math_text_size(label);
  draw_math_text(list, {plane.rect().right() - size.x - 2, y - size.y - 1}, palette().good,
                 label);
  ImGui::PopFont();
}

}  // namespace

PlotArea square_plane(const Rect& area, double extent, bool ticks) {
  const float left = ticks ? 26.0f : 0.0f, below = ticks ? 22.0f : 0.0f;
  const float side = std::max(1.0f, std::min(area.width - left, area.height - below));
  const Rect square{area.x + left + 0.5f * (area.width - left - side),
                    area.y + 0.5f * (area.height - below - side), side, side};
  return {square, {-extent, extent}, {-extent, extent}};
}

double largest_density(const std::vector<float>& log_density) {
  float largest = -INFINITY;
  for (const float log_p : log_density) {
    if (std::isfinite(log_p)) largest = std::max(largest, log_p);
  }
  return std::exp(static_cast<double>(largest));
}

void draw_density(ImDrawList& list, const PlotArea& plane,
                  const std::vector<float>& log_density, Index cells, double brightest) {
  const auto n = static_cast<unsigned>(cells);
  if (n < 2 || log_density.size() != static_cast<std::size_t>(n) * n || !(brightest > 0))
    return;
  const Rect& rect = plane.rect();
  const ImVec2 white = ImGui::GetFontTexUvWhitePixel();
  const float cell = rect.width / static_cast<float>(n);
  // Values sit at the middles of the cells; the outermost colours go on to the border.
  const auto place = [&](unsigned k) {
    return k == 0 ? 0 : k == n - 1 ? rect.width : (static_cast<float>(k) + 0.5f) * cell;
  };
  // Four triangles a square, about its middle: two alone would show their diagonal.
  const unsigned squares = (n - 1) * (n - 1);
  list.PrimReserve(static_cast<int>(12 * squares), static_cast<int>(n * n + squares));
  const unsigned first = list._VtxCurrentIdx, middles = first + n * n;
  const auto share = [&](unsigned i, unsigned j) {
    return std::exp(static_cast<double>(log_density[j * n + i])) / brightest;
  };
  for (unsigned j = 0; j < n; ++j) {
    for (unsigned i = 0; i < n; ++i) {
      list.PrimWriteVtx({rect.x + place(i), rect.bottom() - place(j)}, white,
                        density_color(share(i, j)));
    }
  }
  for (unsigned j = 0; j + 1 < n; ++j) {
    for (unsigned i = 0; i + 1 < n; ++i) {
      const double mean =
          0.25 * (share(i, j) + share(i + 1, j) + share(i, j + 1) + share(i + 1, j + 1));
      list.PrimWriteVtx({rect.x + 0.5f * (place(i) + place(i + 1)),
                         rect.bottom() - 0.5f * (place(j) + place(j + 1))},
                        white, density_color(mean));
    }
  }
  for (unsigned j = 0; j + 1 < n; ++j) {
    for (unsigned i = 0; i + 1 < n; ++i) {
      const unsigned at = first + j * n + i, middle = middles + j * (n - 1) + i;
      const std::array<unsigned, 5> ring{at, at + 1, at + n + 1, at + n, at};
      for (std::size_t k = 0; k < 4; ++k) {
        list.PrimWriteIdx(middle);
        list.PrimWriteIdx(ring[k]);
        list.PrimWriteIdx(ring[k + 1]);
      }
    }
  }
}

void draw_density_scale(ImDrawList& list, const Rect& area, double brightest) {
  constexpr int kSteps = 32;
  const float width = area.width / kSteps;
  for (int k = 0; k < kSteps; ++k) {
    const float x = area.x + width * static_cast<float>(k);
    const auto at = [](int i) {
      return density_color(std::pow(static_cast<double>(i) / kSteps, 2));
    };
    list.AddRectFilledMultiColor({x, area.y}, {x + width, area.bottom()}, at(k), at(k + 1),
                                 at(k + 1), at(k));
  }
  ImGui::PushFont(fonts().small);
  const float y = area.center().y - 0.5f * ImGui::GetFontSize();
  draw_math_text(list, {area.x - 12, y}, palette().muted, "0");
  draw_math_text(list, {area.right() + 5, y}, palette().muted, format_value(brightest, 2));
  ImGui::PopFont();
}

void draw_targets(ImDrawList& list, const PlotArea& plane, const MatrixX<float>& points,
                  ImU32 color, float size) {
  list.PushClipRect(plane.rect().min(), plane.rect().max(), true);
  for (Index b = 0; b < points.cols(); ++b) {
    const ImVec2 at =
        plane.point(static_cast<double>(points(0, b)), static_cast<double>(points(1, b)));
    list.AddRectFilled({at.x - 0.5f * size, at.y - 0.5f * size},
                       {at.x + 0.5f * size, at.y + 0.5f * size}, color);
  }
  list.PopClipRect();
}

void draw_samples(ImDrawList& list, const PlotArea& plane, const FlowView& view, double time) {
  const Index count = view.path_count, times = static_cast<Index>(view.times.size());
  if (count == 0 || times < 2 || view.paths.cols() != count * times) return;
  const auto where = [&](Index sample, double t) {
    const double s = std::clamp(t, 0.0, 1.0) * static_cast<double>(times - 1);
    const Index k = std::min(static_cast<Index>(s), times - 2);
    const auto share = static_cast<float>(s - static_cast<double>(k));
    const auto a = view.paths.col(k * count + sample);
    const auto b = view.paths.col((k + 1) * count + sample);
    return plane.point(static_cast<double>(a[0] + share * (b[0] - a[0])),
                       static_cast<double>(a[1] + share * (b[1] - a[1])));
  };
  list.PushClipRect(plane.rect().min(), plane.rect().max(), true);
  constexpr double kTrail = 0.1;
  const bool moving = time > 0 && time < 1;
  for (Index b = 0; b < count; ++b) {
    const ImU32 color = direction_color(view.paths(0, b), view.paths(1, b));
    const ImVec2 at = where(b, time);
    if (!std::isfinite(at.x) || !std::isfinite(at.y)) continue;
    if (moving) {
      const ImVec2 before = where(b, time - kTrail);
      list.AddLine(before, at, with_alpha(color, 0.3f), 1.6f);
    }
    list.AddCircleFilled(at, 2.6f, with_alpha(color, 0.9f), 8);
  }
  list.PopClipRect();
}

void draw_likelihood(const Rect& area, const FlowView& view, const DisplayState& display,
                     bool focused, Commands& commands) {
  const Rect body =
      draw_plot_card(area, "Likelihood", "likelihood.png", focused, display, commands);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  ImGui::PushFont(fonts().small);
  const std::string_view caption =
      area.width > 450 ? "mean −log p of test and training samples (pale) in nat"
                       : "mean −log p in nat";
  draw_math_text(list, {area.x + 92, area.y + 11.5f}, palette().muted, caption);
  ImGui::PopFont();
  const Rect plot{area.x + 46, body.y + 4, area.width - 62, body.height - 30};
  if (plot.width < 20 || plot.height < 20) return;
  if (view.history.empty()) {
    draw_placeholder(list, plot, "The loss appears as training goes on.");
    return;
  }
  const Extent extent = likelihood_extent(view);
  const PlotArea plane(plot, {0, static_cast<double>(view.history.back().step)},
                       {extent.low, extent.high});
  draw_axes(list, plane, linear_ticks(plane.x_range(), static_cast<int>(plot.width / 90) + 1),
            linear_ticks(plane.y_range(), static_cast<int>(plot.height / 32) + 1), "steps");
  const ImU32 color = series_color(0);
  list.PushClipRect(plot.min(), {plot.right() + 2, plot.bottom() + 1}, true);
  draw_entropy(list, plane, view.entropy);
  draw_curve(list, plane, view, &HistoryEntry::train_loss, mix(palette().surface, color, 0.45f),
             1.2f);
  draw_curve(list, plane, view, &HistoryEntry::test_loss, color, 1.9f);
  list.PopClipRect();

  ImGui::SetCursorScreenPos(plot.min());
  ImGui::InvisibleButton("Likelihood plot", plot.size());
  if (!ImGui::IsItemHovered() || display.capturing) return;
  const ImVec2 mouse = ImGui::GetMousePos();
  list.AddLine({mouse.x, plot.y}, {mouse.x, plot.bottom()}, palette().faint);
  auto entry = std::lower_bound(
      view.history.begin(), view.history.end(), plane.x_value(mouse.x),
      [](const HistoryEntry& e, double s) { return static_cast<double>(e.step) < s; });
  if (entry == view.history.end()) --entry;
  const Label text = format_label("%s · train %s · %s above entropy",
                                  format_value(entry->test_loss, 4).c_str(),
                                  format_value(entry->train_loss, 4).c_str(),
                                  format_value(entry->test_loss - view.entropy, 2).c_str());
  const LegendEntry row{text, color};
  draw_readout(list, plot, mouse, &row, 1,
               format_label("step %s", format_count(entry->step).c_str()));
}

}  // namespace least_action
