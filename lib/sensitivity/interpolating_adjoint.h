#pragma once

#include "sensitivity/adjoint_sweep.h"
#include "sensitivity/forward_path.h"
#include "sensitivity/sensitivity.h"

namespace least_action {

/// The continuous adjoint along the dense output of the way forward:
///
///   λ̇ = −(∂f/∂x)ᵀ λ at x̃(t),   θ̄ = ∫ (∂f/∂θ)ᵀ λ dt at x̃(t),
///
/// with x̃ interpolated from a record of every accepted step: O(N) memory. x is never solved
/// backward, so dissipative motion does no harm: λ backward is as stable as the motion
/// forward. Stiff fields want Method::kRadau5, which then solves the way back as well.
///
/// Not the gradient of the discrete solution; the difference falls in proportion to the
/// tolerance (of the way back too). Fixed-step methods are interpolated by cubic Hermite
/// polynomials, one evaluation a step more, with the way back by Dormand–Prince 5(4): the
/// difference then falls with the step as h^{min(p, 4)} for a method of order p.
///
/// How θ̄ is integrated, what tolerances mean and what a failure leaves: AdjointSweep.
///
/// Reference: the "interpolating adjoint" of Rackauckas et al., arXiv 2001.04385, §3.
template <class S>
class InterpolatingAdjoint final : public Sensitivity<S> {
 public:
  InterpolatingAdjoint(const SensitivityOptions& options, const VectorField<S>& field,
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
