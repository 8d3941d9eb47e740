#include <algorithm>
#include <cmath>

#include "mechanics/elliptic_integral.h"
#include "systems/catalog.h"
#include "systems/energy_region.h"
#include "systems/separable_system.h"

namespace least_action {
namespace {

SystemDescription describe() {
  return {
      "duffing",
      "Duffing oscillator",
      "A unit mass on a cubic spring (natural units): L = ½ q̇² − ½ α q² − ¼ β q⁴, "
      "H = ½ p² + ½ α q² + ¼ β q⁴. With α < 0 the middle is unstable and there are two wells.",
      {{"alpha", "α", "", -1, -3, 3, "Linear stiffness; negative for a double well"},
       {"beta", "β", "", 1, 0.1, 3, "Cubic stiffness"}}};
}

/// The undamped, undriven Duffing oscillator q̈ = −α q − β q³. An orbit of amplitude A that
/// crosses the middle is q(t) = A cn(ωt, k), ω² = α + βA², k² = βA²/(2ω²), of period 4K(k)/ω;
/// with α < 0 those are the orbits around both wells, A² > −2α/β.
class Duffing final : public SeparableSystem {
 public:
  explicit Duffing(const std::vector<double>& values) : SeparableSystem(describe(), values) {
    alpha_ = value(0);
    beta_ = value(1);
    // Where the two terms are equal: the wells sit there when α < 0.
    scale_ = std::max(std::sqrt(std::abs(alpha_) / beta_), 1.0);
    set_masses(Vector::Ones(1));

    const double reach = kReach * scale_;
    const double energy = potential(Vector::Constant(1, reach));
    const double bottom = alpha_ < 0 ? -alpha_ * alpha_ / (4 * beta_) : 0;
    const double reach_velocity = std::sqrt(2 * (energy - bottom));
    set_coordinates({{"q", "", false, reach, reach_velocity, reach_velocity}});
    region_ = {Vector::Constant(1, reach), Vector::Constant(1, reach_velocity), energy};
  }

  void sample_state(Random& random, Chart chart, VectorRef x) const override {
    sample_uniformly(region_, *this, random, x);
    convert(Chart::kCanonical, chart, x, x);
  }
  void typical_state(VectorRef x) const override {
    x(0) = kAmplitude * scale_;
    x(1) = 0;
  }
  double typical_period() const override {
    const double quartic = beta_ * kAmplitude * scale_ * kAmplitude * scale_;
    const double frequency = std::sqrt(alpha_ + quartic);
    return 4 / frequency * complete_elliptic_integral(std::sqrt(quartic / 2) / frequency);
  }

  Scene scene(ConstVectorRef q) const override {
    const double wall = scene_extent();
    return {{{q(0), 0, 0.12 * scale_}},
            {{SceneLink::Kind::kSpring, -wall, 0, q(0), 0},
             {SceneLink::Kind::kSpring, q(0), 0, wall, 0}}};
  }
  double scene_extent() const override { return 2.6 * scale_; }

 private:
  static constexpr double kReach = 1.8;  ///< Largest amplitude sampled, in units of scale_.
  static constexpr double kAmplitude =
      1.6;  ///< Of the typical state; above √2, around both wells.

  double potential(ConstVectorRef q) const override {
    const double square = q(0) * q(0);
    return (0.5 * alpha_ + 0.25 * beta_ * square) * square;
  }
  void potential_gradient(ConstVectorRef q, VectorRef gradient) const override {
    gradient(0) = (alpha_ + beta_ * q(0) * q(0)) * q(0);
  }
  void potential_hessian(ConstVectorRef q, MatrixRef hessian) const override {
    hessian(0, 0) = alpha_ + 3 * beta_ * q(0) * q(0);
  }

  double alpha_ = 0, beta_ = 0, scale_ = 1;
  EnergyRegion region_;
};

}  // namespace

std::unique_ptr<System> make_duffing(const std::vector<double>& values) {
  return std::make_unique<Duffing>(values);
}

}  // namespace least_action
