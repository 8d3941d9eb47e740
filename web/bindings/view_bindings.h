#pragma once

#include <emscripten/val.h>

#include "session/session.h"

namespace least_action::web {

/// Plain objects of JavaScript with typed arrays; names in camelCase, one sample after another.
emscripten::val to_object(const SessionView& view);
emscripten::val to_object(const TrajectoryView& trajectory);
emscripten::val to_object(const Portrait& portrait);
emscripten::val to_object(const Section& section);
emscripten::val to_object(const AccuracyView& view);
emscripten::val to_object(const RoundTripView& trip);
emscripten::val to_object(const Setting& setting);

}  // namespace least_action::web
