#include "plots/poincare_section.h"

#include <algorithm>
#include <cmath>

#include "plots/plot_card.h"
#include "theme.h"

namespace least_action {

void PoincareSection::update(const Session& session, const ViewState& state, double energy) {
  constexpr double kRenewal = 4;  // [s]: a section takes long, and changes little
  const SessionView& view = session.view();
  stale_ = false;
  const int shown = std::clamp(state.shown_model, 0, static_cast<int>(slots_.size()) - 2);
  for (const int series : {-1, shown}) {
    if (series >= static_cast<int>(view.models.size())) continue;
    Slot& slot = slots_[static_cast<std::size_t>(series + 1)];
    const bool same = slot.valid && slot.x_component == state.portrait.x_component &&
                      slot.y_component == state.portrait.y_component &&
                      std::abs(slot.energy - energy) <= 1e-9 * std::abs(energy);
    if (same && slot.version == view.model_version) continue;
    if (same && state.now - slot.computed_at < kRenewal) {
      stale_ = true;
      continue;
    }
    SectionRequest request;
    request.x_component = slot.x_component = state.portrait.x_component;
    request.y_component = slot.y_component = state.portrait.y_component;
    request.energy = slot.energy = energy;
    request.starts = series < 0 ? 10 : 8;
    request.duration = (series < 0 ? 60 : 40) * view.period;
    slot.section = session.section(series, request);
    slot.version = view.model_version;
    slot.computed_at = state.now;
    slot.valid = true;
    stale_ = true;  // the other one may be due in the next frame
    return;
  }
}

void PoincareSection::draw(ImDrawList& list, const PlotArea& area,
                           const ViewState& state) const {
  const Rect& r = area.rect();
  const float divider = r.x + state.layers.split_position * r.width;
  for (const int series : {-1, state.shown_model}) {
    const Slot& slot = slots_[static_cast<std::size_t>(std::clamp(series, -1, 3) + 1)];
    if (!slot.valid) continue;
    if (!slot.section.message.empty()) {
      if (series < 0) draw_placeholder(list, r, slot.section.message);
      continue;
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

}  // namespace least_action
