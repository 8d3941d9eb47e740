#include "maps/neural_ode_map.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "maps/sample_maps.h"

using namespace least_action;
using namespace least_action::testing;

namespace {

/// A field without hidden layers, ṡ = W s + b: its flow is known.
MapSpec affine_spec(Index dimension) {
  MapSpec spec;
  spec.inputs = spec.outputs = dimension;
  spec.hidden = {};
  spec.shown_states = 8;
  spec.sensitivity.substeps = 8;
  return spec;
}

}  // namespace

TEST_SUITE("maps/neural_ode_map") {
  TEST_CASE("the flow of an affine field is the exponential, at every shown time") {
    // Oracle: analytic, x(t) = e^{at}(x + b/a) − b/a; rotation by ωt in the plane.
    const NeuralOdeMap<double> line(affine_spec(1));
    Vector theta(2);
    theta << -1.3, 0.4;
    const Matrix x = random_matrix(1, 5, 1);
    const auto tape = line.make_tape(5);
    Matrix y(1, 5), states(1, 5 * 9);
    line.forward(theta, x, y, *tape);
    line.states(states, *tape);
    for (Index k = 0; k < line.num_states(); ++k) {
      const double t = line.depth(k);
      for (Index b = 0; b < 5; ++b) {
        const double exact = std::exp(-1.3 * t) * (x(0, b) - 0.4 / 1.3) + 0.4 / 1.3;
        CHECK(states(0, k * 5 + b) == doctest::Approx(exact).epsilon(1e-7));
      }
    }
    MapSpec spec = affine_spec(2);
    spec.duration = 2;
    const NeuralOdeMap<double> plane(spec);
    Vector rotation(6);
    rotation << 0, 0.7, -0.7, 0, 0, 0;  // W column by column, then b.
    const Matrix start = random_matrix(2, 3, 2);
    Matrix turn(2, 2);
    turn << std::cos(1.4), -std::sin(1.4), std::sin(1.4), std::cos(1.4);
    CHECK((output_of(plane, rotation, start) - turn * start).norm() < 1e-6);
  }

  TEST_CASE("a field of time is integrated over time") {
    // Oracle: ẋ = a t + b gives x + aT²/2 + bT.
    MapSpec spec = affine_spec(1);
    spec.time_dependent = true;
    spec.duration = 1.5;
    const NeuralOdeMap<double> map(spec);
    Vector theta(3);
    theta << 0, 0.8, -0.1;  // Weights of x and of t, then b.
    const Matrix x = random_matrix(1, 4, 3);
    const Matrix expected = x.array() + 0.8 * 1.5 * 1.5 / 2 - 0.1 * 1.5;
    CHECK((output_of(map, theta, x) - expected).norm() < 1e-12);
  }

  TEST_CASE(
      "on a line the plain flow keeps the order of points and the augmented one need not") {
    // Oracle: uniqueness of solutions. The counterexample is a half turn of the plane (x, s),
    // after which x arrives at −x: Dupont et al.'s own argument.
    const Matrix x = Vector::LinSpaced(300, -2, 2).transpose();
    for (std::uint64_t seed = 0; seed < 8; ++seed) {
      MapSpec spec;
      spec.inputs = spec.outputs = 1;
      spec.hidden = {12};
      spec.sensitivity.substeps = 4;
      const NeuralOdeMap<double> plain(spec);
      const Matrix y = output_of(plain, random_vector(plain.num_parameters(), seed, 1.5), x);
      CHECK((y.rightCols(299) - y.leftCols(299)).minCoeff() > 0);
    }
    MapSpec spec = affine_spec(1);
    spec.kind = MapKind::kAugmentedNeuralOde;
    spec.duration = std::acos(-1.0);
    const NeuralOdeMap<double> augmented(spec);
    CHECK(augmented.state_dimension() == 2);
    Vector turn(6);
    turn << 0, 1, -1, 0, 0, 0;
    CHECK((output_of(augmented, turn, x) + x).norm() < 1e-5);
  }

  TEST_CASE("in the plane the flow keeps orientation: its Jacobian is positive everywhere") {
    // Oracle: Liouville's formula, det ∂F/∂x = exp ∫ div f > 0; determinant by differences.
    MapSpec spec;
    spec.hidden = {12};
    spec.sensitivity.substeps = 3;
    const NeuralOdeMap<double> map(spec);
    const Vector theta = random_vector(map.num_parameters(), 4, 1.2);
    const Matrix x = random_matrix(2, 60, 5);
    const double h = 1e-6;
    Matrix right = x, up = x;
    right.row(0).array() += h;
    up.row(1).array() += h;
    const Matrix y = output_of(map, theta, x);
    const Matrix dx = (output_of(map, theta, right) - y) / h,
                 dy = (output_of(map, theta, up) - y) / h;
    const Vector det =
        (dx.row(0).cwiseProduct(dy.row(1)) - dx.row(1).cwiseProduct(dy.row(0))).transpose();
    CHECK(det.minCoeff() > 0);
    CHECK(det.maxCoeff() / det.minCoeff() > 2);  // Not a translation.
  }

  TEST_CASE("running the flow backward recovers the input, to the solver's order") {
    // Oracle: the input; halving the steps of RK4 divides the round trip's error by 2⁴ or more.
    MapSpec spec;
    spec.hidden = {10};
    double errors[2];
    for (int i = 0; i < 2; ++i) {
      spec.shown_states = 4;
      spec.sensitivity.substeps = 2 << i;
      const NeuralOdeMap<double> map(spec);
      REQUIRE(map.is_invertible());
      const Vector theta = random_vector(map.num_parameters(), 6, 1.0);
      const Matrix x = random_matrix(2, 20, 7);
      const Matrix y = output_of(map, theta, x);
      Matrix found(2, 20);
      const auto tape = map.make_tape(20);
      const InverseReport report = map.inverse(theta, y, found, *tape);
      CHECK(report.status == InverseStatus::kConverged);
      CHECK(std::isnan(report.error_bound));  // None is claimed.
      errors[i] = (found - x).norm();
    }
    CHECK(errors[0] < 1e-2);
    CHECK(errors[1] < errors[0] / 12);
    CHECK(errors[1] > 1e-15);
  }

  TEST_CASE("a state that is not finite is reported, not thrown") {
    MapSpec spec;
    const NeuralOdeMap<double> map(spec);
    const Vector theta = sample_theta(map, 8);
    const auto tape = map.make_tape(2);
    Matrix x = random_matrix(2, 2, 9), y(2, 2);
    x(0, 1) = std::numeric_limits<double>::quiet_NaN();
    map.forward(theta, x, y, *tape);
    CHECK_FALSE(tape->fault().empty());
    CHECK_FALSE(y.col(1).allFinite());
    Matrix found(2, 2);
    const InverseReport report = map.inverse(theta, x, found, *tape);
    CHECK(report.status == InverseStatus::kNonFinite);
    CHECK_FALSE(report.message.empty());
  }
}
