#pragma once

#include "ode/vector_field.h"

namespace least_action {

/// A field that stands for another, which may change between solves: a solver bound to it
/// serves every field of the kind. Until `refer_to` is called again the field must live.
template <class S>
class FieldReference final : public VectorField<S> {
 public:
  using typename VectorField<S>::Tape;

  explicit FieldReference(const VectorField<S>& field) : field_(&field) {}
  void refer_to(const VectorField<S>& field) { field_ = &field; }

  Index dimension() const override { return field_->dimension(); }
  Index num_parameters() const override { return field_->num_parameters(); }
  std::unique_ptr<Tape> make_tape(Index capacity) const override {
    return field_->make_tape(capacity);
  }
  void forward(ConstVectorRefX<S> t, ConstMatrixRefX<S> x, MatrixRefX<S> x_dot,
               Tape& tape) const override {
    field_->forward(t, x, x_dot, tape);
  }
  void vjp(ConstMatrixRefX<S> w, MatrixRefX<S> x_bar, VectorRefX<S> theta_bar,
           Tape& tape) const override {
    field_->vjp(w, x_bar, theta_bar, tape);
  }
  bool is_autonomous() const override { return field_->is_autonomous(); }
  void time_vjp(ConstMatrixRefX<S> w, VectorRefX<S> t_bar, Tape& tape) const override {
    field_->time_vjp(w, t_bar, tape);
  }
  void jvp(ConstMatrixRefX<S> v, MatrixRefX<S> x_dot_tangent, Tape& tape) const override {
    field_->jvp(v, x_dot_tangent, tape);
  }
  bool is_separable() const override { return field_->is_separable(); }
  void velocity(ConstVectorRefX<S> t, ConstMatrixRefX<S> p, MatrixRefX<S> q_dot,
                Tape& tape) const override {
    field_->velocity(t, p, q_dot, tape);
  }
  void force(ConstVectorRefX<S> t, ConstMatrixRefX<S> q, MatrixRefX<S> p_dot,
             Tape& tape) const override {
    field_->force(t, q, p_dot, tape);
  }

 private:
  const VectorField<S>* field_;
};

}  // namespace least_action
