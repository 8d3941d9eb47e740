#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/contract.h"
#include "base/types.h"

namespace least_action::call_contract {

/// The checks that every batched call of a model makes; all throw std::invalid_argument.

inline void check_theta(std::string_view where, Index size, Index expected) {
  if (size != expected) fail_size(where, "theta", size, expected, "parameters of the model");
}

/// θ̄ may also be empty: then it is not computed.
inline void check_theta_bar(std::string_view where, Index size, Index expected) {
  if (size != 0 && size != expected) {
    fail_size(where, "theta_bar", size, expected, "parameters of the model, or empty");
  }
}

/// The input of a call: `rows` × B with 1 ≤ B ≤ capacity.
inline void check_input(std::string_view where, std::string_view name, Index rows, Index cols,
                        Index expected_rows, Index capacity) {
  if (rows != expected_rows) fail_size(where, name, rows, expected_rows, "rows");
  if (cols < 1 || cols > capacity) {
    fail_value(where, "batch size", static_cast<double>(cols),
               "from 1 to the tape's capacity of " + std::to_string(capacity));
  }
}

inline void check_shape(std::string_view where, std::string_view name, Index rows, Index cols,
                        Index expected_rows, Index expected_cols) {
  if (rows != expected_rows || cols != expected_cols) {
    fail_shape(where, name, rows, cols, expected_rows, expected_cols);
  }
}

/// A derivative is taken at the state of the last `forward`: `batch` is its number of samples,
/// 0 where the tape holds none (never made, or overwritten by energy, velocity or force).
inline void check_derivative(std::string_view where, std::string_view name, Index rows,
                             Index cols, Index expected_rows, Index batch) {
  if (batch == 0) fail(where, "the tape holds no forward pass; call forward first");
  if (rows != expected_rows || cols != batch) {
    fail_shape(where, name, rows, cols, expected_rows, batch,
               "one column for each sample of the last forward");
  }
}

/// What every `vjp` begins with: sizes of θ, of the cotangent w and of what it writes.
template <class S>
void check_vjp(std::string_view where, ConstVectorRefX<S> theta, ConstMatrixRefX<S> w,
               MatrixRefX<S> x_bar, VectorRefX<S> theta_bar, Index parameters, Index dimension,
               Index batch) {
  check_theta(where, theta.size(), parameters);
  check_theta_bar(where, theta_bar.size(), parameters);
  check_derivative(where, "w", w.rows(), w.cols(), dimension, batch);
  check_shape(where, "x_bar", x_bar.rows(), x_bar.cols(), dimension, batch);
}

/// What every `jvp` begins with.
template <class S>
void check_jvp(std::string_view where, ConstVectorRefX<S> theta, ConstMatrixRefX<S> v,
               MatrixRefX<S> x_dot_tangent, Index parameters, Index dimension, Index batch) {
  check_theta(where, theta.size(), parameters);
  check_derivative(where, "v", v.rows(), v.cols(), dimension, batch);
  check_shape(where, "x_dot_tangent", x_dot_tangent.rows(), x_dot_tangent.cols(), dimension,
              batch);
}

/// The tape of another class of model is a wrong call, not undefined behaviour.
template <class Derived, class Base>
Derived& tape_of(std::string_view where, Base& tape) {
  auto* derived = dynamic_cast<Derived*>(&tape);
  if (derived == nullptr) fail(where, "the tape was made by another kind of model");
  return *derived;
}

/// Memory of a network's tape where it reports it.
template <class NetworkTape>
std::size_t bytes_of(const NetworkTape& tape) {
  if constexpr (requires { tape.bytes(); }) {
    return tape.bytes();
  } else {
    return 0;
  }
}

}  // namespace least_action::call_contract
