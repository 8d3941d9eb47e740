#pragma once

#include "ode/tableau.h"
#include "sensitivity/step_pullback.h"

namespace least_action {

/// A step of an explicit Runge–Kutta method and its exact reverse mode: the chain rule, stage
/// by stage, i = s … 1, with one vjp a stage:
///
///   gᵢ = h (bᵢ x̄₁ + Σ_{j>i} aⱼᵢ mⱼ),
///
///   mᵢ = (∂f/∂x)ᵀ gᵢ,   θ̄ += (∂f/∂θ)ᵀ gᵢ,   τᵢ = (∂f/∂t)ᵀ gᵢ,
///
///   x̄₀ = x̄₁ + Σᵢ mᵢ,   t̄ = Σᵢ τᵢ,   h̄ = Σᵢ bᵢ kᵢᵀ x̄₁ + Σᵢ mᵢᵀ Σⱼ aᵢⱼ kⱼ + Σᵢ cᵢ τᵢ.
///
/// This is the symplectic adjoint of Matsubara, Miyatake & Yaguchi (NeurIPS 2021): the
/// conjugate tableau with the factor h bᵢ inside mᵢ, so that stages with bᵢ = 0 are not
/// special. A step costs s evaluations and s vjps, with StageTapes::kOne s − 1 evaluations
/// more.
template <class S>
class RungeKuttaPullback final : public StepPullback<S> {
 public:
  using typename StepPullback<S>::Tape;

  RungeKuttaPullback(const ButcherTableau& tableau, const VectorField<S>& field,
                     Index max_batch);

  Index dimension() const override { return g_.rows(); }
  Index max_batch() const override { return g_.cols(); }
  std::unique_ptr<Tape> make_tape(const VectorField<S>& field, Index capacity,
                                  StageTapes tapes) const override;
  bool forward(const VectorField<S>& field, ConstVectorRefX<S> t, ConstVectorRefX<S> h,
               MatrixRefX<S> x, Tape& tape) override;
  bool advance(const VectorField<S>& field, ConstVectorRefX<S> t, ConstVectorRefX<S> h,
               MatrixRefX<S> x, Tape& tape) override;
  void pull_back(const VectorField<S>& field, MatrixRefX<S> x_bar, VectorRefX<S> theta_bar,
                 VectorRefX<S> t_bar, VectorRefX<S> h_bar, Tape& tape) override;
  FieldUse<S>& use() override { return use_; }
  std::size_t bytes() const override;

 private:
  struct StepTape;

  /// Writes Σⱼ wⱼ kⱼ over the first `count` stages to `sum`.
  void sum_stages(const StepTape& tape, const S* weights, Index count, S* sum) const;
  void begin(ConstVectorRefX<S> t, ConstVectorRefX<S> h, MatrixRefX<S> x, StepTape& tape);
  /// Evaluates stage i of the tape's step on its field tape number `on`.
  void evaluate(const VectorField<S>& field, Index i, std::size_t on, StepTape& tape);
  void finish(MatrixRefX<S> x, const StepTape& tape);
  void add_step_size_terms(const StepTape& tape, VectorRefX<S> h_bar);

  Eigen::Matrix<S, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> a_;
  VectorX<S> b_, c_;
  Index last_;                          // Stage beyond which nothing reaches x₁.
  MatrixX<S> stage_, sum_, g_, x_bar_;  // dimension × max_batch
  MatrixX<S> m_;                        // dimension × max_batch · s: the mᵢ
  VectorX<S> stage_time_, tau_;         // max_batch
  FieldUse<S> use_;
};

}  // namespace least_action
