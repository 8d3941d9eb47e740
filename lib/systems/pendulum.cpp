#include <cmath>
#include <utility>

#include "mechanics/elliptic_integral.h"
#include "systems/catalog.h"
#include "systems/energy_region.h"
#include "systems/separable_system.h"

namespace least_action {
namespace {

std::vector<SystemParameter> rod_parameters() {
  return {{"mass", "m", "kg", 1, 0.1, 10, "Mass of the bob"},
          {"length", "l", "m", 1, 0.1, 10, "Length of the rod"},
          {"gravity", "g", "m/s²", 9.81, 0.1, 30, "Gravitational acceleration"}};
}

SystemDescription describe() {
  return {"pendulum", "Pendulum",
          "A bob on a rigid rod: L = ½ m l² q̇² − m g l (1 − cos q), H = p²/(2 m l²) + m g l (1 "
          "− cos q). "
          "It swings below the energy 2 m g l and turns over above it.",
          rod_parameters()};
}

SystemDescription describe_damped() {
  SystemDescription description = {"damped-pendulum", "Damped pendulum",
                                   "A pendulum with friction in its pivot: m l² q̈ = −m g l sin "
                                   "q − b q̇. Its energy falls at the rate "
                                   "b q̇², so it is no Hamiltonian system.",
                                   rod_parameters()};
  description.parameters.push_back(
      {"damping", "b", "N·m·s", 0.25, 0, 5, "Friction torque for each rad/s"});
  return description;
}

/// The plane pendulum; q is measured from the hanging position, counter-clockwise.
/// Period of the amplitude A: T = 4 √(l/g) K(sin(A/2)).
class Pendulum final : public SeparableSystem {
 public:
  Pendulum(SystemDescription description, const std::vector<double>& values)
      : SeparableSystem(std::move(description), values) {
    const double mass = value(0);
    length_ = value(1);
    frequency_ = std::sqrt(value(2) / length_);
    torque_ = mass * value(2) * length_;
    const double inertia = mass * length_ * length_;
    set_masses(Vector::Constant(1, inertia));
    if (this->values().size() > 3) set_damping(Vector::Constant(1, value(3)));

    const double energy = torque_ * (1 - std::cos(kReach));
    const double reach_velocity = std::sqrt(2 * energy / inertia);
    set_coordinates({{"q", "rad", true, kReach, reach_velocity, inertia * reach_velocity}});
    region_ = {Vector::Constant(1, kReach), Vector::Constant(1, inertia * reach_velocity),
               energy};
  }

  void sample_state(Random& random, Chart chart, VectorRef x) const override {
    sample_uniformly(region_, *this, random, x);
    convert(Chart::kCanonical, chart, x, x);
  }
  void typical_state(VectorRef x) const override {
    x(0) = kAmplitude;
    x(1) = 0;
  }
  double typical_period() const override {
    return 4 / frequency_ * complete_elliptic_integral(std::sin(kAmplitude / 2));
  }

  Scene scene(ConstVectorRef q) const override {
    const double x = length_ * std::sin(q(0)), y = -length_ * std::cos(q(0));
    return {{{x, y, 0.1 * length_}}, {{SceneLink::Kind::kRod, 0, 0, x, y}}};
  }
  double scene_extent() const override { return 1.2 * length_; }

 private:
  static constexpr double kReach = 2.6;    ///< Largest amplitude sampled [rad].
  static constexpr double kAmplitude = 2;  ///< Of the typical state [rad].

  double potential(ConstVectorRef q) const override {
    const double half = std::sin(q(0) / 2);  // 1 − cos q without cancellation.
    return 2 * torque_ * half * half;
  }
  void potential_gradient(ConstVectorRef q, VectorRef gradient) const override {
    gradient(0) = torque_ * std::sin(q(0));
  }
  void potential_hessian(ConstVectorRef q, MatrixRef hessian) const override {
    hessian(0, 0) = torque_ * std::cos(q(0));
  }

  double length_ = 0, frequency_ = 0, torque_ = 0;
  EnergyRegion region_;
};

}  // namespace

std::unique_ptr<System> make_pendulum(const std::vector<double>& values) {
  return std::make_unique<Pendulum>(describe(), values);
}

std::unique_ptr<System> make_damped_pendulum(const std::vector<double>& values) {
  return std::make_unique<Pendulum>(describe_damped(), values);
}

}  // namespace least_action
