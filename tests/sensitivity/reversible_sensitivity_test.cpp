#include "sensitivity/reversible_sensitivity.h"

#include <doctest/doctest.h>

#include <cmath>

#include "models/dynamics_model.h"
#include "support/convergence.h"
#include "support/sensitivity_problem.h"

using namespace least_action;
using namespace least_action::testing;

namespace {

SensitivityOptions reversible(Method method, Index substeps) {
  SensitivityOptions options;
  options.sensitivity = SensitivityMethod::kReversible;
  options.solve.method = method;
  options.substeps = substeps;
  return options;
}

}  // namespace

TEST_SUITE("sensitivity/reversible_sensitivity") {
  TEST_CASE("the way back arrives where the way forward began, to rounding") {
    // Oracle: invariant. Rounding grows as λ^−N: 0.999^−400 = 1.5.
    const SensitivityProblem problem;
    for (const Method method : {Method::kEuler, Method::kRk4, Method::kDormandPrince54}) {
      const SensitivityOptions options = reversible(method, 100);
      const ParametricField<double> field(problem.theta);
      ReversibleSensitivity<double> solver(options, field, 3, 4);
      Gradient gradient;
      Matrix none(0, 0);
      REQUIRE(solver.forward(field, problem.times, problem.x0, gradient.states) ==
              SolveStatus::kReachedEnd);
      CHECK((solver.recovered_start() - problem.x0).norm() > 1e-3);  // It has moved.
      solver.backward(field, gradient.states, gradient.x0_bar, gradient.theta_bar, none);
      CHECK((solver.recovered_start() - problem.x0).norm() < 1e-12);
    }
  }

  TEST_CASE("keeps the order of the method it is made of") {
    // Oracle: the solution by steps a thousand times finer; slope of the error at the end.
    const SensitivityProblem problem;
    SensitivityOptions fine = reversible(Method::kRk4, 3000);
    fine.sensitivity = SensitivityMethod::kSymplecticAdjoint;
    const Matrix exact = differentiate(problem, fine).states;
    for (const auto& [method, order] :
         {std::pair{Method::kMidpoint, 2.0}, std::pair{Method::kRk4, 4.0}}) {
      const auto error = [&, m = method](Index substeps) {
        return (differentiate(problem, reversible(m, substeps)).states - exact).norm();
      };
      CHECK(std::log2(error(20) / error(40)) == doctest::Approx(order).epsilon(0.05));
    }
  }

  TEST_CASE("a symmetric method retraces itself: the gradient is that of the full tape") {
    // Oracle: full tape, to rounding.
    ModelSpec spec;
    spec.kind = ModelKind::kSeparableHamiltonian;
    spec.hidden = {7};
    const auto model = make_model<double>(spec);
    Vector theta(model->num_parameters());
    model->initialize(Random(3), theta);
    const ModelField<double> field(*model, theta);
    const Matrix x0 = (Matrix(2, 2) << 0.4, -1.1, 0.9, 0.7).finished();
    const Matrix times = (Matrix(1, 4) << 0, 0.4, 0.9, 1.1).finished();
    for (const Method method : {Method::kStormerVerlet, Method::kYoshida4}) {
      Matrix states[2], x0_bar[2], times_bar[2];
      Vector theta_bar[2];
      for (const int i : {0, 1}) {
        SensitivityOptions options = reversible(method, 10);
        if (i == 0) options.sensitivity = SensitivityMethod::kFullTape;
        const auto made = make_sensitivity<double>(options, field, 2, 3);
        states[i].resize(2, 8);
        x0_bar[i].resize(2, 2);
        times_bar[i].resize(2, 4);
        theta_bar[i] = Vector::Zero(theta.size());
        made->forward(field, times, x0, states[i]);
        made->backward(field, states[i], x0_bar[i], theta_bar[i], times_bar[i]);
      }
      CHECK(states[0] == states[1]);
      CHECK((x0_bar[0] - x0_bar[1]).norm() < 1e-12 * x0_bar[0].norm());
      CHECK((theta_bar[0] - theta_bar[1]).norm() < 1e-12 * theta_bar[0].norm());
      CHECK((times_bar[0] - times_bar[1]).norm() < 1e-12 * times_bar[0].norm());
      CHECK(theta_bar[0].norm() > 0);
    }
  }
}
