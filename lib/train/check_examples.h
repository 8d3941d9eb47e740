#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/types.h"
#include "data/dataset.h"

namespace least_action {

/// The contract checks that the losses share; std::invalid_argument in the name of `where`.
/// Trajectories of the wrong shape, weights of the wrong size, a capacity below 1.
void check_part(std::string_view where, const std::vector<Trajectory>& part, Index dimension,
                const Vector& weights, Index capacity);
/// No examples, more than `capacity`, or an index outside 0 … num_examples − 1.
void check_examples(std::string_view where, std::span<const Index> examples, Index num_examples,
                    Index capacity);

}  // namespace least_action
