#pragma once

#include <memory>
#include <string>

#include "answer.h"
#include "base/types.h"

namespace least_action::web {

/// A block of numbers that grows and keeps its memory. What it holds does not survive growing.
class Numbers final {
 public:
  /// At least `count` of them.
  double* reserve(std::size_t count) {
    if (count > capacity_) {
      data_.reset();  // first, so that both are never held at a time
      capacity_ = 0;
      data_.reset(new double[count]);
      capacity_ = count;
    }
    return data_.get();
  }
  double* data() const { return data_.get(); }
  /// Gives memory back where there is more than `most` numbers of it.
  void trim(std::size_t most) {
    if (capacity_ <= most) return;
    data_.reset();
    capacity_ = 0;
  }

 private:
  std::unique_ptr<double[]> data_;
  std::size_t capacity_ = 0;
};

/// Where numbers cross, so that a call that is made ten thousand times makes no objects.
/// JavaScript writes its arguments to `input` and calls; the call returns kDone and leaves
/// numbers in `header`, some of them addresses of larger results (counted in doubles, valid
/// until the next call), or returns kFailed and leaves a fault. One of it: calls come from one
/// thread.
struct Mailbox {
  static constexpr int kDone = 0, kFailed = 1;
  Numbers input, output;
  double header[16] = {};
  std::string text;  ///< What a call has to say in words, where the header says that it has.
  Fault fault;
};
Mailbox& mailbox();

/// The header's way to write where something is.
inline double address(const double* data) {
  return static_cast<double>(reinterpret_cast<std::uintptr_t>(data) / sizeof(double));
}

/// Runs `work`, which leaves its results in the mailbox.
template <class Work>
int status(Work work) {
  try {
    work();
    return Mailbox::kDone;
  } catch (...) {
    mailbox().fault = caught_fault();
    return Mailbox::kFailed;
  }
}

}  // namespace least_action::web
