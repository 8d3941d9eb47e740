#pragma once

#include <memory>
#include <vector>

#include "flow/flow_solver.h"
#include "session/clock.h"
#include "session/flow_session.h"

namespace least_action {

/// Computes what is shown of a flow (paths, density) in slices of time, at the parameters it
/// had when it began: a picture is of one θ, whole or not shown.
class FlowBoard final {
 public:
  FlowBoard(const FlowConfig& config, Clock clock);

  /// The truth's part of the view, at once.
  void show_truth(FlowView& view) const;
  /// The parameters to show have changed.
  void set_theta(const VectorX<float>& theta);
  bool is_stale() const { return stale_ || stage_ != Stage::kIdle; }
  /// Works for about `milliseconds` (at least a slice); true where `view` changed.
  bool work(double milliseconds, FlowView& view);
  const std::string& message() const { return message_; }

 private:
  enum class Stage { kIdle, kPaths, kDensity };

  void begin();
  bool slice(FlowView& view);
  void carry_paths();
  void fill_density();
  void publish_density(FlowView& view) const;

  DensityKind density_;
  Clock clock_;
  std::vector<double> times_;
  Matrix base_;   // 2 × kPaths
  Matrix nodes_;  // 2 × kCells²
  FlowSolver solver_;
  Vector latest_;
  bool stale_ = false;
  Stage stage_ = Stage::kIdle;
  Index done_ = 0;
  MatrixX<float> paths_;
  std::vector<float> log_density_;
  Vector log_slice_;
  std::string message_;
};

/// How a flow of this config is solved for showing: by the method of its training.
SolveOptions solve_options(const FlowConfig& config);

}  // namespace least_action
