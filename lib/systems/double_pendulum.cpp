#include <cmath>
#include <limits>

#include "mechanics/euler_lagrange.h"
#include "systems/catalog.h"
#include "systems/description.h"
#include "systems/energy_region.h"

namespace least_action {
namespace {

constexpr double kPi = 3.14159265358979323846;
using Vector2 = Eigen::Vector2d;
using Matrix2 = Eigen::Matrix2d;

SystemDescription describe() {
  return {"double-pendulum",
          "Double pendulum",
          "A pendulum hanging from a pendulum, both angles measured from the vertical: "
          "L = ½(m₁+m₂)l₁²q̇₁² + ½m₂l₂²q̇₂² + m₂l₁l₂q̇₁q̇₂cos(q₁−q₂) − V, H = ½pᵀM(q)⁻¹p + V, "
          "V = (m₁+m₂)gl₁(1−cos q₁) + m₂gl₂(1−cos q₂). Chaotic unless it swings gently.",
          {{"mass1", "m₁", "kg", 1, 0.1, 10, "Mass of the inner bob"},
           {"mass2", "m₂", "kg", 1, 0.1, 10, "Mass of the outer bob"},
           {"length1", "l₁", "m", 1, 0.1, 10, "Length of the inner rod"},
           {"length2", "l₂", "m", 1, 0.1, 10, "Length of the outer rod"},
           {"gravity", "g", "m/s²", 9.81, 0.1, 30, "Gravitational acceleration"}}};
}

/// The plane double pendulum with massless rods. With δ = q₁ − q₂ and
///
///   a = (m₁+m₂)l₁²,  b = m₂l₂²,  c = m₂l₁l₂,  g₁ = (m₁+m₂)gl₁,  g₂ = m₂gl₂:
///
///   M = [a, c cos δ; c cos δ, b],   V = g₁(1 − cos q₁) + g₂(1 − cos q₂),
///   ∂L/∂q = (−c q̇₁q̇₂ sin δ − g₁ sin q₁, c q̇₁q̇₂ sin δ − g₂ sin q₂).
///
/// det M = m₂l₁²l₂²(m₁ + m₂ sin²δ) > 0: M can always be inverted. H is not separable.
/// Reference: Landau & Lifshitz, Mechanics, §5, problem 1.
class DoublePendulum final : public System {
 public:
  explicit DoublePendulum(const std::vector<double>& values)
      : description_(describe()), values_(checked_values(description_, values)) {
    const double m1 = values_[0], m2 = values_[1], gravity = values_[4];
    l1_ = values_[2];
    l2_ = values_[3];
    a_ = (m1 + m2) * l1_ * l1_;
    b_ = m2 * l2_ * l2_;
    c_ = m2 * l1_ * l2_;
    g1_ = (m1 + m2) * gravity * l1_;
    g2_ = m2 * gravity * l2_;

    const double energy = kReach * (g1_ + g2_) * (1 - std::cos(kAmplitude));
    region_.energy = energy;
    region_.q_high = Vector2(largest_angle(energy, g1_), largest_angle(energy, g2_));
    // pᵀM⁻¹p ≤ 2E reaches to |p_i| = √(2E M_ii), and q̇ᵀMq̇ ≤ 2E to √(2E (M⁻¹)_ii), at worst δ =
    // 0.
    region_.p_high = Vector2(std::sqrt(2 * energy * a_), std::sqrt(2 * energy * b_));
    const double determinant = a_ * b_ - c_ * c_;
    const double v1 = std::sqrt(2 * energy * b_ / determinant);
    const double v2 = std::sqrt(2 * energy * a_ / determinant);
    coordinates_ = {{"q₁", "rad", true, region_.q_high(0), v1, region_.p_high(0)},
                    {"q₂", "rad", true, region_.q_high(1), v2, region_.p_high(1)}};
  }

  std::string_view name() const override { return description_.name; }
  std::string_view title() const override { return description_.title; }
  std::string_view description() const override { return description_.text; }
  Index degrees_of_freedom() const override { return 2; }
  const std::vector<SystemParameter>& parameters() const override {
    return description_.parameters;
  }
  const std::vector<double>& values() const override { return values_; }
  const std::vector<SystemCoordinate>& coordinates() const override { return coordinates_; }
  bool is_separable() const override { return false; }

