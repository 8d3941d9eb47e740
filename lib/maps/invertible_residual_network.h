#pragma once

#include <memory>

#include "maps/learned_map.h"
#include "maps/linear_read_out.h"
#include "nn/mlp.h"

namespace least_action {

/// Lipschitz constant of an activation: the largest |σ'|, rounded up.
double lipschitz_constant(Activation activation);

/// Invertible residual network (i-ResNet),
///
///   s_k = s_{k−1} + g_k(s_{k−1}),   Lip(g_k) ≤ c < 1,   k = 1 … L,   y = s_L or R s_L + r.
///
/// Each weight of g enters as W̃ = W min(1, κ/ν(W)) with ν the bound of SpectralNorm and
/// κ = (c/λᵐ)^{1/(m+1)}, λ the activation's Lipschitz constant and m the hidden layers, so
/// that Lip(g) ≤ λᵐ Π‖W̃‖₂ ≤ c whatever θ is; the gradient goes through that exactly. Then
/// (1 − c)|a − b| ≤ |F(a) − F(b)| ≤ (1 + c)|a − b| for each block: one-to-one, and, like the
/// flow it is an Euler step of, unable to do what changes topology or orientation (on a line
/// 1 + g' > 0: the order of points is kept).
///
/// θ = (θ_1, …, θ_L, R, r). Source: Behrmann, Grathwohl, Chen, Duvenaud & Jacobsen, ICML 2019;
/// Zhang et al., ICML 2020 (limits). Verbs and shapes as in LearnedMap.
template <class S>
class InvertibleResidualNetwork final : public LearnedMap<S> {
 public:
  using Tape = typename LearnedMap<S>::Tape;
  explicit InvertibleResidualNetwork(const MapSpec& spec);  ///< Throws std::invalid_argument.

  const MapSpec& spec() const override { return spec_; }
  Index num_parameters() const override;
  void initialize(const Random& random, VectorRefX<S> theta) const override;
  std::unique_ptr<Tape> make_tape(Index capacity) const override;
  void forward(ConstVectorRefX<S> theta, ConstMatrixRefX<S> x, MatrixRefX<S> y,
               Tape& tape) const override;
  void vjp(ConstVectorRefX<S> theta, ConstMatrixRefX<S> y_bar, MatrixRefX<S> x_bar,
           VectorRefX<S> theta_bar, Tape& tape) const override;
  Index state_dimension() const override { return spec_.inputs; }
  Index num_states() const override { return spec_.blocks + 1; }
  void states(MatrixRefX<S> states, Tape& tape) const override;

  /// Where there is no read-out: block by block from the last, by the fixed point
  ///
  ///   s ← s_k − g_k(s),   |s − s_{k−1}| ≤ c^j/(1 − c) |s¹ − s⁰|   after j rounds,
  ///
  /// stopped by the sharper |s − s_{k−1}| ≤ c/(1 − c) |last change|. The error of one block is
  /// magnified by at most 1/(1 − c) in the next, which `error_bound` sums up; with L blocks it
  /// cannot fall below about ε (1 − c)^{−L}.
  bool is_invertible() const override { return !spec_.read_out; }
  InverseReport inverse(ConstVectorRefX<S> theta, ConstMatrixRefX<S> y, MatrixRefX<S> x,
                        Tape& tape, const InverseOptions& options = {}) const override;

  /// The Lipschitz bound λᵐ Π min(κ, ν(W)) of block `k` at θ, at most c.
  double lipschitz_bound(ConstVectorRefX<S> theta, Index k, Tape& tape) const;

  /// log |det ∂F/∂x| (B) at the last `forward`, exactly, by one Jacobian column a component and
  /// block: for small dimensions. Throws std::logic_error where there is a read-out.
  void log_determinant(VectorRefX<S> log_det, Tape& tape) const;

 private:
  struct BlockTape;

  /// Writes the normalised parameters W̃, b of all blocks to the tape.
  void normalize(ConstVectorRefX<S> theta, BlockTape& tape) const;

  MapSpec spec_;
  Mlp<S> block_;
  std::vector<MlpLayout::Layer> layers_;
  double layer_norm_;  // κ
  LinearReadOut<S> read_out_;
};

}  // namespace least_action
