#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/contract.h"
#include "base/types.h"

/// The checks that every batched call of a map makes; all throw std::invalid_argument. Private
/// to lib/maps.
namespace least_action::map_checks {

inline void check_theta(std::string_view where, Index size, Index expected) {
  if (size != expected) fail_size(where, "theta", size, expected, "parameters of the map");
}

template <class X, class Y>
void check_forward(std::string_view where, const X& x, const Y& y, Index inputs, Index outputs,
                   Index capacity) {
  if (x.rows() != inputs) fail_size(where, "x", x.rows(), inputs, "rows");
  if (x.cols() < 1 || x.cols() > capacity) {
    fail_value(where, "batch size", static_cast<double>(x.cols()),
               "from 1 to the tape's capacity of " + std::to_string(capacity));
  }
  if (y.rows() != outputs || y.cols() != x.cols()) {
    fail_shape(where, "y", y.rows(), y.cols(), outputs, x.cols(), "outputs × batch");
  }
}

template <class Y, class X, class T>
void check_vjp(std::string_view where, const Y& y_bar, const X& x_bar, const T& theta_bar,
               Index inputs, Index outputs, Index num_parameters, Index batch) {
  if (batch == 0) fail(where, "the tape holds no forward pass; call forward first");
  if (y_bar.rows() != outputs || y_bar.cols() != batch) {
    fail_shape(where, "y_bar", y_bar.rows(), y_bar.cols(), outputs, batch,
               "one column for each sample of the last forward");
  }
  if (x_bar.size() != 0 && (x_bar.rows() != inputs || x_bar.cols() != batch)) {
    fail_shape(where, "x_bar", x_bar.rows(), x_bar.cols(), inputs, batch, "or empty");
  }
  if (theta_bar.size() != 0 && theta_bar.size() != num_parameters) {
    fail_size(where, "theta_bar", theta_bar.size(), num_parameters, "parameters, or empty");
  }
}

template <class M>
void check_states(std::string_view where, const M& states, Index dimension, Index count,
                  Index batch) {
  if (batch == 0) fail(where, "the tape holds no forward pass; call forward first");
  if (states.rows() != dimension || states.cols() != count * batch) {
    fail_shape(where, "states", states.rows(), states.cols(), dimension, count * batch,
               "state dimension × batch · states");
  }
}

/// The tape of another class of map is a wrong call, not undefined behaviour.
template <class Derived, class Base>
Derived& tape_of(std::string_view where, Base& tape) {
  auto* derived = dynamic_cast<Derived*>(&tape);
  if (derived == nullptr) fail(where, "the tape was made by another kind of map");
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

inline void check_capacity(std::string_view where, Index capacity) {
  if (capacity < 1 || capacity > (Index{1} << 24)) {
    fail_value(where, "capacity", static_cast<double>(capacity), "from 1 to 2^24 samples");
  }
}

}  // namespace least_action::map_checks
