// The memory each sensitivity says it holds is what it asks of the heap, and grows as claimed.
#include <doctest/doctest.h>

#include <string>

#include "models/dynamics_model.h"
#include "sensitivity/sensitivity.h"
#include "support/allocated_bytes.h"

using namespace least_action;
using namespace least_action::testing;

namespace {

constexpr Index kBatch = 5;

struct Setup {
  explicit Setup(ModelKind kind = ModelKind::kHamiltonian) {
    ModelSpec spec;
    spec.kind = kind;
    spec.hidden = {24, 24};
    model = make_model<double>(spec);
    theta.resize(model->num_parameters());
    model->initialize(Random(1), theta);
  }
  std::unique_ptr<DynamicsModel<double>> model;
  Vector theta;
};

/// peak_bytes after a gradient through N steps.
std::size_t peak(SensitivityMethod method, Index steps, Method solver = Method::kRk4,
                 Index checkpoints = 0, std::size_t* asked = nullptr) {
  const Setup setup;
  const ModelField<double> field(*setup.model, setup.theta);
  SensitivityOptions options;
  options.sensitivity = method;
  options.solve.method = solver;
  options.substeps = steps;
  options.checkpoints = checkpoints;
  const Matrix times = (Matrix(1, 2) << 0, 1).finished();
  const Matrix x0 = Matrix::Random(2, kBatch);
  Matrix states(2, 2 * kBatch), x0_bar(2, kBatch), none(0, 0);
  Vector theta_bar = Vector::Zero(setup.theta.size());
  std::unique_ptr<Sensitivity<double>> made;
  const auto run = [&] {
    made = make_sensitivity<double>(options, field, kBatch, 1);
    made->forward(field, times, x0, states);
    made->backward(field, states, x0_bar, theta_bar, none);
  };
  const std::size_t bytes = bytes_asked_in(run);
  if (asked != nullptr) *asked = bytes;
  return made->statistics().peak_bytes;
}

constexpr std::size_t kState = sizeof(double) * 2 * kBatch;

}  // namespace

TEST_SUITE("sensitivity/memory") {
  TEST_CASE("a model's tape says how much it holds") {
    // Oracle: what making it asks of the heap; the rest is bookkeeping of a few hundred bytes.
    for (const ModelTraits& each : model_kinds()) {
      CAPTURE(std::string(each.name));
      const Setup setup(each.kind);
      for (const Index capacity : {1, 64, 200}) {
        std::unique_ptr<VectorField<double>::Tape> tape;
        const std::size_t asked =
            bytes_asked_in([&] { tape = setup.model->make_tape(capacity); });
        CHECK(double(tape->bytes()) == doctest::Approx(double(asked)).epsilon(0.05));
      }
    }
  }

  TEST_CASE("what is reported is what was asked for") {
    // Oracle: the heap; everything a sensitivity asks for it keeps.
    for (const SensitivityMethod method :
         {SensitivityMethod::kFullTape, SensitivityMethod::kSymplecticAdjoint,
          SensitivityMethod::kCheckpointing, SensitivityMethod::kReversible}) {
      CAPTURE(std::string(traits(method).name));
      std::size_t asked = 0;
      const std::size_t reported = peak(method, 300, Method::kRk4, 0, &asked);
      CHECK(double(reported) == doctest::Approx(double(asked)).epsilon(0.05));
    }
  }

  TEST_CASE("the reversible solver's is constant") {
    CHECK(peak(SensitivityMethod::kReversible, 1000) ==
          peak(SensitivityMethod::kReversible, 10));
  }

  TEST_CASE("the symplectic adjoint's grows by a state a step") {
    const std::size_t few = peak(SensitivityMethod::kSymplecticAdjoint, 100);
    CHECK(peak(SensitivityMethod::kSymplecticAdjoint, 300) - few == 200 * kState);
    CHECK(peak(SensitivityMethod::kSymplecticAdjoint, 500) - few == 400 * kState);
  }

  TEST_CASE("the full tape's grows by every stage of every step") {
    const auto slope = [](Method solver) {
      const std::size_t few = peak(SensitivityMethod::kFullTape, 20, solver);
      const std::size_t more = peak(SensitivityMethod::kFullTape, 40, solver);
      CHECK(double(peak(SensitivityMethod::kFullTape, 60, solver) - few) ==
            doctest::Approx(2.0 * double(more - few)).epsilon(0.01));
      return double(more - few) / 20;
    };
    const Setup setup;
    const auto tape = double(setup.model->make_tape(kBatch)->bytes());
    CHECK(slope(Method::kEuler) == doctest::Approx(1 * tape).epsilon(0.05));
    CHECK(slope(Method::kRk4) == doctest::Approx(4 * tape).epsilon(0.05));
  }

  TEST_CASE("checkpointing's grows by a state each time the steps double, or not at all") {
    const auto at = [](Index steps, Index checkpoints) {
      return peak(SensitivityMethod::kCheckpointing, steps, Method::kRk4, checkpoints);
    };
    const std::size_t doubling = at(128, 0) - at(64, 0);
    CHECK(doubling == kState + sizeof(Index));
    CHECK(at(1024, 0) - at(64, 0) == 4 * doubling);
    CHECK(at(2000, 6) == at(20, 6));
  }
}
