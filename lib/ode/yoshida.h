#pragma once

#include <span>

#include "ode/stormer_verlet.h"

namespace least_action {

/// The factors γ₁ … γ_m of Yoshida's symmetric compositions (γᵢ = γ_{m+1−i}, Σ γᵢ = 1) of a
/// symmetric method of order 2:
///
///   order 4: 3 factors, 1/(2 − 2^{1/3}) at either end (also Forest & Ruth's);
///   order 6: 7 factors, solution A;
///   order 8: 15 factors, solution D (also Suzuki & Umeno's), of the five the one with the
///            smallest constant of the error.
///
/// Throws std::invalid_argument for another order.
///
/// Reference: Yoshida, Phys. Lett. A 150 (1990) 262; the digits as in Hairer, Lubich & Wanner,
/// Geometric Numerical Integration, §V.3.2.
std::span<const double> yoshida_factors(int order);

/// The composition of Störmer–Verlet steps Φ by Yoshida's factors:
///
///   Ψ_h = Φ_{γₘh} ∘ … ∘ Φ_{γ₁h}.
///
/// Order 4, 6 or 8, symplectic, symmetric; time advances with each factor, so a driven system
/// keeps the order. Some factors are negative (the order could not be had otherwise): the
/// method is stable only for small h, and worth its 2m calls a step (one more for the first)
/// where the accuracy asked for is high.
class Yoshida final : public Stepper<double> {
 public:
  /// Throws std::invalid_argument unless the field is separable and the order 4, 6 or 8.
  Yoshida(int order, const VectorField<double>& field, Index max_batch);

  bool step(ConstVectorRef t, ConstVectorRef h, MatrixRef x) override;
  void restart() override { verlet_.restart(); }
  const FieldCalls<double>& calls() const override { return verlet_.calls(); }

 private:
  std::span<const double> factors_;
  StormerVerlet verlet_;
  Vector t_, h_;  // of a factor
};

}  // namespace least_action
