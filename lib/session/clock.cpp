#include "session/clock.h"

#include <chrono>

namespace least_action {

double now_milliseconds() {
  using Steady = std::chrono::steady_clock;
  return std::chrono::duration<double, std::milli>(Steady::now().time_since_epoch()).count();
}

}  // namespace least_action
