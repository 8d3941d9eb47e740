#pragma once

#include "base/types.h"

namespace least_action {

/// A step kept for its dense output: the columns x, Δx, h f(t, x), h f(t + h, x + Δx) and up to
/// four corrections d₁ … (dimension × 4 … 8, one after the other in a vector). Writes
///
///   x(t + σh) = x + σ(Δx + (1−σ)(h f₀ − Δx + σ(2Δx − h f₀ − h f₁)))
///               + σ²(1−σ)² [d₁ + σ(d₂ + (1−σ)(d₃ + σ d₄))],
///
/// cubic Hermite interpolation and what a method adds to it (dense_weights). The dimension is
/// that of x. Does not allocate.
template <class S>
void interpolate_step(ConstVectorRefX<S> record, double sigma, VectorRefX<S> x);

}  // namespace least_action
