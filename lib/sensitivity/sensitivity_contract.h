#pragma once

#include "base/types.h"
#include "ode/vector_field.h"

namespace least_action {

/// The sizes that a Sensitivity was made for.
struct SensitivityLimits {
  Index dimension, max_batch, max_points;
};

/// Throws std::invalid_argument where the arguments do not fit Sensitivity::forward: other
/// sizes, or times that are not finite and monotone.
template <class S>
void check_forward(const SensitivityLimits& limits, const VectorField<S>& field,
                   ConstMatrixRef times, ConstMatrixRefX<S> x0, MatrixRefX<S> states);

/// Throws std::invalid_argument where the arguments do not fit Sensitivity::backward after a
/// forward of `batch` samples (0: there was none) and `points` times after the first.
template <class S>
void check_backward(Index dimension, Index batch, Index points, const VectorField<S>& field,
                    ConstMatrixRefX<S> states_bar, MatrixRefX<S> x0_bar,
                    VectorRefX<S> theta_bar, MatrixRef times_bar);

}  // namespace least_action
