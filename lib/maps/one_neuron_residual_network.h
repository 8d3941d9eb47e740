#pragma once

#include <memory>

#include "maps/learned_map.h"
#include "maps/linear_read_out.h"

namespace least_action {

/// Residual network whose blocks have one hidden neuron each,
///
///   s_k = s_{k−1} + u_k max(0, w_kᵀ s_{k−1} + b_k),   k = 1 … L,   y = R s_L + r.
///
/// A block pushes the points on one side of a line along one direction, in proportion to their
/// distance from it. With enough blocks it approximates any integrable function (in L¹), which
/// a fully connected network no wider than its input cannot: the identity that each block keeps
/// is what makes the difference. A block is one-to-one where 1 + w_kᵀu_k > 0 and folds the
/// plane onto itself elsewhere; nothing forbids that here.
///
/// θ = (w_1, u_1, b_1, …, w_L, u_L, b_L, R, r). At a kink (w ᵀs + b = 0) the derivative is
/// taken as 0. Source: Lin & Jegelka, NeurIPS 2018, §2 and theorem 3.1. Verbs and shapes as in
/// LearnedMap.
template <class S>
class OneNeuronResidualNetwork final : public LearnedMap<S> {
 public:
  using Tape = typename LearnedMap<S>::Tape;
  explicit OneNeuronResidualNetwork(const MapSpec& spec);  ///< Throws std::invalid_argument.

  const MapSpec& spec() const override { return spec_; }
  Index num_parameters() const override;
  /// w uniform in direction, the kink between −1 and 1 on it; u small and random, so that the
  /// network starts near the identity and every neuron sees data.
  void initialize(const Random& random, VectorRefX<S> theta) const override;
  std::unique_ptr<Tape> make_tape(Index capacity) const override;
  void forward(ConstVectorRefX<S> theta, ConstMatrixRefX<S> x, MatrixRefX<S> y,
               Tape& tape) const override;
  void vjp(ConstVectorRefX<S> theta, ConstMatrixRefX<S> y_bar, MatrixRefX<S> x_bar,
           VectorRefX<S> theta_bar, Tape& tape) const override;
  Index state_dimension() const override { return spec_.inputs; }
  Index num_states() const override { return spec_.blocks + 1; }
  void states(MatrixRefX<S> states, Tape& tape) const override;

 private:
  struct BlockTape;

  Index block_size() const { return 2 * spec_.inputs + 1; }

  MapSpec spec_;
  LinearReadOut<S> read_out_;
};

}  // namespace least_action
