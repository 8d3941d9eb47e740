#pragma once

#include <memory>

#include "ode/implicit_runge_kutta.h"
#include "sensitivity/field_reference.h"
#include "sensitivity/step_pullback.h"

namespace least_action {

/// A step of a collocation method (Gauss–Legendre, Radau IIA) and its exact reverse mode, by
/// the implicit function theorem: with the solved stages' rates kᵢ and Jacobians Jᵢ the
/// cotangents gᵢ of the kᵢ solve the transposed equations
///
///   gᵢ = h bᵢ x̄₁ + h Σⱼ aⱼᵢ mⱼ,   mⱼ = Jⱼᵀ gⱼ,
///
/// of dimension s·n, sample by sample and densely, with Jᵢ from n jvps. Then one vjp of all
/// stages gives the mⱼ and
///
///   x̄₀ = x̄₁ + Σ mᵢ,   θ̄ += Σ (∂f/∂θ)ᵀ gᵢ,   τᵢ = gᵢᵀ ∂f/∂t,   t̄ = Σ τᵢ,
///   h̄ = Σ bᵢ kᵢᵀ x̄₁ + Σ mᵢᵀ Σⱼ aᵢⱼ kⱼ + Σ cᵢ τᵢ.
///
/// As exact as the forward equations are solved: to rounding. What is kept of a step is its s
/// stages; one field tape for all of them, whatever StageTapes says.
template <class S>
class ImplicitPullback final : public StepPullback<S> {
 public:
  using typename StepPullback<S>::Tape;

  ImplicitPullback(const CollocationTableau& tableau, const VectorField<S>& field,
                   Index max_batch);
  ~ImplicitPullback() override;

  Index dimension() const override { return g_.rows(); }
  Index max_batch() const override { return g_.cols() / stages(); }
  std::unique_ptr<Tape> make_tape(const VectorField<S>& field, Index capacity,
                                  StageTapes tapes) const override;
  bool forward(const VectorField<S>& field, ConstVectorRefX<S> t, ConstVectorRefX<S> h,
               MatrixRefX<S> x, Tape& tape) override;
  void pull_back(const VectorField<S>& field, MatrixRefX<S> x_bar, VectorRefX<S> theta_bar,
                 VectorRefX<S> t_bar, VectorRefX<S> h_bar, Tape& tape) override;
  FieldUse<S>& use() override { return use_; }
  std::size_t bytes() const override;

 private:
  struct StepTape;
  struct TransposedSystem;  // of one sample

  Index stages() const { return b_.size(); }
  void solve_transposed(S h, Index sample, ConstVectorRefX<S> x_bar);

  FieldReference<S> field_;  // What the stepper is bound to.
  ImplicitRungeKutta<S> stepper_;
  MatrixX<S> a_;
  VectorX<S> b_, c_;
  // dimension × max_batch · s, by sample
  MatrixX<S> rate_, g_, m_, direction_;
  MatrixX<S> jacobian_columns_;  // ∂f/∂xⱼ: block j of dimension × max_batch · s
  VectorX<S> tau_;               // max_batch · s
  std::unique_ptr<TransposedSystem> system_;
  FieldUse<S> use_;
};

}  // namespace least_action
