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
  Matrix a;      ///< s × s, strictly lower triangular.
  Vector b, c;   ///< s
  Vector error;  ///< b − b̂ of the embedded method, or empty.
  /// A second, cruder estimate (DOP853), or empty. With the norms e, e₂ of the two, the error
  /// of a step is e² / √(e² + 0.01 e₂²): Hairer, Nørsett & Wanner, §II.10.
  Vector second_error;
  int error_order = 0;  ///< The estimate is O(h^{error_order + 1}).
  /// The dense output's dᵢₘ (see dense_weights): (stages + extra stages) × as many as its
  /// degree exceeds three. No columns: cubic Hermite interpolation.
  Matrix dense;
  /// Stages that only the dense output needs, after those of the step (aᵢⱼ and cᵢ, j < i).
  Matrix dense_a;
  Vector dense_c;
  int dense_order = 0;  ///< The dense output has a local error O(h^{dense_order + 1}).
  bool first_same_as_last = false;  ///< k_s is the next step's k₁.

  Index stages() const { return b.size(); }
  Index extra_stages() const { return dense_c.size(); }
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

/// Bogacki & Shampine 3(2), 4 stages, first same as last (Appl. Math. Lett. 2 (1989) 321), with
/// cubic Hermite dense output of order 3.
const ButcherTableau& bogacki_shampine_tableau();
/// Tsitouras 5(4), 7 stages, first same as last, with its dense output of order 4 (Comput.
/// Math. Appl. 62 (2011) 770).
const ButcherTableau& tsitouras_tableau();
/// DOP853 of Hairer, Nørsett & Wanner, §II.10: order 8 in 12 stages (the 13th is the next
/// step's first), error estimates of order 5 and 3, dense output of order 7 with three extra
/// stages.
const ButcherTableau& dormand_prince_853_tableau();

/// Writes the weights of x(t + σh) ≈ x + h Σᵢ bᵢ(σ) kᵢ, 0 ≤ σ ≤ 1 (size: stages and extra
/// stages): cubic Hermite interpolation of the step's two ends, and a correction,
///
///   bᵢ(σ) = σ bᵢ + σ(1−σ) [δᵢ₁ − bᵢ + σ(2bᵢ − δᵢ₁ − δᵢₛ)]
///           + σ²(1−σ)² [dᵢ₁ + σ(dᵢ₂ + (1−σ)(dᵢ₃ + σ dᵢ₄))].
///
/// Continuously differentiable over steps. Throws std::invalid_argument for a tableau without
/// dense output.
void dense_weights(const ButcherTableau& tableau, double sigma, VectorRef weights);
/// The bracket of the correction, as weights of its (up to four) dᵢₘ, times σ²(1−σ)².
void dense_corrections(double sigma, double (&weights)[4]);

/// How far along the negative real axis the method is stable: the smallest x > 0 with
/// |R(−x)| = 1, R its stability function (Hairer & Wanner, Solving ODEs II, §IV.2).
double real_stability_limit(const ButcherTableau& tableau);

}  // namespace least_action
