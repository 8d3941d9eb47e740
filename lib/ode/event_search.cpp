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
constexpr int kHalvings = 160;
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
      residue_(sides_),
      record_(Vector::Zero(stepper.record_size())),
      point_(Vector::Zero(stepper.calls().field().dimension())),
      state_(point_) {}

void EventSearch::begin(Index sample, double t, ConstVectorRef x, Index changed) {
  for (Index e = 0; e < sides_.rows(); ++e) {
    sides_(e, sample) = (*events_)[static_cast<std::size_t>(e)].function(t, x);
  }
  residue_.col(sample).setZero();
  // Where the change left the function at zero but for rounding, its side is what comes next.
  if (changed >= 0 && std::abs(sides_(changed, sample)) <= 4 * rounding_) {
    residue_(changed, sample) = sides_(changed, sample);
    sides_(changed, sample) = 0;
  }
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
  const double side = sides_(event, sample_);
  if (std::isnan(side)) return Bracket{from_, from_, true};
  return side == 0 ? crossing_from_zero(event) : crossing_after(event, from_, side);
}

std::optional<EventSearch::Bracket> EventSearch::crossing_after(Index event, double low,
                                                                double g_low) {
  const EventDirection direction = (*events_)[static_cast<std::size_t>(event)].direction;
  for (int part = 1; part <= kParts; ++part) {
    const double sigma = static_cast<double>(part) / kParts;
    if (sigma <= low) continue;
    const double g = value(event, sigma);
    if (std::isnan(g)) return Bracket{low, sigma, true};
    const bool crosses = (g_low > 0 && g <= 0) || (g_low < 0 && g >= 0);
    if (crosses && matches(direction, g_low < 0)) return refined(event, low, sigma, g_low, g);
    low = sigma;
    g_low = g;
  }
  return std::nullopt;
}

std::optional<EventSearch::Bracket> EventSearch::crossing_from_zero(Index event) {
  const EventDirection direction = (*events_)[static_cast<std::size_t>(event)].direction;
  const double residue = residue_(event, sample_);
  double low = from_;
  int side = 0;  // The side to which the function sets out.
  for (int k = kHalvings; k >= 0; --k) {
    const double sigma = from_ + (1 - from_) * std::ldexp(1.0, -k);
    const double g = value(event, sigma);
    if (std::isnan(g)) return Bracket{low, sigma, true};
    if (side == 0 && g != residue) side = g > residue ? 1 : -1;
    if (side == 0 || std::abs(g) <= std::abs(residue)) {  // Still rounding.
      low = sigma;
      continue;
    }
    const bool has_returned = (g > 0) != (side > 0);
    if (has_returned && matches(direction, side < 0)) {
      const double small = std::max(std::abs(residue), std::numeric_limits<double>::min());
      return refined(event, low, sigma, side * small, g);
    }
    return crossing_after(event, sigma, g);
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
  rounding_ = std::abs(value(which, earliest->after));
  rounding_ = std::max(rounding_, std::abs(value(which, earliest->before)));
  state_ = point_;
  return Found{which, t_ + earliest->before * h_, earliest->is_nan};
}

}  // namespace least_action
