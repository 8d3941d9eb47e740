#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "plots/contours.h"
#include "plots/polylines.h"
#include "plots/streamlines.h"
#include "session/session.h"
#include "view_state.h"

namespace least_action {

/// Flow and level sets of the truth and of one model on the plane that the portrait shows, kept
/// until they are stale: the plane moved too far, the model learned, the system changed. While
/// a model trains they are renewed a few times a second, one a frame, so that drawing stays
/// smooth.
class PortraitCache {
 public:
  struct Field {
    FlowGrid flow;
    std::vector<float> energy;  ///< Empty where the model has none.
    Polylines streamlines;
    Polylines levels;
    double reference_speed = 1;  ///< Of the truth, display units per second.
    bool valid = false;
  };

  /// Renews at most one field; `area` is the portrait's plot. `now` in seconds.
  void update(const Session& session, const ViewState& state, const PlotArea& area,
              const std::vector<double>& base, double now);
  /// −1: the truth. Null before it is there.
  const Field* field(int series) const;
  /// Something shown is older than what it shows.
  bool is_stale() const { return stale_; }

 private:
  static constexpr int kSlots = 5;  // the truth and four models
  struct Slot {
    Field field;
    PortraitView plane;
    double x_scale = 1, y_scale = 1;
    std::vector<double> base;
    std::uint64_t version = 0;
    double computed_at = -1e9;
    bool streamlines_valid = false;
    Index nodes = 61;  ///< Along each axis: fewer where the field takes long.
  };
  bool covers(const Slot& slot, const ViewState& state, const PlotArea& area,
              const std::vector<double>& base) const;
  void compute(const Session& session, const ViewState& state, const PlotArea& area,
               const std::vector<double>& base, int series);
  void trace_levels(const Session& session, const ViewState& state,
                    const std::vector<double>& base, int series);

  std::array<Slot, kSlots> slots_;
  ContourTracer contours_;
  StreamlineTracer streams_;
  std::vector<bool> probe_used_;
  PlaneGrid fine_plane_;  // of the level sets being traced
  std::vector<float> fine_energy_, scratch_;
  bool stale_ = true;
};

}  // namespace least_action
