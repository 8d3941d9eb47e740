// What every system owes: its equations follow from its own L and H, which know nothing of each
// other here but through finite differences.
#include <doctest/doctest.h>

#include <string>

#include "mechanics/euler_lagrange.h"
#include "systems/reference.h"

using namespace least_action;
using namespace least_action::testing;

namespace {

/// Calls check(system, canonical state) for a few sampled states of every system.
template <class Check>
void for_each_state(const Check& check) {
  for (const auto& system : all_systems()) {
    const std::string name(system->name());
    CAPTURE(name);
    Random random(21);
    for (int k = 0; k < 5; ++k) {
      Vector x(system->dimension());
      system->sample_state(random, Chart::kCanonical, x);
      CAPTURE(k);
      check(*system, x);
    }
  }
}

/// The generalized friction force, zero for conservative systems: independent of the class.
Vector friction(const System& system, const Vector& q_dot) {
  if (system.is_conservative()) return Vector::Zero(q_dot.size());
  return -system.values().back() * q_dot;  // The damped pendulum's b.
}

}  // namespace

TEST_SUITE("systems/equations") {
  TEST_CASE("acceleration solves the Euler–Lagrange equations of the system's own Lagrangian") {
    // Oracle: finite differences of lagrangian(), put together by solve_acceleration.
    for_each_state([](const System& system, const Vector& canonical) {
      const Index n = system.degrees_of_freedom();
      Vector x(2 * n);
      system.convert(Chart::kCanonical, Chart::kVelocity, canonical, x);
      const Vector q = x.head(n), v = x.tail(n);
      const auto by_q = [&](const Vector& moved) { return system.lagrangian(moved, v); };
      const auto by_v_and_q = [&](const Vector& a, const Vector& b) {
        return system.lagrangian(b, a);
      };
      const auto by_v_and_v = [&](const Vector& a, const Vector& b) {
        return system.lagrangian(q, a + b);
      };
      const Vector force = gradient(by_q, q) + friction(system, v);
      const Matrix mass = mixed_derivative(by_v_and_v, v, Vector::Zero(n));
      const Matrix coriolis = mixed_derivative(by_v_and_q, v, q);
      Vector expected(n), q_ddot(n);
      REQUIRE(solve_acceleration({force, mass, coriolis}, v, expected));
      system.acceleration(q, v, q_ddot);
      CHECK(distance(q_ddot, expected) < 1e-7);
    });
  }

  TEST_CASE("velocity and force are Hamilton's equations of the system's own Hamiltonian") {
    // Oracle: finite differences of hamiltonian().
    for_each_state([](const System& system, const Vector& x) {
      const Index n = system.degrees_of_freedom();
      const Vector q = x.head(n), p = x.tail(n);
      const auto by_p = [&](const Vector& moved) { return system.hamiltonian(q, moved); };
      const auto by_q = [&](const Vector& moved) { return system.hamiltonian(moved, p); };
      Vector q_dot(n), p_dot(n);
      system.velocity(q, p, q_dot);
      system.force(q, p, p_dot);
      CHECK(distance(q_dot, gradient(by_p, p)) < 1e-9);
      CHECK(distance(p_dot, -gradient(by_q, q) + friction(system, q_dot)) < 1e-8);
    });
  }

  TEST_CASE("H is the Legendre transform of L, and p = ∂L/∂q̇ inverts q̇ = ∂H/∂p") {
    // Oracle: the definitions, H = p·q̇ − L, with p by finite differences of lagrangian().
    for_each_state([](const System& system, const Vector& x) {
      const Index n = system.degrees_of_freedom();
      const Vector q = x.head(n);
      Vector v(n), p(n);
      system.velocity(q, x.tail(n), v);
      system.momentum(q, v, p);
      CHECK(distance(p, x.tail(n)) < 1e-13);
      const auto by_v = [&](const Vector& moved) { return system.lagrangian(q, moved); };
      CHECK(distance(p, gradient(by_v, v)) < 1e-9);
      const double legendre = p.dot(v) - system.lagrangian(q, v);
      CHECK(system.hamiltonian(q, p) == doctest::Approx(legendre).epsilon(1e-12));
    });
  }

  TEST_CASE("jacobian is the derivative of the equations in both charts") {
    // Oracle: finite differences of the right-hand side.
    for_each_state([](const System& system, const Vector& canonical) {
      const Index n = system.degrees_of_freedom();
      for (const Chart chart : {Chart::kCanonical, Chart::kVelocity}) {
        Vector x(2 * n);
        system.convert(Chart::kCanonical, chart, canonical, x);
        Matrix expected(2 * n, 2 * n), jacobian = Matrix::Constant(2 * n, 2 * n, 7);
        for (Index j = 0; j < 2 * n; ++j) {
          expected.col(j) = derivative(
              [&](double s) -> Vector {
                Vector moved = x;
                moved(j) += s;
                return rate(system, chart, moved);
              },
              5e-3);
        }
        system.jacobian(chart, x, jacobian);
        CHECK(distance(jacobian, expected) < 1e-7);
      }
    });
  }

  TEST_CASE("both charts describe the same motion, and it keeps its energy") {
    // Oracle: invariant. RK4 with 4000 steps a period errs by under 1e-8 on every system here.
    for (const auto& system : all_systems()) {
      const std::string name(system->name());
      CAPTURE(name);
      const Vector start = typical_state(*system);
      const double time = 0.8 * system->typical_period();
      const Vector end = runge_kutta(*system, Chart::kCanonical, start, time, 4000);
      CHECK((end - start).norm() > 0.1);  // It moved.
      Vector velocity_start(start.size()), back(start.size());
      system->convert(Chart::kCanonical, Chart::kVelocity, start, velocity_start);
      const Vector velocity_end =
          runge_kutta(*system, Chart::kVelocity, velocity_start, time, 4000);
      system->convert(Chart::kVelocity, Chart::kCanonical, velocity_end, back);
      CHECK(distance(back, end) < 1e-8);
      CHECK(system->energy(Chart::kVelocity, velocity_end) ==
            doctest::Approx(system->energy(Chart::kCanonical, end)).epsilon(1e-8));
      const double lost =
          system->energy(Chart::kCanonical, start) - system->energy(Chart::kCanonical, end);
      if (system->is_conservative()) {
        CHECK(std::abs(lost) < 1e-8);
      } else {
        CHECK(lost > 0.1);
      }
    }
  }

  TEST_CASE("convert may write over its input and refuses a state of the wrong size") {
    for (const auto& system : all_systems()) {
      const Vector x = typical_state(*system) + Vector::Constant(system->dimension(), 0.3);
      Vector apart(x.size()), in_place = x;
      system->convert(Chart::kVelocity, Chart::kCanonical, x, apart);
      system->convert(Chart::kVelocity, Chart::kCanonical, in_place, in_place);
      CHECK(in_place == apart);
      Vector shorter(x.size() - 1);
      CHECK_THROWS_AS(system->convert(Chart::kVelocity, Chart::kCanonical, shorter, apart),
                      std::invalid_argument);
      CHECK_THROWS_AS(system->energy(Chart::kCanonical, shorter), std::invalid_argument);
    }
  }

  TEST_CASE("coordinates, section and scene fit the degrees of freedom") {
    for (const auto& system : all_systems()) {
      const std::string name(system->name());
      CAPTURE(name);
      const Index n = system->degrees_of_freedom();
      CHECK(static_cast<Index>(system->coordinates().size()) == n);
      for (const SystemCoordinate& coordinate : system->coordinates()) {
        CHECK(coordinate.typical_position > 0);
        CHECK(coordinate.typical_velocity > 0);
        CHECK(coordinate.typical_momentum > 0);
      }
      CHECK((system->section_component() >= 0) == (n >= 2));
      CHECK(system->section_component() < n);
      CHECK(system->typical_period() > 0);
      CHECK(system->values().size() == system->parameters().size());
      CHECK(!system->description().empty());
    }
  }

  TEST_CASE(
      "sampled states stay within the typical sizes and the view, moving for ten periods") {
    // Oracle: invariant. The sizes are half-widths of the sampling region, which the flow
    // keeps.
    for (const auto& system : all_systems()) {
      const std::string name(system->name());
      CAPTURE(name);
      const Index n = system->degrees_of_freedom();
      Random random(5);
      for (int k = 0; k < 4; ++k) {
        Vector x(2 * n);
        system->sample_state(random, Chart::kCanonical, x);
        for (int step = 0; step < 40; ++step) {
          x = runge_kutta(*system, Chart::kCanonical, x, system->typical_period() / 4, 100);
          const Vector q = x.head(n);
          Vector v(n);
          system->velocity(q, x.tail(n), v);
          for (Index i = 0; i < n; ++i) {
            const SystemCoordinate& c = system->coordinates()[static_cast<std::size_t>(i)];
            if (!c.periodic) CHECK(std::abs(q(i)) <= 1.001 * c.typical_position);
            CHECK(std::abs(x(n + i)) <= 1.001 * c.typical_momentum);
            CHECK(std::abs(v(i)) <= 1.001 * c.typical_velocity);
          }
          for (const SceneBody& body : system->scene(q).bodies) {
            CHECK(std::abs(body.x) + body.radius <= system->scene_extent() * 1.001);
            CHECK(std::abs(body.y) + body.radius <= system->scene_extent() * 1.001);
          }
        }
      }
    }
  }

  TEST_CASE("sampling fills the typical sizes at least half in every direction") {
    for (const auto& system : all_systems()) {
      const std::string name(system->name());
      CAPTURE(name);
      const Index n = system->degrees_of_freedom();
      Random random(9);
      Vector low = Vector::Zero(2 * n), high = Vector::Zero(2 * n), x(2 * n);
      for (int k = 0; k < 400; ++k) {
        system->sample_state(random, Chart::kVelocity, x);
        low = low.cwiseMin(x);
        high = high.cwiseMax(x);
      }
      for (Index i = 0; i < n; ++i) {
        const SystemCoordinate& c = system->coordinates()[static_cast<std::size_t>(i)];
        CHECK(high(i) - low(i) > c.typical_position);
        CHECK(high(n + i) - low(n + i) > c.typical_velocity);
      }
    }
  }

  TEST_CASE("the same seed samples the same states in both charts") {
    for (const auto& system : all_systems()) {
      Random one(4), other(4);
      Vector canonical(system->dimension()), velocity(system->dimension());
      system->sample_state(one, Chart::kCanonical, canonical);
      system->sample_state(other, Chart::kVelocity, velocity);
      system->convert(Chart::kVelocity, Chart::kCanonical, velocity, velocity);
      CHECK(distance(velocity, canonical) < 1e-13);
      CHECK(one.state() == other.state());
    }
  }
}
