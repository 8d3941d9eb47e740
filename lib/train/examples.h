#pragma once

#include <vector>

#include "base/types.h"
#include "data/dataset.h"

namespace least_action {

/// What each loss can use of a part whose components may be missing. Columns are counted
/// through the trajectories in order, as in Dataset::states(part).

/// The samples with a complete state and at least one derivative target.
std::vector<Index> derivative_examples(const std::vector<Trajectory>& part);

/// Where a segment of `length` + 1 points starts: at a point whose state is complete, because a
/// roll-out needs one, with at least one observed component in the points behind it.
std::vector<Index> segment_starts(const std::vector<Trajectory>& part, Index length);

/// Three positions of one trajectory in a row; points without a complete position are passed
/// over, so the gaps between them may differ.
struct PositionTriple {
  const Trajectory* trajectory;
  Index before, at, after;  ///< Points of it.
};
std::vector<PositionTriple> position_triples(const std::vector<Trajectory>& part);

}  // namespace least_action
