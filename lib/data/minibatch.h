#pragma once

#include <span>
#include <vector>

#include "base/random.h"
#include "base/types.h"

namespace least_action {

/// Shuffled minibatches of the indices 0 … count−1, epoch after epoch.
///
/// Every epoch is a fresh uniform permutation (Fisher–Yates, in place), and visits each index
/// once. Every batch is full: one that reaches the end of an epoch goes on with the start of
/// the next, so it may hold an index of both. A batch_size of 0 or at least `count` means the
/// full batch: all indices in their natural order every time, and no random number is drawn.
class Minibatches final {
 public:
  /// Throws std::invalid_argument where count < 1 or batch_size < 0. Draws from a copy of
  /// `random`.
  Minibatches(Index count, Index batch_size, const Random& random);

  /// The next batch: batch_size() indices, valid until the next call. Does not allocate.
  std::span<const Index> next();

  Index count() const { return static_cast<Index>(permutation_.size()); }
  Index batch_size() const { return static_cast<Index>(batch_.size()); }

  /// All that decides which batches follow.
  struct State {
    std::vector<Index> permutation;  ///< Of the epoch under way.
    Index position = 0;              ///< How many of it have been visited, 0 … count.
    Random::State random{};          ///< Shuffles the epochs to come.
  };
  State state() const;
  /// Throws std::invalid_argument, and changes nothing, unless `state` is one of these
  /// minibatches: a permutation of `count` indices, a position in range, a random state.
  void set_state(const State& state);

 private:
  void shuffle();

  std::vector<Index> permutation_;
  std::vector<Index> batch_;
  Index position_ = 0;
  Random random_;
};

}  // namespace least_action
