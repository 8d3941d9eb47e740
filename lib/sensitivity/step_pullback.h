#pragma once

#include <cstddef>
#include <memory>

#include "base/types.h"
#include "ode/method.h"
#include "ode/vector_field.h"
#include "sensitivity/field_use.h"
#include "sensitivity/stage_tapes.h"

namespace least_action {

/// One step x₁ = Φ(t, h, x₀; θ) of a method on a batch, and its reverse mode: what every exact
/// sensitivity is made of. Each sample has its own t and h; h may be negative or 0. Implemented
/// once per kind of method; `make_step_pullback` makes them by name.
///
/// An object belongs to no field: the one it was made for only gives the sizes and tapes, later
/// ones must be of its kind but may have other parameters. It holds scratch space, so it is not
/// thread-safe; what a step keeps is in a tape, of which there may be many. Construction and
/// `make_tape` allocate, nothing else does.
///
/// Shapes: t, h: B; x: dimension × B, B ≤ the tape's capacity ≤ max_batch.
template <class S>
class StepPullback {
 public:
  /// What `forward` keeps of a step for `pull_back`.
  class Tape {
   public:
    virtual ~Tape() = default;
    virtual std::size_t bytes() const = 0;  ///< Memory held, field tapes included.
  };

  virtual ~StepPullback() = default;

  virtual Index dimension() const = 0;
  virtual Index max_batch() const = 0;
  virtual std::unique_ptr<Tape> make_tape(const VectorField<S>& field, Index capacity,
                                          StageTapes tapes) const = 0;

  /// Advances x in place and keeps the step in `tape`. Returns false where an implicit method
  /// could not solve its equation; x is then not to be used.
  [[nodiscard]] virtual bool forward(const VectorField<S>& field, ConstVectorRefX<S> t,
                                     ConstVectorRefX<S> h, MatrixRefX<S> x, Tape& tape) = 0;

  /// Advances x in place to the same bits as `forward`, using `tape` as scratch space only.
  [[nodiscard]] virtual bool advance(const VectorField<S>& field, ConstVectorRefX<S> t,
                                     ConstVectorRefX<S> h, MatrixRefX<S> x, Tape& tape) {
    return forward(field, t, h, x, tape);
  }

  /// The reverse of the last `forward` on `tape`, with the same field. In: x_bar = ∂C/∂x₁; out:
  /// x_bar = ∂C/∂x₀. Adds ∂C/∂θ, summed over the batch, to `theta_bar`, and writes ∂C/∂t (the
  /// step moved as a whole) and ∂C/∂h of each sample to `t_bar` and `h_bar`. Each of the three
  /// may be empty (size 0): then it is not computed. May be called again.
  virtual void pull_back(const VectorField<S>& field, MatrixRefX<S> x_bar,
                         VectorRefX<S> theta_bar, VectorRefX<S> t_bar, VectorRefX<S> h_bar,
                         Tape& tape) = 0;

  /// Calls made so far; the owner resets it.
  virtual FieldUse<S>& use() = 0;
  virtual std::size_t bytes() const = 0;  ///< Scratch space held, tapes not included.
};

/// The step of `method` with its reverse mode (for an adaptive method: of one accepted step).
/// Throws std::invalid_argument where the field does not fit the method.
template <class S>
std::unique_ptr<StepPullback<S>> make_step_pullback(Method method, const VectorField<S>& field,
                                                    Index max_batch);

/// Whether −h undoes h, Φ(t + h, −h, ·) = Φ(t, h, ·)⁻¹, to rounding (implicit methods: to the
/// tolerance of their solver).
bool is_symmetric(Method method);

}  // namespace least_action
