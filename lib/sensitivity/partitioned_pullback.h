#pragma once

#include <vector>

#include "sensitivity/step_pullback.h"

namespace least_action {

/// A step of an explicit symplectic method for a separable field, x = (q, p), and its exact
/// reverse mode. The step is a sequence of kicks and drifts with weights a and times t + ch,
///
///   kick: p ← p + a h F(t + ch, q),   drift: q ← q + a h V(t + ch, p),
///
/// F = −∂V/∂q the force, V = ∂T/∂p the velocity. Backward through a kick, p̄ stays and
///
///   g = a h p̄,   q̄ ← q̄ + (∂F/∂q)ᵀ g,   θ̄ += (∂F/∂θ)ᵀ g,   τ = gᵀ ∂F/∂t,
///   t̄ += τ,   h̄ += a p̄ᵀF + c τ,
///
/// which is one `forward` of the whole field and its `vjp` with the cotangent (0, g); a drift
/// likewise with (g, 0). What is kept of a step is q or p as each kick or drift found it: half
/// a state each. One field tape, whatever StageTapes says: it serves all of them in turn.
template <class S>
class PartitionedPullback final : public StepPullback<S> {
 public:
  using typename StepPullback<S>::Tape;

  /// Symplectic Euler, Störmer–Verlet and Yoshida's compositions. Throws std::invalid_argument
  /// for another method, and for a field that is not separable.
  PartitionedPullback(Method method, const VectorField<S>& field, Index max_batch);

  Index dimension() const override { return rate_.rows(); }
  Index max_batch() const override { return rate_.cols(); }
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
  struct Move {
    bool is_kick;
    double weight, node;  // a, c
  };

  std::vector<Move> moves_;
  MatrixX<S> rate_, state_, g_, x_bar_;  // dimension × max_batch
  MatrixX<S> half_;                      // n × max_batch
  VectorX<S> time_, tau_;                // max_batch
  FieldUse<S> use_;
};

}  // namespace least_action
