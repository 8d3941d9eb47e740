#include "train/examples.h"

namespace least_action {
namespace {

bool is_complete(const Eigen::Ref<const Vector>& components) { return !components.hasNaN(); }

bool has_any(const Matrix& columns, Index first, Index count) {
  return !columns.middleCols(first, count).array().isNaN().all();
}

}  // namespace

std::vector<Index> derivative_examples(const std::vector<Trajectory>& part) {
  std::vector<Index> examples;
  Index first = 0;
  for (const Trajectory& trajectory : part) {
    const Index points = trajectory.times.size();
    for (Index k = 0; k < points; ++k) {
      if (is_complete(trajectory.states.col(k)) && has_any(trajectory.derivatives, k, 1)) {
        examples.push_back(first + k);
      }
    }
    first += points;
  }
  return examples;
}

std::vector<Index> segment_starts(const std::vector<Trajectory>& part, Index length) {
  std::vector<Index> starts;
  Index first = 0;
  for (const Trajectory& trajectory : part) {
    const Index points = trajectory.times.size();
    for (Index k = 0; k + length < points; ++k) {
      if (is_complete(trajectory.states.col(k)) && has_any(trajectory.states, k + 1, length)) {
        starts.push_back(first + k);
      }
    }
    first += points;
  }
  return starts;
}

std::vector<PositionTriple> position_triples(const std::vector<Trajectory>& part) {
  std::vector<PositionTriple> triples;
  for (const Trajectory& trajectory : part) {
    const Index n = trajectory.states.rows() / 2;
    Index before = -1, at = -1;
    for (Index k = 0; k < trajectory.times.size(); ++k) {
      if (!is_complete(trajectory.states.col(k).head(n))) continue;
      if (before >= 0) triples.push_back({&trajectory, before, at, k});
      before = at;
      at = k;
    }
  }
  return triples;
}

}  // namespace least_action
