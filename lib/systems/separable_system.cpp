#include "systems/separable_system.h"

#include <utility>

namespace least_action {

SeparableSystem::SeparableSystem(SystemDescription description,
                                 const std::vector<double>& values)
    : description_(std::move(description)), values_(checked_values(description_, values)) {}

void SeparableSystem::set_masses(Vector masses) {
  masses_ = std::move(masses);
  damping_ = Vector::Zero(masses_.size());
}

void SeparableSystem::set_damping(Vector damping) {
  damping_ = std::move(damping);
  conservative_ = false;
}

void SeparableSystem::set_coordinates(std::vector<SystemCoordinate> coordinates) {
  coordinates_ = std::move(coordinates);
}

double SeparableSystem::lagrangian(ConstVectorRef q, ConstVectorRef q_dot) const {
  return 0.5 * masses_.dot(q_dot.cwiseAbs2()) - potential(q);
}

double SeparableSystem::hamiltonian(ConstVectorRef q, ConstVectorRef p) const {
  return 0.5 * p.cwiseAbs2().cwiseQuotient(masses_).sum() + potential(q);
}

void SeparableSystem::momentum(ConstVectorRef, ConstVectorRef q_dot, VectorRef p) const {
  p = masses_.cwiseProduct(q_dot);
}

void SeparableSystem::velocity(ConstVectorRef, ConstVectorRef p, VectorRef q_dot) const {
  q_dot = p.cwiseQuotient(masses_);
}

void SeparableSystem::acceleration(ConstVectorRef q, ConstVectorRef q_dot,
                                   VectorRef q_ddot) const {
  potential_gradient(q, q_ddot);
  q_ddot = -(q_ddot + damping_.cwiseProduct(q_dot)).cwiseQuotient(masses_);
}

void SeparableSystem::force(ConstVectorRef q, ConstVectorRef p, VectorRef p_dot) const {
  potential_gradient(q, p_dot);
  p_dot = -(p_dot + damping_.cwiseProduct(p.cwiseQuotient(masses_)));
}

void SeparableSystem::jacobian(Chart chart, ConstVectorRef x, MatrixRef jacobian) const {
  const Index n = degrees_of_freedom();
  jacobian.setZero();
  potential_hessian(x.head(n), jacobian.bottomLeftCorner(n, n));
  jacobian.bottomLeftCorner(n, n) *= -1;
  jacobian.bottomRightCorner(n, n).diagonal() = -damping_.cwiseQuotient(masses_);
  if (chart == Chart::kCanonical) {  // q̇ = M⁻¹p, ṗ = −∇V − B M⁻¹p
    jacobian.topRightCorner(n, n).diagonal() = masses_.cwiseInverse();
  } else {  // q̇ = q̇, q̈ = −M⁻¹(∇V + B q̇)
    jacobian.topRightCorner(n, n).diagonal().setOnes();
    for (Index i = 0; i < n; ++i) jacobian.row(n + i).head(n) /= masses_(i);
  }
}

}  // namespace least_action
