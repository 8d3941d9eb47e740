#pragma once

namespace least_action {

/// Which coordinates a state x ∈ R²ⁿ is in.
enum class Chart {
  kCanonical,  ///< x = (q, p)
  kVelocity    ///< x = (q, q̇)
};

}  // namespace least_action
