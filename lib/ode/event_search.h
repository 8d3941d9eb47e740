#pragma once

#include <optional>
#include <vector>

#include "ode/adaptive_stepper.h"
#include "ode/event.h"

namespace least_action {

/// Looks for events in the last accepted steps of a batch, one sample at a time, and keeps for
/// every sample on which side of zero each event's function is.
///
///   search.begin(sample, t0, x0);
///   … a step of the sample was accepted …
///   search.enter_step(sample);
///   while (const auto found = search.next()) …
///
/// Roots are found by the Illinois method with bisection to rounding of the fraction of the
/// step. Construction allocates, nothing else does (the events' own functions aside).
class EventSearch final {
 public:
  EventSearch(const std::vector<Event>& events, const AdaptiveStepper<double>& stepper,
              Index max_batch);

  /// The sample goes on from (t, x). `changed`: the event that put it there (or −1), whose
  /// function is at zero whatever rounding says: its side is that which it takes next.
  void begin(Index sample, double t, ConstVectorRef x, Index changed = -1);

  struct Found {
    Index event;
    double time;
    bool is_nan;  ///< The function is NaN from here on; not an event.
  };
  void enter_step(Index sample);
  /// The next event in the step; once there is none, the sample is at the step's end.
  std::optional<Found> next();
  /// The state at the event, where g is still on its old side (or zero).
  const Vector& state() const { return state_; }

 private:
  /// Of a change of sign: the fractions of the step just before and just after.
  struct Bracket {
    double before, after;
    bool is_nan;
  };
  double value(Index event, double sigma);
  std::optional<Bracket> crossing(Index event);
  /// The same for a function that begins at zero but for rounding.
  std::optional<Bracket> crossing_from_zero(Index event);
  std::optional<Bracket> crossing_after(Index event, double low, double g_low);
  Bracket refined(Index event, double low, double high, double g_low, double g_high);

  const std::vector<Event>* events_;
  const AdaptiveStepper<double>* stepper_;
  Matrix sides_;    // events × max_batch: g where the sample is; 0: its side is not known,
  Matrix residue_;  // and this is what rounding makes of g there.
  double rounding_ = 0;  // |g| around the last event found.
  Vector record_, point_, state_;
  Index sample_ = 0;
  double t_ = 0, h_ = 0, from_ = 0;  // The step, and the fraction of it that is done.
};

/// Throws std::invalid_argument for an event without a function, or without the change it
/// needs.
void check_events(const SolveExtras& extras);

}  // namespace least_action
