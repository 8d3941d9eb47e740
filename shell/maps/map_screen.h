#pragma once

#include <string>

#include "session/map_session.h"

namespace least_action {

enum class MapPicture { kPaths, kDecision };
enum class MapTab { kMaps, kLosses, kControls };

/// State of the maps' screen that is no part of the experiment.
struct MapScreen {
  MapSessionConfig draft;  ///< Settings being edited; the session's own when applied.
  std::string fault;       ///< Why they were refused.
  MapPicture picture = MapPicture::kPaths;
  double depth = 0;  ///< How far the points have come through the maps, 0 … 1.
  double phase = 0;  ///< Of the animation: there and back again, with rests.
  bool playing = true;
  MapTab tab = MapTab::kMaps;  ///< Phones.
  int shown_map = 0;           ///< Phones: one at a time.
};

/// Whether the paths are points that move (in the plane) rather than curves (over a line).
inline bool has_moving_points(const MapView& view) { return view.points.rows() > 1; }

}  // namespace least_action
