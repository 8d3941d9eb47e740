#include "flow/divergence.h"

#include <doctest/doctest.h>

#include <cmath>
#include <stdexcept>

#include "flow/continuous_normalizing_flow.h"
#include "models/dynamics_model.h"
#include "ode/solve.h"
#include "support/function_field.h"

using namespace least_action;
using namespace least_action::testing;

TEST_SUITE("flow/divergence") {
  TEST_CASE("a Hamiltonian network has no divergence, a plain neural ODE has") {
    // Oracle: Liouville's theorem for the one, central differences for the other.
    for (const ModelKind kind : {ModelKind::kHamiltonian, ModelKind::kNeuralOde}) {
      ModelSpec spec;
      spec.kind = kind;
      spec.degrees_of_freedom = 2;
      spec.hidden = {9, 9};
      const auto model = make_model<double>(spec);
      Vector theta(model->num_parameters());
      model->initialize(Random(3), theta);
      const ModelField<double> field(*model, theta);
      const auto tape = field.make_tape(2);
      Matrix x(4, 2), up(4, 2), down(4, 2);
      x << 0.3, -1, 0.8, 0.2, -0.5, 0.7, 1.1, 0.4;
      const Vector t = Vector::Zero(2);
      Vector found(2), want = Vector::Zero(2);
      divergence<double>(field, t, x, found, *tape);
      for (Index i = 0; i < 4; ++i) {
        const double h = 1e-5;
        Matrix step = Matrix::Zero(4, 2);
        step.row(i).setConstant(h);
        field.forward(t, Matrix(x + step), up, *tape);
        field.forward(t, Matrix(x - step), down, *tape);
        want += (up - down).row(i).transpose() / (2 * h);
      }
      CHECK((found - want).cwiseAbs().maxCoeff() < 1e-8);
      if (kind == ModelKind::kHamiltonian) {
        CHECK(found.cwiseAbs().maxCoeff() < 1e-13);
      } else {
        CHECK(found.cwiseAbs().minCoeff() > 1e-3);
      }
    }
  }

  TEST_CASE("a damped oscillator's density grows as its phase volume shrinks") {
    // Oracle: analytic, ℓ(t) = ℓ₀ + γ t for ṗ = −q − γ p.
    const double gamma = 0.3;
    const FunctionField field(
        2,
        [=](double, ConstVectorRef x, VectorRef x_dot) { x_dot << x[1], -x[0] - gamma * x[1]; },
        [=](double, ConstVectorRef, MatrixRef jacobian) { jacobian << 0, 1, -1, -gamma; });
    const TransportedDensityField<double> density(field);
    Matrix x0(3, 2);
    x0 << 1, -0.4, 0, 2, -1.5, 0.25;
    const Solution solution = solve(density, x0, {0, 2.5});
    REQUIRE(solution.ok());
    for (Index b = 0; b < 2; ++b) {
      CHECK(solution.state(1)(2, b) == doctest::Approx(x0(2, b) + gamma * 2.5).epsilon(1e-9));
    }
  }

  TEST_CASE("a flow's field has the same rate either way") {
    // Oracle: independent implementation (FlowDensityField, by tangents of its network).
    const FlowSpec spec{3, {6, 4}, Activation::kSilu};
    Vector theta(spec.layout().num_parameters());
    initialize_flow<double>(spec, Random(5), theta);
    theta *= 2;
    const FlowField<double> plain(spec, theta);
    const TransportedDensityField<double> transported(plain);
    const FlowDensityField<double> density(spec, theta);
    Matrix x(4, 2), one(4, 2), other(4, 2);
    x << 0.3, -1, 0.8, 0.2, -0.5, 0.7, 0, 0;
    const Vector t = Vector::Constant(2, 0.4);
    const auto tape = transported.make_tape(2);
    transported.forward(t, x, one, *tape);
    density.forward(t, x, other, *density.make_tape(2));
    CHECK((one - other).cwiseAbs().maxCoeff() < 1e-14);
    CHECK(one.row(3).cwiseAbs().minCoeff() > 1e-4);

    Vector none;
    CHECK_THROWS_AS(transported.vjp(x, one, none, *tape), std::logic_error);
    CHECK_THROWS_AS(transported.jvp(x, one, *tape), std::logic_error);
    CHECK_THROWS_AS(transported.forward(t, Matrix(3, 2), one, *tape), std::invalid_argument);
  }
}
