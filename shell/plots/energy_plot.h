#pragma once

#include <cstdint>
#include <vector>

#include "command.h"
#include "plots/axes.h"
#include "session/session_view.h"
#include "view_state.h"

namespace least_action {

/// The true energy along the true and each learned trajectory, against time, with a line at the
/// time of the animation; dragging in it moves that time.
class EnergyPlot {
 public:
  void draw(const Rect& area, const SessionView& view, ViewState& state, Commands& commands);

 private:
  /// A range that shows the drift of the better models and lets a runaway leave the plot.
  void update_range(const SessionView& view, const ViewState& state);

  Range range_{-1, 1};
  std::uint64_t version_ = ~std::uint64_t{0};
  std::array<bool, 4> visible_{};
  std::vector<double> deviations_;
};

}  // namespace least_action
