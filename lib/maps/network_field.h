#pragma once

#include <memory>

#include "nn/mlp.h"
#include "ode/vector_field.h"

namespace least_action {

/// ẋ = f(x; θ) or, where the network has one input more than outputs, ẋ = f(x, t; θ): a
/// fully connected network as a vector field in any number of dimensions. Refers to the network
/// and, after `bind`, to the caller's parameters: both must outlive its use. Sizes, tapes and
/// verbs as in VectorField.
template <class S>
class NetworkField final : public VectorField<S> {
 public:
  using Tape = typename VectorField<S>::Tape;

  explicit NetworkField(const Mlp<S>& network);

  /// The parameters of the next calls. The memory must stay.
  void bind(const S* theta) { theta_ = theta; }

  Index dimension() const override { return network_->outputs(); }
  Index num_parameters() const override { return network_->num_parameters(); }
  bool is_autonomous() const override { return network_->inputs() == network_->outputs(); }
  std::unique_ptr<Tape> make_tape(Index capacity) const override;
  void forward(ConstVectorRefX<S> t, ConstMatrixRefX<S> x, MatrixRefX<S> x_dot,
               Tape& tape) const override;
  void vjp(ConstMatrixRefX<S> w, MatrixRefX<S> x_bar, VectorRefX<S> theta_bar,
           Tape& tape) const override;
  void time_vjp(ConstMatrixRefX<S> w, VectorRefX<S> t_bar, Tape& tape) const override;
  void jvp(ConstMatrixRefX<S> v, MatrixRefX<S> x_dot_tangent, Tape& tape) const override;

 private:
  Eigen::Map<const VectorX<S>> theta() const;

  const Mlp<S>* network_;
  const S* theta_ = nullptr;
};

}  // namespace least_action
