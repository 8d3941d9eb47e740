#include <doctest/doctest.h>

#include <stdexcept>

#include "models/dynamics_model.h"
#include "models/sample_models.h"

using namespace least_action;
using namespace least_action::testing;

TEST_SUITE("models/model_field") {
  TEST_CASE("it is its model at its θ, whatever t is, and sees a change of θ") {
    for (const ModelSpec& spec : sample_specs()) {
      CAPTURE(describe(spec));
      const auto model = make_model<double>(spec);
      const Index d = model->dimension(), n = d / 2;
      const Matrix x = random_matrix(d, 2, 4, 0.7), w = random_matrix(d, 2, 5);
      Vector theta = sample_theta(*model, x);
      const ModelField<double> learned(*model, theta);
      CHECK(learned.dimension() == d);
      CHECK(learned.num_parameters() == theta.size());
      CHECK(learned.is_separable() == model->is_separable());
      const Vector t = random_vector(2, 6);
      const auto tape = learned.make_tape(2);
      const auto expected_tape = model->make_tape(2);
      Matrix out(d, 2), expected(d, 2);
      for (int round = 0; round < 2; ++round) {
        learned.forward(t, x, out, *tape);
        model->forward(theta, x, expected, *expected_tape);
        CHECK(out == expected);
        Vector bar = Vector::Zero(theta.size()), expected_bar = bar;
        learned.vjp(w, out, bar, *tape);
        model->vjp(theta, w, expected, expected_bar, *expected_tape);
        CHECK(out == expected);
        CHECK(bar == expected_bar);
        learned.jvp(w, out, *tape);
        model->jvp(theta, w, expected, *expected_tape);
        CHECK(out == expected);
        theta *= 1.01;
      }
      if (learned.is_separable()) {
        Matrix half(n, 2), expected_half(n, 2);
        const Matrix in = x.topRows(n);
        learned.velocity(t, in, half, *tape);
        model->velocity(theta, in, expected_half, *expected_tape);
        CHECK(half == expected_half);
        learned.force(t, in, half, *tape);
        model->force(theta, in, expected_half, *expected_tape);
        CHECK(half == expected_half);
      }
      const Vector wrong_t = Vector::Zero(3);
      CHECK_THROWS_AS(learned.forward(wrong_t, x, out, *tape), std::invalid_argument);
      const Vector wrong_theta = Vector::Zero(theta.size() + 1);
      CHECK_THROWS_AS((ModelField<double>(*model, wrong_theta)), std::invalid_argument);
    }
  }
}
