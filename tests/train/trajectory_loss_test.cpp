// The trajectory loss with solvers and sensitivities of choice. (Its value: loss_test.cpp.)
#include "train/trajectory_loss.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include "support/gradient_check.h"
#include "support/no_allocation.h"
#include "train/trainer.h"

using namespace least_action;
using namespace least_action::testing;

namespace {

std::vector<Trajectory> observations() {
  Random random(5);
  std::vector<Trajectory> part;
  for (Index i = 0; i < 3; ++i) {
    Trajectory trajectory{Vector(7), Matrix(2, 7), Matrix::Zero(2, 7)};
    double t = random.uniform();
    for (Index k = 0; k < 7; ++k) {
      trajectory.times[k] = t += random.uniform(0.05, 0.3);
      trajectory.states.col(k) << std::sin(t + double(i)), std::cos(t + double(i));
    }
    part.push_back(trajectory);
  }
  return part;
}

struct Setup {
  explicit Setup(ModelKind kind) {
    ModelSpec spec;
    spec.kind = kind;
    spec.hidden = {6};
    model = make_model<double>(spec);
    theta.resize(model->num_parameters());
    model->initialize(Random(2), theta);
    options.loss = LossKind::kTrajectory;
    options.segment_length = 4;
    options.substeps = 2;
  }
  std::unique_ptr<Loss<double>> loss() const {
    return make_loss<double>(options, *model, observations(), Vector::Ones(2), 16);
  }
  double operator()(const Vector& at, Vector* gradient = nullptr) const {
    const auto made = loss();
    std::vector<Index> all(std::size_t(made->num_examples()));
    std::iota(all.begin(), all.end(), Index{0});
    Vector none(0);
    if (gradient == nullptr) return made->evaluate(at, all, none);
    gradient->resize(at.size());
    return made->evaluate(at, all, *gradient);
  }

  std::unique_ptr<DynamicsModel<double>> model;
  Vector theta;
  TrainerOptions options;
};

}  // namespace

TEST_SUITE("train/trajectory_loss") {
  TEST_CASE("its gradient is exact by every solver and every exact sensitivity") {
    // Oracle: Taylor remainder of the loss; between the sensitivities, each other.
    for (const Method method : {Method::kMidpoint, Method::kRk4, Method::kStormerVerlet}) {
      Setup setup(ModelKind::kSeparableHamiltonian);
      setup.options.method = method;
      Vector full;
      for (const SensitivityMethod sensitivity :
           {SensitivityMethod::kFullTape, SensitivityMethod::kSymplecticAdjoint,
            SensitivityMethod::kCheckpointing, SensitivityMethod::kReversible}) {
        CAPTURE(std::string(traits(method).name));
        CAPTURE(std::string(traits(sensitivity).name));
        setup.options.sensitivity = sensitivity;
        Vector gradient;
        setup(setup.theta, &gradient);
        const auto loss = [&](const Vector& at) { return setup(at); };
        const TaylorCheck check =
            taylor_check(loss, setup.theta, gradient, random_direction(gradient.size(), 1));
        INFO(check.text());
        CHECK(check.slope() >= 1.9);
        if (sensitivity == SensitivityMethod::kFullTape) full = gradient;
        if (sensitivity != SensitivityMethod::kReversible) CHECK(gradient == full);
      }
    }
  }

  TEST_CASE("an adaptive solver gives the loss of many fixed steps") {
    // Oracle: RK4 with 50 steps between observations.
    Setup setup(ModelKind::kHamiltonian);
    setup.options.substeps = 50;
    Vector fine, coarse;
    const double expected = setup(setup.theta, &fine);
    setup.options.substeps = 1;
    setup.options.method = Method::kDormandPrince54;
    setup.options.relative_tolerance = 1e-10;
    CHECK(setup(setup.theta, &coarse) == doctest::Approx(expected).epsilon(1e-8));
    CHECK((coarse - fine).norm() < 1e-7 * fine.norm());
  }

  TEST_CASE("says what it cost, and does not allocate") {
    // Oracle: counted by hand: 4 intervals of 2 steps of 4 stages, forth and again.
    const Setup setup(ModelKind::kNeuralOde);
    const auto loss = setup.loss();
    std::vector<Index> some = {0, 1, 2};
    Vector gradient(setup.theta.size()), none(0);
    CHECK(allocations_in([&] { loss->evaluate(setup.theta, some, gradient); }) == 0);
    CHECK(loss->cost().evaluations == 2 * 4 * 2 * 4);
    CHECK(loss->cost().vjps == 4 * 2 * 4);
    CHECK(loss->cost().bytes > sizeof(double) * 2 * 16 * 8);
    loss->evaluate(setup.theta, some, none);
    CHECK(loss->cost().evaluations == 4 * 2 * 4);
    CHECK(loss->cost().vjps == 0);
  }

  TEST_CASE("faults of solver and sensitivity are explained before training") {
    const auto text = [](auto change, ModelKind kind = ModelKind::kHamiltonian) {
      TrainerOptions options;
      options.loss = LossKind::kTrajectory;
      change(options);
      return find_fault(options, kind).value_or("");
    };
    using Options = TrainerOptions;
    const double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK(text([](Options&) {}).empty());
    for (const double bad : {0.0, -1e-3, 1.0, nan}) {
      CHECK(text([&](Options& o) { o.relative_tolerance = bad; }).find("relative_tolerance") !=
            std::string::npos);
    }
    CHECK(text([](Options& o) { o.checkpoints = -1; }).find("checkpoints") !=
          std::string::npos);
    const auto verlet = [](Options& o) { o.method = Method::kStormerVerlet; };
    CHECK(text(verlet).find("T(p) + V(q)") != std::string::npos);
    CHECK(text(verlet, ModelKind::kSeparableHamiltonian).empty());
    CHECK(text(verlet, ModelKind::kResidual).empty());  // Takes its own Euler steps.
  }
}
