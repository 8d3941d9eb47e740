#include <doctest/doctest.h>

#include <cmath>
#include <complex>

#include "systems/reference.h"

using namespace least_action;
using namespace least_action::testing;
using doctest::Approx;

namespace {

constexpr double kM1 = 1.3, kM2 = 0.7, kL1 = 0.9, kL2 = 1.6, kG = 9.3;

Vector textbook_acceleration(const Vector& x) {
  // The explicit formulas that circulate for this problem, with Δ = q₁ − q₂ and the common
  // denominator 2m₁ + m₂ − m₂ cos 2Δ.
  const double q1 = x(0), q2 = x(1), v1 = x(2), v2 = x(3), d = q1 - q2;
  const double denominator = 2 * kM1 + kM2 - kM2 * std::cos(2 * d);
  Vector a(2);
  a(0) = (-kG * (2 * kM1 + kM2) * std::sin(q1) - kM2 * kG * std::sin(q1 - 2 * q2) -
          2 * std::sin(d) * kM2 * (v2 * v2 * kL2 + v1 * v1 * kL1 * std::cos(d))) /
         (kL1 * denominator);
  a(1) = 2 * std::sin(d) *
         (v1 * v1 * kL1 * (kM1 + kM2) + kG * (kM1 + kM2) * std::cos(q1) +
          v2 * v2 * kL2 * kM2 * std::cos(d)) /
         (kL2 * denominator);
  return a;
}

Vector newtonian_acceleration(const Vector& x) {
  // Newton's law for both bobs with the rod tensions T₁, T₂ and q̈₁, q̈₂ as four unknowns:
  //   m₁ r̈₁ = −T₁ e₁ + T₂ e₂ − m₁ g ŷ,   m₂ r̈₂ = −T₂ e₂ − m₂ g ŷ,   e_i = (sin q_i, −cos q_i).
  const double q1 = x(0), q2 = x(1), v1 = x(2), v2 = x(3);
  const double s1 = std::sin(q1), c1 = std::cos(q1), s2 = std::sin(q2), c2 = std::cos(q2);
  double a[4][5] = {
      // q̈₁, q̈₂, T₁, T₂ | right
      {kM1 * kL1 * c1, 0, s1, -s2, kM1 * kL1 * s1 * v1 * v1},
      {kM1 * kL1 * s1, 0, -c1, c2, -kM1 * kL1 * c1 * v1 * v1 - kM1 * kG},
      {kM2 * kL1 * c1, kM2 * kL2 * c2, 0, s2, kM2 * (kL1 * s1 * v1 * v1 + kL2 * s2 * v2 * v2)},
      {kM2 * kL1 * s1, kM2 * kL2 * s2, 0, -c2,
       -kM2 * (kL1 * c1 * v1 * v1 + kL2 * c2 * v2 * v2) - kM2 * kG}};
  for (int k = 0; k < 4; ++k) {  // Gauss–Jordan with pivoting.
    int pivot = k;
    for (int i = k; i < 4; ++i) {
      if (std::abs(a[i][k]) > std::abs(a[pivot][k])) pivot = i;
    }
    for (int j = 0; j < 5; ++j) std::swap(a[k][j], a[pivot][j]);
    for (int i = 0; i < 4; ++i) {
      if (i == k) continue;
      const double factor = a[i][k] / a[k][k];
      for (int j = k; j < 5; ++j) a[i][j] -= factor * a[k][j];
    }
  }
  Vector result(2);
  result << a[0][4] / a[0][0], a[1][4] / a[1][1];
  return result;
}

}  // namespace

TEST_SUITE("systems/double_pendulum") {
  TEST_CASE("accelerates by the textbook formula and by Newton's law with rod tensions") {
    // Oracle: two independent formulations, the second without any Lagrangian.
    const auto system = make_system("double-pendulum", {kM1, kM2, kL1, kL2, kG});
    Random random(3);
    for (int k = 0; k < 20; ++k) {
      Vector x(4), acceleration(2);
      for (Index i = 0; i < 4; ++i) x(i) = random.uniform(-3, 3);
      system->acceleration(x.head(2), x.tail(2), acceleration);
      CHECK(distance(acceleration, textbook_acceleration(x)) < 1e-12);
      CHECK(distance(acceleration, newtonian_acceleration(x)) < 1e-11);
    }
  }

  TEST_CASE("its energy is that of two bobs moving in the plane") {
    // Oracle: ½ m |ṙ|² + m g (height above the lowest point), ṙ by finite differences of
    // scene().
    const auto system = make_system("double-pendulum", {kM1, kM2, kL1, kL2, kG});
    Vector x(4);
    x << 0.7, -1.9, 1.4, -2.2;
    const auto position = [&](double t, std::size_t body) {
      const Vector q = x.head(2) + t * x.tail(2);
      const Scene scene = system->scene(q);
      return std::complex<double>(scene.bodies[body].x, scene.bodies[body].y);
    };
    double energy = 0;
    const double masses[] = {kM1, kM2}, lowest[] = {-kL1, -kL1 - kL2};
    for (std::size_t body : {std::size_t{0}, std::size_t{1}}) {
      const auto velocity = derivative([&](double t) { return position(t, body); }, 1e-2);
      energy += masses[body] *
                (0.5 * std::norm(velocity) + kG * (position(0, body).imag() - lowest[body]));
    }
    CHECK(system->energy(Chart::kVelocity, x) == Approx(energy).epsilon(1e-9));
  }

  TEST_CASE("equal rods and bobs swing gently in the modes 2 ± √2") {
    // Oracle: analytic, ω² = (2 ± √2) g/l with shapes (1, ∓√2); the typical period is the slow
    // one.
    const auto system = make_system("double-pendulum", {1, 1, 1, 1, 9.81});
    const double slow = std::sqrt((2 - std::sqrt(2.0)) * 9.81);
    CHECK(system->typical_period() == Approx(6.283185307179586 / slow).epsilon(1e-12));
    const double amplitude = 1e-4, t = 1.7;
    for (const double sign : {1.0, -1.0}) {
      const double omega = std::sqrt((2 - sign * std::sqrt(2.0)) * 9.81);
      Vector x(4);
      x << amplitude, sign * std::sqrt(2.0) * amplitude, 0, 0;
      x = runge_kutta(*system, Chart::kVelocity, x, t, 2000);
      CHECK(std::abs(x(0) / amplitude - std::cos(omega * t)) < 1e-6);
      CHECK(std::abs(x(1) / amplitude - sign * std::sqrt(2.0) * std::cos(omega * t)) < 1e-6);
    }
  }

  TEST_CASE("sampled energies stay below the inner bob's turning over") {
    const auto system = make_system("double-pendulum");
    Random random(2);
    Vector x(4);
    double highest = 0;
    for (int k = 0; k < 300; ++k) {
      system->sample_state(random, Chart::kCanonical, x);
      highest = std::max(highest, system->energy(Chart::kCanonical, x));
    }
    CHECK(highest < 2 * 2 * 9.81);
    CHECK(highest > system->energy(Chart::kCanonical, typical_state(*system)));
  }
}
