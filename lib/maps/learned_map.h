#pragma once

#include <cstddef>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/types.h"
#include "maps/map_spec.h"

namespace least_action {

/// How the inverse of a map went.
enum class InverseStatus {
  kConverged,       ///< The result is within `error_bound` of the true inverse.
  kIterationLimit,  ///< max_iterations were used up; the result is the best so far.
  kNonFinite        ///< NaN or ∞ turned up: nothing can be said.
};

struct InverseOptions {
  double tolerance = 1e-10;  ///< Largest error bound wanted [state].
  Index max_iterations = 1000;
};

struct InverseReport {
  InverseStatus status = InverseStatus::kConverged;
  Index iterations = 0;  ///< In all, the most over the batch.
  /// A proven bound on the distance to the exact inverse, up to rounding; NaN where none is
  /// known.
  double error_bound = std::numeric_limits<double>::quiet_NaN();
  std::string message;  ///< In words where it did not converge.
};

/// A trainable map y = F(x; θ) from R^inputs to R^outputs that takes a point through a sequence
/// of states: the layers of a network, or the times of a flow. Immutable; θ is one flat vector
/// owned by the caller. S is float or double.
///
/// Shapes: X: inputs × B, Y: outputs × B; B from 1 to the tape's capacity. `forward` and `vjp`
/// do not allocate. Wrong sizes throw std::invalid_argument.
template <class S>
class LearnedMap {
 public:
  /// Caller-owned workspace: what `forward` keeps.
  class Tape {
   public:
    virtual ~Tape() = default;
    virtual Index capacity() const = 0;
    virtual std::size_t bytes() const = 0;  ///< Memory held.
    /// Network evaluations (batched calls) of the last forward: its depth in layers or stages.
    virtual Index evaluations() const = 0;
    /// What went wrong in the last forward, in words; empty where nothing did. Y is then NaN
    /// for the samples concerned.
    virtual const std::string& fault() const = 0;
  };

  virtual ~LearnedMap() = default;

  virtual const MapSpec& spec() const = 0;
  virtual Index num_parameters() const = 0;
  Index inputs() const { return spec().inputs; }
  Index outputs() const { return spec().outputs; }

  /// Writes a starting θ that suits the map.
  virtual void initialize(const Random& random, VectorRefX<S> theta) const = 0;

  virtual std::unique_ptr<Tape> make_tape(Index capacity) const = 0;

  /// Writes Y = F(X; θ).
  virtual void forward(ConstVectorRefX<S> theta, ConstMatrixRefX<S> x, MatrixRefX<S> y,
                       Tape& tape) const = 0;

  /// For Ȳ = ∂ℓ/∂Y of the last `forward` writes X̄ = ∂ℓ/∂X and adds ∂ℓ/∂θ to `theta_bar`; either
  /// may be empty (size 0): not computed. `theta` must be that of the `forward`.
  virtual void vjp(ConstVectorRefX<S> theta, ConstMatrixRefX<S> y_bar, MatrixRefX<S> x_bar,
                   VectorRefX<S> theta_bar, Tape& tape) const = 0;

  /// The way of the last batch through the map: num_states() blocks of B states, at depths
  /// depth(0) = 0, …, depth(num_states() − 1) = 1 of the whole.
  virtual Index state_dimension() const = 0;
  virtual Index num_states() const = 0;
  double depth(Index state) const {
    return num_states() > 1 ? double(state) / double(num_states() - 1) : 0.0;
  }
  /// Writes them: state_dimension() × B·num_states(), block k is state k.
  virtual void states(MatrixRefX<S> states, Tape& tape) const = 0;

  virtual bool is_invertible() const { return false; }
  /// Writes X with F(X) = Y. Throws std::logic_error unless is_invertible().
  virtual InverseReport inverse(ConstVectorRefX<S> theta, ConstMatrixRefX<S> y, MatrixRefX<S> x,
                                Tape& tape, const InverseOptions& options = {}) const;
};

/// Builds the map of `spec`; throws std::invalid_argument for a bad one.
template <class S>
std::unique_ptr<LearnedMap<S>> make_map(const MapSpec& spec);

}  // namespace least_action
