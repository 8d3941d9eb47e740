#include "ode/stepper.h"

#include "base/contract.h"

namespace least_action {

template <class S>
void check_step(const char* where, Index dimension, Index max_batch, ConstVectorRefX<S> t,
                ConstVectorRefX<S> h, MatrixRefX<S> x) {
  if (x.rows() != dimension || x.cols() < 1 || x.cols() > max_batch) {
    fail(where, "x is " + std::to_string(x.rows()) + " × " + std::to_string(x.cols()) +
                    ", expected " + std::to_string(dimension) + " × 1 … " +
                    std::to_string(max_batch) + " (dimension × samples)");
  }
  if (t.size() != x.cols()) fail_size(where, "t", t.size(), x.cols(), "samples");
  if (h.size() != x.cols()) fail_size(where, "h", h.size(), x.cols(), "samples");
}

template void check_step<float>(const char*, Index, Index, ConstVectorRefX<float>,
                                ConstVectorRefX<float>, MatrixRefX<float>);
template void check_step<double>(const char*, Index, Index, ConstVectorRefX<double>,
                                 ConstVectorRefX<double>, MatrixRefX<double>);

}  // namespace least_action
