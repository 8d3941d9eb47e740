#pragma once

#include <memory>

#include "models/dynamics_model.h"

namespace least_action {

/// Residual network as a discrete dynamics. Each block is an explicit Euler step,
///
///   x_k = x_{k−1} + f_k(x_{k−1}; θ_k),   k = 1 … K,   Φ = x_0 ↦ x_K,
///
/// and Φ advances the state by the time K·Δt (`block_time` Δt). As a vector field it is the one
/// whose single Euler step of that size is Φ,
///
///   f(x) = (Φ(x) − x) / (K Δt) = Σ_k f_k(x_{k−1}) / (K Δt),
///
/// so with K = 1 one step x + Δt f(x) is one residual block x + f₁(x). With a smaller step or
/// another method the field is still defined, but no longer the network.
///
/// θ = (θ_1, …, θ_K), one network of the same shape for each block.
/// Source: He, Zhang, Ren & Sun, CVPR 2016 (blocks); Haber & Ruthotto, Inverse Problems 34
/// (2018) 014004 (Euler steps). Sizes, tapes and verbs as in DynamicsModel.
template <class S>
class ResidualNetwork final : public DynamicsModel<S> {
 public:
  using Tape = typename DynamicsModel<S>::Tape;
  explicit ResidualNetwork(const ModelSpec& spec);  ///< Throws std::invalid_argument.

  const ModelSpec& spec() const override { return spec_; }
  Index num_parameters() const override { return spec_.blocks * block_.num_parameters(); }
  std::vector<ParameterBlock> parameter_blocks() const override;
  /// Near the identity: Glorot with the last layer of each block scaled by min(1, Δt), so that
  /// ẋ starts at the size of a neural ODE's, however short the block.
  void initialize(const Random& random, VectorRefX<S> theta) const override;
  std::unique_ptr<Tape> make_tape(Index capacity) const override;
  void forward(ConstVectorRefX<S> theta, ConstMatrixRefX<S> x, MatrixRefX<S> x_dot,
               Tape& tape) const override;
  void vjp(ConstVectorRefX<S> theta, ConstMatrixRefX<S> w, MatrixRefX<S> x_bar,
           VectorRefX<S> theta_bar, Tape& tape) const override;
  void jvp(ConstVectorRefX<S> theta, ConstMatrixRefX<S> v, MatrixRefX<S> x_dot_tangent,
           Tape& tape) const override;

  /// Writes Φ(x), the state a time K·Δt later. Counts as a `forward` for `vjp` and `jvp`, which
  /// still differentiate the field f.
  void advance(ConstVectorRefX<S> theta, ConstMatrixRefX<S> x, MatrixRefX<S> next,
               Tape& tape) const;
  double duration() const { return static_cast<double>(spec_.blocks) * spec_.block_time; }

 private:
  /// Writes Σ_k f_k(x_{k−1}) to `increment`.
  void run_blocks(ConstVectorRefX<S> theta, ConstMatrixRefX<S> x, MatrixRefX<S> increment,
                  Tape& tape) const;

  ModelSpec spec_;
  Mlp<S> block_;
};

}  // namespace least_action
