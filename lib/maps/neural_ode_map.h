#pragma once

#include <memory>

#include "maps/learned_map.h"
#include "maps/linear_read_out.h"
#include "nn/mlp.h"

namespace least_action {

/// The flow of a neural ODE as a map, plain (k = 0) or augmented (k > 0):
///
///   s(0) = (x, 0 … 0),   ṡ = f(t, s; θ),   y = R s(T) + r   or   y = s(T)₁…ᵢₙ,
///
/// with k zeros appended. Two solutions of an ODE never meet, so x ↦ s(T) is one-to-one,
/// continuous both ways and can be deformed into the identity (T → 0). Without room (k = 0) the
/// flow on a line therefore keeps the order of all points, and in the plane what is inside a
/// curve stays inside; with k ≥ 1 points can pass each other through the new dimension. A
/// solver whose steps are long against f's Lipschitz constant is no flow any more and may break
/// these rules: look at the solution with smaller steps.
///
/// θ = (θ_f, R, r). Sources: Chen et al., NeurIPS 2018 (k = 0); Dupont, Doucet & Teh, NeurIPS
/// 2019 (k > 0 and the figures); Zhang, Gao, Unterman & Arodz, ICML 2020: what a flow in p
/// dimensions cannot be, and that 2p suffice. Verbs and shapes as in LearnedMap.
template <class S>
class NeuralOdeMap final : public LearnedMap<S> {
 public:
  using Tape = typename LearnedMap<S>::Tape;
  explicit NeuralOdeMap(const MapSpec& spec);  ///< Throws std::invalid_argument.

  const MapSpec& spec() const override { return spec_; }
  Index num_parameters() const override;
  /// Glorot; the field's last layer halved, so that the flow starts gentle.
  void initialize(const Random& random, VectorRefX<S> theta) const override;
  std::unique_ptr<Tape> make_tape(Index capacity) const override;
  void forward(ConstVectorRefX<S> theta, ConstMatrixRefX<S> x, MatrixRefX<S> y,
               Tape& tape) const override;
  void vjp(ConstVectorRefX<S> theta, ConstMatrixRefX<S> y_bar, MatrixRefX<S> x_bar,
           VectorRefX<S> theta_bar, Tape& tape) const override;
  Index state_dimension() const override { return dimension_; }
  Index num_states() const override { return spec_.shown_states + 1; }
  void states(MatrixRefX<S> states, Tape& tape) const override;

  /// The flow backward in time: plain, without read-out. Exact up to the solver's error, for
  /// which no bound is known here.
  bool is_invertible() const override;
  InverseReport inverse(ConstVectorRefX<S> theta, ConstMatrixRefX<S> y, MatrixRefX<S> x,
                        Tape& tape, const InverseOptions& options = {}) const override;

 private:
  struct FlowTape;

  MapSpec spec_;
  Index dimension_;
  Mlp<S> network_;
  LinearReadOut<S> read_out_;
};

}  // namespace least_action
