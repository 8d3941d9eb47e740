#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "base/types.h"

namespace least_action {

/// What a vector field has to say about its last `forward` besides ẋ. A field never returns NaN
/// silently for a finite state: where it cannot do better (a singular mass matrix) it damps,
/// counts, and says so here.
struct FieldHealth {
  Index damped_samples = 0;    ///< Samples whose linear solve had to be regularised.
  double worst_condition = 1;  ///< Largest condition number met (1 where nothing is solved).
};

/// ẋ = f(t, x; θ): a batched vector field with its vector–Jacobian and Jacobian–vector
/// products. Everything (losses, solvers, sensitivities) is written against this interface.
///
/// Shapes: x, ẋ: dimension × B; t: B (a time for each sample, so that trajectories on different
/// time grids share a batch). Any B from 1 to the tape's capacity. No call allocates. The field
/// object is immutable during a solve and may be shared between threads; a tape may not.
/// Wrong sizes throw std::invalid_argument.
template <class S>
class VectorField {
 public:
  /// Caller-owned workspace: what `forward` keeps for `vjp` and `jvp`.
  class Tape {
   public:
    virtual ~Tape() = default;
    virtual Index capacity() const = 0;
    virtual std::size_t bytes() const = 0;  ///< Memory held, for honest memory reports.
    virtual FieldHealth health() const { return {}; }
  };

  virtual ~VectorField() = default;

  virtual Index dimension() const = 0;
  virtual Index num_parameters() const { return 0; }

  virtual std::unique_ptr<Tape> make_tape(Index capacity) const = 0;

  /// Writes ẋ = f(t, x) and keeps in `tape` what the calls below need.
  virtual void forward(ConstVectorRefX<S> t, ConstMatrixRefX<S> x, MatrixRefX<S> x_dot,
                       Tape& tape) const = 0;

  /// Writes x̄ = (∂f/∂x)ᵀ w and adds Σ_b (∂f/∂θ)ᵀ w_b to `theta_bar`, at the (t, x) of the last
  /// `forward` on this tape. `theta_bar` may be empty (size 0): then only x̄ is computed.
  virtual void vjp(ConstMatrixRefX<S> w, MatrixRefX<S> x_bar, VectorRefX<S> theta_bar,
                   Tape& tape) const = 0;

  /// False where f depends on t; such a field must also give `time_vjp`, or gradients with
  /// respect to times cannot be had.
  virtual bool is_autonomous() const { return true; }
  /// Writes t̄ = wᵀ ∂f/∂t for each sample (B) at the (t, x) of the last `forward` on this tape:
  /// 0 for an autonomous field. Throws std::logic_error where f depends on t and the class does
  /// not say how.
  virtual void time_vjp(ConstMatrixRefX<S> w, VectorRefX<S> t_bar, Tape& tape) const;

  /// Writes (∂f/∂x) v at the (t, x) of the last `forward` on this tape.
  virtual void jvp(ConstMatrixRefX<S> v, MatrixRefX<S> x_dot_tangent, Tape& tape) const = 0;

  /// True where x = (q, p) and f = (∂T/∂p(t, p), −∂V/∂q(t, q)): then `velocity` and `force`
  /// work, and so do the explicit symplectic methods.
  virtual bool is_separable() const { return false; }
  /// Writes q̇ = ∂T/∂p (n × B) from p (n × B). Throws std::logic_error unless is_separable().
  virtual void velocity(ConstVectorRefX<S> t, ConstMatrixRefX<S> p, MatrixRefX<S> q_dot,
                        Tape& tape) const;
  /// Writes ṗ = −∂V/∂q (n × B) from q (n × B). Throws std::logic_error unless is_separable().
  virtual void force(ConstVectorRefX<S> t, ConstMatrixRefX<S> q, MatrixRefX<S> p_dot,
                     Tape& tape) const;
};

}  // namespace least_action
