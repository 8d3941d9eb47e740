#pragma once

#include "base/types.h"

namespace least_action {

/// The running cost l(t, x; θ) of a cost functional (seed eq. 4), summed over time along a
/// solution. Holds or refers to its parameters, which are among those of the functional. No
/// call allocates. Shapes: t, costs: B; x: dimension × B.
template <class S>
class RunningCost {
 public:
  virtual ~RunningCost() = default;

  /// Writes l(t_b, x_b) of every sample.
  virtual void evaluate(ConstVectorRefX<S> t, ConstMatrixRefX<S> x,
                        VectorRefX<S> costs) const = 0;
  /// For w = ∂C/∂costs (B) writes x̄ = w ∂l/∂x, adds Σ_b w_b ∂l/∂θ to `theta_bar` (all
  /// parameters of the functional, or empty), and writes t̄ = w ∂l/∂t (B, or empty).
  virtual void pull_back(ConstVectorRefX<S> t, ConstMatrixRefX<S> x, ConstVectorRefX<S> w,
                         MatrixRefX<S> x_bar, VectorRefX<S> theta_bar,
                         VectorRefX<S> t_bar) const = 0;
  virtual bool is_autonomous() const { return true; }  ///< False where l depends on t.
};

}  // namespace least_action