  double lagrangian(ConstVectorRef q, ConstVectorRef q_dot) const override {
    return 0.5 * q_dot.head<2>().dot(mass(q) * q_dot.head<2>()) - potential(q);
  }
  double hamiltonian(ConstVectorRef q, ConstVectorRef p) const override {
    return 0.5 * p.head<2>().dot(inverse_mass(q) * p.head<2>()) + potential(q);
  }
  void momentum(ConstVectorRef q, ConstVectorRef q_dot, VectorRef p) const override {
    p.head<2>() = mass(q) * q_dot.head<2>();
  }
  void velocity(ConstVectorRef q, ConstVectorRef p, VectorRef q_dot) const override {
    q_dot.head<2>() = inverse_mass(q) * p.head<2>();
  }
  void acceleration(ConstVectorRef q, ConstVectorRef q_dot, VectorRef q_ddot) const override {
    const double shear = c_ * std::sin(q(0) - q(1));
    Matrix2 coriolis;
    coriolis << -shear * q_dot(1), shear * q_dot(1), -shear * q_dot(0), shear * q_dot(0);
    const Vector2 force = generalized_force(q, q_dot);
    if (!solve_acceleration({force, mass(q), coriolis}, q_dot, q_ddot)) {
      // Only for a state that is not finite; a solver stops at it.
      q_ddot.setConstant(std::numeric_limits<double>::quiet_NaN());
    }
  }
  void force(ConstVectorRef q, ConstVectorRef p, VectorRef p_dot) const override {
    const Vector2 q_dot = inverse_mass(q) * p.head<2>();
    p_dot.head<2>() = generalized_force(q, q_dot);
  }
  void jacobian(Chart chart, ConstVectorRef x, MatrixRef jacobian) const override {
    if (chart == Chart::kCanonical) {
      canonical_jacobian(x.head(2), x.tail(2), jacobian);
    } else {
      velocity_jacobian(x.head(2), x.tail(2), jacobian);
    }
  }

  void sample_state(Random& random, Chart chart, VectorRef x) const override {
    sample_uniformly(region_, *this, random, x);
    convert(Chart::kCanonical, chart, x, x);
  }
  void typical_state(VectorRef x) const override { x << kAmplitude, kAmplitude, 0, 0; }
  /// Of the slower mode of small oscillations: the smaller root ω² of det(V'' − ω²M) = 0.
  double typical_period() const override {
    const double sum = a_ * g2_ + b_ * g1_, product = g1_ * g2_ * (a_ * b_ - c_ * c_);
    const double square = 2 * g1_ * g2_ / (sum + std::sqrt(sum * sum - 4 * product));
    return 2 * kPi / std::sqrt(square);
  }
  Index section_component() const override { return 0; }

  Scene scene(ConstVectorRef q) const override {
    const double x1 = l1_ * std::sin(q(0)), y1 = -l1_ * std::cos(q(0));
    const double x2 = x1 + l2_ * std::sin(q(1)), y2 = y1 - l2_ * std::cos(q(1));
    const double radius = 0.06 * (l1_ + l2_);
    return {{{x1, y1, radius}, {x2, y2, radius}},
            {{SceneLink::Kind::kRod, 0, 0, x1, y1}, {SceneLink::Kind::kRod, x1, y1, x2, y2}}};
  }
  double scene_extent() const override { return 1.1 * (l1_ + l2_); }

 private:
  static constexpr double kAmplitude = 1.5;  ///< Both angles of the typical state [rad].
  static constexpr double kReach =
      1.2;  ///< Largest energy sampled, in units of the typical one.

  static double largest_angle(double energy, double weight) {
    return energy >= 2 * weight ? kPi : std::acos(1 - energy / weight);
  }

