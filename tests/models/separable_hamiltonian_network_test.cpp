#include "models/separable_hamiltonian_network.h"

#include <doctest/doctest.h>

#include "models/sample_models.h"

using namespace least_action;
using namespace least_action::testing;

TEST_SUITE("models/separable_hamiltonian_network") {
  TEST_CASE("velocity and force are the halves of forward") {
    for (const ModelSpec& spec : sample_specs(ModelKind::kSeparableHamiltonian)) {
      CAPTURE(describe(spec));
      const SeparableHamiltonianNetwork<double> model(spec);
      const Vector theta = random_vector(model.num_parameters(), 3, 0.5);
      const Index n = spec.degrees_of_freedom;
      const Matrix x = random_matrix(2 * n, 5, 4);
      const Matrix x_dot = field<double>(model, theta, x);
      const Matrix q = x.topRows(n), p = x.bottomRows(n);
      Matrix q_dot(n, 5), p_dot(n, 5);
      const auto tape = model.make_tape(5);
      model.velocity(theta, p, q_dot, *tape);
      model.force(theta, q, p_dot, *tape);
      CHECK((q_dot - x_dot.topRows(n)).norm() <= 1e-14 * x_dot.norm());
      CHECK((p_dot - x_dot.bottomRows(n)).norm() <= 1e-14 * x_dot.norm());
      Matrix wrong(n + 1, 5);
      wrong.setZero();
      CHECK_THROWS_AS(model.velocity(theta, wrong, q_dot, *tape), std::invalid_argument);
      CHECK_THROWS_AS(model.force(theta, q, wrong, *tape), std::invalid_argument);
    }
  }

  TEST_CASE("q̇ depends on p alone and ṗ on q alone") {
    // Oracle: invariant of H = T(p) + V(q), seen in the Jacobian's diagonal blocks.
    for (const ModelSpec& spec : sample_specs(ModelKind::kSeparableHamiltonian)) {
      CAPTURE(describe(spec));
      const SeparableHamiltonianNetwork<double> model(spec);
      const Vector theta = random_vector(model.num_parameters(), 3, 0.5);
      const Index n = spec.degrees_of_freedom;
      const Matrix jacobian = jacobian_by_jvp(model, theta, random_matrix(2 * n, 1, 4));
      CHECK(jacobian.topLeftCorner(n, n).norm() == 0);
      CHECK(jacobian.bottomRightCorner(n, n).norm() == 0);
      CHECK(jacobian.topRightCorner(n, n).norm() > 1e-3);
      CHECK(jacobian.bottomLeftCorner(n, n).norm() > 1e-3);
    }
  }

  TEST_CASE("the energy is the sum of two networks that see their own features") {
    // Oracle: independent evaluation of T and V by Mlp.
    const ModelSpec spec = sample_specs(ModelKind::kSeparableHamiltonian)[1];
    const SeparableHamiltonianNetwork<double> model(spec);
    const Vector theta = random_vector(model.num_parameters(), 3, 0.5);
    const Matrix x = random_matrix(4, 3, 4);
    MlpLayout kinetic;
    kinetic.inputs = 2;
    kinetic.hidden = spec.hidden;
    kinetic.activation = spec.activation;
    MlpLayout potential = kinetic;
    kinetic.features = {spec.features[2], spec.features[3]};
    potential.features = {spec.features[0], spec.features[1]};
    const Mlp<double> t(kinetic), v(potential);
    REQUIRE(t.num_parameters() + v.num_parameters() == theta.size());
    Matrix t_value(1, 3), v_value(1, 3);
    const auto t_tape = t.make_tape(3), v_tape = v.make_tape(3);
    const Matrix q = x.topRows(2), p = x.bottomRows(2);
    t.forward(theta.head(t.num_parameters()), p, t_value, *t_tape);
    v.forward(theta.tail(v.num_parameters()), q, v_value, *v_tape);
    CHECK((energy_of(model, theta, x) - t_value - v_value).norm() < 1e-13);
  }
}
