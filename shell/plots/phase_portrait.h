#pragma once

#include <vector>

#include "app.h"
#include "command.h"
#include "plots/poincare_section.h"
#include "plots/portrait_cache.h"
#include "plots/portrait_gestures.h"
#include "view_state.h"

namespace least_action {

/// The centre of the playground: a plane of state space with the true and a learned flow, level
/// sets of energy, the training data, and the compared trajectories from one initial state
/// whose handle can be dragged.
class PhasePortrait {
 public:
  void draw(const Rect& area, const Session& session, ViewState& state, const FrameInput& input,
            Commands& commands);
  /// Work is left for the next frame.
  bool is_stale() const { return cache_.is_stale() || section_.is_stale(); }

 private:
  void draw_field(ImDrawList& list, const PlotArea& area, const ViewState& state,
                  int series) const;
  void draw_fields(ImDrawList& list, const PlotArea& area, const ViewState& state) const;
  void draw_data(ImDrawList& list, const PlotArea& area, const SessionView& view,
                 const ViewState& state) const;
  void draw_trajectories(ImDrawList& list, const PlotArea& area, const SessionView& view,
                         const ViewState& state) const;
  void draw_pinned(ImDrawList& list, const PlotArea& area, const SessionView& view,
                   const ViewState& state) const;
  void draw_handle(ImDrawList& list, ImVec2 at, const PortraitGesture& gesture) const;
  void update_base(const Session& session);

  PortraitCache cache_;
  PoincareSection section_;
  PortraitGestures gestures_;
  std::vector<double> base_;  ///< The initial state, 2n.
  ImVec2 fitted_size_{};
  bool flow_is_shown_ = true;
};

/// Shows the interesting range of both axes again, when the view asks for it or no longer fits
/// the system. Two lengths get the same scale, for a plot of this size.
void fit_portrait(PortraitView& portrait, const SessionView& view, ImVec2 size);

}  // namespace least_action
