#include "sensitivity/binomial_checkpoints.h"

#include <algorithm>
#include <limits>

namespace least_action {
namespace {

/// The smallest r with N ≤ β(c, r).
Index repeats(Index steps, Index checkpoints) {
  Index r = 0;
  while (binomial_reach(checkpoints, r) < steps) ++r;
  return r;
}

}  // namespace

Index binomial_reach(Index checkpoints, Index repeats) {
  if (repeats < 0) return 0;
  // Products of neighbours over 1, 2, …: exact at every stage.
  Index value = 1;
  const Index few = std::min(checkpoints, repeats), many = std::max(checkpoints, repeats);
  for (Index i = 1; i <= few; ++i) {
    if (value > std::numeric_limits<Index>::max() / (many + i)) {
      return std::numeric_limits<Index>::max();
    }
    value = value * (many + i) / i;
  }
  return value;
}

Index fewest_steps(Index steps, Index checkpoints) {
  const Index r = repeats(steps, checkpoints);
  return r * steps - binomial_reach(checkpoints + 1, r - 1);
}

Index next_checkpoint(Index steps, Index checkpoints) {
  // Both parts must be of sizes that r − 1 more repeats of the first, and r of the second with
  // one checkpoint fewer, reach: any such division is optimal.
  const Index r = repeats(steps, checkpoints);
  const Index distance =
      std::max(binomial_reach(checkpoints, r - 2), steps - binomial_reach(checkpoints - 1, r));
  return std::clamp<Index>(distance, 1, steps - 1);
}

Index default_checkpoints(Index steps) {
  Index count = 1;
  for (Index reach = 1; reach < steps; reach *= 2) ++count;
  return count;
}

}  // namespace least_action
