#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "base/random.h"
#include "nn/mlp.h"

namespace least_action::testing {

/// Every depth 0 … 3 with widths that fill no tile and no vector, and two that cross several,
/// with plain, scaled and periodic inputs; one activation each call.
inline std::vector<MlpLayout> layouts(Activation activation, Index outputs) {
  const InputFeature plain, scaled{false, 0.7}, periodic{true, 1};
  return {
      {3, {}, outputs, activation, {periodic, scaled, plain}},
      {3, {5}, outputs, activation, {}},
      {4, {7, 5}, outputs, activation, {periodic, plain, scaled, periodic}},
      {2, {3, 6, 4}, outputs, activation, {scaled, periodic}},
  };
}

inline std::string text(const MlpLayout& layout) {
  std::string line(name(layout.activation));
  line += " " + std::to_string(layout.inputs);
  for (const Index width : layout.hidden) line += "-" + std::to_string(width);
  return line + "-" + std::to_string(layout.outputs);
}

inline Matrix random_matrix(Index rows, Index cols, std::uint64_t seed, double size = 1) {
  Random random(seed);
  Matrix m(rows, cols);
  for (Index j = 0; j < cols; ++j) {
    for (Index i = 0; i < rows; ++i) m(i, j) = random.uniform(-size, size);
  }
  return m;
}

}  // namespace least_action::testing
