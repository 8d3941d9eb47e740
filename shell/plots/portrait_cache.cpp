#include "plots/portrait_cache.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace least_action {
namespace {

constexpr double kRenewal = 0.2;  // [s] between renewals while training
constexpr double kMargin = 0.3;   // of the plane, computed beyond each edge for panning
constexpr Index kFewestNodes = 33, kMostNodes = 65;  // along each axis
constexpr double kLongestField = 0.008;              // [s]
constexpr Index kRefinement = 3;       // of the nodes, for level sets without corners
constexpr Index kProbes = 13;          // level sets through points along each half axis
constexpr double kStreamSpacing = 26;  // display units

bool same_plane(const PortraitView& a, const PortraitView& b) {
  return a.x_component == b.x_component && a.y_component == b.y_component;
}

}  // namespace

const PortraitCache::Field* PortraitCache::field(int series) const {
  const Slot& slot = slots_[static_cast<std::size_t>(series + 1)];
  return slot.field.valid ? &slot.field : nullptr;
}

bool PortraitCache::covers(const Slot& slot, const ViewState& state, const PlotArea& area,
                           const std::vector<double>& base) const {
  if (!slot.field.valid || !same_plane(slot.plane, state.portrait)) return false;
  if (slot.base.size() != base.size()) return false;
  for (std::size_t k = 0; k < base.size(); ++k) {
    const auto component = static_cast<Index>(k);
    const bool shown =
        component == state.portrait.x_component || component == state.portrait.y_component;
    if (!shown && slot.base[k] != base[k]) return false;
  }
  const PlaneGrid& grid = slot.field.flow.plane;
  const Range &x = area.x_range(), &y = area.y_range();
  const bool inside =
      x.lo >= grid.x.lo && x.hi <= grid.x.hi && y.lo >= grid.y.lo && y.hi <= grid.y.hi;
  const double zoom = std::max(area.x_scale() / slot.x_scale, area.y_scale() / slot.y_scale);
  const double shrink = std::min(area.x_scale() / slot.x_scale, area.y_scale() / slot.y_scale);
  return inside && zoom < 1.35 && shrink > 0.7;
}

void PortraitCache::update(const Session& session, const ViewState& state, const PlotArea& area,
                           const std::vector<double>& base, double now) {
  const SessionView& view = session.view();
  stale_ = false;
  bool renewed = false;
  const int shown =
      std::clamp(state.shown_model, 0, std::max(0, static_cast<int>(view.models.size()) - 1));
  for (const int series : {-1, shown}) {
    if (series >= static_cast<int>(view.models.size())) continue;
    Slot& slot = slots_[static_cast<std::size_t>(series + 1)];
    const bool covered = covers(slot, state, area, base);
    const bool fresh = covered && slot.version == view.model_version;
    if (fresh) continue;
    if (renewed || (covered && now - slot.computed_at < kRenewal)) {
      stale_ = true;
      continue;
    }
    compute(session, state, area, base, series);
    slot.version = view.model_version;
    slot.computed_at = now;
    renewed = slot.field.valid;
  }
  for (const int series : {-1, shown}) {
    Slot& slot = slots_[static_cast<std::size_t>(series + 1)];
    if (state.layers.flow != FlowStyle::kStreamlines || !slot.field.valid ||
        slot.streamlines_valid)
      continue;
    streams_.trace(slot.field.flow, slot.x_scale, slot.y_scale, kStreamSpacing,
                   slot.field.streamlines);
    slot.streamlines_valid = true;
  }
}

