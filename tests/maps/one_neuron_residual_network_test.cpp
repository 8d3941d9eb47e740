#include "maps/one_neuron_residual_network.h"

#include <doctest/doctest.h>

#include "maps/sample_maps.h"

using namespace least_action;
using namespace least_action::testing;

TEST_SUITE("maps/one_neuron_residual_network") {
  TEST_CASE("blocks compose as written") {
    // Oracle: the formula, sample by sample, in plain arithmetic.
    MapSpec spec;
    spec.kind = MapKind::kOneNeuron;
    spec.inputs = 3;
    spec.outputs = 2;
    spec.read_out = true;
    spec.blocks = 6;
    const OneNeuronResidualNetwork<double> map(spec);
    REQUIRE(map.num_parameters() == 6 * 7 + 2 * 4);
    const Vector theta = random_vector(map.num_parameters(), 1);
    const Matrix x = random_matrix(3, 9, 2);
    const Matrix y = output_of(map, theta, x);
    int on = 0;
    for (Index b = 0; b < 9; ++b) {
      Vector s = x.col(b);
      for (Index k = 0; k < 6; ++k) {
        const double* block = theta.data() + 7 * k;
        const double z = block[0] * s[0] + block[1] * s[1] + block[2] * s[2] + block[6];
        if (z > 0) {
          ++on;
          for (Index i = 0; i < 3; ++i) s[i] += block[3 + i] * z;
        }
      }
      for (Index j = 0; j < 2; ++j) {
        const double* r = theta.data() + 42;
        const double expected = r[j] * s[0] + r[2 + j] * s[1] + r[4 + j] * s[2] + r[6 + j];
        CHECK(y(j, b) == doctest::Approx(expected).epsilon(1e-13));
      }
    }
    CHECK(on > 10);
    CHECK(on < 44);
  }

  TEST_CASE("one block can fold the plane, which no flow can") {
    // Oracle: analytic. w = e₁, u = −2e₁: x₁ > 0 goes to −x₁, the rest stays: |x₁| negated.
    MapSpec spec;
    spec.kind = MapKind::kOneNeuron;
    spec.blocks = 1;
    const OneNeuronResidualNetwork<double> map(spec);
    Vector theta(5);
    theta << 1, 0, -2, 0, 0;
    const Matrix x = random_matrix(2, 40, 3);
    Matrix expected = x;
    expected.row(0) = -x.row(0).cwiseAbs();
    CHECK((output_of(map, theta, x) - expected).norm() < 1e-14);
  }

  TEST_CASE("every neuron starts with its kink among the data") {
    MapSpec spec;
    spec.kind = MapKind::kOneNeuron;
    spec.blocks = 50;
    const OneNeuronResidualNetwork<double> map(spec);
    Vector theta(map.num_parameters());
    map.initialize(Random(4), theta);
    for (Index k = 0; k < 50; ++k) {
      CHECK(theta.segment<2>(5 * k).norm() == doctest::Approx(1));
      CHECK(std::abs(theta[5 * k + 4]) <= 1);
    }
    const Matrix x = random_matrix(2, 100, 5);
    CHECK((output_of(map, theta, x) - x).norm() < 4 * x.norm());
  }
}
