#include "plots/poincare_section.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "plots/plot_card.h"
#include "theme.h"

namespace least_action {

namespace {

constexpr double kFirstPeriods = 6, kMostPeriods = 100;
constexpr double kLongestStep = 0.03;  // [s]; the next step takes about twice as long

}  // namespace

void PoincareSection::update(const Session& session, const ViewState& state, bool training,
                             double energy) {
  const SessionView& view = session.view();
  stale_ = false;
  const int shown = std::clamp(state.shown_model, 0, static_cast<int>(slots_.size()) - 2);
  for (const int series : {-1, shown}) {
    if (series >= static_cast<int>(view.models.size())) continue;
    Slot& slot = slots_[static_cast<std::size_t>(series + 1)];
    const bool same_plane =
        slot.x_component == state.portrait.x_component &&
        slot.y_component == state.portrait.y_component &&
        (slot.energy == energy || std::abs(slot.energy - energy) <= 1e-9 * std::abs(energy));
    const bool waits = series >= 0 && training;
    if (!same_plane || (slot.version != view.model_version && !waits)) {
      slot = {};
      slot.x_component = state.portrait.x_component;
      slot.y_component = state.portrait.y_component;
      slot.energy = energy;
      slot.version = view.model_version;
    }
    if (slot.complete || waits) continue;
    if (!std::isfinite(energy)) {  // two bodies at one point
      slot.section.message = "The energy of this motion is not finite.";
      slot.complete = true;
      continue;
    }
    if (series >= 0) {
      const ModelView& model = view.models[static_cast<std::size_t>(series)];
      if (!model.trajectory.status.empty()) {
        slot.section.message = model.name + " loses its trajectories too early for a section.";
        slot.complete = true;
        continue;
      }
    }
    grow(session, slot, series);
    stale_ = true;
    return;
  }
}

void PoincareSection::grow(const Session& session, Slot& slot, int series) {
  slot.periods = slot.periods == 0 ? kFirstPeriods : std::min(2 * slot.periods, kMostPeriods);
  SectionRequest request;
  request.x_component = slot.x_component;
  request.y_component = slot.y_component;
  request.energy = slot.energy;
  request.starts = 12;
  request.duration = slot.periods * session.view().period;
  const auto before = std::chrono::steady_clock::now();
  slot.section = session.section(series, request);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - before;
  slot.complete = slot.periods >= kMostPeriods || took.count() > kLongestStep ||
                  !slot.section.message.empty();
}

void PoincareSection::draw(ImDrawList& list, const PlotArea& area,
                           const ViewState& state) const {
  const Rect& r = area.rect();
  const float divider = r.x + state.layers.split_position * r.width;
  for (const int series : {-1, state.shown_model}) {
    const Slot& slot = slots_[static_cast<std::size_t>(std::clamp(series, -1, 3) + 1)];
    if (!slot.section.message.empty() && slot.section.x.empty()) {
      const float y = series < 0 ? r.y : r.y + 22;
      draw_placeholder(list, {r.x, y, r.width, r.height}, slot.section.message);
    }
    const ImU32 color = series_color(series);
    for (std::size_t k = 0; k < slot.section.x.size(); ++k) {
      const ImVec2 p = area.point(static_cast<double>(slot.section.x[k]),
                                  static_cast<double>(slot.section.y[k]));
      if (!r.contains(p)) continue;
      if (state.layers.split && (series < 0) != (p.x < divider)) continue;
      // Alternate starts alternate in strength.
      const float strength =
          k < slot.section.start.size() && slot.section.start[k] % 2 == 1 ? 0.55f : 0.95f;
      list.AddRectFilled({p.x - 1.1f, p.y - 1.1f}, {p.x + 1.1f, p.y + 1.1f},
                         with_alpha(color, strength));
    }
  }
}

bool PoincareSection::bounds(Range& x, Range& y) const {
  const Section& truth = slots_[0].section;
  if (truth.x.size() < 2) return false;
  const auto [left, right] = std::minmax_element(truth.x.begin(), truth.x.end());
  const auto [low, high] = std::minmax_element(truth.y.begin(), truth.y.end());
  x = {static_cast<double>(*left), static_cast<double>(*right)};
  y = {static_cast<double>(*low), static_cast<double>(*high)};
  return x.span() > 0 && y.span() > 0;
}

}  // namespace least_action
