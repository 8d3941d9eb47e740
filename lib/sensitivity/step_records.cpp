#include "sensitivity/step_records.h"

#include <algorithm>
#include <cmath>

namespace least_action {

template <class S>
StepRecords<S>::StepRecords(Index record_size, Index max_batch)
    : record_size_(record_size),
      steps_per_block_(std::max<Index>(64, 8 * max_batch)),
      last_(static_cast<std::size_t>(max_batch), -1),
      cursor_(static_cast<std::size_t>(max_batch), -1) {}

template <class S>
void StepRecords<S>::clear() {
  size_ = 0;
  std::fill(last_.begin(), last_.end(), -1);
  std::fill(cursor_.begin(), cursor_.end(), -1);
}

template <class S>
Index StepRecords<S>::append(Index sample, double t, double h) {
  const Index number = size_++;
  if (number / steps_per_block_ == static_cast<Index>(blocks_.size())) {
    blocks_.push_back({MatrixX<S>::Zero(record_size_, steps_per_block_),
                       std::vector<Step>(static_cast<std::size_t>(steps_per_block_))});
  }
  Index& last = last_[static_cast<std::size_t>(sample)];
  step_of(number) = {t, h, last, -1};
  if (last >= 0) step_of(last).next = number;
  last = number;
  cursor_[static_cast<std::size_t>(sample)] = number;
  return number;
}

template <class S>
Index StepRecords<S>::find(Index sample, double t) {
  Index& cursor = cursor_[static_cast<std::size_t>(sample)];
  if (cursor < 0) return -1;
  for (;;) {
    const Step& at = step(cursor);
    const double direction = at.h < 0 ? -1 : 1;
    Index next = cursor;
    if (direction * (t - at.t) < 0) {
      next = at.previous;
    } else if (direction * (t - (at.t + at.h)) > 0) {
      // Not one that begins after t: where rounding leaves a gap, neither holds it.
      if (at.next >= 0 && direction * (t - step(at.next).t) >= 0) next = at.next;
    }
    if (next < 0 || next == cursor) return cursor;
    cursor = next;
  }
}

template <class S>
std::size_t StepRecords<S>::bytes() const {
  return blocks_.size() *
             (sizeof(Block) +
              static_cast<std::size_t>(steps_per_block_) *
                  (sizeof(Step) + sizeof(S) * static_cast<std::size_t>(record_size_))) +
         (last_.size() + cursor_.size()) * sizeof(Index);
}

template class StepRecords<float>;
template class StepRecords<double>;

}  // namespace least_action
