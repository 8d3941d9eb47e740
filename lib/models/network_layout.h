#pragma once

#include "models/dynamics_model.h"

namespace least_action {

/// The network of a model that sees the state components [first, first + inputs) of `spec`,
/// with the features that belong to them.
inline MlpLayout network_layout(const ModelSpec& spec, Index first, Index inputs,
                                Index outputs) {
  MlpLayout layout;
  layout.inputs = inputs;
  layout.hidden = spec.hidden;
  layout.outputs = outputs;
  layout.activation = spec.activation;
  if (!spec.features.empty()) {
    layout.features.assign(spec.features.begin() + first,
                           spec.features.begin() + first + inputs);
  }
  return layout;
}

}  // namespace least_action
