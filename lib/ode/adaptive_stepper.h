#pragma once

#include <span>

#include "base/types.h"
#include "ode/field_calls.h"
#include "ode/solve_options.h"

namespace least_action {

/// A method that chooses its steps, bound to a field and sized for a batch. Every sample has
/// its own time, step and status, so one hard sample neither slows nor spoils the others:
/// samples that have arrived or failed are no longer evaluated. (With
/// `SolveOptions::shared_steps` all samples on their way share one step, chosen by the worst of
/// them.) What adaptive methods implement, explicit and implicit; `make_adaptive_stepper` makes
/// them by name.
///
/// Times are double whatever S is; the field is given S(t). Construction allocates, nothing
/// else does. Shapes: x: dimension × B, B ≤ max_batch.
template <class S>
class AdaptiveStepper {
 public:
  virtual ~AdaptiveStepper() = default;

  /// Places sample b at x0.col(b) and t0[b], on its way to t_end[b] (before, after or at
  /// t0[b]). Chooses each sample's first step. Throws std::invalid_argument where sizes do not
  /// fit or times are not finite.
  virtual void start(ConstVectorRef t0, ConstVectorRef t_end, ConstMatrixRefX<S> x0) = 0;

  /// One round: every sample on its way tries one step, which is accepted or will be tried
  /// again smaller. Steps end at t_end exactly. Returns how many were accepted.
  virtual Index advance() = 0;
  /// The samples whose step the last round accepted, ascending.
  virtual std::span<const Index> accepted() const = 0;
  /// Samples neither arrived nor failed.
  virtual Index active() const = 0;

  /// Moves the end of a sample that has not failed to `t_end`, which it has not passed (its
  /// time itself stops it there). Otherwise it is on its way again with the step size it had
  /// (not the one that was cut to arrive).
  virtual void extend(Index sample, double t_end) = 0;
  /// Gives a sample another state at a time in its last step (an event changed it); its step
  /// size stays, what was kept of the last step is forgotten.
  virtual void replace(Index sample, double t, ConstVectorRefX<S> x) = 0;

  virtual Index batch() const = 0;
  /// At time(b) and at previous_time(b), dimension × B; views that `advance` may move.
  virtual Eigen::Ref<const MatrixX<S>> states() const = 0;
  virtual Eigen::Ref<const MatrixX<S>> previous_states() const = 0;
  virtual double time(Index sample) const = 0;
  virtual double previous_time(Index sample) const = 0;
  /// The step of the last accepted step as it was taken: S(h) was given to the method.
  virtual double last_step(Index sample) const = 0;
  virtual double step(Index sample) const = 0;  ///< About to be tried.
  /// kReachedEnd while nothing has gone wrong; otherwise the sample stays at its last good
  /// state.
  virtual SolveStatus status(Index sample) const = 0;
  /// In words, with the time and what to try; empty while nothing has gone wrong.
  virtual std::string message(Index sample) const = 0;
  /// Whether the steps are held down by stability rather than accuracy (Hairer & Wanner,
  /// Solving ODEs II, §IV.2): an implicit method would take far fewer.
  virtual bool is_stiff(Index sample) const = 0;

  /// Evaluates together what `interpolate` and `record` will need of these samples, where the
  /// method's dense output takes evaluations of its own (DOP853: three); without it they do so
  /// sample by sample.
  virtual void prepare_dense(std::span<const Index>) {}
  /// Writes the state at `t` within the sample's last accepted step, by the method's own
  /// dense output.
  virtual void interpolate(Index sample, double t, VectorRefX<S> x) = 0;
  /// A record of the last accepted step from which `interpolate_record` gives the same state
  /// later: record_size() numbers of a sample.
  virtual Index record_size() const = 0;
  virtual void record(Index sample, VectorRefX<S> record) const = 0;
  virtual void interpolate_record(ConstVectorRefX<S> record, double t_start, double h, double t,
                                  VectorRefX<S> x) const = 0;

  virtual SolveStatistics statistics(Index sample) const = 0;
  virtual const FieldCalls<S>& calls() const = 0;
  virtual std::size_t bytes() const = 0;  ///< Memory held, tapes included.
};

}  // namespace least_action
