#include "sensitivity/sensitivity_contract.h"

#include <cmath>
#include <string>
#include <string_view>

#include "base/contract.h"

namespace least_action {
namespace {

constexpr std::string_view kForward = "Sensitivity::forward";
constexpr std::string_view kBackward = "Sensitivity::backward";

/// The first time of a row that is not finite, lies infinitely far from the row's first, or
/// turns back; −1 where there is none.
Index first_fault(ConstMatrixRef times, Index row) {
  bool rises = false, falls = false;
  for (Index k = 0; k < times.cols(); ++k) {
    const double t = times(row, k);
    if (!std::isfinite(t) || !std::isfinite(t - times(row, 0))) return k;
    rises |= k > 0 && t > times(row, k - 1);
    falls |= k > 0 && t < times(row, k - 1);
    if (rises && falls) return k;
  }
  return -1;
}

template <class S>
void check_field(std::string_view where, const VectorField<S>& field, Index dimension) {
  if (field.dimension() == dimension) return;
  fail_size(where, "the field's state", field.dimension(), dimension, "as at construction");
}

}  // namespace

template <class S>
void check_forward(const SensitivityLimits& limits, const VectorField<S>& field,
                   ConstMatrixRef times, ConstMatrixRefX<S> x0, MatrixRefX<S> states) {
  const auto& [d, max_batch, max_points] = limits;
  const Index batch = x0.cols(), columns = times.cols();
  check_field(kForward, field, d);
  if (x0.rows() != d || batch < 1 || batch > max_batch) {
    fail(kForward, "x0 is " + std::to_string(x0.rows()) + " × " + std::to_string(batch) +
                       ", expected " + std::to_string(d) + " × 1 … " +
                       std::to_string(max_batch) + " (dimension × samples)");
  }
  if ((times.rows() != 1 && times.rows() != batch) || columns < 2 || columns > max_points + 1) {
    fail(kForward, "times is " + std::to_string(times.rows()) + " × " +
                       std::to_string(columns) + ", expected 1 or " + std::to_string(batch) +
                       " × 2 … " + std::to_string(max_points + 1) +
                       " (samples × observations)");
  }
  if (states.rows() != d || states.cols() != batch * columns) {
    fail_shape(kForward, "states", states.rows(), states.cols(), d, batch * columns,
               "dimension × samples·(K + 1)");
  }
  for (Index row = 0; row < times.rows(); ++row) {
    const Index k = first_fault(times, row);
    if (k < 0) continue;
    fail_value(kForward, "times(" + std::to_string(row) + ", " + std::to_string(k) + ")",
               times(row, k), "finite and monotone in each row");
  }
}

template <class S>
void check_backward(Index dimension, Index batch, Index points, const VectorField<S>& field,
                    ConstMatrixRefX<S> states_bar, MatrixRefX<S> x0_bar,
                    VectorRefX<S> theta_bar, MatrixRef times_bar) {
  if (batch == 0) fail(kBackward, "there was no forward; expected one before");
  const Index columns = points + 1;
  check_field(kBackward, field, dimension);
  if (states_bar.rows() != dimension || states_bar.cols() != batch * columns) {
    fail_shape(kBackward, "states_bar", states_bar.rows(), states_bar.cols(), dimension,
               batch * columns, "as the states of the last forward");
  }
  if (x0_bar.rows() != dimension || x0_bar.cols() != batch)
    fail_shape(kBackward, "x0_bar", x0_bar.rows(), x0_bar.cols(), dimension, batch);
  if (theta_bar.size() != 0 && theta_bar.size() != field.num_parameters()) {
    fail_size(kBackward, "theta_bar", theta_bar.size(), field.num_parameters(),
              "parameters, or 0");
  }
  if (times_bar.size() != 0 && (times_bar.rows() != batch || times_bar.cols() != columns)) {
    fail_shape(kBackward, "times_bar", times_bar.rows(), times_bar.cols(), batch, columns,
               "samples × observations, or empty");
  }
}

template void check_forward(const SensitivityLimits&, const VectorField<float>&, ConstMatrixRef,
                            ConstMatrixRefX<float>, MatrixRefX<float>);
template void check_forward(const SensitivityLimits&, const VectorField<double>&,
                            ConstMatrixRef, ConstMatrixRefX<double>, MatrixRefX<double>);
template void check_backward(Index, Index, Index, const VectorField<float>&,
                             ConstMatrixRefX<float>, MatrixRefX<float>, VectorRefX<float>,
                             MatrixRef);
template void check_backward(Index, Index, Index, const VectorField<double>&,
                             ConstMatrixRefX<double>, MatrixRefX<double>, VectorRefX<double>,
                             MatrixRef);

}  // namespace least_action