  double potential(ConstVectorRef q) const {
    return g1_ * (1 - std::cos(q(0))) + g2_ * (1 - std::cos(q(1)));
  }
  Matrix2 mass(ConstVectorRef q) const {
    const double off = c_ * std::cos(q(0) - q(1));
    Matrix2 m;
    m << a_, off, off, b_;
    return m;
  }
  Matrix2 inverse_mass(ConstVectorRef q) const {
    const double off = c_ * std::cos(q(0) - q(1)), determinant = a_ * b_ - off * off;
    Matrix2 inverse;
    inverse << b_ / determinant, -off / determinant, -off / determinant, a_ / determinant;
    return inverse;
  }
  /// ∂L/∂q at (q, q̇).
  Vector2 generalized_force(ConstVectorRef q, ConstVectorRef q_dot) const {
    const double coupling = c_ * q_dot(0) * q_dot(1) * std::sin(q(0) - q(1));
    return {-coupling - g1_ * std::sin(q(0)), coupling - g2_ * std::sin(q(1))};
  }

  /// From M q̈ = F, F = (−c q̇₂² sin δ − g₁ sin q₁, c q̇₁² sin δ − g₂ sin q₂):
  /// ∂q̈/∂x = M⁻¹(∂F/∂x − ∂M/∂x q̈).
  void velocity_jacobian(ConstVectorRef q, ConstVectorRef q_dot, MatrixRef jacobian) const {
    Vector2 q_ddot;
    acceleration(q, q_dot, q_ddot);
    const double sine = c_ * std::sin(q(0) - q(1)), cosine = c_ * std::cos(q(0) - q(1));
    const double v1 = q_dot(0), v2 = q_dot(1);
    // ∂M/∂q₁ = −c sin δ [0, 1; 1, 0] = −∂M/∂q₂
    const Vector2 swapped(q_ddot(1), q_ddot(0));
    Matrix2 by_q, by_v;
    by_q << -cosine * v2 * v2 - g1_ * std::cos(q(0)), cosine * v2 * v2,  //
        cosine * v1 * v1, -cosine * v1 * v1 - g2_ * std::cos(q(1));
    by_q.col(0) += sine * swapped;
    by_q.col(1) -= sine * swapped;
    by_v << 0, -2 * sine * v2, 2 * sine * v1, 0;
    const Matrix2 inverse = inverse_mass(q);
    jacobian.setZero();
    jacobian.topRightCorner<2, 2>().setIdentity();
    jacobian.bottomLeftCorner<2, 2>() = inverse * by_q;
    jacobian.bottomRightCorner<2, 2>() = inverse * by_v;
  }

  /// From q̇ = M⁻¹p and ṗ = ∂L/∂q(q, q̇), with u = q̇₁q̇₂:
  /// ∂q̇/∂q_j = −M⁻¹ ∂M/∂q_j q̇, ∂q̇/∂p = M⁻¹, ∂ṗ₁ = −c ∂(u sin δ) − g₁ cos q₁ ∂q₁, …
  void canonical_jacobian(ConstVectorRef q, ConstVectorRef p, MatrixRef jacobian) const {
    const Matrix2 inverse = inverse_mass(q);
    const Vector2 v = inverse * p.head<2>();
    const double sine = c_ * std::sin(q(0) - q(1)), cosine = c_ * std::cos(q(0) - q(1));
    const Vector2 swapped(v(1), v(0));
    Eigen::Matrix<double, 2, 4> by_x;
    by_x.col(0) = inverse * (sine * swapped);
    by_x.col(1) = -by_x.col(0);
    by_x.rightCols<2>() = inverse;
    // ∂(c u sin δ)/∂x
    Eigen::RowVector4d coupling = sine * (v(1) * by_x.row(0) + v(0) * by_x.row(1));
    coupling(0) += cosine * v(0) * v(1);
    coupling(1) -= cosine * v(0) * v(1);
    jacobian.topLeftCorner<2, 4>() = by_x;
    jacobian.block<1, 4>(2, 0) = -coupling;
    jacobian.block<1, 4>(3, 0) = coupling;
    jacobian(2, 0) -= g1_ * std::cos(q(0));
    jacobian(3, 1) -= g2_ * std::cos(q(1));
  }

  SystemDescription description_;
  std::vector<double> values_;
  std::vector<SystemCoordinate> coordinates_;
  double l1_ = 0, l2_ = 0, a_ = 0, b_ = 0, c_ = 0, g1_ = 0, g2_ = 0;
  EnergyRegion region_;
};

}  // namespace

std::unique_ptr<System> make_double_pendulum(const std::vector<double>& values) {
  return std::make_unique<DoublePendulum>(values);
}

}  // namespace least_action
