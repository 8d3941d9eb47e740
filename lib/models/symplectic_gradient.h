#pragma once

#include "base/types.h"

namespace least_action {

/// Writes Y = J X for every column, J = [0 I; −I 0]: (a, b) ↦ (b, −a). Y must not be X.
template <class S>
void apply_symplectic(ConstMatrixRefX<S> x, MatrixRefX<S> y) {
  const Index n = x.rows() / 2, x_stride = x.outerStride(), y_stride = y.outerStride();
  const S* in = x.data();
  S* out = y.data();
  for (Index b = 0; b < x.cols(); ++b, in += x_stride, out += y_stride) {
    for (Index i = 0; i < n; ++i) {
      out[i] = in[n + i];
      out[n + i] = -in[i];
    }
  }
}

/// Writes Y = Jᵀ X = −J X.
template <class S>
void apply_symplectic_transposed(ConstMatrixRefX<S> x, MatrixRefX<S> y) {
  const Index n = x.rows() / 2, x_stride = x.outerStride(), y_stride = y.outerStride();
  const S* in = x.data();
  S* out = y.data();
  for (Index b = 0; b < x.cols(); ++b, in += x_stride, out += y_stride) {
    for (Index i = 0; i < n; ++i) {
      out[i] = -in[n + i];
      out[n + i] = in[i];
    }
  }
}

}  // namespace least_action
