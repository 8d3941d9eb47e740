#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "maps/map_evaluation.h"
#include "session/map_session_config.h"
#include "train/trainer.h"

namespace least_action {

/// One map as shown.
struct MapModelView {
  std::string name;  ///< "Neural ODE", with a number where two are alike.
  MapModelConfig config;
  Index num_parameters = 0;
  Index step = 0;
  double learning_rate = 0;
  TrainingStatus status = TrainingStatus::kRunning;
  std::string message;  ///< Divergence and recovery, in words.
  std::vector<HistoryEntry> history;

  MapScore score;         ///< On the task's test points, at the θ of `step`.
  MapBound bound;         ///< What is proven; empty reason where nothing is.
  Index evaluations = 0;  ///< Of the network in one pass (NFE): the depth.
  std::size_t bytes = 0;  ///< Held for a training step.
  /// Flows: the largest difference over the points when the solver's steps are quartered; far
  /// below the errors above, or what is shown is not the flow. NaN elsewhere.
  double solver_error = 0;

  /// Pictures, at the θ of `pictured_step`.
  Index pictured_step = -1;
  Index state_dimension = 0, num_states = 0;
  /// state_dimension × points · num_states: where each of MapView::points is at each depth.
  MatrixX<float> states;
  MatrixX<float> outputs;  ///< outputs × points: F(x).
  /// Classifications: F on the nodes of MapView's grid, row by row from the lower left.
  std::vector<float> decision;
  bool encloses_positive = false, encloses_negative = false;  ///< A bounded region there.
  VectorX<float> read_out;  ///< R, then r, of a classification with a linear read-out.
  std::string result;       ///< One or two sentences: what it reached, and what is proven.
};

/// All that a user interface shows of a MapSession.
struct MapView {
  std::uint64_t version = 0;  ///< Grows whenever anything below changes.
  bool training = false, finished = false;
  MapTask task = MapTask::kFlip;
  double steps_per_second = 0;  ///< Of all maps together.
  /// Some points with their targets, to be followed through the maps: sorted on the line.
  MatrixX<float> points, targets;
  /// Nodes a side of the decision grid on [−half_width, half_width]².
  Index grid = 0;
  double half_width = 1;
  std::vector<MapModelView> models;
  std::string summary;  ///< The state in words, for screen readers.
};

/// A task and up to three maps that try to do it, side by side: the façade of lib/maps. Trains
/// in float, in time slices of `poll`, all maps in step; θ after k steps is the same however it
/// is cut. Not thread-safe.
class MapSession final {
 public:
  /// Throws std::invalid_argument with the faults of the config, if any.
  explicit MapSession(const MapSessionConfig& config = {});
  ~MapSession();

  const MapSessionConfig& config() const;
  /// Starts anew with another config (paused), except where only `steps` is another: then what
  /// is trained stays, and training goes on where it was running, with the learning rate of its
  /// new schedule. Returns the config's faults; then, or where it throws (no memory), nothing
  /// was changed. The view keeps its address.
  std::vector<std::string> configure(const MapSessionConfig& config);

  void start();  ///< Trains from now on, in `poll`; nothing where finished.
  void pause();
  void reset();               ///< Maps at their starting θ; paused.
  void advance(Index steps);  ///< Trains every map by `steps` steps, here and now.

  /// Once a frame: trains where started and refreshes stale pictures, one map at a time, within
  /// about `milliseconds` (a training step of one map, or one picture, is not cut). True when
  /// the view changed.
  bool poll(double milliseconds);
  void refresh();  ///< Brings the whole view up to date now.
  const MapView& view() const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace least_action
