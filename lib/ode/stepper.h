#pragma once

#include "base/types.h"
#include "ode/field_calls.h"

namespace least_action {

/// A one-step method bound to a field and sized for a batch: construction allocates, `step`
/// never does. One file per method implements it; methods.h lists them.
template <class S>
class Stepper {
 public:
  virtual ~Stepper() = default;

  /// Advances x (dimension × B, B ≤ max_batch) in place from t by h; t and h have an entry for
  /// each sample, h may be negative. Returns false where an implicit method could not solve the
  /// equation of some sample: that one's x is left alone (`solved` says which), the others are
  /// advanced. A sample whose rate is NaN or ∞ becomes so, alone: the caller looks.
  /// Throws std::invalid_argument where sizes do not fit.
  [[nodiscard]] virtual bool step(ConstVectorRefX<S> t, ConstVectorRefX<S> h,
                                  MatrixRefX<S> x) = 0;

  /// Whether the last `step` could advance a sample of its batch.
  virtual bool solved(Index /*sample*/) const { return true; }

  /// Forgets what was kept of the last step and counts from zero. Needed where the field itself
  /// has changed (other parameters); another state or time is noticed without it.
  virtual void restart() = 0;

  virtual const FieldCalls<S>& calls() const = 0;
};

/// The check every `step` begins with.
template <class S>
void check_step(const char* where, Index dimension, Index max_batch, ConstVectorRefX<S> t,
                ConstVectorRefX<S> h, MatrixRefX<S> x);

}  // namespace least_action
