#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

#include "models/dynamics_model.h"
#include "models/residual_network.h"
#include "sample_models.h"

using namespace least_action;
using namespace least_action::testing;

namespace {

/// The block of that name as a matrix; fails where there is none.
Matrix block(const DynamicsModel<double>& model, const Vector& theta, const std::string& name) {
  for (const ParameterBlock& each : model.parameter_blocks()) {
    if (each.name != name) continue;
    return Eigen::Map<const Matrix>(theta.data() + each.offset, each.rows, each.columns);
  }
  FAIL("no block is called " << name);
  return {};
}

/// W₁ tanh(W₀ x + b₀) + b₁ of the network called `name`.
Matrix two_layers(const DynamicsModel<double>& model, const Vector& theta,
                  const std::string& name, const Matrix& x) {
  const Matrix z = (block(model, theta, name + ".0.weight") * x).colwise() +
                   Vector(block(model, theta, name + ".0.bias"));
  return (block(model, theta, name + ".1.weight") * z.array().tanh().matrix()).colwise() +
         Vector(block(model, theta, name + ".1.bias"));
}

/// The gradient of that network, with one output, in x.
Matrix two_layer_gradient(const DynamicsModel<double>& model, const Vector& theta,
                          const std::string& name, const Matrix& x) {
  const Matrix first = block(model, theta, name + ".0.weight");
  const Vector last = block(model, theta, name + ".1.weight").transpose();
  const Matrix z = (first * x).colwise() + Vector(block(model, theta, name + ".0.bias"));
  const Matrix slope = 1 - z.array().tanh().square();
  return first.transpose() * (slope.array().colwise() * last.array()).matrix();
}

std::unique_ptr<DynamicsModel<double>> small_model(ModelKind kind, Index blocks = 1) {
  ModelSpec spec;
  spec.kind = kind;
  spec.hidden = {5};
  spec.blocks = blocks;
  spec.block_time = 0.25;
  return make_model<double>(spec);
}

}  // namespace

TEST_SUITE("models/parameter_blocks") {
  TEST_CASE("the blocks follow one another from the first parameter to the last") {
    for (const ModelSpec& spec : sample_specs()) {
      CAPTURE(describe(spec));
      const auto model = make_model<double>(spec);
      const std::vector<ParameterBlock> blocks = model->parameter_blocks();
      Index end = 0;
      std::set<std::string> names;
      for (const ParameterBlock& each : blocks) {
        CAPTURE(each.name);
        CHECK(each.offset == end);
        CHECK(each.rows > 0);
        CHECK(each.columns > 0);
        if (each.is_bias) CHECK(each.columns == 1);
        CHECK(names.insert(each.name).second);
        end += each.rows * each.columns;
      }
      CHECK(end == model->num_parameters());
      CHECK(make_model<float>(spec)->parameter_blocks().size() == blocks.size());
    }
  }

  // Oracle: the networks written out with Eigen.
  TEST_CASE("a neural ODE's field is its blocks multiplied by hand") {
    const auto model = small_model(ModelKind::kNeuralOde);
    const Vector theta = random_vector(model->num_parameters(), 1, 0.7);
    const Matrix x = random_matrix(2, 9, 2);
    CHECK(two_layers(*model, theta, "network", x).isApprox(field(*model, theta, x), 1e-13));
  }

  TEST_CASE("a Hamiltonian network's field is its blocks' gradient, turned") {
    const auto model = small_model(ModelKind::kHamiltonian);
    const Vector theta = random_vector(model->num_parameters(), 3, 0.7);
    const Matrix x = random_matrix(2, 9, 4);
    const Matrix gradient = two_layer_gradient(*model, theta, "network", x);
    Matrix expected(2, 9);
    expected << gradient.row(1), -gradient.row(0);
    CHECK(expected.isApprox(field(*model, theta, x), 1e-13));
  }

  TEST_CASE("kinetic and potential blocks see momenta and positions") {
    const auto model = small_model(ModelKind::kSeparableHamiltonian);
    const Vector theta = random_vector(model->num_parameters(), 5, 0.7);
    const Matrix x = random_matrix(2, 9, 6);
    Matrix expected(2, 9);
    expected << two_layer_gradient(*model, theta, "kinetic", x.bottomRows(1)),
        -two_layer_gradient(*model, theta, "potential", x.topRows(1));
    CHECK(expected.isApprox(field(*model, theta, x), 1e-13));
  }

  TEST_CASE("a Lagrangian network's energy is that of its blocks") {
    const auto model = small_model(ModelKind::kLagrangian);
    const Vector theta = random_vector(model->num_parameters(), 7, 0.7);
    const Matrix x = random_matrix(2, 9, 8);
    const Matrix gradient = two_layer_gradient(*model, theta, "network", x);
    const Matrix expected =
        gradient.row(1).cwiseProduct(x.row(1)) - two_layers(*model, theta, "network", x);
    CHECK(expected.isApprox(energy_of(*model, theta, x), 1e-12));
  }

  TEST_CASE("a residual network's blocks are added one after another") {
    const auto model = small_model(ModelKind::kResidual, 3);
    const Vector theta = random_vector(model->num_parameters(), 9, 0.5);
    const Matrix x = random_matrix(2, 9, 10);
    Matrix moved = x;
    for (const char* name : {"block0.network", "block1.network", "block2.network"})
      moved += two_layers(*model, theta, name, moved);
    CHECK(((moved - x) / 0.75).isApprox(field(*model, theta, x), 1e-13));
  }
}
