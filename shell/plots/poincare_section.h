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
  /// Computes at most one section. That of a model waits while it trains. `energy`: the level,
  /// of the compared trajectories.
  void update(const Session& session, const ViewState& state, bool training, double energy);
  void draw(ImDrawList& list, const PlotArea& area, const ViewState& state) const;
  bool is_stale() const { return stale_; }
  /// The rectangle of all points of the truth; false where there are none.
  bool bounds(Range& x, Range& y) const;

 private:
  struct Slot {
    Section section;
    std::uint64_t version = 0;
    Index x_component = -1, y_component = -1;
    double energy = 0;
    double periods = 0;     ///< Length so far; 0: nothing yet.
    bool complete = false;  ///< As long as it will get.
  };
  void grow(const Session& session, Slot& slot, int series);

  std::array<Slot, 5> slots_;
  bool stale_ = false;
};

}  // namespace least_action
