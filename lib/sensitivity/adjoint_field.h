#pragma once

#include "ode/vector_field.h"
#include "sensitivity/forward_path.h"

namespace least_action {

/// The differential equation of the way back, λ̇ = −(∂f/∂x)ᵀ λ, beside whatever tells x: a
/// vector field whose state y holds λ in its last rows but `rows_below_lambda`. A solver gives
/// it any samples in any order, so what depends on the sample must be in y too.
///
/// Not differentiable again: `vjp` throws std::logic_error. `jvp` gives [J v_x; −Jᵀ v_λ] and
/// leaves out how J itself changes with x, which needs second derivatives: enough for the
/// simplified Newton iteration of implicit methods, which converges to the same stages because
/// λ nowhere acts back on x.
template <class S>
class AdjointField : public VectorField<S> {
 public:
  using typename VectorField<S>::Tape;

  virtual void refer_to(const VectorField<S>& field) = 0;
  virtual Index lambda_row() const = 0;  ///< λ is y(lambda_row … lambda_row + dimension of x).
  /// Writes all of y but λ, for a sample at its observation k.
  virtual void place(Index sample, Index k, VectorRefX<S> y) const = 0;
  /// Writes x(t), given y(t) of the sample.
  virtual void state(Index sample, double t, ConstVectorRefX<S> y, VectorRefX<S> x) const = 0;
  /// How far, on the way from `from` to `to`, x is as smooth as the steps of y are short: where
  /// x is a part of y, all the way.
  virtual double smooth_until(Index, double, double to) const { return to; }

  void vjp(ConstMatrixRefX<S> w, MatrixRefX<S> x_bar, VectorRefX<S> theta_bar,
           Tape& tape) const final;
};

/// y = [x; λ]: x is solved backward with λ.
template <class S>
class BacksolveField final : public AdjointField<S> {
 public:
  using typename VectorField<S>::Tape;

  BacksolveField(const VectorField<S>& field, const ForwardPath<S>& path)
      : field_(field), path_(&path) {}

  void refer_to(const VectorField<S>& field) override { field_.refer_to(field); }
  Index lambda_row() const override { return field_.dimension(); }
  void place(Index sample, Index k, VectorRefX<S> y) const override;
  void state(Index sample, double t, ConstVectorRefX<S> y, VectorRefX<S> x) const override;

  Index dimension() const override { return 2 * field_.dimension(); }
  bool is_autonomous() const override { return field_.is_autonomous(); }
  std::unique_ptr<Tape> make_tape(Index capacity) const override;
  void forward(ConstVectorRefX<S> t, ConstMatrixRefX<S> y, MatrixRefX<S> y_dot,
               Tape& tape) const override;
  void jvp(ConstMatrixRefX<S> v, MatrixRefX<S> y_dot_tangent, Tape& tape) const override;

 private:
  FieldReference<S> field_;
  const ForwardPath<S>* path_;
};

/// y = [λ; sample]: x is looked up in the records of the way forward, by the sample's number, a
/// component that never changes.
template <class S>
class InterpolatedField final : public AdjointField<S> {
 public:
  using typename VectorField<S>::Tape;

  InterpolatedField(const VectorField<S>& field, const ForwardPath<S>& path)
      : field_(field), path_(&path) {}

  void refer_to(const VectorField<S>& field) override { field_.refer_to(field); }
  Index lambda_row() const override { return 0; }
  void place(Index sample, Index k, VectorRefX<S> y) const override;
  void state(Index sample, double t, ConstVectorRefX<S> y, VectorRefX<S> x) const override;
  double smooth_until(Index sample, double from, double to) const override {
    return path_->smooth_until(sample, from, to);
  }

  Index dimension() const override { return field_.dimension() + 1; }
  bool is_autonomous() const override { return false; }
  std::unique_ptr<Tape> make_tape(Index capacity) const override;
  void forward(ConstVectorRefX<S> t, ConstMatrixRefX<S> y, MatrixRefX<S> y_dot,
               Tape& tape) const override;
  void jvp(ConstMatrixRefX<S> v, MatrixRefX<S> y_dot_tangent, Tape& tape) const override;

 private:
  FieldReference<S> field_;
  const ForwardPath<S>* path_;
};

}  // namespace least_action
