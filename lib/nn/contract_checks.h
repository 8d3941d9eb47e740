#pragma once

#include <string>

#include "base/contract.h"
#include "base/types.h"

/// The size checks both network classes make. Private to lib/nn.
namespace least_action {

inline void check_theta(const char* where, Index size, Index expected) {
  if (size != expected) fail_size(where, "theta", size, expected, "layout.num_parameters()");
}

/// An empty θ̄ is not wanted.
inline void check_theta_bar(const char* where, Index size, Index expected) {
  if (size != 0 && size != expected)
    fail_size(where, "theta_bar", size, expected, "or 0: not wanted");
}

template <class M>
void check_shape(const char* where, const char* name, const M& m, Index rows, Index cols) {
  if (m.rows() != rows || m.cols() != cols)
    fail_shape(where, name, m.rows(), m.cols(), rows, cols, "rows × batch");
}

inline void check_batch(const char* where, Index batch, Index capacity) {
  if (batch < 1 || batch > capacity)
    fail(where, "x has " + std::to_string(batch) + " columns, expected 1 to " +
                    std::to_string(capacity) + " (the tape's capacity)");
}

}  // namespace least_action
