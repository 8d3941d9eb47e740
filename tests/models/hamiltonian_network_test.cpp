#include "models/hamiltonian_network.h"

#include <doctest/doctest.h>

#include "models/sample_models.h"

using namespace least_action;
using namespace least_action::testing;

namespace {

Matrix symplectic_unit(Index n) {
  Matrix j = Matrix::Zero(2 * n, 2 * n);
  j.topRightCorner(n, n).setIdentity();
  j.bottomLeftCorner(n, n) = -Matrix::Identity(n, n);
  return j;
}

/// The Hamiltonian networks of the samples, separable or not, with every activation.
template <class Check>
void for_each_hamiltonian(const Check& check) {
  for (const ModelKind kind : {ModelKind::kHamiltonian, ModelKind::kSeparableHamiltonian}) {
    for (ModelSpec spec : sample_specs(kind)) {
      for (const Activation activation : kActivations) {
        spec.activation = activation;
        CAPTURE(describe(spec));
        const auto model = make_model<double>(spec);
        const Vector theta = random_vector(model->num_parameters(), 3, 0.5);
        check(*model, theta, random_matrix(model->dimension(), 1, 4));
      }
    }
  }
}

}  // namespace

TEST_SUITE("models/hamiltonian_network") {
  TEST_CASE("the field is the symplectic gradient of the energy") {
    // Oracle: finite difference of the energy.
    for_each_hamiltonian([](const auto& model, const Vector& theta, const Matrix& x) {
      const Vector gradient = gradient_by_difference(
          [&](const Matrix& moved) { return energy_of(model, theta, moved)(0, 0); }, x);
      const Index n = x.rows() / 2;
      const Matrix x_dot = field<double>(model, theta, x);
      CHECK(gradient.norm() > 1e-3);
      CHECK((x_dot.topRows(n) - gradient.tail(n)).norm() < 1e-8 * (1 + gradient.norm()));
      CHECK((x_dot.bottomRows(n) + gradient.head(n)).norm() < 1e-8 * (1 + gradient.norm()));
    });
  }

  TEST_CASE("its linearised flow is symplectic whatever θ is: J ∂f/∂x is symmetric") {
    // Oracle: invariant. A Hamiltonian matrix A has AᵀJ + J A = 0.
    for_each_hamiltonian([](const auto& model, const Vector& theta, const Matrix& x) {
      const Matrix jacobian = jacobian_by_jvp(model, theta, x);
      const Matrix product = symplectic_unit(x.rows() / 2) * jacobian;
      CHECK(jacobian.norm() > 1e-3);
      CHECK((product - product.transpose()).norm() < 1e-13 * (1 + product.norm()));
      CHECK(std::abs(jacobian.trace()) < 1e-13 * (1 + product.norm()));
    });
  }

  TEST_CASE("the energy does not change along the field") {
    // Oracle: invariant, ∇H · J∇H = 0, with the derivative of H by a finite difference.
    for_each_hamiltonian([](const auto& model, const Vector& theta, const Matrix& x) {
      const Matrix x_dot = field<double>(model, theta, x);
      const Matrix rate =
          difference([&](double h) { return energy_of(model, theta, x + h * x_dot); }, 1e-3);
      const Matrix across = difference(
          [&](double h) {
            return energy_of(model, theta, x + h * symplectic_unit(x.rows() / 2) * x_dot);
          },
          1e-3);
      CHECK(std::abs(rate(0, 0)) < 1e-8 * (1 + x_dot.squaredNorm()));
      CHECK(std::abs(across(0, 0)) > 1e-6);  // The other direction shows that H does vary.
    });
  }

  TEST_CASE("an affine H gives the constant field J W") {
    // Oracle: analytic. H = 3 q + 4 p + 5.
    ModelSpec spec;
    spec.hidden = {};
    const HamiltonianNetwork<double> model(spec);
    Vector theta(3);
    theta << 3, 4, 5;
    const Matrix x = random_matrix(2, 4, 1);
    Matrix expected(2, 4);
    expected.row(0).setConstant(4);
    expected.row(1).setConstant(-3);
    CHECK((field<double>(model, theta, x) - expected).norm() < 1e-14);
    const Matrix energy = energy_of(model, theta, x);
    for (Index b = 0; b < 4; ++b) {
      CHECK(energy(0, b) == doctest::Approx(3 * x(0, b) + 4 * x(1, b) + 5));
    }
  }
}
