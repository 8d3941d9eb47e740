#include <cmath>

#include "systems/catalog.h"
#include "systems/energy_region.h"
#include "systems/separable_system.h"

namespace least_action {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr double kSqrt3 = 1.73205080756887729353;

SystemDescription describe() {
  return {"henon-heiles",
          "Hénon–Heiles",
          "A star near the centre of a galaxy (natural units): H = ½(p_x² + p_y²) + ½(x² + y²) "
          "+ λ(x²y − y³/3), "
          "L = ½(ẋ² + ẏ²) − V. Regular at low energy, mostly chaotic towards the escape energy "
          "1/(6λ²).",
          {{"lambda", "λ", "", 1, 0.2, 2, "Strength of the cubic term"}}};
}

/// Hénon & Heiles, Astron. J. 69 (1964) 73. Below the energy 1/(6λ²) of its three saddles,
/// (0, 1)/λ and (±√3/2, −1/2)/λ, the motion is bounded by the triangle they span.
class HenonHeiles final : public SeparableSystem {
 public:
  explicit HenonHeiles(const std::vector<double>& values)
      : SeparableSystem(describe(), values) {
    lambda_ = value(0);
    set_masses(Vector::Ones(2));
    const double escape = 1 / (6 * lambda_ * lambda_);
    const double reach_momentum = std::sqrt(2 * kReach * escape);
    // Sides of a square around the triangle.
    set_coordinates({{"x", "", false, kSqrt3 / 2 / lambda_, reach_momentum, reach_momentum},
                     {"y", "", false, 1 / lambda_, reach_momentum, reach_momentum}});
    region_ = {Vector::Constant(2, 1 / lambda_), Vector::Constant(2, reach_momentum),
               kReach * escape};
  }

  void sample_state(Random& random, Chart chart, VectorRef x) const override {
    do {
      sample_uniformly(region_, *this, random, x);
    } while (!in_triangle(lambda_ * x(0), lambda_ * x(1)));
    convert(Chart::kCanonical, chart, x, x);
  }
  /// On the section x = 0, moving across it, at three fifths of the escape energy (λ = 1:
  /// 1/10).
  void typical_state(VectorRef x) const override {
    const double y = 0.15 / lambda_;
    x << 0, y, 0, 0;
    const double energy = 0.1 / (lambda_ * lambda_);
    x(2) = std::sqrt(2 * (energy - potential(x.head(2))));
  }
  double typical_period() const override { return 2 * kPi; }  // Of small oscillations.
  Index section_component() const override { return 0; }

  Scene scene(ConstVectorRef q) const override {
    Scene scene{{{q(0), q(1), 0.05 / lambda_}}, {}};
    const double x[] = {0, -kSqrt3 / 2, kSqrt3 / 2}, y[] = {1, -0.5, -0.5};
    for (int i = 0; i < 3; ++i) {  // The edge of the well at the escape energy.
      const int j = (i + 1) % 3;
      scene.links.push_back({SceneLink::Kind::kOrbit, x[i] / lambda_, y[i] / lambda_,
                             x[j] / lambda_, y[j] / lambda_});
    }
    return scene;
  }
  double scene_extent() const override { return 1.1 / lambda_; }

 private:
  static constexpr double kReach =
      0.9;  ///< Largest energy sampled, in units of the escape energy.

  static bool in_triangle(double x, double y) {
    return y > -0.5 && y < 1 - kSqrt3 * std::abs(x);
  }

  double potential(ConstVectorRef q) const override {
    const double x = q(0), y = q(1);
    return 0.5 * (x * x + y * y) + lambda_ * (x * x - y * y / 3) * y;
  }
  void potential_gradient(ConstVectorRef q, VectorRef gradient) const override {
    const double x = q(0), y = q(1);
    gradient(0) = x + 2 * lambda_ * x * y;
    gradient(1) = y + lambda_ * (x * x - y * y);
  }
  void potential_hessian(ConstVectorRef q, MatrixRef hessian) const override {
    const double x = q(0), y = q(1);
    hessian(0, 0) = 1 + 2 * lambda_ * y;
    hessian(0, 1) = hessian(1, 0) = 2 * lambda_ * x;
    hessian(1, 1) = 1 - 2 * lambda_ * y;
  }

  double lambda_ = 1;
  EnergyRegion region_;
};

}  // namespace

std::unique_ptr<System> make_henon_heiles(const std::vector<double>& values) {
  return std::make_unique<HenonHeiles>(values);
}

}  // namespace least_action
