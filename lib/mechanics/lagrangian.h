#pragma once

#include "base/types.h"

namespace least_action {

/// A Lagrangian L(q, q̇, t) of n degrees of freedom with its first derivatives, for a batch of B
/// samples x = (q; q̇): what the action functional needs, whether L is known or learned.
///
/// L determines the motion, not the other way round: αL + d/dt F(q, t) (α ≠ 0) has the same
/// natural motions.
class Lagrangian {
 public:
  virtual ~Lagrangian() = default;

  virtual Index degrees_of_freedom() const = 0;

  /// Writes L (1 × B; skipped where it is empty) and (∂L/∂q; ∂L/∂q̇) (2n × B) at times t (B) and
  /// samples x (2n × B), for any B ≥ 1. Wrong sizes throw std::invalid_argument; what the
  /// numbers come to is not checked. May use scratch space of the object: one for each thread.
  virtual void evaluate(ConstVectorRef t, ConstMatrixRef x, MatrixRef value,
                        MatrixRef gradient) = 0;

 protected:
  /// The check that every `evaluate` begins with.
  void check_sizes(const char* where, ConstVectorRef t, ConstMatrixRef x, MatrixRef value,
                   MatrixRef gradient) const;
};

}  // namespace least_action
