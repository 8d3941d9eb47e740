#include "ode/event_search.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "base/contract.h"

namespace least_action {
namespace {

// After a change the function's side is looked for from this fraction of a step on, doubling:
// a flight between two impacts may be that much shorter than the step.
constexpr int kHalvings = 60;
constexpr int kParts = 4;

bool matches(EventDirection direction, bool is_rising) {
  return direction == EventDirection::kBoth ||
         (direction == EventDirection::kRising) == is_rising;
}

}  // namespace

void check_events(const SolveExtras& extras) {
  for (std::size_t e = 0; e < extras.events.size(); ++e) {
    const std::string name = "events[" + std::to_string(e) + "]";
    const Event& event = extras.events[e];
    if (!event.function) fail("solve", name + " has no function; expected g(t, x)");
    if (event.action == EventAction::kChange && !event.change) {
      fail("solve", name + " changes the state but has no change; expected change(t, x)");
    }
  }
  if (extras.max_events < 1) {
    fail_value("solve", "max_events", double(extras.max_events), "at least 1");
  }
}

EventSearch::EventSearch(const std::vector<Event>& events,
                         const AdaptiveStepper<double>& stepper, Index max_batch)
    : events_(&events),
      stepper_(&stepper),
      sides_(Matrix::Zero(static_cast<Index>(events.size()), max_batch)),
      record_(Vector::Zero(stepper.record_size())),
      point_(Vector::Zero(stepper.calls().field().dimension())),
      state_(point_) {}

void EventSearch::begin(Index sample, double t, ConstVectorRef x, Index changed) {
  for (Index e = 0; e < sides_.rows(); ++e) {
    sides_(e, sample) = (*events_)[static_cast<std::size_t>(e)].function(t, x);
  }
  if (changed >= 0) sides_(changed, sample) = 0;
}

void EventSearch::enter_step(Index sample) {
  sample_ = sample;
  t_ = stepper_->previous_time(sample);
  h_ = stepper_->last_step(sample);
  from_ = 0;
  stepper_->record(sample, record_);
}

double EventSearch::value(Index event, double sigma) {
  if (sigma >= 1) {
    point_ = stepper_->states().col(sample_);
  } else {
    // From time 0: a fraction of a step may be finer than the times around t can tell.
    stepper_->interpolate_record(record_, 0, h_, sigma * h_, point_);
  }
  return (*events_)[static_cast<std::size_t>(event)].function(t_ + sigma * h_, point_);
}

EventSearch::Bracket EventSearch::refined(Index event, double low, double high, double g_low,
                                          double g_high) {
  constexpr double kRelative = 2 * std::numeric_limits<double>::epsilon();
  const bool was_positive = g_low > 0;
  double weight_low = g_low, weight_high = g_high;
  int last_moved = 0, stuck = 0;
  for (int i = 0; i < 200 && high - low > kRelative * high; ++i) {
    double middle = low + (high - low) * (weight_low / (weight_low - weight_high));
    if (stuck >= 2 || !(middle > low && middle < high)) middle = 0.5 * (low + high);
    if (!(middle > low && middle < high)) break;
    const double width = high - low;
    const double g = value(event, middle);
    const bool is_old_side = g != 0 && (g > 0) == was_positive;
    if (is_old_side) {
      low = middle;
      weight_low = g;
      if (last_moved == -1) weight_high *= 0.5;
      last_moved = -1;
    } else {
      high = middle;
      weight_high = g;
      if (last_moved == 1) weight_low *= 0.5;
      last_moved = 1;
    }
    stuck = high - low > 0.5 * width ? stuck + 1 : 0;
  }
  return {low, high, false};
}

std::optional<EventSearch::Bracket> EventSearch::crossing(Index event) {
  const EventDirection direction = (*events_)[static_cast<std::size_t>(event)].direction;
  double low = from_, g_low = sides_(event, sample_);
  if (std::isnan(g_low)) return Bracket{from_, from_, true};
  const auto look = [&](double sigma) -> std::optional<Bracket> {
    const double g = value(event, sigma);
    if (std::isnan(g)) return Bracket{low, sigma, true};
    const bool crosses = (g_low > 0 && g <= 0) || (g_low < 0 && g >= 0);
    if (crosses && matches(direction, g_low < 0)) return refined(event, low, sigma, g_low, g);
    low = sigma;
    g_low = g;
    return std::nullopt;
  };
  if (g_low == 0) {
    for (int k = kHalvings; k > 2; --k) {
      if (const auto found = look(from_ + (1 - from_) * std::ldexp(1.0, -k))) return found;
    }
  }
  for (int part = 1; part <= kParts; ++part) {
    const double sigma = static_cast<double>(part) / kParts;
    if (sigma <= low) continue;
    if (const auto found = look(sigma)) return found;
  }
  return std::nullopt;
}

std::optional<EventSearch::Found> EventSearch::next() {
  std::optional<Bracket> earliest;
  Index which = 0;
  const Index count = sides_.rows();
  for (Index e = 0; e < count; ++e) {
    const auto bracket = crossing(e);
    if (bracket && (!earliest || bracket->before < earliest->before)) {
      earliest = bracket;
      which = e;
    }
  }
  from_ = earliest ? earliest->after : 1;
  for (Index e = 0; e < count; ++e) {
    // One that crossed in the same instant is found next.
    if (earliest && e != which && from_ < 1) {
      const double g = value(e, earliest->before);
      if (g != 0) sides_(e, sample_) = g;
    } else {
      sides_(e, sample_) = value(e, from_);
    }
  }
  if (!earliest) return std::nullopt;
  value(which, earliest->before);
  state_ = point_;
  return Found{which, t_ + earliest->before * h_, earliest->is_nan};
}

}  // namespace least_action
