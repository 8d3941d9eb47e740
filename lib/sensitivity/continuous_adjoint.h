#pragma once

#include "sensitivity/adjoint_sweep.h"
#include "sensitivity/forward_path.h"
#include "sensitivity/sensitivity.h"

namespace least_action {

/// The continuous adjoint (Chen, Rubanova, Bettencourt & Duvenaud, NeurIPS 2018; seed eq. 6–7),
///
///   λ̇ = −(∂f/∂x)ᵀ λ,   θ̄ = ∫ (∂f/∂θ)ᵀ λ dt,
///
/// solved backward from observation to observation. Where it takes x from is the option
/// `sensitivity`:
///
/// - kBacksolve: ẋ = f(t, x; θ) is solved backward beside λ, and at each observation x is put
///   back on the state that the way forward had there. Of the way forward only these K + 1
///   states are kept, which the caller has in any case: memory does not grow with the number of
///   steps. Limits: a dissipative or chaotic motion solved backward runs away from itself,
///   errors growing as e^{γ Δt} over an interval Δt in which it contracts by e^{−γ Δt};
///   observations that are close together hold it, none do where the interval is long. Then
///   interpolate, or take an exact method.
/// - kInterpolating: x̃(t) is interpolated from a record of every accepted step of the way
///   forward, O(N) memory (Rackauckas et al., arXiv 2001.04385, §3). x is never solved
///   backward, so dissipative motion does no harm: λ backward is as stable as the motion
///   forward. Stiff fields want Method::kRadau5, which then solves the way back as well.
///
/// Not the gradient of the discrete solution but an approximation of that of the exact one: the
/// difference to either falls in proportion to the tolerance (of the way back too). Adaptive
/// methods are used on the way back, too; for fixed-step methods that is Dormand–Prince 5(4).
/// The difference then falls with the step h as h^p for a method of order p solved backward,
/// and as h^{min(p, 4)} interpolated, which is by cubic Hermite polynomials and costs one
/// evaluation a step more.
///
/// How θ̄ is integrated, what tolerances mean and what a failure leaves: AdjointSweep.
template <class S>
class ContinuousAdjoint final : public Sensitivity<S> {
 public:
  ContinuousAdjoint(const SensitivityOptions& options, const VectorField<S>& field,
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
