#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/types.h"
#include "ode/adaptive_stepper.h"
#include "sensitivity/adjoint_field.h"
#include "sensitivity/forward_path.h"

namespace least_action {

/// The way back of the continuous adjoints (seed eq. 6–7; Chen et al., NeurIPS 2018): from the
/// last observation to the first,
///
///   λ̇ = −(∂f/∂x)ᵀ λ,   λ(t_k⁻) = λ(t_k⁺) + x̄_k,   θ̄ += ∫ (∂f/∂θ)ᵀ λ dt,
///
/// each sample with steps of its own by an adaptive method: that of the way forward, or
/// Dormand–Prince 5(4) where that has fixed steps.
///
/// θ̄ is neither integrated nor in the error norm, as it steers nothing: over each accepted
/// step the integral is taken by Gauss–Legendre quadrature with ⌈p/2⌉ nodes (p: order of the
/// method) on the method's own dense output, whose error h^p in a node becomes h^{p+1} in the
/// step's part, so θ̄ has the order of the method. Nodes of several samples and steps are
/// evaluated together, one vjp for all: half the work of a quadrature on the stages (three
/// evaluations a step of Dormand–Prince instead of six), and one θ̄ for the whole batch. Where x
/// is looked up rather than solved and λ takes longer steps than x did, each of x's steps has
/// nodes of its own.
///
/// λ is scaled by the sample's largest x̄_k, so the tolerances mean the same whatever the units
/// of C. Where no cotangent has come yet, nothing is solved.
///
/// Then x̄₀ = λ(t₀⁺) + x̄₀ of the observation, and dC/dt_k = x̄_kᵀ f(t_k, x_k) for k ≥ 1,
/// dC/dt₀ = −λ(t₀⁺)ᵀ f(t₀, x₀).
template <class S>
class AdjointSweep final {
 public:
  /// `path` must outlive this; `adjoint` refers to it.
  AdjointSweep(const SensitivityOptions& options, const VectorField<S>& field,
               const ForwardPath<S>& path, std::unique_ptr<AdjointField<S>> adjoint);

  /// As Sensitivity::backward. A sample that fails on the way back has x̄₀ = 0 and times_bar
  /// 0, but the part of θ̄ of the steps before is in.
  SolveStatus run(const VectorField<S>& field, ConstMatrixRefX<S> states_bar,
                  MatrixRefX<S> x0_bar, VectorRefX<S> theta_bar, MatrixRef times_bar);

  const std::string& message() const { return message_; }  ///< Of the last `run`.
  const SolveStatistics& statistics() const { return statistics_; }
  Index vjps() const { return vjps_; }
  std::size_t bytes() const;

 private:
  /// A sample on its way back, in a column of the stepper.
  struct Traveller {
    Index sample = 0;
    Index here = 0;  ///< The observation last left, at `time` …
    Index next = 0;  ///< … and the one on the way to.
    double time = 0;
    S scale = 1;  ///< λ is in units of it.
  };

  Index embark(ConstMatrixRefX<S> states_bar, MatrixRefX<S> x0_bar);
  bool gather(ConstMatrixRefX<S> states_bar, Traveller& traveller, VectorRefX<S> lambda,
              bool may_skip) const;
  void add_nodes(const VectorField<S>& field, Index column, VectorRefX<S> theta_bar);
  void flush(const VectorField<S>& field, VectorRefX<S> theta_bar);
  SolveStatus finish(Index columns, MatrixRefX<S> x0_bar);
  void differentiate_times(const VectorField<S>& field, ConstMatrixRefX<S> states_bar,
                           ConstMatrixRefX<S> lambda0, MatrixRef times_bar);
  auto lambda(VectorX<S>& y) const {
    return y.segment(adjoint_->lambda_row(), path_->dimension());
  }

  const ForwardPath<S>* path_;
  std::unique_ptr<AdjointField<S>> adjoint_;
  std::unique_ptr<AdaptiveStepper<S>> stepper_;
  Index nodes_;  // of the quadrature, in a step
  std::vector<Traveller> travellers_;
  std::vector<SolveStatus> status_;  // of the samples
  VectorX<S> y_;
  MatrixX<S> y_start_;         // dimension of y × max_batch
  Vector t_start_, t_target_;  // max_batch

  // Nodes waiting to be evaluated together.
  std::unique_ptr<typename VectorField<S>::Tape> node_tape_;
  Index waiting_ = 0;
  MatrixX<S> node_x_, node_lambda_, node_scratch_;  // dimension × capacity
  VectorX<S> node_t_;

  std::string message_;
  SolveStatistics statistics_;
  Index vjps_ = 0;
};

}  // namespace least_action
