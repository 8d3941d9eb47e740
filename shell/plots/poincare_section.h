#pragma once

#include <array>
#include <cstdint>

#include "plots/axes.h"
#include "session/session.h"
#include "view_state.h"

namespace least_action {

/// Crossings of trajectories of one energy through a plane of state space, for the truth and
/// the shown model: one colour a start, so that islands and chaos come apart.
class PoincareSection {
 public:
  /// Computes what is missing, one section a frame; a model that trains is left alone until it
  /// has learned for a while. `energy`: the level, of the compared trajectories.
  void update(const Session& session, const ViewState& state, double energy);
  void draw(ImDrawList& list, const PlotArea& area, const ViewState& state) const;
  bool is_stale() const { return stale_; }

 private:
  struct Slot {
    Section section;
    std::uint64_t version = 0;
    Index x_component = -1, y_component = -1;
    double energy = 0, computed_at = -1e9;
    bool valid = false;
  };
  std::array<Slot, 5> slots_;
  bool stale_ = false;
};

}  // namespace least_action
