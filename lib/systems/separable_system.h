#pragma once

#include <string_view>
#include <vector>

#include "systems/description.h"
#include "systems/system.h"

namespace least_action {

/// What the systems with a constant diagonal mass have in common:
///
///   L = Σᵢ ½ mᵢ q̇ᵢ² − V(q),   H = Σᵢ pᵢ²/(2mᵢ) + V(q),   Qᵢ = −bᵢ q̇ᵢ,
///   q̈ᵢ = (−∂V/∂qᵢ + Qᵢ)/mᵢ,   ṗᵢ = −∂V/∂qᵢ + Qᵢ.
///
/// A system gives V with its first two derivatives, the masses mᵢ (of whatever dimension fits
/// qᵢ: m l² for an angle) and, where it loses energy, the damping bᵢ. Everything a system may
/// differ in is pure; everything implemented here is final.
class SeparableSystem : public System {
 public:
  std::string_view name() const final { return description_.name; }
  std::string_view title() const final { return description_.title; }
  std::string_view description() const final { return description_.text; }
  Index degrees_of_freedom() const final { return masses_.size(); }
  const std::vector<SystemParameter>& parameters() const final {
    return description_.parameters;
  }
  const std::vector<double>& values() const final { return values_; }
  const std::vector<SystemCoordinate>& coordinates() const final { return coordinates_; }
  bool is_conservative() const final { return conservative_; }
  bool is_separable() const final { return true; }

  double lagrangian(ConstVectorRef q, ConstVectorRef q_dot) const final;
  double hamiltonian(ConstVectorRef q, ConstVectorRef p) const final;
  void momentum(ConstVectorRef q, ConstVectorRef q_dot, VectorRef p) const final;
  void velocity(ConstVectorRef q, ConstVectorRef p, VectorRef q_dot) const final;
  void acceleration(ConstVectorRef q, ConstVectorRef q_dot, VectorRef q_ddot) const final;
  void force(ConstVectorRef q, ConstVectorRef p, VectorRef p_dot) const final;
  void jacobian(Chart chart, ConstVectorRef x, MatrixRef jacobian) const final;

 protected:
  /// Validates `values` (see `checked_values`); the constructor of the system then calls `set`.
  SeparableSystem(SystemDescription description, const std::vector<double>& values);
  void set_masses(Vector masses);
  void set_damping(Vector damping);  ///< Makes the system dissipative, whatever the values.
  void set_coordinates(std::vector<SystemCoordinate> coordinates);
  double value(std::size_t parameter) const { return values_[parameter]; }

 private:
  virtual double potential(ConstVectorRef q) const = 0;
  /// Writes ∂V/∂q (n).
  virtual void potential_gradient(ConstVectorRef q, VectorRef gradient) const = 0;
  /// Writes ∂²V/∂q² (n × n).
  virtual void potential_hessian(ConstVectorRef q, MatrixRef hessian) const = 0;

  SystemDescription description_;
  std::vector<double> values_;
  std::vector<SystemCoordinate> coordinates_;
  Vector masses_, damping_;
  bool conservative_ = true;
};

}  // namespace least_action
