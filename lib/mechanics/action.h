#pragma once

#include "base/types.h"
#include "mechanics/lagrangian.h"

namespace least_action {

/// How the action of the straight piece from q₀ to q₁, with u = (q₁ − q₀)/h, is approximated:
/// the discrete Lagrangian L_d(q₀, q₁). Both are of second order.
enum class ActionRule {
  kMidpoint,  ///< h L((q₀ + q₁)/2, u, t₀ + h/2): its motions are those of implicit midpoint.
  kTrapezoid  ///< h/2 [L(q₀, u, t₀) + L(q₁, u, t₁)]: Störmer–Verlet where L = ½q̇ᵀMq̇ − V(q).
};

/// The action of a path given by its points q_k at strictly increasing times t_k, k = 0 … N,
///
///   S[q] = Σ_k L_d(q_k, q_{k+1})  ≈  ∫ L(q, q̇, t) dt,
///
/// and its gradient in the points. In an inner point that is the discrete Euler–Lagrange
/// residual
///
///   r_k = ∂S/∂q_k = D₂L_d(q_{k−1}, q_k) + D₁L_d(q_k, q_{k+1}) ≈ ½(t_{k+1} − t_{k−1}) (∂L/∂q −
///   d/dt ∂L/∂q̇),
///
/// which vanishes for the motions that the discrete principle of stationary action selects; at
/// the ends it is the discrete momenta, −p₀ and p_N. For the true motion between equal or
/// smoothly varying steps r_k/h is O(h²); where neighbouring steps jump in size it is O(h).
///
/// Positions are compared as numbers: an angle has to be continuous along its path.
/// Reference: Marsden & West, Acta Numerica 10 (2001), §1.2 and §2.3.
class Action final {
 public:
  /// Refers to `lagrangian`, which must outlive it.
  explicit Action(Lagrangian& lagrangian, ActionRule rule = ActionRule::kMidpoint);

  Index degrees_of_freedom() const { return lagrangian_->degrees_of_freedom(); }

  /// S[q] of times (N + 1 ≥ 2) and path (n × (N + 1)). Throws std::invalid_argument for wrong
  /// sizes, times that do not increase, and numbers that are not finite. Allocates only when
  /// the path is longer than any before, as all calls here.
  double value(ConstVectorRef times, ConstMatrixRef path);

  /// Writes ∂S/∂q_k to column k of `gradient` (n × (N + 1)) and returns S[q].
  double gradient(ConstVectorRef times, ConstMatrixRef path, MatrixRef gradient);

  /// Writes r_k/h_k with h_k = ½(t_{k+1} − t_{k−1}) to column k − 1 of `residual`
  /// (n × (N − 1), N ≥ 2): the generalized force that is missing at q_k, which does not depend
  /// on how finely the path is cut.
  void residual(ConstVectorRef times, ConstMatrixRef path, MatrixRef residual);

  /// The generalized forces that balance along the path, a scale for its residuals:
  /// RMS(∂L/∂q) + RMS(∂L/∂q̇)/(t_N − t₀).
  double force_scale(ConstVectorRef times, ConstMatrixRef path);

 private:
  void check(const char* where, ConstVectorRef times, ConstMatrixRef path) const;
  /// Evaluates L at every node of the rule: piece k has column k, or k and N + k.
  void evaluate(ConstVectorRef times, ConstMatrixRef path);
  double sum(ConstVectorRef times) const;

  Lagrangian* lagrangian_;
  ActionRule rule_;
  Vector t_;           // nodes
  Matrix x_, slopes_;  // 2n × nodes; (q, u) and (∂L/∂q, ∂L/∂q̇)
  Matrix value_;       // 1 × nodes
  Matrix all_;         // n × (N + 1)
};

}  // namespace least_action
