#pragma once

#include <limits>

#include "ode/vector_field.h"

namespace least_action {

/// A field whose calls are counted, and end: beyond `budget` calls of any kind it gives NaN
/// without asking the field, which every solver takes for a failure and stops at once. So the
/// work of a solve is limited whatever the method makes of a step. The field must outlive it.
class BudgetedField final : public VectorField<double> {
 public:
  BudgetedField(const VectorField<double>& field, Index budget)
      : field_(&field), budget_(budget) {}

  Index calls() const { return calls_; }  ///< That were answered.
  bool is_spent() const { return refused_; }
  Index left() const { return budget_ - calls_; }
  /// Counts and limits anew.
  void renew(Index budget) {
    budget_ = budget;
    calls_ = 0;
    refused_ = false;
  }

  Index dimension() const override { return field_->dimension(); }
  Index num_parameters() const override { return field_->num_parameters(); }
  std::unique_ptr<Tape> make_tape(Index capacity) const override {
    return field_->make_tape(capacity);
  }
  void forward(ConstVectorRef t, ConstMatrixRef x, MatrixRef x_dot, Tape& tape) const override {
    if (may_call(x_dot)) field_->forward(t, x, x_dot, tape);
  }
  void vjp(ConstMatrixRef w, MatrixRef x_bar, VectorRef theta_bar, Tape& tape) const override {
    if (may_call(x_bar)) field_->vjp(w, x_bar, theta_bar, tape);
  }
  void jvp(ConstMatrixRef v, MatrixRef x_dot_tangent, Tape& tape) const override {
    if (may_call(x_dot_tangent)) field_->jvp(v, x_dot_tangent, tape);
  }
  bool is_autonomous() const override { return field_->is_autonomous(); }
  void time_vjp(ConstMatrixRef w, VectorRef t_bar, Tape& tape) const override {
    field_->time_vjp(w, t_bar, tape);
  }
  bool is_separable() const override { return field_->is_separable(); }
  void velocity(ConstVectorRef t, ConstMatrixRef p, MatrixRef q_dot,
                Tape& tape) const override {
    if (may_call(q_dot)) field_->velocity(t, p, q_dot, tape);
  }
  void force(ConstVectorRef t, ConstMatrixRef q, MatrixRef p_dot, Tape& tape) const override {
    if (may_call(p_dot)) field_->force(t, q, p_dot, tape);
  }

 private:
  bool may_call(MatrixRef out) const {
    refused_ = calls_ >= budget_;
    if (refused_) {
      out.setConstant(std::numeric_limits<double>::quiet_NaN());
      return false;
    }
    ++calls_;
    return true;
  }

  const VectorField<double>* field_;
  Index budget_;
  mutable Index calls_ = 0;
  mutable bool refused_ = false;
};

}  // namespace least_action
