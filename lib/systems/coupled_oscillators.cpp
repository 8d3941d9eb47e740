#include <cmath>

#include "systems/catalog.h"
#include "systems/energy_region.h"
#include "systems/separable_system.h"

namespace least_action {
namespace {

constexpr double kPi = 3.14159265358979323846;

SystemDescription describe() {
  return {
      "coupled-oscillators",
      "Coupled oscillators",
      "Two equal masses between walls, on springs k and joined by a spring κ with a quartic "
      "part β: "
      "V = ½k(q₁² + q₂²) + ½κ(q₂ − q₁)² + ¼β(q₂ − q₁)⁴, L = ½m(q̇₁² + q̇₂²) − V, H = (p₁² + "
      "p₂²)/2m + V. "
      "Weakly coupled, they pass their energy to and fro.",
      {{"mass", "m", "kg", 1, 0.1, 10, "Each mass"},
       {"stiffness", "k", "N/m", 1, 0.1, 10, "Springs to the walls"},
       {"coupling", "κ", "N/m", 0.3, 0, 10, "Linear spring between the masses"},
       {"nonlinearity", "β", "N/m³", 0, 0, 5, "Hardening of the spring between the masses"}}};
}

/// With β = 0 the normal modes are (1, 1) of frequency √(k/m) and (1, −1) of √((k + 2κ)/m); the
/// first exists for every β.
class CoupledOscillators final : public SeparableSystem {
 public:
  explicit CoupledOscillators(const std::vector<double>& values)
      : SeparableSystem(describe(), values) {
    stiffness_ = value(1);
    coupling_ = value(2);
    nonlinearity_ = value(3);
    set_masses(Vector::Constant(2, value(0)));
    Vector x(4);
    typical_state(x);
    const double energy = kReach * potential(x.head(2));
    // The ellipse ½qᵀKq = E reaches to |q_i| = √(2E (K⁻¹)_ii); β only narrows it.
    const double position = std::sqrt(2 * energy * (stiffness_ + coupling_) /
                                      (stiffness_ * (stiffness_ + 2 * coupling_)));
    rest_ = 1.2 * position;
    const double momentum = std::sqrt(2 * value(0) * energy);
    set_coordinates({{"q₁", "m", false, position, momentum / value(0), momentum},
                     {"q₂", "m", false, position, momentum / value(0), momentum}});
    region_ = {Vector::Constant(2, position), Vector::Constant(2, momentum), energy};
  }

  void sample_state(Random& random, Chart chart, VectorRef x) const override {
    sample_uniformly(region_, *this, random, x);
    convert(Chart::kCanonical, chart, x, x);
  }
  /// One mass pulled aside: both modes in equal parts, which beat.
  void typical_state(VectorRef x) const override { x << 1, 0, 0, 0; }
  /// Of the mode (1, 1).
  double typical_period() const override { return 2 * kPi * std::sqrt(value(0) / stiffness_); }
  Index section_component() const override { return 1; }

  Scene scene(ConstVectorRef q) const override {
    const double x1 = -rest_ + q(0), x2 = rest_ + q(1), wall = scene_extent(),
                 radius = rest_ / 10;
    return {{{x1, 0, radius}, {x2, 0, radius}},
            {{SceneLink::Kind::kSpring, -wall, 0, x1, 0},
             {SceneLink::Kind::kSpring, x1, 0, x2, 0},
             {SceneLink::Kind::kSpring, x2, 0, wall, 0}}};
  }
  double scene_extent() const override { return 2.5 * rest_; }  // Where the walls are.

 private:
  static constexpr double kReach =
      1.5;  ///< Largest energy sampled, in units of the typical one.

  double potential(ConstVectorRef q) const override {
    const double stretch2 = (q(1) - q(0)) * (q(1) - q(0));
    return 0.5 * stiffness_ * q.squaredNorm() +
           (0.5 * coupling_ + 0.25 * nonlinearity_ * stretch2) * stretch2;
  }
  void potential_gradient(ConstVectorRef q, VectorRef gradient) const override {
    const double stretch = q(1) - q(0);
    const double tension = (coupling_ + nonlinearity_ * stretch * stretch) * stretch;
    gradient(0) = stiffness_ * q(0) - tension;
    gradient(1) = stiffness_ * q(1) + tension;
  }
  void potential_hessian(ConstVectorRef q, MatrixRef hessian) const override {
    const double stretch = q(1) - q(0);
    const double rate = coupling_ + 3 * nonlinearity_ * stretch * stretch;
    hessian(0, 0) = hessian(1, 1) = stiffness_ + rate;
    hessian(0, 1) = hessian(1, 0) = -rate;
  }

  double stiffness_ = 0, coupling_ = 0, nonlinearity_ = 0;
  double rest_ = 0;  ///< Resting distance of each mass from the middle [m].
  EnergyRegion region_;
};

}  // namespace

std::unique_ptr<System> make_coupled_oscillators(const std::vector<double>& values) {
  return std::make_unique<CoupledOscillators>(values);
}

}  // namespace least_action
