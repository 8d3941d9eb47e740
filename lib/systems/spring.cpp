#include <cmath>

#include "systems/catalog.h"
#include "systems/energy_region.h"
#include "systems/separable_system.h"

namespace least_action {
namespace {

constexpr double kPi = 3.14159265358979323846;

SystemDescription describe() {
  return {"spring",
          "Mass on a spring",
          "A mass on a linear spring: L = ½ m q̇² − ½ k q², H = p²/2m + ½ k q². Orbits are "
          "ellipses, "
          "all of the same period 2π√(m/k).",
          {{"mass", "m", "kg", 1, 0.1, 10, "Mass"},
           {"stiffness", "k", "N/m", 1, 0.1, 10, "Spring constant"}}};
}

/// The harmonic oscillator: q(t) = A cos(ωt + φ), ω = √(k/m).
class Spring final : public SeparableSystem {
 public:
  explicit Spring(const std::vector<double>& values) : SeparableSystem(describe(), values) {
    const double mass = value(0);
    stiffness_ = value(1);
    frequency_ = std::sqrt(stiffness_ / mass);
    set_masses(Vector::Constant(1, mass));
    const double reach_velocity = frequency_ * kReach;
    set_coordinates({{"q", "m", false, kReach, reach_velocity, mass * reach_velocity}});
    region_ = {Vector::Constant(1, kReach), Vector::Constant(1, mass * reach_velocity),
               0.5 * stiffness_ * kReach * kReach};
  }

  void sample_state(Random& random, Chart chart, VectorRef x) const override {
    sample_uniformly(region_, *this, random, x);
    convert(Chart::kCanonical, chart, x, x);
  }
  void typical_state(VectorRef x) const override {
    x(0) = 1;
    x(1) = 0;
  }
  double typical_period() const override { return 2 * kPi / frequency_; }

  Scene scene(ConstVectorRef q) const override {
    return {{{q(0), 0, 0.16}}, {{SceneLink::Kind::kSpring, -kAnchor, 0, q(0), 0}}};
  }
  double scene_extent() const override { return kAnchor; }

 private:
  static constexpr double kReach = 1.25;  ///< Largest amplitude sampled [m].
  static constexpr double kAnchor = 2;    ///< Distance of the wall from equilibrium [m].

  double potential(ConstVectorRef q) const override { return 0.5 * stiffness_ * q(0) * q(0); }
  void potential_gradient(ConstVectorRef q, VectorRef gradient) const override {
    gradient(0) = stiffness_ * q(0);
  }
  void potential_hessian(ConstVectorRef, MatrixRef hessian) const override {
    hessian(0, 0) = stiffness_;
  }

  double stiffness_ = 0, frequency_ = 0;
  EnergyRegion region_;
};

}  // namespace

std::unique_ptr<System> make_spring(const std::vector<double>& values) {
  return std::make_unique<Spring>(values);
}

}  // namespace least_action
