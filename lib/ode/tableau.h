#pragma once

#include <string_view>

#include "base/types.h"

namespace least_action {

/// The coefficients of an explicit Runge–Kutta method with s stages:
///
///   kᵢ = f(t + cᵢ h, x + h Σ_{j<i} aᵢⱼ kⱼ),   x₁ = x + h Σᵢ bᵢ kᵢ.
///
/// Notation and order conditions: Hairer, Nørsett & Wanner, Solving ODEs I, §II.1–II.2.
struct ButcherTableau {
  std::string_view name;
  int order = 0;
  Matrix a;                         ///< s × s, strictly lower triangular.
  Vector b, c;                      ///< s
  Vector error;                     ///< b − b̂ of the embedded method, or empty.
  int error_order = 0;              ///< Order of the embedded method.
  Vector dense;                     ///< d of the dense output (see dense_weights), or empty.
  bool first_same_as_last = false;  ///< k_s is the next step's k₁.

  Index stages() const { return b.size(); }
};

/// x₁ = x + h f(t, x): order 1.
const ButcherTableau& euler_tableau();
/// The explicit midpoint rule (Runge 1895): order 2.
const ButcherTableau& midpoint_tableau();
/// The classical method of Kutta (1901): order 4.
const ButcherTableau& rk4_tableau();
/// Dormand & Prince 5(4), 7 stages, first same as last (J. Comp. Appl. Math. 6 (1980) 19), with
/// the dense output of order 4 of Shampine (Math. Comp. 46 (1986) 135), as in Hairer, Nørsett
/// & Wanner, Solving ODEs I, §II.6.
const ButcherTableau& dormand_prince_tableau();

/// Writes the weights of x(t + σh) ≈ x + h Σᵢ bᵢ(σ) kᵢ, 0 ≤ σ ≤ 1 (size: stages):
///
///   bᵢ(σ) = σ bᵢ + σ(1−σ) [δᵢ₁ − bᵢ + σ(2bᵢ − δᵢ₁ − δᵢₛ)] + σ²(1−σ)² dᵢ,
///
/// cubic Hermite interpolation of the step's two ends and a quartic correction. Continuously
/// differentiable over steps. Throws std::invalid_argument for a tableau without dense output.
void dense_weights(const ButcherTableau& tableau, double sigma, VectorRef weights);

}  // namespace least_action
