#pragma once

#include "models/lagrangian_network.h"
#include "models/mass_matrix.h"
#include "train/loss.h"

namespace least_action {

/// The discrete principle of stationary action, for a Lagrangian network L and positions alone.
/// For three positions in a row, h₁ and h₂ apart, with the midpoints m₁ = ((q₀ + q₁)/2,
/// (q₁ − q₀)/h₁) and m₂ likewise, the action of the path is stationary in q₁ where
///
///   r = D₂L_d(q₀, q₁) + D₁L_d(q₁, q₂)
///     = h₁/2 ∂L/∂q(m₁) + ∂L/∂q̇(m₁) + h₂/2 ∂L/∂q(m₂) − ∂L/∂q̇(m₂) = 0.
///
/// r alone is least for L = 0. What does not change when L is multiplied by a constant is the
/// acceleration that it predicts between the velocities u₁ and u₂ of the two pieces, and the
/// loss is the mean over B triples of
///
///   ‖W e‖²/n,   e = M̄⁻¹ (r/h̄ + M̄ a) − a,   a = (u₂ − u₁)/h̄,
///
/// with M̄ = ½(M(m₁) + M(m₂)) and h̄ = ½(h₁ + h₂): e = M̄⁻¹ r/h̄, up to O(h) the step of Newton's
/// method from the observed q₂ to the one with r = 0, over h². Where M̄ is close to singular its
/// inverse is damped (MassMatrix; health() counts the triples): no mass predicts no
/// acceleration, e = −a, so that L = 0 is not the best of all Lagrangians. W = 1/RMS of a: it
/// costs 1.
///
/// The gradient is exact: with y the cotangent of e, and u = M̄⁻¹y and e held fixed,
/// yᵀ de = uᵀ dr/h̄ − uᵀ dM̄ e, one mixed derivative of the network at each midpoint (and n more
/// where M̄ is damped).
///
/// The learned L fits the discrete equations, so its continuous motion differs from the data's
/// by O(h²) of the observation times, and by O(h) where neighbouring gaps differ. Velocities
/// are not used. Positions must be continuous along a trajectory, also angles; one without a
/// complete position is passed over.
///
/// Sources: Marsden & West, Acta Numerica 10 (2001), §1.2 (the equations); Ober-Blöbaum &
/// Offen, J. Comput. Appl. Math. 421 (2023) 114780 (learning from them); the scaling is this
/// project's own.
template <class S>
class ActionLoss final : public Loss<S> {
 public:
  /// Throws std::invalid_argument for another kind of model, where no trajectory has three
  /// complete positions, or where sizes do not fit the model. Of `weights` (2n) the second half
  /// is W.
  ActionLoss(const DynamicsModel<S>& model, const std::vector<Trajectory>& part,
             const Vector& weights, Index capacity);

  Index num_examples() const override { return before_.size(); }
  Index capacity() const override { return capacity_; }
  double evaluate(const VectorX<S>& theta, std::span<const Index> examples,
                  VectorRefX<S> gradient) override;
  LossCost cost() const override { return cost_; }

  /// Of the last call: how many triples were damped, and the worst condition number of M̄.
  const FieldHealth& health() const { return mass_.health(); }

 private:
  /// e of every triple and the loss's cotangent of it; returns Σ ‖W e‖².
  double compare(std::span<const Index> examples);
  /// M̄ of one triple, symmetrised, to `one_mass_`.
  const double* mean_mass(Index b, Index count);
  void pull_back(const VectorX<S>& theta, Index count, VectorRefX<S> gradient);
  void pull_back_damping(const VectorX<S>& theta, Index count, VectorRefX<S> gradient);

  const LagrangianNetwork<S>* model_;
  Index n_, capacity_;
  MatrixX<S> first_, second_;  // 2n × examples: m₁, m₂
  Vector before_, after_;      // examples: h₁, h₂
  Matrix acceleration_;        // n × examples: a
  Vector weights_;             // n

  std::unique_ptr<MlpDerivativesTape<S>> tape_;
  LossCost cost_;
  MassMatrix mass_;
  // Midpoint m₁ of triple b in column b, m₂ in column count + b; 2 · capacity columns.
  MatrixX<S> x_, slopes_, hessian_, curve_a_, curve_u_, curve_c_;
  Matrix force_, error_, cotangent_;  // n × capacity: r/h̄ + M̄a, e, the loss's cotangent of e
  Matrix damping_;                    // n² × capacity: E of MassMatrix::damping_cotangent
  std::vector<double> one_mass_;      // n²
  Vector h1_, h2_;                    // capacity
};

}  // namespace least_action
