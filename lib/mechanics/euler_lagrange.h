#pragma once

#include "base/types.h"

namespace least_action {

/// The second-order data of a Lagrangian at one (q, q̇), for n degrees of freedom. The matrices
/// and vectors belong to the caller; the struct only points at them.
struct LagrangianJet {
  Eigen::Ref<const Vector> force;  ///< ∂L/∂q (plus the generalized force Q, if any), n
  Eigen::Ref<const Matrix> mass;   ///< M = ∂²L/∂q̇∂q̇, n × n, symmetric
  Eigen::Ref<const Matrix>
      coriolis;  ///< C = ∂²L/∂q̇∂q, n × n; row i belongs to q̇ᵢ, column j to qⱼ
};

/// Solves the Euler–Lagrange equations d/dt ∂L/∂q̇ = ∂L/∂q + Q, written out by the chain rule,
///
///   M q̈ = ∂L/∂q + Q − C q̇,
///
/// for the acceleration q̈. M may be indefinite (a Lagrangian has a gauge: −L moves the same
/// way); nothing is regularised.
///
/// Writes `q_ddot` and returns true; returns false and leaves `q_ddot` alone where M is
/// singular to working precision. Does not allocate up to 8 degrees of freedom. Throws
/// std::invalid_argument on wrong sizes.
///
/// Reference: Goldstein, Poole & Safko, Classical Mechanics (3rd ed.), §1.4.
[[nodiscard]] bool solve_acceleration(const LagrangianJet& jet, ConstVectorRef q_dot,
                                      VectorRef q_ddot);

}  // namespace least_action
