#pragma once

#include <cstddef>
#include <vector>

#include "base/types.h"

namespace least_action {

/// The steps of a batch's solve as they were taken, each with `record_size` numbers from which
/// dense output can be had again; found by sample and time. What has been allocated is used
/// again after `clear`, and grows in blocks that never move: memory is linear in the number of
/// steps, without the peaks of a growing array.
template <class S>
class StepRecords final {
 public:
  StepRecords(Index record_size, Index max_batch);

  struct Step {
    double t = 0, h = 0;  ///< From t to t + h.
    Index previous = -1, next = -1;
  };

  void clear();
  /// Adds the next step of a sample (steps of one sample follow each other in time) and returns
  /// its number; its `data` is to be written by the caller. Allocates now and then.
  Index append(Index sample, double t, double h);
  auto data(Index number) { return block_of(number).data.col(number % steps_per_block_); }
  auto data(Index number) const {
    return blocks_[static_cast<std::size_t>(number / steps_per_block_)].data.col(
        number % steps_per_block_);
  }
  const Step& step(Index number) const {
    const Block& block = blocks_[static_cast<std::size_t>(number / steps_per_block_)];
    return block.steps[static_cast<std::size_t>(number % steps_per_block_)];
  }

  /// The step of a sample that holds `t`, or the one nearest to it; −1 where there is none.
  /// Searches from where it was last found, so a walk through all of them costs O(1) each.
  Index find(Index sample, double t);

  std::size_t bytes() const;

 private:
  struct Block {
    MatrixX<S> data;  // record_size × steps_per_block
    std::vector<Step> steps;
  };
  Block& block_of(Index number) {
    return blocks_[static_cast<std::size_t>(number / steps_per_block_)];
  }
  Step& step_of(Index number) {
    return block_of(number).steps[static_cast<std::size_t>(number % steps_per_block_)];
  }

  Index record_size_, steps_per_block_, size_ = 0;
  std::vector<Block> blocks_;
  std::vector<Index> last_, cursor_;  // of each sample; −1 where there is none
};

}  // namespace least_action
