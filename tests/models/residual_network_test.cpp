#include "models/residual_network.h"

#include <doctest/doctest.h>

#include "models/sample_models.h"

using namespace least_action;
using namespace least_action::testing;

TEST_SUITE("models/residual_network") {
  TEST_CASE("one Euler step of the blocks' duration is the composition of the blocks") {
    // Oracle: independent composition x ← x + f_k(x) of plain networks.
    for (const Index blocks : {1, 2, 5}) {
      ModelSpec spec = sample_specs(ModelKind::kResidual)[1];
      spec.blocks = blocks;
      const ResidualNetwork<double> model(spec);
      MlpLayout layout;
      layout.inputs = layout.outputs = 4;
      layout.hidden = spec.hidden;
      layout.activation = spec.activation;
      layout.features = spec.features;
      const Mlp<double> block(layout);
      REQUIRE(model.num_parameters() == blocks * block.num_parameters());
      CHECK(model.duration() == doctest::Approx(0.3 * static_cast<double>(blocks)));

      const Vector theta = random_vector(model.num_parameters(), 3, 0.5);
      const Matrix x = random_matrix(4, 3, 4);
      Matrix expected = x, step(4, 3);
      const auto block_tape = block.make_tape(3);
      for (Index k = 0; k < blocks; ++k) {
        const Index size = block.num_parameters();
        block.forward(theta.segment(k * size, size), expected, step, *block_tape);
        expected += step;
      }
      const Matrix euler = x + model.duration() * field<double>(model, theta, x);
      CHECK((euler - expected).norm() <= 4e-15 * expected.norm());
      Matrix next(4, 3);
      const auto tape = model.make_tape(3);
      model.advance(theta, x, next, *tape);
      CHECK((next - expected).norm() <= 4e-15 * expected.norm());
      CHECK((next - x).norm() > 0.1);
    }
  }

  TEST_CASE("it starts near the identity, at a field of the size of a neural ODE's") {
    // Oracle: analytic. Scaling the last layer by Δt scales each increment by Δt.
    ModelSpec spec;
    spec.kind = ModelKind::kNeuralOde;
    const auto ode = make_model<double>(spec);
    spec.kind = ModelKind::kResidual;
    spec.block_time = 0.01;
    const ResidualNetwork<double> model(spec);
    const Matrix x = random_matrix(2, 50, 4);
    Vector theta(model.num_parameters());
    model.initialize(Random(1), theta);
    const double size = field<double>(model, theta, x).norm();
    Vector ode_theta(ode->num_parameters());
    ode->initialize(Random(1), ode_theta);
    const double ode_size = field<double>(*ode, ode_theta, x).norm();
    CHECK(size > 0.2 * ode_size);
    CHECK(size < 5 * ode_size);
    Matrix next(2, 50);
    const auto tape = model.make_tape(50);
    model.advance(theta, x, next, *tape);
    CHECK((next - x).norm() < 0.05 * x.norm());
    spec.blocks = 2;
    const ResidualNetwork<double> pair(spec);
    theta.resize(pair.num_parameters());
    pair.initialize(Random(1), theta);
    const Index half = theta.size() / 2;
    CHECK(theta.head(half) != theta.tail(half));  // Equal blocks would stay nearly equal.
  }
}
