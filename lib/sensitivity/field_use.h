#pragma once

#include <algorithm>

#include "ode/vector_field.h"

namespace least_action {

/// Calls a field and counts: what a sensitivity reports of either way. Unlike FieldCalls it is
/// given the field and the tape of each call, because θ and tapes change between calls.
template <class S>
struct FieldUse {
  using Tape = typename VectorField<S>::Tape;

  Index evaluations = 0;  ///< Batched calls of forward, jvp, velocity and force.
  Index vjps = 0;         ///< Batched calls of vjp.
  FieldHealth health;     ///< The worst met.

  void forward(const VectorField<S>& field, ConstVectorRefX<S> t, ConstMatrixRefX<S> x,
               MatrixRefX<S> x_dot, Tape& tape) {
    field.forward(t, x, x_dot, tape);
    count(tape);
  }
  void vjp(const VectorField<S>& field, ConstMatrixRefX<S> w, MatrixRefX<S> x_bar,
           VectorRefX<S> theta_bar, Tape& tape) {
    field.vjp(w, x_bar, theta_bar, tape);
    ++vjps;
  }
  /// Counts a call made without this class.
  void count(const Tape& tape) {
    ++evaluations;
    const FieldHealth last = tape.health();
    health.damped_samples = std::max(health.damped_samples, last.damped_samples);
    health.worst_condition = std::max(health.worst_condition, last.worst_condition);
  }
  void reset() { *this = {}; }
};

}  // namespace least_action
