#pragma once

#include "mechanics/lagrangian.h"
#include "systems/system.h"

namespace least_action {

/// The exact Lagrangian of a system: ∂L/∂q̇ = p, and ∂L/∂q = ṗ of Hamilton's equations, because
/// ∂L/∂q at fixed q̇ is −∂H/∂q at fixed p.
class SystemLagrangian final : public Lagrangian {
 public:
  /// Refers to `system`, which must outlive it. Throws std::invalid_argument for a system that
  /// loses energy: its motion does not follow from its L alone.
  explicit SystemLagrangian(const System& system);

  Index degrees_of_freedom() const override { return system_->degrees_of_freedom(); }
  void evaluate(ConstVectorRef t, ConstMatrixRef x, MatrixRef value,
                MatrixRef gradient) override;

 private:
  const System* system_;
};

}  // namespace least_action
