#pragma once

#include <string>
#include <vector>

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

/// Appends the blocks of a network whose parameters begin at `offset` in θ, each layer's weight
/// and then its bias, and returns where they end.
inline Index append_blocks(const std::string& name, const MlpLayout& layout, Index offset,
                           std::vector<ParameterBlock>& blocks) {
  Index number = 0;
  for (const MlpLayout::Layer& layer : layout.layers()) {
    const std::string prefix = name + "." + std::to_string(number++) + ".";
    blocks.push_back(
        {prefix + "weight", offset + layer.weight_offset, layer.rows, layer.cols, false});
    blocks.push_back({prefix + "bias", offset + layer.bias_offset, layer.rows, 1, true});
  }
  return offset + layout.num_parameters();
}

}  // namespace least_action
