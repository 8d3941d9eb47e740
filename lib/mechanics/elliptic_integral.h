#pragma once

namespace least_action {

/// The complete elliptic integral of the first kind of modulus k,
///
///   K(k) = ∫₀^{π/2} dθ / √(1 − k² sin²θ) = π / (2 agm(1, √(1 − k²))),
///
/// to a few units in the last place, by the quadratically convergent arithmetic–geometric mean.
/// The pendulum's and the Duffing oscillator's periods are written with it. Throws
/// std::invalid_argument unless −1 < k < 1 (K → ∞ at the ends: the separatrix takes forever).
///
/// Reference: Abramowitz & Stegun, 17.3.1 and 17.6.3.
double complete_elliptic_integral(double modulus);

}  // namespace least_action
