#pragma once

#include "sensitivity/step_pullback.h"

namespace least_action {

/// A step of Tao's method (ode/tao.h, default coupling) that begins with equal copies z = w =
/// x, and its exact reverse mode. With k₁ = f(t, z), k₂ = f(t, w), the turn C, k₃ = f(t + h, w)
/// and k₄ = f(t + h, z), each as the copies then are,
///
///   w += ½h k₁,  z += ½h k₂,  (z, w) ← C(z, w),  z += ½h k₃,  w += ½h k₄,  x₁ = ½(z + w);
///
/// backward each of the four is one vjp, and the turn, which is orthogonal, its inverse.
///
/// The stepper keeps its copies across steps and this does not: a step is to be a function of
/// its state. So the roll-out differentiated here, of order 2 like the stepper's, differs from
/// it by O(h²), and over very long times its energy error grows.
///
/// Kept of a step: the four states at which f was evaluated; one field tape for all of them,
/// whatever StageTapes says.
template <class S>
class TaoPullback final : public StepPullback<S> {
 public:
  using typename StepPullback<S>::Tape;

  /// Throws std::invalid_argument for a field of odd dimension.
  TaoPullback(const VectorField<S>& field, Index max_batch);

  Index dimension() const override { return z_.rows(); }
  Index max_batch() const override { return z_.cols(); }
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

  FieldUse<S> use_;
  MatrixX<S> z_, w_, rate_, z_bar_, w_bar_, g_, pulled_;  // dimension × max_batch
  VectorX<S> end_, tau_;
};

}  // namespace least_action
