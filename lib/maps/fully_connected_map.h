#pragma once

#include <memory>

#include "maps/learned_map.h"
#include "nn/mlp.h"

namespace least_action {

/// A fully connected network as a map: what the others are compared with. Where no hidden layer
/// is wider than the input, every component of {x: y(x) > a} is unbounded, for any depth and
/// any activation that one-to-one functions approximate (all of ours but the sine): it cannot
/// have a bounded decision region. Sources: Lin & Jegelka, NeurIPS 2018, proposition 2.1
/// (ReLU); Johnson, ICLR 2019, theorem 1.
///
/// Verbs and shapes as in LearnedMap.
template <class S>
class FullyConnectedMap final : public LearnedMap<S> {
 public:
  using Tape = typename LearnedMap<S>::Tape;
  explicit FullyConnectedMap(const MapSpec& spec);  ///< Throws std::invalid_argument.

  const MapSpec& spec() const override { return spec_; }
  Index num_parameters() const override { return network_.num_parameters(); }
  void initialize(const Random& random, VectorRefX<S> theta) const override;
  std::unique_ptr<Tape> make_tape(Index capacity) const override;
  void forward(ConstVectorRefX<S> theta, ConstMatrixRefX<S> x, MatrixRefX<S> y,
               Tape& tape) const override;
  void vjp(ConstVectorRefX<S> theta, ConstMatrixRefX<S> y_bar, MatrixRefX<S> x_bar,
           VectorRefX<S> theta_bar, Tape& tape) const override;
  /// One state, the input: what happens between is no path in one space.
  Index state_dimension() const override { return spec_.inputs; }
  Index num_states() const override { return 1; }
  void states(MatrixRefX<S> states, Tape& tape) const override;

 private:
  struct NetworkTape;

  MapSpec spec_;
  Mlp<S> network_;
};

}  // namespace least_action
