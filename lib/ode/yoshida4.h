#pragma once

#include "ode/stormer_verlet.h"

namespace least_action {

/// Yoshida's (and Forest & Ruth's) composition of three Störmer–Verlet steps Φ:
///
///   Ψ_h = Φ_{w₁h} ∘ Φ_{w₀h} ∘ Φ_{w₁h},   w₁ = 1/(2 − 2^{1/3}),   w₀ = 1 − 2w₁ < 0.
///
/// Order 4, symplectic, symmetric; time t advances with each factor, so a driven system keeps
/// the order. The middle step goes back in time by 1.7 h: the constant of the error is large,
/// and the method is stable only for small h. Six calls a step, seven for the first.
///
/// Reference: Yoshida, Phys. Lett. A 150 (1990) 262; Hairer, Lubich & Wanner, Geometric
/// Numerical Integration, §II.4.
class Yoshida4 final : public Stepper<double> {
 public:
  /// Throws std::invalid_argument unless the field is separable.
  Yoshida4(const VectorField<double>& field, Index max_batch);

  bool step(ConstVectorRef t, ConstVectorRef h, MatrixRef x) override;
  void restart() override { verlet_.restart(); }
  const FieldCalls<double>& calls() const override { return verlet_.calls(); }

 private:
  StormerVerlet verlet_;
  Vector t_, h_;  // of a factor
};

}  // namespace least_action
