#pragma once

#include "base/types.h"

namespace least_action {

/// Where to place checkpoints so that a chain of N steps is reversed with a fixed number of
/// them in the fewest steps (Griewank & Walther, ACM TOMS 26 (2000) 19: revolve). With c states
/// kept (that of the start is one), and every step walked at most r times before its turn,
///
///   β(c, r) = (c + r)! / (c! r!)
///
/// steps can be reversed; the fewest steps walked for β(c, r − 1) < N ≤ β(c, r), not counting
/// the N that are differentiated, are
///
///   t(N, c) = r N − β(c + 1, r − 1).

/// β(c, r); 0 for r < 0, and Index's largest value where it would be exceeded.
Index binomial_reach(Index checkpoints, Index repeats);

/// t(N, c), for N ≥ 1 and c ≥ 1.
Index fewest_steps(Index steps, Index checkpoints);

/// How far from the start of `steps` ≥ 2 steps to place the next checkpoint where
/// `checkpoints` ≥ 2 may be held from the start on: 1 … steps − 1.
Index next_checkpoint(Index steps, Index checkpoints);

/// ⌈log₂ N⌉ + 1: what is kept where nothing else is asked for.
Index default_checkpoints(Index steps);

}  // namespace least_action
