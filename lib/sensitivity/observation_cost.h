#pragma once

#include "base/types.h"

namespace least_action {

/// The costs φ_k(t_k, x(t_k); θ) at the observation times k = 0 … K of a cost functional; a
/// terminal cost is one that is 0 for k < K. As RunningCost otherwise.
template <class S>
class ObservationCost {
 public:
  virtual ~ObservationCost() = default;

  /// Writes φ_k(t_b, x_b) of every sample.
  virtual void evaluate(Index k, ConstVectorRefX<S> t, ConstMatrixRefX<S> x,
                        VectorRefX<S> costs) const = 0;
  /// For w = ∂C/∂costs (B) writes x̄ = w ∂φ_k/∂x, adds Σ_b w_b ∂φ_k/∂θ to `theta_bar` (all
  /// parameters of the functional, or empty), and writes t̄ = w ∂φ_k/∂t (B).
  virtual void pull_back(Index k, ConstVectorRefX<S> t, ConstMatrixRefX<S> x,
                         ConstVectorRefX<S> w, MatrixRefX<S> x_bar, VectorRefX<S> theta_bar,
                         VectorRefX<S> t_bar) const = 0;
};

}  // namespace least_action
