#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "command.h"
#include "plots/axes.h"
#include "session/session.h"
#include "view_state.h"

namespace least_action {

/// The physical system, moving: one scene for the truth and one for each model, side by side,
/// at the time of the animation, with the recent path of the last body.
class SceneView {
 public:
  void draw(const Rect& area, const Session& session, ViewState& state, Commands& commands);

 private:
  struct Trails {
    std::vector<ImVec2> points;  ///< Place of the last body at each of the common times.
  };
  void update_trails(const Session& session);
  void draw_scene(ImDrawList& list, const Rect& cell, const Session& session,
                  const ViewState& state, int series);

  std::array<Trails, 5> trails_;
  std::uint64_t version_ = ~std::uint64_t{0};
  Vector configuration_;
};

}  // namespace least_action
