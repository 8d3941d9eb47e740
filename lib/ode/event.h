#pragma once

#include <functional>
#include <vector>

#include "base/types.h"
#include "ode/solve_options.h"

namespace least_action {

enum class EventDirection { kBoth, kRising, kFalling };
enum class EventAction { kRecord, kStop, kChange };

/// Something that happens where g(t, x) = 0 along a solution: it is only recorded, ends the
/// sample's solve, or changes its state x ← change(t, x), from which the solve goes on (an
/// impact, a reset). g must be continuous; roots are looked for in quarters of a step and found
/// to rounding on the dense output, so an even number of roots within a quarter goes unnoticed.
/// After a change the function may begin at zero: that is not a root again, whichever way it
/// goes from there (so a ball that lands without bouncing goes through the floor, unless the
/// field holds it). Changes that accumulate at a time stop the sample with a message.
struct Event {
  std::function<double(double t, ConstVectorRef x)> function = {};
  EventDirection direction = EventDirection::kBoth;  ///< Of g in the direction of the solve.
  EventAction action = EventAction::kRecord;
  std::function<void(double t, VectorRef x)> change = {};  ///< kChange only: in place.
};

/// An event that happened. The state is that before a change, with g still on its old side.
struct EventRecord {
  Index event = 0;  ///< Which of the events.
  Index sample = 0;
  double time = 0;
  Vector state;
};

/// What a step callback is told: a step of one sample was accepted.
struct StepReport {
  Index sample;
  double time, step;  ///< The state's time; the step taken, signed.
  Eigen::Ref<const Vector> state;
  SolveStatistics statistics;  ///< Of the sample, so far.
};

/// What may be asked of a solve besides its states.
struct SolveExtras {
  std::vector<Event> events;
  Index max_events = 10000;  ///< Changes of state of a sample, after which it is stopped.
  /// Called after every accepted step of every sample; false stops the solve (kStopped).
  std::function<bool(const StepReport&)> on_step;
  bool dense = false;  ///< Keeps a DenseSolution in the Solution.
};

}  // namespace least_action
