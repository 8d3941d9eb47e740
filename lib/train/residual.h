#pragma once

#include <cmath>

#include "base/types.h"

namespace least_action {

/// One term of a weighted mean of squares, r = W (x̂ − x): turns the prediction x̂ in place into
/// its cotangent `factor` · W r and returns ‖r‖². Components that were not observed (NaN) count
/// for nothing: their cotangent is 0, whatever was predicted. Plain loops, because a state has
/// a handful of components and there is one call a sample.
template <class S>
inline double to_cotangent(const VectorX<S>& weights, S factor, const S* observed,
                           S* predicted) {
  double square = 0;
  for (Index i = 0; i < weights.size(); ++i) {
    if (std::isnan(observed[i])) {
      predicted[i] = 0;
      continue;
    }
    const S r = weights[i] * (predicted[i] - observed[i]);
    square += static_cast<double>(r) * static_cast<double>(r);
    predicted[i] = factor * weights[i] * r;
  }
  return square;
}

}  // namespace least_action
