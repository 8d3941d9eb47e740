#pragma once

#include <memory>

#include "base/types.h"
#include "ode/vector_field.h"

namespace least_action {

/// Writes div f = tr ∂f/∂x of any field for each sample (B) at its state x (dimension × B) and
/// time t (B): exact, by one jvp a dimension. Zero for every Hamiltonian field (Liouville).
/// Leaves `tape` with the forward pass at (t, x). Allocates two arrays of the size of x.
template <class S>
void divergence(const VectorField<S>& field, ConstVectorRefX<S> t, ConstMatrixRefX<S> x,
                VectorRefX<S> divergence, typename VectorField<S>::Tape& tape);

/// Any field with the logarithm of a density it carries along: the state (x, ℓ) with
///
///   ẋ = f(t, x),   ℓ̇ = −div f(t, x),
///
/// so ℓ(t) = log p(x(t), t) along a solution that starts with ℓ = log p(x₀). For every model,
/// known or learned; to train a flow, use FlowDensityField, which also has derivatives: here
/// `vjp`, `time_vjp` and `jvp` throw std::logic_error, as they would need second derivatives of
/// f. The field must outlive it.
template <class S>
class TransportedDensityField final : public VectorField<S> {
 public:
  using Tape = typename VectorField<S>::Tape;
  explicit TransportedDensityField(const VectorField<S>& field);

  Index dimension() const override { return field_->dimension() + 1; }
  Index num_parameters() const override { return field_->num_parameters(); }
  std::unique_ptr<Tape> make_tape(Index capacity) const override;
  void forward(ConstVectorRefX<S> t, ConstMatrixRefX<S> x, MatrixRefX<S> x_dot,
               Tape& tape) const override;
  void vjp(ConstMatrixRefX<S> w, MatrixRefX<S> x_bar, VectorRefX<S> theta_bar,
           Tape& tape) const override;
  bool is_autonomous() const override { return field_->is_autonomous(); }
  void time_vjp(ConstMatrixRefX<S> w, VectorRefX<S> t_bar, Tape& tape) const override;
  void jvp(ConstMatrixRefX<S> v, MatrixRefX<S> x_dot_tangent, Tape& tape) const override;

 private:
  const VectorField<S>* field_;
};

}  // namespace least_action
