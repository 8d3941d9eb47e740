#pragma once

#include <memory>
#include <vector>

#include "base/random.h"
#include "maps/learned_map.h"

namespace least_action::testing {

inline Vector random_vector(Index size, std::uint64_t seed, double scale = 1) {
  Random random(seed);
  Vector values(size);
  for (Index i = 0; i < size; ++i) values[i] = scale * random.normal();
  return values;
}

inline Matrix random_matrix(Index rows, Index cols, std::uint64_t seed, double scale = 1) {
  const Vector values = random_vector(rows * cols, seed, scale);
  return Eigen::Map<const Matrix>(values.data(), rows, cols);
}

/// Small maps of every kind: with and without read-out, other activations, a field of time.
inline std::vector<MapSpec> sample_map_specs() {
  std::vector<MapSpec> specs;
  for (const MapKindTraits& kind : map_kinds()) {
    MapSpec spec;
    spec.kind = kind.kind;
    spec.hidden = {7};
    spec.shown_states = 3;
    spec.blocks = 4;
    specs.push_back(spec);
    spec.inputs = 3;
    spec.outputs = 2;
    spec.read_out = true;
    spec.hidden = {5, 6};
    spec.activation = Activation::kSilu;
    spec.augmented = 2;
    spec.time_dependent = true;
    spec.duration = -0.7;
    spec.sensitivity.substeps = 2;
    specs.push_back(spec);
  }
  return specs;
}

/// A θ that lets every part of a map act: larger than the start, so that spectral bounds bind.
inline Vector sample_theta(const LearnedMap<double>& map, std::uint64_t seed) {
  Vector theta(map.num_parameters());
  map.initialize(Random(seed), theta);
  return 1.5 * theta + random_vector(theta.size(), seed + 1, 0.3);
}

inline Matrix output_of(const LearnedMap<double>& map, const Vector& theta, const Matrix& x) {
  const auto tape = map.make_tape(x.cols());
  Matrix y(map.outputs(), x.cols());
  map.forward(theta, x, y, *tape);
  return y;
}

}  // namespace least_action::testing
