#pragma once

#include <functional>

namespace least_action {

/// Tells the time in milliseconds, from wherever it began. What works in slices takes one, so a
/// test can count work instead of time.
using Clock = std::function<double()>;

/// A steady clock.
double now_milliseconds();

}  // namespace least_action
