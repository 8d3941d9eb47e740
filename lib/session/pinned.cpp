#include <algorithm>
#include <limits>

#include "session/session_state.h"

namespace least_action {

void Session::Implementation::build_pins() {
  pins.clear();
  next_pin = 0;
  view.pinned.assign(config.pinned.size(), {});
  for (std::size_t k = 0; k < config.pinned.size(); ++k) {
    Pin pin;
    pin.board = std::make_unique<TrajectoryBoard>(experiment->system(), models);
    for (std::size_t i = 0; i < live.size(); ++i)
      pin.board->set_theta(static_cast<Index>(i), live[i]->theta());
    pin.shown.times = view.times;
    pin.shown.models.resize(live.size());
    view.pinned[k].models.resize(live.size());
    const std::vector<double>& start = config.pinned[k];
    pin.board->restart(Eigen::Map<const Vector>(start.data(), static_cast<Index>(start.size())),
                       view.times, config.rollout);
    pins.push_back(std::move(pin));
  }
}

bool Session::Implementation::pins_pending(bool hold_back) const {
  return std::any_of(pins.begin(), pins.end(),
                     [&](const Pin& pin) { return pin.board->pending(hold_back); });
}

bool Session::Implementation::advance_pins(double milliseconds, bool hold_back) {
  const double deadline = now_milliseconds() + milliseconds;
  bool changed = false;
  const std::size_t count = pins.size(), first = next_pin;
  for (std::size_t k = 0; k < count; ++k) {
    const std::size_t i = (first + k) % count;
    if (!pins[i].board->pending(hold_back)) continue;
    const double left = std::max(0.0, deadline - now_milliseconds());
    next_pin = (i + 1) % count;
    if (pins[i].board->advance(left, hold_back, pins[i].shown)) {
      changed = true;
      view.pinned[i].truth = pins[i].shown.truth;
      for (std::size_t m = 0; m < live.size(); ++m)
        view.pinned[i].models[m] = pins[i].shown.models[m].trajectory;
    }
    if (now_milliseconds() >= deadline) break;
  }
  return changed;
}

}  // namespace least_action
