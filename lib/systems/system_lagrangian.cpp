#include "systems/system_lagrangian.h"

#include "base/contract.h"

namespace least_action {

SystemLagrangian::SystemLagrangian(const System& system) : system_(&system) {
  if (!system.is_conservative()) {
    fail("SystemLagrangian", std::string(system.name()) +
                                 " loses energy; expected a system whose motion follows from "
                                 "its Lagrangian alone");
  }
}

void SystemLagrangian::evaluate(ConstVectorRef t, ConstMatrixRef x, MatrixRef value,
                                MatrixRef gradient) {
  check_sizes("SystemLagrangian::evaluate", t, x, value, gradient);
  const Index n = degrees_of_freedom();
  for (Index b = 0; b < x.cols(); ++b) {
    const auto q = x.col(b).head(n), q_dot = x.col(b).tail(n);
    auto momentum = gradient.col(b).tail(n);
    if (value.size() > 0) value(0, b) = system_->lagrangian(q, q_dot);
    system_->momentum(q, q_dot, momentum);
    system_->force(q, momentum, gradient.col(b).head(n));
  }
}

}  // namespace least_action
