#pragma once

#include <string_view>

#include "base/random.h"
#include "base/types.h"
#include "nn/mlp.h"

namespace least_action {

/// How θ starts. Biases are 0 unless said otherwise.
///   kGlorot      W ~ U(±√(6/(in+out)))
///   kOrthogonal  W has orthonormal rows or columns (the Q of a normal matrix, uniform on those
///                matrices), the choice of Greydanus et al. 2019
///   kLagrangian  keeps the mass matrix ∂²f/∂q̇² of a scalar network healthy (positive,
///                well-conditioned with high probability) at any width and depth; see the .cpp
///                for the derivation. The last `inputs/2` inputs are taken for velocities.
enum class Initializer { kGlorot, kOrthogonal, kLagrangian };

std::string_view name(Initializer initializer);        // "glorot", "orthogonal", "lagrangian"
Initializer initializer_named(std::string_view text);  // throws, naming the known ones

/// Writes θ (layout.num_parameters()). The draws are made in double and rounded, so float and
/// double networks start alike; they depend on `random` only.
template <class S>
void initialize(Initializer initializer, const MlpLayout& layout, Random random,
                VectorRefX<S> theta);

}  // namespace least_action
