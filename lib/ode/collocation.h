#pragma once

#include <string_view>

#include "base/types.h"

namespace least_action {

/// The coefficients of an implicit Runge–Kutta method of collocation type: the polynomial u of
/// degree s with u(t) = x and u'(t + cᵢh) = f(t + cᵢh, u(t + cᵢh)) at the nodes c₁ < … < c_s.
/// With ℓⱼ the Lagrange polynomials of the nodes, Zᵢ = u(t + cᵢh) − x solve
///
///   Zᵢ = h Σⱼ aᵢⱼ f(t + cⱼh, x + Zⱼ),   aᵢⱼ = ∫₀^{cᵢ} ℓⱼ,   bⱼ = ∫₀¹ ℓⱼ,
///   x₁ = x + h Σ bᵢ f(t + cᵢh, x + Zᵢ) = x + Σ dᵢ Zᵢ,   dᵀ = bᵀ A⁻¹.
///
/// Reference: Hairer, Lubich & Wanner, Geometric Numerical Integration, §II.1.2.
struct CollocationTableau {
  std::string_view name;
  int order = 0;
  Matrix a;                 ///< s × s, full.
  Vector b, c, d;           ///< s
  bool symmetric = false;   ///< Its step of −h undoes one of h.
  bool symplectic = false;  ///< bᵢaᵢⱼ + bⱼaⱼᵢ = bᵢbⱼ.

  Index stages() const { return b.size(); }
};

/// Gauss–Legendre with 1, 2 or 3 stages: order 2s, the highest there is; symmetric, symplectic,
/// A-stable, and exact for quadratic invariants. One stage is the implicit midpoint rule.
/// Throws std::invalid_argument for another number of stages.
const CollocationTableau& gauss_tableau(int stages);
/// Radau IIA with 3 stages: order 5, L-stable, its last node the end of the step.
const CollocationTableau& radau_tableau();

}  // namespace least_action
