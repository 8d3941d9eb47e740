#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

#include "systems/reference.h"

using namespace least_action;
using namespace least_action::testing;

TEST_SUITE("systems/system_field") {
  TEST_CASE("a batch is the system's equations column by column, for fewer columns than fit") {
    // Oracle: independent implementation (the virtual functions, one state at a time).
    for (const auto& system : all_systems()) {
      for (const Chart chart : {Chart::kCanonical, Chart::kVelocity}) {
        const SystemField field(*system, chart);
        CHECK(field.dimension() == system->dimension());
        CHECK(field.num_parameters() == 0);
        const auto tape = field.make_tape(5);
        CHECK(tape->capacity() == 5);
        Matrix x(field.dimension(), 3), x_dot(field.dimension(), 3);
        Random random(2);
        for (Index b = 0; b < 3; ++b) system->sample_state(random, chart, x.col(b));
        field.forward(Vector::Zero(3), x, x_dot, *tape);
        for (Index b = 0; b < 3; ++b) {
          CHECK(x_dot.col(b) == rate(*system, chart, x.col(b)));
        }
      }
    }
  }

  TEST_CASE("jvp is the directional derivative of forward, and vjp its transpose") {
    // Oracle: finite differences for jvp; the identity w·(Jv) = (Jᵀw)·v for vjp.
    for (const auto& system : all_systems()) {
      const std::string name(system->name());
      CAPTURE(name);
      for (const Chart chart : {Chart::kCanonical, Chart::kVelocity}) {
        const SystemField field(*system, chart);
        const auto tape = field.make_tape(2);
        const Index d = field.dimension();
        Matrix x(d, 2), v(d, 2), w(d, 2), x_dot(d, 2), tangent(d, 2), x_bar(d, 2);
        Vector no_theta(0);
        Random random(12);
        for (Index b = 0; b < 2; ++b) {
          system->sample_state(random, chart, x.col(b));
          for (Index i = 0; i < d; ++i) {
            v(i, b) = random.normal();
            w(i, b) = random.normal();
          }
        }
        const Matrix expected = derivative(
            [&](double s) -> Matrix {
              Matrix moved = x + s * v, result(d, 2);
              field.forward(Vector::Zero(2), moved, result, *tape);
              return result;
            },
            2e-3);
        field.forward(Vector::Zero(2), x, x_dot, *tape);
        field.jvp(v, tangent, *tape);
        CHECK(distance(tangent, expected) < 1e-7);
        field.vjp(w, x_bar, no_theta, *tape);
        for (Index b = 0; b < 2; ++b) {
          CHECK(x_bar.col(b).dot(v.col(b)) ==
                doctest::Approx(w.col(b).dot(tangent.col(b))).epsilon(1e-10));
        }
      }
    }
  }

  TEST_CASE("is separable only in (q, p), without damping, and with H = T(p) + V(q)") {
    const auto pendulum = make_system("pendulum");
    const auto damped = make_system("damped-pendulum");
    const auto twofold = make_system("double-pendulum");
    CHECK(SystemField(*pendulum, Chart::kCanonical).is_separable());
    CHECK_FALSE(SystemField(*pendulum, Chart::kVelocity).is_separable());
    CHECK_FALSE(SystemField(*damped, Chart::kCanonical).is_separable());
    CHECK_FALSE(SystemField(*twofold, Chart::kCanonical).is_separable());

    const SystemField field(*twofold, Chart::kCanonical);
    const auto tape = field.make_tape(1);
    Matrix half = Matrix::Zero(2, 1), out(2, 1);
    CHECK_THROWS_AS(field.velocity(Vector::Zero(1), half, out, *tape), std::logic_error);
    CHECK_THROWS_AS(field.force(Vector::Zero(1), half, out, *tape), std::logic_error);
  }

  TEST_CASE("the separable halves together are forward") {
    for (const auto& system : all_systems()) {
      const SystemField field(*system, Chart::kCanonical);
      if (!field.is_separable()) continue;
      const Index n = system->degrees_of_freedom();
      const auto tape = field.make_tape(2);
      Matrix x(2 * n, 2), x_dot(2 * n, 2), q_dot(n, 2), p_dot(n, 2);
      Random random(2);
      for (Index b = 0; b < 2; ++b) system->sample_state(random, Chart::kCanonical, x.col(b));
      field.forward(Vector::Zero(2), x, x_dot, *tape);
      field.velocity(Vector::Zero(2), x.bottomRows(n), q_dot, *tape);
      field.force(Vector::Zero(2), x.topRows(n), p_dot, *tape);
      CHECK(q_dot == x_dot.topRows(n));
      CHECK(p_dot == x_dot.bottomRows(n));
    }
  }

  TEST_CASE("wrong shapes, a small tape and another field's tape are refused") {
    const auto pendulum = make_system("pendulum");
    const auto kepler = make_system("two-body");
    const SystemField field(*pendulum, Chart::kCanonical);
    const auto tape = field.make_tape(2);
    const auto foreign = SystemField(*kepler, Chart::kCanonical).make_tape(2);
    Vector t2 = Vector::Zero(2), t3 = Vector::Zero(3);
    Matrix x2 = Matrix::Zero(2, 2), x3 = Matrix::Zero(2, 3), tall = Matrix::Zero(3, 2),
           out(2, 2);
    CHECK_NOTHROW(field.forward(t2, x2, out, *tape));
    CHECK_THROWS_AS(field.forward(t3, x3, x3, *tape), std::invalid_argument);
    CHECK_THROWS_AS(field.forward(t2, tall, out, *tape), std::invalid_argument);
    CHECK_THROWS_AS(field.forward(t3, x2, out, *tape), std::invalid_argument);
    CHECK_THROWS_AS(field.forward(t2, x2, out, *foreign), std::invalid_argument);
    CHECK_THROWS_AS(field.jvp(tall, out, *tape), std::invalid_argument);
    CHECK_THROWS_AS(field.vjp(x2, out, t2, *tape), std::invalid_argument);
    CHECK_THROWS_AS(field.make_tape(0), std::invalid_argument);
  }
}
