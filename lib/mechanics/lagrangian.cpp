#include "mechanics/lagrangian.h"

#include "base/contract.h"

namespace least_action {

void Lagrangian::check_sizes(const char* where, ConstVectorRef t, ConstMatrixRef x,
                             MatrixRef value, MatrixRef gradient) const {
  const Index dimension = 2 * degrees_of_freedom(), batch = x.cols();
  if (x.rows() != dimension) fail_size(where, "x", x.rows(), dimension, "rows: q and q_dot");
  if (batch < 1) fail_value(where, "batch size", static_cast<double>(batch), "at least 1");
  if (t.size() != batch) fail_size(where, "t", t.size(), batch, "a time for each sample");
  if (value.size() != 0 && (value.rows() != 1 || value.cols() != batch)) {
    fail_shape(where, "value", value.rows(), value.cols(), 1, batch, "or empty");
  }
  if (gradient.rows() != dimension || gradient.cols() != batch) {
    fail_shape(where, "gradient", gradient.rows(), gradient.cols(), dimension, batch);
  }
}

}  // namespace least_action
