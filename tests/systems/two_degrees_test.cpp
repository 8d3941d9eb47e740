// Published properties of Hénon–Heiles, the Kepler problem and coupled oscillators.
#include <doctest/doctest.h>

#include <cmath>

#include "systems/reference.h"

using namespace least_action;
using namespace least_action::testing;
using doctest::Approx;

namespace {

constexpr double kPi = 3.14159265358979323846;

Vector state(double x, double y, double px, double py) {
  Vector s(4);
  s << x, y, px, py;
  return s;
}

}  // namespace

TEST_SUITE("systems/henon_heiles") {
  TEST_CASE("its three saddles are at rest with the escape energy 1/(6λ²)") {
    // Oracle: Hénon & Heiles 1964: (0, 1) and (±√3/2, −1/2) at 1/6.
    for (const double lambda : {1.0, 0.5}) {
      const auto system = make_system("henon-heiles", {lambda});
      const double a = std::sqrt(3.0) / 2 / lambda, b = 0.5 / lambda;
      for (const Vector& saddle :
           {state(0, 1 / lambda, 0, 0), state(a, -b, 0, 0), state(-a, -b, 0, 0)}) {
        CHECK(rate(*system, Chart::kCanonical, saddle).norm() < 1e-14);
        CHECK(system->energy(Chart::kCanonical, saddle) == Approx(1 / (6 * lambda * lambda)));
        Matrix jacobian(4, 4);
        system->jacobian(Chart::kCanonical, saddle, jacobian);
        // A saddle, not an extremum.
        CHECK(jacobian(2, 0) * jacobian(3, 1) < jacobian(2, 1) * jacobian(3, 0));
      }
    }
  }

  TEST_CASE("its potential has the symmetry of a triangle") {
    // Oracle: invariant; V(r, φ) = r²/2 + λ r³ sin(3φ)/3.
    const auto system = make_system("henon-heiles", {0.8});
    for (const double phi : {0.3, 0.3 + 2 * kPi / 3, 0.3 + 4 * kPi / 3}) {
      const double r = 0.6;
      CHECK(system->energy(Chart::kCanonical,
                           state(r * std::cos(phi), r * std::sin(phi), 0, 0)) ==
            Approx(r * r / 2 + 0.8 * r * r * r * std::sin(3 * phi) / 3).epsilon(1e-13));
    }
  }

  TEST_CASE("starts on its section with energy 1/10, and samples below the escape energy") {
    const auto system = make_system("henon-heiles");
    const Vector x = typical_state(*system);
    CHECK(system->energy(Chart::kCanonical, x) == Approx(0.1));
    CHECK(x(system->section_component()) == 0);
    CHECK(x(2) > 0);
    Random random(8);
    for (int k = 0; k < 300; ++k) {
      Vector sample(4);
      system->sample_state(random, Chart::kCanonical, sample);
      CHECK(system->energy(Chart::kCanonical, sample) < 0.95 / 6);
      CHECK(sample(1) > -0.5);
      CHECK(sample(1) < 1 - std::sqrt(3.0) * std::abs(sample(0)));
    }
  }
}

