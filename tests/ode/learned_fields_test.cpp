#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "models/dynamics_model.h"
#include "ode/methods.h"

using namespace least_action;

TEST_SUITE("ode/learned_fields") {
  TEST_CASE("the energy of a network's H(q, p), not separable, stays bounded") {
    // Oracle: invariant (the network's own H; periodic in q and p, so that orbits are bounded):
    // the worst of 4000 steps against that of the first 400. The last shows the check can fail.
    ModelSpec spec;
    spec.kind = ModelKind::kHamiltonian;
    spec.hidden = {12, 12};
    spec.features = {{true, 1}, {true, 1}};
    const auto model = make_model<double>(spec);
    Vector theta(model->num_parameters());
    model->initialize(Random(11), theta);
    theta *= 2;
    const ModelField<double> field(*model, theta);
    REQUIRE_FALSE(field.is_separable());
    const auto tape = model->make_tape(3);
    const Matrix start = (Matrix(2, 3) << 0.5, -1, 2, 0.3, 1.5, -0.7).finished();
    const Vector h = Vector::Constant(3, 0.1);
    for (const Method method : {Method::kImplicitMidpoint, Method::kGaussLegendre4,
                                Method::kGaussLegendre6, Method::kTao2, Method::kMidpoint}) {
      CAPTURE(std::string(traits(method).name));
      const auto stepper = make_stepper(method, field, 3);
      Matrix x = start, first(1, 3), energy(1, 3);
      model->energy(theta, x, first, *tape);
      double worst = 0, early = 0;
      bool solved = true;
      for (int i = 0; i < 4000; ++i) {
        solved = stepper->step(Vector::Constant(3, 0.1 * i), h, x) && solved;
        model->energy(theta, x, energy, *tape);
        worst = std::max(worst, (energy - first).cwiseAbs().maxCoeff());
        if (i == 400) early = worst;
      }
      CHECK(solved);
      CHECK((x - start).norm() > 1e-2);
      if (traits(method).symplectic) {
        CHECK(worst < 2 * early + 1e-12);
      } else {
        CHECK(worst > 5 * early);
      }
    }
  }
}