void PortraitCache::compute(const Session& session, const ViewState& state,
                            const PlotArea& area, const std::vector<double>& base, int series) {
  Slot& slot = slots_[static_cast<std::size_t>(series + 1)];
  const Range &x = area.x_range(), &y = area.y_range();
  PortraitRequest request;
  request.x_component = state.portrait.x_component;
  request.y_component = state.portrait.y_component;
  request.x_min = x.lo - kMargin * x.span();
  request.x_max = x.hi + kMargin * x.span();
  request.y_min = y.lo - kMargin * y.span();
  request.y_max = y.hi + kMargin * y.span();
  request.columns = request.rows = slot.nodes;
  request.base = base;
  const auto before = std::chrono::steady_clock::now();
  Portrait portrait = session.portrait(series, request);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - before;
  if (took.count() > kLongestField) slot.nodes = std::max(kFewestNodes, slot.nodes - 8);
  if (took.count() < 0.3 * kLongestField) slot.nodes = std::min(kMostNodes, slot.nodes + 4);
  Field& field = slot.field;
  field.flow.plane = {{request.x_min, request.x_max},
                      {request.y_min, request.y_max},
                      portrait.columns,
                      portrait.rows};
  field.flow.dx = std::move(portrait.dx);
  field.flow.dy = std::move(portrait.dy);
  field.energy = std::move(portrait.energy);
  const auto nodes = static_cast<std::size_t>(portrait.columns * portrait.rows);
  field.valid = portrait.columns >= 2 && portrait.rows >= 2 && field.flow.dx.size() == nodes &&
                field.flow.dy.size() == nodes;
  slot.plane = state.portrait;
  slot.base = base;
  slot.x_scale = area.x_scale();
  slot.y_scale = area.y_scale();
  slot.streamlines_valid = false;
  field.levels.clear();
  if (!field.valid) return;
  field.reference_speed = field.flow.speed_quantile(0.75, area.x_scale(), area.y_scale());
  if (field.energy.size() == nodes) trace_levels(session, state, base, series);
}

// A learned energy is known up to a constant (H) or a gauge (L), so equal numbers mean nothing.
// Level sets of all series go through the same points of the plane instead, spaced along the
// positive half axes: where the learned energy is right, its curves lie on the true ones.
void PortraitCache::trace_levels(const Session& session, const ViewState& state,
                                 const std::vector<double>& base, int series) {
  const SessionView& view = session.view();
  const auto extent = [&](Index component) {
    const auto k = static_cast<std::size_t>(component);
    return k < view.coordinate_extent.size() ? view.coordinate_extent[k] : 1.0;
  };
  PortraitRequest request;
  request.x_component = state.portrait.x_component;
  request.y_component = state.portrait.y_component;
  request.x_min = request.y_min = 0;
  request.x_max = 1.3 * extent(request.x_component);
  request.y_max = 1.3 * extent(request.y_component);
  request.columns = request.rows = kProbes;
  request.base = base;
  const std::vector<float> probes = session.portrait(series, request).energy;
  if (probes.size() != static_cast<std::size_t>(kProbes * kProbes)) return;
  Slot& slot = slots_[static_cast<std::size_t>(series + 1)];

  // Up the y axis, then along the x axis; the truth decides which points are used: those whose
  // energies are apart from each other.
  constexpr std::size_t kCount = 2 * (kProbes - 1);
  std::array<double, kCount> levels{};
  for (std::size_t k = 0; k < kProbes - 1; ++k) {
    levels[k] = static_cast<double>(probes[(k + 1) * static_cast<std::size_t>(kProbes)]);
    levels[kProbes - 1 + k] = static_cast<double>(probes[k + 1]);
  }
  if (series < 0) {
    probe_used_.assign(kCount, false);
    double low = INFINITY, high = -INFINITY;
    for (const double level : levels) {
      if (std::isfinite(level)) low = std::min(low, level), high = std::max(high, level);
    }
    for (std::size_t k = 0; k < kCount; ++k) {
      bool apart = std::isfinite(levels[k]);
      for (std::size_t j = 0; j < k && apart; ++j) {
        apart = !probe_used_[j] || std::abs(levels[j] - levels[k]) > 0.028 * (high - low);
      }
      probe_used_[k] = apart;
    }
  }
  refine(slot.field.flow.plane, slot.field.energy, kRefinement, fine_plane_, fine_energy_,
         scratch_);
  for (std::size_t k = 0; k < kCount && k < probe_used_.size(); ++k) {
    if (probe_used_[k]) {
      contours_.trace(fine_plane_, fine_energy_, levels[k], slot.field.levels);
    }
  }
}

}  // namespace least_action