TEST_SUITE("systems/two_body") {
  TEST_CASE(
      "the typical orbit is an ellipse of eccentricity 1/2 that closes by Kepler's third law") {
    // Oracle: analytic. a = 1: apocentre 3/2, pericentre 1/2, T = 2π√(a³/G(m₁+m₂)).
    const double m1 = 1.2, m2 = 2.1, gravity = 0.9;
    const auto system = make_system("two-body", {m1, m2, gravity});
    const Vector start = typical_state(*system);
    const double period = system->typical_period();
    CHECK(period == Approx(2 * kPi / std::sqrt(gravity * (m1 + m2))).epsilon(1e-14));
    CHECK(start.head(2).norm() == Approx(1.5));
    CHECK(std::abs(start(1)) < 1e-12);
    const Vector half = runge_kutta(*system, Chart::kCanonical, start, period / 2, 4000);
    CHECK(half.head(2).norm() == Approx(0.5).epsilon(1e-8));
    const Vector end = runge_kutta(*system, Chart::kCanonical, start, period, 8000);
    CHECK(distance(end, start) < 1e-7);
  }

  TEST_CASE("keeps angular momentum, the Laplace vector and E = −G m₁m₂/2a") {
    // Oracle: analytic constants of motion; e from the Laplace–Runge–Lenz vector.
    const double m1 = 1.2, m2 = 2.1, gravity = 0.9, mu = m1 * m2 / (m1 + m2);
    const auto system = make_system("two-body", {m1, m2, gravity});
    const double k = gravity * m1 * m2;
    const auto angular = [](const Vector& x) { return x(0) * x(3) - x(1) * x(2); };
    const auto laplace = [&](const Vector& x) {
      const double l = angular(x), r = x.head(2).norm();
      Vector e(2);
      e << x(3) * l / (mu * k) - x(0) / r, -x(2) * l / (mu * k) - x(1) / r;
      return e;
    };
    const Vector start = typical_state(*system);
    CHECK(angular(start) > 0);  // Counter-clockwise.
    CHECK(laplace(start).norm() == Approx(0.5));
    CHECK(system->energy(Chart::kCanonical, start) == Approx(-k / 2));
    const Vector end = runge_kutta(*system, Chart::kCanonical, start, 3.1, 4000);
    CHECK(angular(end) == Approx(angular(start)).epsilon(1e-9));
    CHECK(distance(laplace(end), laplace(start)) < 1e-8);

    Random random(6);
    for (int i = 0; i < 100; ++i) {
      Vector x(4);
      system->sample_state(random, Chart::kCanonical, x);
      const double axis = -k / (2 * system->energy(Chart::kCanonical, x));
      CHECK(axis > 0.8 - 1e-9);
      CHECK(axis < 1.2 + 1e-9);
      CHECK(laplace(x).norm() < 0.6 + 1e-9);
      CHECK(axis * (1 - laplace(x).norm()) > 0.3);  // No close encounter.
    }
  }

  TEST_CASE("draws both bodies about a centre of mass at rest, as far apart as r") {
    const auto system = make_system("two-body", {1.0, 3.0, 1.0});
    Vector q(2);
    q << 0.8, -0.6;
    const Scene scene = system->scene(q);
    REQUIRE(scene.bodies.size() == 2);
    const SceneBody &a = scene.bodies[0], &b = scene.bodies[1];
    CHECK(std::abs(1.0 * a.x + 3.0 * b.x) < 1e-14);
    CHECK(std::abs(1.0 * a.y + 3.0 * b.y) < 1e-14);
    CHECK(a.x - b.x == Approx(0.8));
    CHECK(a.y - b.y == Approx(-0.6));
    CHECK(b.radius > a.radius);
  }
}

TEST_SUITE("systems/coupled_oscillators") {
  TEST_CASE("its normal modes have the frequencies √(k/m) and √((k + 2κ)/m)") {
    // Oracle: analytic.
    const double m = 1.7, k = 2.0, kappa = 0.6, t = 3.3;
    const auto system = make_system("coupled-oscillators", {m, k, kappa, 0});
    CHECK(system->typical_period() == Approx(2 * kPi * std::sqrt(m / k)).epsilon(1e-14));
    for (const double sign : {1.0, -1.0}) {
      const double omega = std::sqrt((sign > 0 ? k : k + 2 * kappa) / m);
      const Vector x =
          runge_kutta(*system, Chart::kCanonical, state(0.5, sign * 0.5, 0, 0), t, 2000);
      CHECK(x(0) == Approx(0.5 * std::cos(omega * t)).epsilon(1e-9));
      CHECK(x(1) == Approx(sign * x(0)).epsilon(1e-9));
      CHECK(x(2) == Approx(-m * 0.5 * omega * std::sin(omega * t)).epsilon(1e-9));
    }
  }

  TEST_CASE("the typical motion hands its energy from one mass to the other in half a beat") {
    // Oracle: analytic; after π/(ω₂ − ω₁) the first mass is (nearly) still: its envelope is
    // zero.
    const auto system = make_system("coupled-oscillators", {1, 1, 0.1, 0});
    const double half_beat = kPi / (std::sqrt(1.2) - 1);
    const Vector x =
        runge_kutta(*system, Chart::kCanonical, typical_state(*system), half_beat, 8000);
    CHECK(std::hypot(x(0), x(2)) < 0.1);
    CHECK(std::hypot(x(1), x(3)) > 0.9);
  }

  TEST_CASE("the nonlinear spring leaves the mode (1, 1) alone and hardens the other") {
    // Oracle: analytic; (1, −1) obeys m q̈ = −(k + 2κ)q − 8βq³.
    const double k = 1.0, kappa = 0.3, beta = 0.8, q = 0.9;
    const auto system = make_system("coupled-oscillators", {1, k, kappa, beta});
    CHECK(
        rate(*system, Chart::kCanonical, state(q, q, 0, 0)).tail(2).isApproxToConstant(-k * q));
    const Vector x_dot = rate(*system, Chart::kCanonical, state(q, -q, 0, 0));
    CHECK(x_dot(2) == Approx(-(k + 2 * kappa) * q - 8 * beta * q * q * q).epsilon(1e-13));
    CHECK(x_dot(3) == Approx(-x_dot(2)).epsilon(1e-13));
  }
}
