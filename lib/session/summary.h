#pragma once

#include <string>

#include "session/session_view.h"

namespace least_action {

/// The state of an experiment in plain sentences, for people who hear the page instead of
/// seeing it. A drift of energy says something about a conservative `system` only.
std::string describe(const SessionView& view, const System& system);

/// Three significant digits, without an exponent where that is short: "0.0012", "2.5e-07".
std::string short_number(double value);

}  // namespace least_action
