#pragma once

#include "ode/vector_field.h"
#include "sensitivity/running_cost.h"

namespace least_action {

/// A field with its running cost as one more component of the state:
///
///   d/dt (x, c) = (f(t, x; θ), l(t, x; θ)),
///
/// so that every solver and every sensitivity serves cost functionals, and a step is only
/// accepted where the cost is as accurate as the state. Its parameters are all of those of the
/// functional, the field's first. Refers to both; not separable.
template <class S>
class CostField final : public VectorField<S> {
 public:
  using typename VectorField<S>::Tape;

  CostField(const VectorField<S>& field, const RunningCost<S>& cost, Index num_parameters)
      : field_(&field), cost_(&cost), num_parameters_(num_parameters) {}

  Index dimension() const override { return field_->dimension() + 1; }
  Index num_parameters() const override { return num_parameters_; }
  std::unique_ptr<Tape> make_tape(Index capacity) const override;
  void forward(ConstVectorRefX<S> t, ConstMatrixRefX<S> x, MatrixRefX<S> x_dot,
               Tape& tape) const override;
  void vjp(ConstMatrixRefX<S> w, MatrixRefX<S> x_bar, VectorRefX<S> theta_bar,
           Tape& tape) const override;
  bool is_autonomous() const override {
    return field_->is_autonomous() && cost_->is_autonomous();
  }
  void time_vjp(ConstMatrixRefX<S> w, VectorRefX<S> t_bar, Tape& tape) const override;
  void jvp(ConstMatrixRefX<S> v, MatrixRefX<S> x_dot_tangent, Tape& tape) const override;

 private:
  struct Evaluation;

  const VectorField<S>* field_;
  const RunningCost<S>* cost_;
  Index num_parameters_;
};

}  // namespace least_action
