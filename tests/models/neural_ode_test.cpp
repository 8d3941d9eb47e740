#include "models/neural_ode.h"

#include <doctest/doctest.h>

#include "models/sample_models.h"

using namespace least_action;
using namespace least_action::testing;

TEST_SUITE("models/neural_ode") {
  TEST_CASE("one linear layer is the affine field W x + b") {
    // Oracle: analytic.
    ModelSpec spec;
    spec.kind = ModelKind::kNeuralOde;
    spec.hidden = {};
    const NeuralOde<double> model(spec);
    REQUIRE(model.num_parameters() == 6);
    Vector theta(6);
    theta << 1, 2, 3, 4, 5, 6;  // W column major, then b.
    Matrix x(2, 2), expected(2, 2);
    x << 1, -1, 2, 0.5;
    expected << 1 + 6 + 5, -1 + 1.5 + 5, 2 + 8 + 6, -2 + 2 + 6;
    CHECK((field<double>(model, theta, x) - expected).norm() < 1e-14);
  }

  TEST_CASE("the field is the network of its layout") {
    // Oracle: independent evaluation by Mlp.
    const ModelSpec spec = sample_specs(ModelKind::kNeuralOde)[1];
    const NeuralOde<double> model(spec);
    MlpLayout layout;
    layout.inputs = layout.outputs = 4;
    layout.hidden = spec.hidden;
    layout.activation = spec.activation;
    layout.features = spec.features;
    const Mlp<double> mlp(layout);
    REQUIRE(mlp.num_parameters() == model.num_parameters());
    const Vector theta = random_vector(model.num_parameters(), 3, 0.5);
    const Matrix x = random_matrix(4, 3, 4);
    Matrix expected(4, 3);
    const auto tape = mlp.make_tape(3);
    mlp.forward(theta, x, expected, *tape);
    CHECK(field<double>(model, theta, x) == expected);
  }
}
