#pragma once

#include "base/types.h"

namespace least_action {

/// The non-decreasing sequence nearest to y (n) in mean square,
///
///   min Σ (mᵢ − yᵢ)²   over   m₁ ≤ m₂ ≤ … ≤ m_n,
///
/// by pooling adjacent violators: O(n), exact. What an order-preserving map of points sorted on
/// a line can reach at best. Source: Barlow, Bartholomew, Bremner & Brunk, Statistical
/// Inference under Order Restrictions (1972), §1.2. Throws std::invalid_argument for an empty y
/// or a number that is not finite.
Vector isotonic_regression(ConstVectorRef y);

}  // namespace least_action
