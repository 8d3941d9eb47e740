#pragma once

#include "ode/runge_kutta_stages.h"
#include "ode/stepper.h"
#include "ode/tableau.h"

namespace least_action {

/// A fixed-step explicit Runge–Kutta method given by its tableau:
///
///   kᵢ = f(t + cᵢ h, x + h Σ_{j<i} aᵢⱼ kⱼ),   x₁ = x + h Σᵢ bᵢ kᵢ.
///
/// Of the tableau's order for every smooth field, autonomous or not. Neither symplectic nor
/// reversible: the energy of a conservative system drifts, for RK4 slowly but steadily.
///
/// Reference: Hairer, Nørsett & Wanner, Solving ODEs I, §II.1.
template <class S>
class ExplicitRungeKutta final : public Stepper<S> {
 public:
  ExplicitRungeKutta(const ButcherTableau& tableau, const VectorField<S>& field,
                     Index max_batch);

  bool step(ConstVectorRefX<S> t, ConstVectorRefX<S> h, MatrixRefX<S> x) override;
  void restart() override { calls_.reset(); }
  const FieldCalls<S>& calls() const override { return calls_; }

 private:
  FieldCalls<S> calls_;
  RungeKuttaStages<S> stages_;
  Index used_stages_;  // A last stage with b_s = 0 only estimates the error.
};

}  // namespace least_action
