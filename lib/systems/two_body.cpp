#include <algorithm>
#include <cmath>

#include "systems/catalog.h"
#include "systems/separable_system.h"

namespace least_action {
namespace {

constexpr double kPi = 3.14159265358979323846;

SystemDescription describe() {
  return {"two-body",
          "Two bodies (Kepler)",
          "Two bodies under gravity (natural units), in the plane of r = r₁ − r₂ about their "
          "centre of mass: "
          "L = ½ μ |ṙ|² + G m₁m₂/|r|, H = |p|²/(2μ) − G m₁m₂/|r|, μ = m₁m₂/(m₁ + m₂).",
          {{"mass1", "m₁", "", 1, 0.1, 10, "Mass of the first body"},
           {"mass2", "m₂", "", 0.5, 0.1, 10, "Mass of the second body"},
           {"gravity", "G", "", 1, 0.1, 10, "Gravitational constant"}}};
}

/// Solves Kepler's equation M = E − e sin E for the eccentric anomaly, 0 ≤ e < 1, by Newton's
/// method, which from E = π converges monotonically.
double eccentric_anomaly(double mean_anomaly, double eccentricity) {
  double anomaly = kPi;
  for (int i = 0; i < 50; ++i) {
    const double step = (anomaly - eccentricity * std::sin(anomaly) - mean_anomaly) /
                        (1 - eccentricity * std::cos(anomaly));
    anomaly -= step;
    if (std::abs(step) < 1e-14) break;
  }
  return anomaly;
}

/// The Kepler problem in relative coordinates. Bound orbits are ellipses with r = 0 at a focus
/// and the period 2π√(a³/(G(m₁ + m₂))). The bodies are at r m₂/M and −r m₁/M.
///
/// Sampled: counter-clockwise ellipses of semi-major axis 0.8 … 1.2 and eccentricity 0 … 0.6 in
/// every orientation, at a uniformly random time, so |r| never falls below 0.32.
class TwoBody final : public SeparableSystem {
 public:
  explicit TwoBody(const std::vector<double>& values) : SeparableSystem(describe(), values) {
    total_mass_ = value(0) + value(1);
    reduced_mass_ = value(0) * value(1) / total_mass_;
    gravitation_ = value(2) * total_mass_;
    coupling_ = value(2) * value(0) * value(1);
    set_masses(Vector::Constant(2, reduced_mass_));
    const double reach = kMaxAxis * (1 + kMaxEccentricity);
    // The speed at the pericentre of the smallest, most eccentric orbit.
    const double speed =
        std::sqrt(gravitation_ / kMinAxis * (1 + kMaxEccentricity) / (1 - kMaxEccentricity));
    set_coordinates({{"x", "", false, reach, speed, reduced_mass_ * speed},
                     {"y", "", false, reach, speed, reduced_mass_ * speed}});
  }

  void sample_state(Random& random, Chart chart, VectorRef x) const override {
    const double axis = random.uniform(kMinAxis, kMaxAxis);
    const double eccentricity = random.uniform(0, kMaxEccentricity);
    const double orientation = random.uniform(0, 2 * kPi);
    const double anomaly = eccentric_anomaly(random.uniform(0, 2 * kPi), eccentricity);
    orbit_state(axis, eccentricity, orientation, anomaly, x);
    convert(Chart::kCanonical, chart, x, x);
  }
  /// At the apocentre, on the x axis, of the orbit with a = 1 and e = ½.
  void typical_state(VectorRef x) const override { orbit_state(1, 0.5, kPi, kPi, x); }
  double typical_period() const override { return 2 * kPi / std::sqrt(gravitation_); }
  Index section_component() const override { return 1; }

  Scene scene(ConstVectorRef q) const override {
    const double first = value(1) / total_mass_, second = value(0) / total_mass_;
    const double x1 = first * q(0), y1 = first * q(1), x2 = -second * q(0), y2 = -second * q(1);
    // Equal densities: the radius goes with the cube root of the mass.
    return {{{x1, y1, 0.16 * std::cbrt(value(0) / total_mass_)},
             {x2, y2, 0.16 * std::cbrt(value(1) / total_mass_)}},
            {{SceneLink::Kind::kOrbit, x1, y1, x2, y2}}};
  }
  double scene_extent() const override {
    const double farther = std::max(value(0), value(1)) / total_mass_;
    return 1.1 * farther * kMaxAxis * (1 + kMaxEccentricity);
  }

 private:
  static constexpr double kMinAxis = 0.8, kMaxAxis = 1.2, kMaxEccentricity = 0.6;

  /// Writes the canonical state of a Kepler orbit (the first axis turned by `orientation`) at
  /// an eccentric anomaly.
  void orbit_state(double axis, double eccentricity, double orientation, double anomaly,
                   VectorRef x) const {
    const double b = std::sqrt(1 - eccentricity * eccentricity);
    const double rate = std::sqrt(gravitation_ / (axis * axis * axis)) /
                        (1 - eccentricity * std::cos(anomaly));  // dE/dt
    const double px = axis * (std::cos(anomaly) - eccentricity),
                 py = axis * b * std::sin(anomaly);
    const double vx = -axis * std::sin(anomaly) * rate,
                 vy = axis * b * std::cos(anomaly) * rate;
    const double c = std::cos(orientation), s = std::sin(orientation);
    x << c * px - s * py, s * px + c * py, reduced_mass_ * (c * vx - s * vy),
        reduced_mass_ * (s * vx + c * vy);
  }

  double potential(ConstVectorRef q) const override { return -coupling_ / q.norm(); }
  void potential_gradient(ConstVectorRef q, VectorRef gradient) const override {
    const double r = q.norm();
    gradient = coupling_ / (r * r * r) * q;
  }
  void potential_hessian(ConstVectorRef q, MatrixRef hessian) const override {
    const double r2 = q.squaredNorm(), r = std::sqrt(r2);
    hessian.noalias() = -3 * coupling_ / (r2 * r2 * r) * q * q.transpose();
    hessian.diagonal().array() += coupling_ / (r2 * r);
  }

  double total_mass_ = 0, reduced_mass_ = 0;
  double gravitation_ = 0;  ///< G(m₁ + m₂), of Kepler's third law.
  double coupling_ = 0;     ///< G m₁m₂
};

}  // namespace

std::unique_ptr<System> make_two_body(const std::vector<double>& values) {
  return std::make_unique<TwoBody>(values);
}

}  // namespace least_action
