#pragma once

#include <string>
#include <vector>

#include "session/map_session.h"

namespace least_action {

/// "Neural ODE", "i-ResNet", … with a number where two are alike.
std::vector<std::string> map_names(const std::vector<MapModelConfig>& models);

/// What a map reached and what is proven about it, in one or two sentences.
std::string result_of(MapTask task, const MapModelView& model);

/// The state of all maps in words, for screen readers.
std::string summary_of(const MapView& view);

}  // namespace least_action
