#pragma once

#include <memory>
#include <vector>

#include "base/types.h"
#include "ode/runge_kutta_stages.h"
#include "ode/tableau.h"
#include "ode/vector_field.h"
#include "sensitivity/stage_tapes.h"

namespace least_action {

/// A fixed-step explicit Runge–Kutta roll-out of a batch and its exact gradient (that of the
/// discrete solution, to rounding; not an approximation of the continuous adjoint).
///
/// Forward, only the states at step ends are kept. On the way back each step is done again and
/// differentiated stage by stage, i = s … 1, with one vjp a stage:
///
///   gᵢ = h (bᵢ x̄₁ + Σ_{j>i} aⱼᵢ mⱼ),   mᵢ = (∂f/∂x)ᵀ gᵢ,   θ̄ += (∂f/∂θ)ᵀ gᵢ,
///   x̄₀ = x̄₁ + Σᵢ mᵢ.
///
/// This is the symplectic adjoint of Matsubara, Miyatake & Yaguchi (NeurIPS 2021) written as
/// the chain rule, so that stages with bᵢ = 0 are not special (here mᵢ carries the factor h).
/// Memory: N + 1 states, s stages and one or s tapes, against N·s tapes for plain
/// backpropagation.
///
/// Every sample has its own start and its own intervals, so irregularly sampled trajectories
/// share a batch; an interval of 0 leaves its sample where it is (padding for short segments).
/// Construct once, then alternate `forward` and `backward`: neither allocates.
template <class S>
class DiscreteAdjoint final {
 public:
  /// Sizes the workspace for up to `max_batch` samples and `max_steps` = points × substeps
  /// steps. `field` is only asked for its sizes and tapes; the fields given later must be of
  /// its kind (the same tapes), but may have other parameters.
  DiscreteAdjoint(const ButcherTableau& tableau, const VectorField<S>& field, Index max_batch,
                  Index max_steps, StageTapes tapes = StageTapes::kPerStage);

  /// Rolls out from x0 (dimension × B) at t0 (B) and writes the states at points 0 … `points`
  /// to `states` (dimension × B·(points + 1), block k is point k, block 0 is x0). `intervals`:
  /// the time from point k to point k + 1 of each sample, B × points, or B × 1 where all are
  /// equal; each is divided into `substeps` equal steps. States may come out infinite or NaN;
  /// the caller looks.
  void forward(const VectorField<S>& field, ConstVectorRefX<S> t0, ConstMatrixRefX<S> intervals,
               ConstMatrixRefX<S> x0, Index points, Index substeps, MatrixRefX<S> states);

  /// For `states_bar` = ∂ℓ/∂states (shape as written by the last `forward`) writes x̄₀ = ∂ℓ/∂x0
  /// (dimension × B) and adds ∂ℓ/∂θ to `theta_bar` (num_parameters, or empty: then only x̄₀).
  /// `field` must be as it was in `forward`. May be called again with another `states_bar`.
  void backward(const VectorField<S>& field, ConstMatrixRefX<S> states_bar,
                MatrixRefX<S> x0_bar, VectorRefX<S> theta_bar);

  Index max_batch() const { return stages_.max_batch(); }
  Index max_steps() const { return max_steps_; }
  std::size_t bytes() const;   ///< Memory held by checkpoints, stages and tapes.
  FieldHealth health() const;  ///< Worst over the evaluations of the last `forward`.

 private:
  using Tape = typename VectorField<S>::Tape;

  void pull_back_step(const VectorField<S>& field, Index step, VectorRefX<S> theta_bar);

  RungeKuttaStages<S> stages_;
  std::vector<std::unique_ptr<Tape>> tapes_;
  Index max_steps_;
  Index batch_ = 0, points_ = 0, substeps_ = 0;  // of the last forward
  MatrixX<S> checkpoints_;                       // dimension × max_batch · (max_steps + 1)
  MatrixX<S> times_, step_sizes_;                // max_batch × max_steps
  MatrixX<S> m_;                                 // dimension × max_batch · s: the mᵢ
  MatrixX<S> g_, x_bar_;                         // dimension × max_batch
  FieldHealth health_;
};

}  // namespace least_action
