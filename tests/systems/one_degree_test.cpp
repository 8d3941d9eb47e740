// Published solutions of the systems with one degree of freedom.
#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "systems/reference.h"

using namespace least_action;
using namespace least_action::testing;
using doctest::Approx;

namespace {

constexpr double kPi = 3.14159265358979323846;

Vector state(double q, double p) {
  Vector x(2);
  x << q, p;
  return x;
}

/// ∫₀^{π/2} dθ/√(1 − k² sin²θ) by the midpoint rule, which converges exponentially for a
/// periodic integrand: an evaluation of K(k) independent of the arithmetic–geometric mean.
double elliptic_by_quadrature(double k) {
  const int points = 400;
  double sum = 0;
  for (int i = 0; i < points; ++i) {
    const double s = std::sin((i + 0.5) / points * kPi / 2);
    sum += 1 / std::sqrt(1 - k * k * s * s);
  }
  return sum * kPi / 2 / points;
}

}  // namespace

TEST_SUITE("systems/one_degree") {
  TEST_CASE("a mass on a spring moves as A cos ωt") {
    // Oracle: analytic.
    const auto spring = make_system("spring", {2.0, 4.5});
    const double omega = 1.5;
    CHECK(spring->typical_period() == Approx(2 * kPi / omega).epsilon(1e-14));
    const Vector x = runge_kutta(*spring, Chart::kCanonical, state(0.7, 0), 2.3, 2000);
    CHECK(x(0) == Approx(0.7 * std::cos(omega * 2.3)).epsilon(1e-10));
    CHECK(x(1) == Approx(-2.0 * omega * 0.7 * std::sin(omega * 2.3)).epsilon(1e-10));
  }

  TEST_CASE("the pendulum closes its orbit after 4 √(l/g) K(sin(A/2)), not before") {
    // Oracle: the period formula with K by quadrature, and the motion itself.
    const auto pendulum = make_system("pendulum", {0.7, 1.4, 9.0});
    const Vector start = typical_state(*pendulum);
    CHECK(start(0) == 2);
    CHECK(start(1) == 0);
    const double period = pendulum->typical_period();
    CHECK(period == Approx(4 * std::sqrt(1.4 / 9.0) * elliptic_by_quadrature(std::sin(1.0)))
                        .epsilon(1e-12));
    const Vector end = runge_kutta(*pendulum, Chart::kCanonical, start, period, 4000);
    CHECK(end(0) == Approx(2).epsilon(1e-9));
    CHECK(std::abs(end(1)) < 1e-8);
    const Vector half = runge_kutta(*pendulum, Chart::kCanonical, start, period / 2, 4000);
    CHECK(half(0) == Approx(-2).epsilon(1e-9));
  }

  TEST_CASE("the pendulum's separatrix is at twice m g l, and V vanishes where it hangs") {
    // Oracle: analytic.
    const auto pendulum = make_system("pendulum", {0.7, 1.4, 9.0});
    CHECK(pendulum->energy(Chart::kCanonical, state(0, 0)) == 0);
    CHECK(pendulum->energy(Chart::kCanonical, state(kPi, 0)) == Approx(2 * 0.7 * 9.0 * 1.4));
  }

  TEST_CASE("the damped pendulum loses energy at the rate b q̇²") {
    // Oracle: analytic; dH/dt along the flow by finite differences.
    const auto damped = make_system("damped-pendulum", {0.7, 1.4, 9.0, 0.4});
    CHECK_FALSE(damped->is_conservative());
    const Vector x = state(1.1, 0.8);
    const double power = derivative(
        [&](double t) {
          return damped->energy(Chart::kCanonical,
                                runge_kutta(*damped, Chart::kCanonical, x, t, 4));
        },
        2e-2);
    const double q_dot = 0.8 / (0.7 * 1.4 * 1.4);
    CHECK(power == Approx(-0.4 * q_dot * q_dot).epsilon(1e-6));
  }

  TEST_CASE("small damped swings decay as the damped oscillator does") {
    // Oracle: analytic, q = A e^{−γt}(cos ωt + γ/ω sin ωt), γ = b/2ml²; O(A²) nonlinearity.
    const auto damped = make_system("damped-pendulum", {1, 1, 4, 0.6});
    const double gamma = 0.3, omega = std::sqrt(4 - gamma * gamma), t = 2.0, amplitude = 1e-4;
    const Vector x = runge_kutta(*damped, Chart::kVelocity, state(amplitude, 0), t, 2000);
    CHECK(x(0) / amplitude ==
          Approx(std::exp(-gamma * t) *
                 (std::cos(omega * t) + gamma / omega * std::sin(omega * t)))
              .epsilon(1e-7));
  }

  TEST_CASE(
      "the double-well Duffing oscillator rests at 0 and ±√(−α/β), stable only in the wells") {
    // Oracle: analytic equilibria, energies and eigenvalues ±√α, ±i√(−2α).
    const auto duffing = make_system("duffing", {-2.0, 0.5});
    for (const double q : {0.0, 2.0, -2.0}) {
      CHECK(rate(*duffing, Chart::kCanonical, state(q, 0)).norm() < 1e-14);
    }
    CHECK(duffing->energy(Chart::kCanonical, state(2, 0)) == Approx(-2.0));  // −α²/4β
    CHECK(duffing->energy(Chart::kCanonical, state(0, 0)) == 0);
    Matrix jacobian(2, 2);
    duffing->jacobian(Chart::kCanonical, state(0, 0), jacobian);
    CHECK(jacobian(1, 0) == Approx(2));
    duffing->jacobian(Chart::kCanonical, state(2, 0), jacobian);
    CHECK(jacobian(1, 0) == Approx(-4));
  }

  TEST_CASE(
      "the Duffing oscillator's typical orbit visits both wells and closes after its period") {
    // Oracle: the motion itself, for a double, a single and a quartic well.
    const std::vector<std::vector<double>> cases = {{-1, 1}, {1.5, 0.8}, {0, 1}, {-3, 0.4}};
    for (const auto& values : cases) {
      CAPTURE(values[0]);
      const auto duffing = make_system("duffing", values);
      const Vector start = typical_state(*duffing);
      const double period = duffing->typical_period();
      const Vector half = runge_kutta(*duffing, Chart::kCanonical, start, period / 2, 4000);
      CHECK(half(0) == Approx(-start(0)).epsilon(1e-8));
      const Vector end = runge_kutta(*duffing, Chart::kCanonical, start, period, 8000);
      CHECK(distance(end, start) < 1e-8);
    }
  }
}
