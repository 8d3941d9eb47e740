#pragma once

#include <memory>
#include <vector>

#include "maps/learned_map.h"
#include "maps/map_task.h"

namespace least_action {

/// How well a map does its task, on the fixed test points.
struct MapScore {
  double mean_square_error = 0;  ///< Mean of |F(x) − y|².
  double worst_error = 0;        ///< Largest |F(x) − y|.
  double accuracy = 0;           ///< Share of right signs; NaN where nothing is classified.
};

/// Scores a map with one parameter vector after another; no call allocates.
template <class S>
class MapEvaluation final {
 public:
  /// Throws std::invalid_argument where the map's dimensions are not the task's.
  MapEvaluation(std::shared_ptr<const LearnedMap<S>> map, MapTask task);

  MapScore score(ConstVectorRefX<S> theta);

  const MatrixX<S>& points() const { return x_; }
  const MatrixX<S>& targets() const { return y_; }
  const MatrixX<S>& outputs() const { return outputs_; }  ///< Of the last `score`.

 private:
  std::shared_ptr<const LearnedMap<S>> map_;
  bool classifies_;
  MatrixX<S> x_, y_, outputs_;
  std::unique_ptr<typename LearnedMap<S>::Tape> tape_;
};

/// Whether {y > 0} (`positive`) or {y < 0} has a component, connected along the edges of a grid
/// of columns × rows values (row by row), that does not touch the grid's border: a bounded
/// region, as far as the grid can tell. Throws std::invalid_argument for a wrong size.
bool has_bounded_region(const std::vector<float>& values, Index columns, Index rows,
                        bool positive);

}  // namespace least_action
