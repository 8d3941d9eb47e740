#include "maps/learned_map.h"

#include <doctest/doctest.h>

#include <limits>
#include <stdexcept>
#include <string>

#include "maps/sample_maps.h"
#include "support/gradient_check.h"
#include "support/no_allocation.h"

using namespace least_action;
using namespace least_action::testing;

namespace {

constexpr Index kBatch = 4;

std::string label(const MapSpec& spec) {
  return std::string(traits(spec.kind).name) + (spec.read_out ? ", read-out" : "");
}

}  // namespace

TEST_SUITE("maps/learned_map") {
  TEST_CASE("parameter gradients have second-order Taylor remainders for every map") {
    // Oracle: Taylor's theorem, by values of ℓ = ⟨w, F(x; θ)⟩ alone.
    for (const MapSpec& spec : sample_map_specs()) {
      const auto map = make_map<double>(spec);
      const Vector theta = sample_theta(*map, 3);
      const Matrix x = random_matrix(spec.inputs, kBatch, 4),
                   w = random_matrix(spec.outputs, kBatch, 5);
      const auto tape = map->make_tape(kBatch);
      Matrix y(spec.outputs, kBatch), x_bar(spec.inputs, kBatch);
      Vector theta_bar = Vector::Zero(theta.size());
      map->forward(theta, x, y, *tape);
      map->vjp(theta, w, x_bar, theta_bar, *tape);
      const auto loss = [&](const Vector& at) {
        return output_of(*map, at, x).cwiseProduct(w).sum();
      };
      // Small enough that no ReLU of the one-neuron network changes side on the way.
      const auto check = taylor_check(loss, theta, theta_bar, random_direction(theta.size(), 6),
                                      {.largest_step = 3e-3, .smallest_step = 1e-5});
      INFO(label(spec), "\n", check.text());
      CHECK(check.slope() >= 1.9);
      CHECK(check.relative_error() < 1e-8);
      CHECK(theta_bar.cwiseAbs().minCoeff() >= 0);  // No NaN.
    }
  }

  TEST_CASE("input gradients have second-order Taylor remainders for every map") {
    // Oracle: Taylor's theorem.
    for (const MapSpec& spec : sample_map_specs()) {
      const auto map = make_map<double>(spec);
      const Vector theta = sample_theta(*map, 7);
      const Vector x = random_vector(spec.inputs * kBatch, 8);
      const Matrix w = random_matrix(spec.outputs, kBatch, 9);
      const auto shaped = [&](const Vector& at) -> Matrix {
        return Eigen::Map<const Matrix>(at.data(), spec.inputs, kBatch);
      };
      const auto tape = map->make_tape(kBatch);
      Matrix y(spec.outputs, kBatch), x_bar(spec.inputs, kBatch);
      Vector none;
      map->forward(theta, shaped(x), y, *tape);
      map->vjp(theta, w, x_bar, none, *tape);
      const auto loss = [&](const Vector& at) {
        return output_of(*map, theta, shaped(at)).cwiseProduct(w).sum();
      };
      const Vector gradient = Eigen::Map<const Vector>(x_bar.data(), x_bar.size());
      const auto check = taylor_check(loss, x, gradient, random_direction(x.size(), 10),
                                      {.largest_step = 3e-3, .smallest_step = 1e-5});
      INFO(label(spec), "\n", check.text());
      CHECK(check.slope() >= 1.9);
      CHECK(check.relative_error() < 1e-8);
    }
  }

  TEST_CASE("gradients are added to theta_bar, and a batch equals its columns") {
    // Oracle: linearity; a second run with one column at a time.
    for (const MapSpec& spec : sample_map_specs()) {
      INFO(label(spec));
      const auto map = make_map<double>(spec);
      const Vector theta = sample_theta(*map, 11);
      const Matrix x = random_matrix(spec.inputs, kBatch, 12),
                   w = random_matrix(spec.outputs, kBatch, 13);
      const auto tape = map->make_tape(kBatch + 3);  // Larger than the batch.
      Matrix y(spec.outputs, kBatch), x_bar(spec.inputs, kBatch);
      Vector together = Vector::Zero(theta.size()), apart = together;
      map->forward(theta, x, y, *tape);
      map->vjp(theta, w, x_bar, together, *tape);
      for (Index b = 0; b < kBatch; ++b) {
        Matrix one(spec.outputs, 1), one_bar(spec.inputs, 1);
        map->forward(theta, x.col(b), one, *tape);
        map->vjp(theta, w.col(b), one_bar, apart, *tape);
        CHECK((one - y.col(b)).norm() <= 1e-13 * (1 + one.norm()));
        CHECK((one_bar - x_bar.col(b)).norm() <= 1e-12 * (1 + one_bar.norm()));
      }
      CHECK((together - apart).norm() <= 1e-12 * together.norm());
    }
  }

  TEST_CASE("the states lead from x to what the read-out sees") {
    // Oracle: the definition; for projections the last state is y itself.
    for (const MapSpec& spec : sample_map_specs()) {
      INFO(label(spec));
      const auto map = make_map<double>(spec);
      const Matrix x = random_matrix(spec.inputs, kBatch, 14);
      const Vector theta = sample_theta(*map, 15);
      const auto tape = map->make_tape(kBatch);
      Matrix y(spec.outputs, kBatch),
          states(map->state_dimension(), kBatch * map->num_states());
      CHECK_THROWS_AS(map->states(states, *tape), std::invalid_argument);
      map->forward(theta, x, y, *tape);
      map->states(states, *tape);
      const Matrix first = states.leftCols(kBatch), last = states.rightCols(kBatch);
      CHECK(first.topRows(spec.inputs) == x);
      CHECK(first.bottomRows(map->state_dimension() - spec.inputs).isZero(0));
      CHECK(map->depth(0) == 0);
      if (spec.kind == MapKind::kFullyConnected) continue;
      CHECK(map->depth(map->num_states() - 1) == 1);
      if (!spec.read_out) CHECK(last.topRows(spec.outputs) == y);
      CHECK((first - last).norm() > 0.01);
    }
  }

  TEST_CASE("no call allocates") {
    // Oracle: the program's own malloc, counted.
    for (const MapSpec& spec : sample_map_specs()) {
      INFO(label(spec));
      const auto map = make_map<float>(spec);
      VectorX<float> theta(map->num_parameters()), theta_bar(theta.size());
      map->initialize(Random(1), theta);
      theta_bar.setZero();
      const MatrixX<float> x = random_matrix(spec.inputs, kBatch, 16).cast<float>();
      MatrixX<float> y(spec.outputs, kBatch), x_bar(spec.inputs, kBatch);
      const auto tape = map->make_tape(kBatch);
      const auto both = [&] {
        map->forward(theta, x, y, *tape);
        map->vjp(theta, y, x_bar, theta_bar, *tape);
      };
      both();
      CHECK(allocations_in(both) == 0);
      CHECK(tape->bytes() > 0);
      CHECK(tape->evaluations() > 0);
      CHECK(tape->fault().empty());
    }
  }

  TEST_CASE("float agrees with double to its rounding") {
    // Oracle: the same map in double.
    for (const MapSpec& spec : sample_map_specs()) {
      INFO(label(spec));
      const auto exact = make_map<double>(spec);
      const auto map = make_map<float>(spec);
      const Vector theta = sample_theta(*exact, 17);
      const Matrix x = random_matrix(spec.inputs, kBatch, 18);
      const auto tape = map->make_tape(kBatch);
      MatrixX<float> y(spec.outputs, kBatch);
      const VectorX<float> rounded = theta.cast<float>();
      const MatrixX<float> rounded_x = x.cast<float>();
      map->forward(rounded, rounded_x, y, *tape);
      const Matrix expected = output_of(*exact, theta, x);
      CHECK((y.cast<double>() - expected).norm() <= 2e-5 * (1 + expected.norm()));
    }
  }

  TEST_CASE("wrong calls say what they expected") {
    for (const MapSpec& spec : sample_map_specs()) {
      INFO(label(spec));
      const auto map = make_map<double>(spec);
      const auto tape = map->make_tape(kBatch);
      Vector theta = sample_theta(*map, 19), short_theta = theta.head(theta.size() - 1), none;
      Matrix x = random_matrix(spec.inputs, kBatch, 20), y(spec.outputs, kBatch);
      Matrix tall(spec.inputs + 1, kBatch), wide(spec.inputs, kBatch + 1), empty;
      using Wrong = std::invalid_argument;
      CHECK_THROWS_AS(map->vjp(theta, y, x, none, *tape), Wrong);  // No forward yet.
      CHECK_THROWS_AS(map->forward(short_theta, x, y, *tape), Wrong);
      CHECK_THROWS_AS(map->forward(theta, tall, y, *tape), Wrong);
      CHECK_THROWS_AS(map->forward(theta, wide, y, *tape), Wrong);
      CHECK_THROWS_AS(map->forward(theta, Matrix(spec.inputs, 0), y, *tape), Wrong);
      CHECK_THROWS_AS(map->forward(theta, x, tall, *tape), Wrong);
      map->forward(theta, x, y, *tape);
      CHECK_THROWS_AS(map->vjp(theta, tall, empty, none, *tape), Wrong);
      CHECK_THROWS_AS(map->vjp(theta, y, tall, none, *tape), Wrong);
      CHECK_THROWS_AS(map->vjp(theta, y, empty, short_theta, *tape), Wrong);
      CHECK_THROWS_AS(map->make_tape(0), Wrong);
      CHECK_THROWS_AS(map->make_tape(std::numeric_limits<Index>::max()), Wrong);
      if (!map->is_invertible())
        CHECK_THROWS_AS(map->inverse(theta, y, x, *tape), std::logic_error);
    }
    MapSpec one, other;
    other.kind = MapKind::kOneNeuron;
    const auto map = make_map<double>(one), another = make_map<double>(other);
    const auto tape = another->make_tape(1);
    Matrix x = Matrix::Zero(2, 1), y = x;
    CHECK_THROWS_AS(map->forward(sample_theta(*map, 1), x, y, *tape), std::invalid_argument);
  }

  TEST_CASE("a spec that cannot be built is explained") {
    const auto fault = [](auto change) {
      MapSpec spec;
      change(spec);
      CHECK_THROWS_AS(make_map<double>(spec), std::invalid_argument);
      return find_fault(spec).value_or("");
    };
    CHECK(fault([](MapSpec& s) { s.inputs = 0; }).find("inputs is 0") != std::string::npos);
    CHECK(fault([](MapSpec& s) { s.outputs = 1; }).find("read-out") != std::string::npos);
    CHECK(fault([](MapSpec& s) { s.hidden = {-3}; }).find("-3") != std::string::npos);
    CHECK(fault([](MapSpec& s) { s.duration = 0; }).find("duration") != std::string::npos);
    CHECK(fault([](MapSpec& s) { s.duration = std::nan(""); }).size() > 0);
    CHECK(fault([](MapSpec& s) { s.shown_states = std::numeric_limits<Index>::max(); }).size() >
          0);
    CHECK(fault([](MapSpec& s) {
            s.kind = MapKind::kInvertibleResidual;
            s.contraction = 1;
          }).find("between 0 and 1") != std::string::npos);
    CHECK(fault([](MapSpec& s) {
            s.kind = MapKind::kOneNeuron;
            s.blocks = 0;
          }).find("blocks is 0") != std::string::npos);
    CHECK(fault([](MapSpec& s) {
            s.kind = MapKind::kAugmentedNeuralOde;
            s.augmented = 0;
          }).find("augmented is 0") != std::string::npos);
    CHECK_FALSE(find_fault(MapSpec{}));
    for (const MapKindTraits& kind : map_kinds()) CHECK(map_kind_named(kind.name) == kind.kind);
    CHECK_THROWS_AS(map_kind_named("nodes"), std::invalid_argument);
  }
}
