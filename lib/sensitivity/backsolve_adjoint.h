#pragma once

#include "sensitivity/adjoint_sweep.h"
#include "sensitivity/forward_path.h"
#include "sensitivity/sensitivity.h"

namespace least_action {

/// The continuous adjoint with x solved backward beside λ (Chen, Rubanova, Bettencourt &
/// Duvenaud, NeurIPS 2018; seed eq. 6–7):
///
///   ẋ = f(t, x; θ),   λ̇ = −(∂f/∂x)ᵀ λ,   θ̄ = ∫ (∂f/∂θ)ᵀ λ dt,
///
/// from each observation time back to the one before, where λ gains the observation's
/// cotangent and x is put back on the state that the way forward had there. Of the way forward
/// only these K + 1 states are kept, which the caller has in any case: memory does not grow
/// with the number of steps.
///
/// Not the gradient of the discrete solution but an approximation of that of the exact one: the
/// difference to either falls in proportion to the tolerance (of the way back too). Limits: a
/// dissipative or chaotic motion solved backward runs away from itself, errors growing as
/// e^{γ Δt} over an interval Δt in which it contracts by e^{−γ Δt}; observations that are close
/// together hold it, none do where the interval is long. Then take InterpolatingAdjoint, or an
/// exact method. Adaptive methods are used on the way back, too; for fixed-step methods that is
/// Dormand–Prince 5(4), and the difference falls with the step as the method's order.
///
/// How θ̄ is integrated, what tolerances mean and what a failure leaves: AdjointSweep.
template <class S>
class BacksolveAdjoint final : public Sensitivity<S> {
 public:
  BacksolveAdjoint(const SensitivityOptions& options, const VectorField<S>& field,
                   Index max_batch, Index max_points);

  SolveStatus forward(const VectorField<S>& field, ConstMatrixRef times, ConstMatrixRefX<S> x0,
                      MatrixRefX<S> states) override;
  SolveStatus backward(const VectorField<S>& field, ConstMatrixRefX<S> states_bar,
                       MatrixRefX<S> x0_bar, VectorRefX<S> theta_bar,
                       MatrixRef times_bar) override;

  SolveStatus status(Index sample) const override { return path_.status(sample); }
  const std::string& message() const override { return message_; }
  const SensitivityStatistics& statistics() const override { return statistics_; }
  FieldHealth health() const override { return path_.health(); }
  Index max_batch() const override { return path_.max_batch(); }
  Index max_points() const override { return path_.max_points(); }

 private:
  ForwardPath<S> path_;
  AdjointSweep<S> sweep_;
  std::string message_;
  SensitivityStatistics statistics_;
};

}  // namespace least_action
