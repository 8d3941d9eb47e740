#include "maps/map_evaluation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/contract.h"

namespace least_action {

template <class S>
MapEvaluation<S>::MapEvaluation(std::shared_ptr<const LearnedMap<S>> map, MapTask task)
    : map_(std::move(map)), classifies_(traits(task).is_classification) {
  if (!map_) fail("MapEvaluation", "map is null; expected one to score");
  if (map_->inputs() != traits(task).dimension || map_->outputs() != traits(task).outputs) {
    fail_shape("MapEvaluation", "the map", map_->outputs(), map_->inputs(),
               traits(task).outputs, traits(task).dimension, "outputs × inputs of the task");
  }
  x_ = map_test_points(task).template cast<S>();
  y_.resize(map_->outputs(), x_.cols());
  map_targets<S>(task, x_, y_);
  outputs_.setZero(y_.rows(), y_.cols());
  tape_ = map_->make_tape(x_.cols());
}

template <class S>
MapScore MapEvaluation<S>::score(ConstVectorRefX<S> theta) {
  map_->forward(theta, x_, outputs_, *tape_);
  MapScore score;
  Index right = 0;
  for (Index b = 0; b < x_.cols(); ++b) {
    const auto square = static_cast<double>((outputs_.col(b) - y_.col(b)).squaredNorm());
    score.mean_square_error += square;
    // NaN stays: std::max would drop it.
    score.worst_error = square <= score.worst_error ? score.worst_error : square;
    if (classifies_ && outputs_(0, b) * y_(0, b) > 0) ++right;
  }
  const auto count = static_cast<double>(x_.cols());
  score.mean_square_error /= count;
  score.worst_error = std::sqrt(score.worst_error);
  if (std::isnan(score.mean_square_error)) score.worst_error = score.mean_square_error;
  score.accuracy = classifies_ ? static_cast<double>(right) / count
                               : std::numeric_limits<double>::quiet_NaN();
  return score;
}

bool has_bounded_region(const std::vector<float>& values, Index columns, Index rows,
                        bool positive) {
  if (columns < 1 || rows < 1 || static_cast<Index>(values.size()) / columns != rows ||
      static_cast<Index>(values.size()) % columns != 0) {
    fail_size("has_bounded_region", "values", static_cast<Index>(values.size()), columns * rows,
              "columns · rows");
  }
  const auto inside = [&](Index cell) {
    const float value = values[static_cast<std::size_t>(cell)];
    return positive ? value > 0 : value < 0;
  };
  std::vector<bool> seen(values.size(), false);
  std::vector<Index> stack;
  for (Index start = 0; start < columns * rows; ++start) {
    if (seen[static_cast<std::size_t>(start)] || !inside(start)) continue;
    bool touches = false;
    stack.assign(1, start);
    seen[static_cast<std::size_t>(start)] = true;
    while (!stack.empty()) {
      const Index cell = stack.back();
      stack.pop_back();
      const Index column = cell % columns, row = cell / columns;
      touches = touches || column == 0 || row == 0 || column == columns - 1 || row == rows - 1;
      const auto visit = [&](Index next) {
        if (seen[static_cast<std::size_t>(next)] || !inside(next)) return;
        seen[static_cast<std::size_t>(next)] = true;
        stack.push_back(next);
      };
      if (column > 0) visit(cell - 1);
      if (column < columns - 1) visit(cell + 1);
      if (row > 0) visit(cell - columns);
      if (row < rows - 1) visit(cell + columns);
    }
    if (!touches) return true;
  }
  return false;
}

template class MapEvaluation<float>;
template class MapEvaluation<double>;

}  // namespace least_action
