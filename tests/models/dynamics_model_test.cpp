#include "models/dynamics_model.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <type_traits>

#include "models/sample_models.h"
#include "support/gradient_check.h"
#include "support/no_allocation.h"

using namespace least_action;
using namespace least_action::testing;

namespace {

/// w, x̄ and θ̄ of one vjp in S, in double.
struct Pullback {
  Matrix x_bar;
  Vector theta_bar;
};
template <class S>
Pullback pull_back(const DynamicsModel<S>& model, const Vector& theta, const Matrix& x,
                   const Matrix& w) {
  const VectorX<S> theta_s = theta.cast<S>();
  const MatrixX<S> x_s = x.cast<S>(), w_s = w.cast<S>();
  const auto tape = model.make_tape(x.cols());
  MatrixX<S> x_dot(x.rows(), x.cols()), x_bar(x.rows(), x.cols());
  VectorX<S> theta_bar = VectorX<S>::Zero(theta.size());
  model.forward(theta_s, x_s, x_dot, *tape);
  model.vjp(theta_s, w_s, x_bar, theta_bar, *tape);
  return {x_bar.template cast<double>(), theta_bar.template cast<double>()};
}

void check_spec_fails(const ModelSpec& spec, const char* part) {
  std::string message;
  try {
    make_model<double>(spec);
  } catch (const std::invalid_argument& error) {
    message = error.what();
  }
  CAPTURE(message);
  CHECK(message.find(part) != std::string::npos);
}

}  // namespace

TEST_SUITE("models/dynamics_model") {
  TEST_CASE("vjp is the gradient in x and θ, for every model and activation") {
    // Oracle: the Taylor remainder of forward.
    TaylorOptions options;
    options.largest_step = 1e-3;
    for (ModelSpec spec : sample_specs()) {
      for (const Activation activation : kActivations) {
        spec.activation = activation;
        CAPTURE(describe(spec));
        const auto model = make_model<double>(spec);
        const Index d = model->dimension(), batch = 3;
        const Matrix x = random_matrix(d, batch, 5, 0.7), w = random_matrix(d, batch, 7);
        const Vector theta = sample_theta(*model, x);
        const Pullback bar = pull_back(*model, theta, x, w);

        const auto loss_of_theta = [&](const Vector& moved) {
          return field<double>(*model, moved, x).cwiseProduct(w).sum();
        };
        const auto in_theta = taylor_check(loss_of_theta, theta, bar.theta_bar,
                                           random_direction(theta.size(), 3), options);
        INFO("in θ\n" << in_theta.text());
        CHECK(in_theta.slope() >= 1.9);
        CHECK(in_theta.relative_error() < 1e-6);

        const auto loss_of_x = [&](const Vector& moved) {
          const Matrix states = Eigen::Map<const Matrix>(moved.data(), d, batch);
          return field<double>(*model, theta, states).cwiseProduct(w).sum();
        };
        const Vector flat_x = Eigen::Map<const Vector>(x.data(), x.size());
        const Vector flat_x_bar = Eigen::Map<const Vector>(bar.x_bar.data(), x.size());
        const auto in_x =
            taylor_check(loss_of_x, flat_x, flat_x_bar, random_direction(x.size(), 4), options);
        INFO("in x\n" << in_x.text());
        CHECK(in_x.slope() >= 1.9);
        CHECK(in_x.relative_error() < 1e-6);
      }
    }
  }

  TEST_CASE("float fields and gradients are the double ones to rounding") {
    // Oracle: the double model (checked above) at the same θ and x. Rounding is 6e-8, a few
    // layers deep and, for Lagrangian networks, enlarged by condition numbers up to 40.
    for (ModelSpec spec : sample_specs()) {
      for (const Activation activation : kActivations) {
        spec.activation = activation;
        CAPTURE(describe(spec));
        const auto narrow = make_model<float>(spec);
        const auto model = make_model<double>(spec);
        const Index d = model->dimension(), batch = 3;
        const Matrix x = rounded(random_matrix(d, batch, 5, 0.7));
        const Matrix w = rounded(random_matrix(d, batch, 7));
        const Vector theta = rounded(sample_theta(*model, x));
        const double tolerance = spec.kind == ModelKind::kLagrangian ? 1e-4 : 3e-6;
        const Matrix x_dot = field<double>(*model, theta, x);
        const MatrixX<float> x_dot_narrow =
            field<float>(*narrow, theta.cast<float>(), x.cast<float>());
        CHECK((x_dot_narrow.cast<double>() - x_dot).norm() <= tolerance * x_dot.norm());
        const Pullback bar = pull_back(*narrow, theta, x, w);
        const Pullback expected = pull_back(*model, theta, x, w);
        CHECK((bar.x_bar - expected.x_bar).norm() <= tolerance * expected.x_bar.norm());
        CHECK((bar.theta_bar - expected.theta_bar).norm() <=
              tolerance * expected.theta_bar.norm());
      }
    }
  }

  TEST_CASE_TEMPLATE("jvp is the derivative along v, and the transpose of vjp", S, float,
                     double) {
    // Oracles: finite difference of forward; the identity wᵀ(Jv) = (Jᵀw)ᵀv.
    const double tolerance = std::is_same_v<S, float> ? 2e-4 : 1e-11;
    for (ModelSpec spec : sample_specs()) {
      for (const Activation activation : kActivations) {
        spec.activation = activation;
        CAPTURE(describe(spec));
        const auto model = make_model<S>(spec);
        const auto truth = make_model<double>(spec);
        const Index d = truth->dimension(), batch = 3;
        const Matrix x = rounded(random_matrix(d, batch, 15, 0.7));
        const Vector theta = rounded(sample_theta(*truth, x));
        const VectorX<S> theta_s = theta.cast<S>();
        const Matrix w = random_matrix(d, batch, 17), v = random_matrix(d, batch, 18);
        const MatrixX<S> x_s = x.cast<S>(), w_s = w.cast<S>(), v_s = v.cast<S>();
        const auto tape = model->make_tape(batch);
        MatrixX<S> x_dot(d, batch), x_bar(d, batch), tangent(d, batch), again(d, batch);
        VectorX<S> no_theta_bar;
        model->forward(theta_s, x_s, x_dot, *tape);
        model->jvp(theta_s, v_s, tangent, *tape);
        model->vjp(theta_s, w_s, x_bar, no_theta_bar, *tape);
        model->jvp(theta_s, v_s, again, *tape);
        CHECK(tangent == again);
        // What a tape keeps for jvp belongs to its last forward only.
        const MatrixX<S> elsewhere = x_s.rowwise().reverse();
        model->forward(theta_s, elsewhere, x_dot, *tape);
        model->jvp(theta_s, v_s, again, *tape);
        CHECK((again - tangent).norm() > S(1e-3) * tangent.norm());

        for (Index b = 0; b < batch; ++b) {
          const double forward = static_cast<double>(w_s.col(b).dot(tangent.col(b)));
          const double reverse = static_cast<double>(x_bar.col(b).dot(v_s.col(b)));
          const double scale =
              1 + static_cast<double>(w_s.col(b).norm() * tangent.col(b).norm());
          CHECK(std::abs(forward - reverse) <= tolerance * scale);
        }
        const Matrix expected =
            difference([&](double h) { return field<double>(*truth, theta, x + h * v); }, 1e-4);
        const double error = (tangent.template cast<double>() - expected).norm();
        CHECK(error <= (std::is_same_v<S, float> ? 1e-3 : 1e-7) * (1 + expected.norm()));
      }
    }
  }

  TEST_CASE("a batch equals its columns one by one") {
    // Oracle: the same model on one sample. Lanes may round differently, so to rounding.
    for (const ModelSpec& spec : sample_specs()) {
      CAPTURE(describe(spec));
      const auto model = make_model<double>(spec);
      const Index d = model->dimension(), batch = 11;
      const Matrix x = random_matrix(d, batch, 25, 0.7), w = random_matrix(d, batch, 26);
      const Vector theta = sample_theta(*model, x);
      const Matrix x_dot = field<double>(*model, theta, x);
      const Pullback bar = pull_back(*model, theta, x, w);
      Vector theta_bar = Vector::Zero(theta.size());
      for (Index b = 0; b < batch; ++b) {
        const Matrix one = field<double>(*model, theta, x.col(b));
        CHECK((one - x_dot.col(b)).norm() <= 1e-11 * (1 + one.norm()));
        const Pullback single = pull_back(*model, theta, x.col(b), w.col(b));
        CHECK((single.x_bar - bar.x_bar.col(b)).norm() <= 1e-10 * (1 + single.x_bar.norm()));
        theta_bar += single.theta_bar;
      }
      CHECK((theta_bar - bar.theta_bar).norm() <= 1e-10 * (1 + theta_bar.norm()));
    }
  }

  TEST_CASE("vjp adds to θ̄ and leaves x̄ the same where θ̄ is empty") {
    for (const ModelSpec& spec : sample_specs()) {
      CAPTURE(describe(spec));
      const auto model = make_model<double>(spec);
      const Index d = model->dimension();
      const Matrix x = random_matrix(d, 2, 35, 0.7), w = random_matrix(d, 2, 36);
      const Vector theta = sample_theta(*model, x);
      const auto tape = model->make_tape(4);  // More room than samples.
      Matrix x_dot(d, 2), x_bar(d, 2), x_bar_alone(d, 2);
      Vector once = Vector::Zero(theta.size()), twice = Vector::Constant(theta.size(), 1);
      Vector none;
      model->forward(theta, x, x_dot, *tape);
      model->vjp(theta, w, x_bar, once, *tape);
      model->vjp(theta, w, x_bar, twice, *tape);
      model->vjp(theta, w, x_bar, twice, *tape);
      model->vjp(theta, w, x_bar_alone, none, *tape);
      const Vector expected = (1 + 2 * once.array()).matrix();
      CHECK((twice - expected).norm() <= 1e-12 * (1 + expected.norm()));
      CHECK((x_bar - x_bar_alone).norm() <= 1e-12 * (1 + x_bar.norm()));
      CHECK(once.norm() > 0);
    }
  }

  TEST_CASE("a periodic coordinate makes the field 2π-periodic, a plain one does not") {
    for (const ModelSpec& spec : sample_specs()) {
      if (spec.features.empty()) continue;
      CAPTURE(describe(spec));
      const auto model = make_model<double>(spec);
      const Matrix x = random_matrix(4, 3, 45, 0.7);
      const Vector theta = sample_theta(*model, x);
      const Matrix x_dot = field<double>(*model, theta, x);
      Matrix turned = x;
      turned.row(0).array() += 2 * 3.14159265358979323846;
      CHECK((field<double>(*model, theta, turned) - x_dot).norm() <= 1e-10 * x_dot.norm());
      turned = x;
      turned.row(1).array() += 2 * 3.14159265358979323846;
      CHECK((field<double>(*model, theta, turned) - x_dot).norm() > 1e-3 * x_dot.norm());
    }
  }

  TEST_CASE_TEMPLATE("no call allocates once the tape is made", S, float, double) {
    for (const ModelSpec& spec : sample_specs()) {
      CAPTURE(describe(spec));
      const auto model = make_model<S>(spec);
      const Index d = model->dimension(), n = d / 2, batch = 5;
      const MatrixX<S> x = random_matrix(d, batch, 55, 0.7).cast<S>();
      const MatrixX<S> w = random_matrix(d, batch, 56).cast<S>();
      VectorX<S> theta(model->num_parameters());
      model->initialize(Random(1), theta);
      VectorX<S> theta_bar = VectorX<S>::Zero(theta.size());
      MatrixX<S> out(d, batch), energy(1, batch), half(n, batch);
      const MatrixX<S> half_in = x.topRows(n);
      const auto tape = model->make_tape(batch);
      const auto calls = [&] {
        model->forward(theta, x, out, *tape);
        model->vjp(theta, w, out, theta_bar, *tape);
        model->jvp(theta, w, out, *tape);
        if (traits(spec.kind).has_energy) model->energy(theta, x, energy, *tape);
        if (model->is_separable()) {
          model->velocity(theta, half_in, half, *tape);
          model->force(theta, half_in, half, *tape);
        }
        model->forward(theta, x.leftCols(2), out.leftCols(2), *tape);
      };
      CHECK(allocations_in(calls) == 0);
      CHECK(allocations_in([&] { model->make_tape(batch); }) > 0);  // The counter is live.
      theta.setZero();  // Every LNN sample is damped now.
      CHECK(allocations_in(calls) == 0);
    }
  }

  TEST_CASE("initialize depends on the seed alone, and gives float and double the same start") {
    for (const ModelSpec& spec : sample_specs()) {
      CAPTURE(describe(spec));
      const auto model = make_model<double>(spec);
      const auto narrow = make_model<float>(spec);
      Vector first(model->num_parameters()), second(first.size()), other(first.size());
      VectorX<float> rough(first.size());
      model->initialize(Random(3), first);
      model->initialize(Random(3), second);
      model->initialize(Random(4), other);
      narrow->initialize(Random(3), rough);
      CHECK(first == second);
      CHECK(first != other);
      CHECK(first.norm() > 0);
      // One rounding for the draw and one for a scale.
      CHECK((rough.cast<double>() - first).cwiseAbs().maxCoeff() <=
            2.5e-7 * first.cwiseAbs().maxCoeff());
    }
  }

  TEST_CASE("a wrong size, a foreign tape or a derivative without forward throws") {
    for (const ModelSpec& spec : sample_specs()) {
      CAPTURE(describe(spec));
      const auto model = make_model<double>(spec);
      const Index d = model->dimension();
      Vector theta = Vector::Zero(model->num_parameters());
      Vector theta_bar = theta, short_theta = theta.head(theta.size() - 1);
      const auto tape = model->make_tape(3);
      Matrix x = Matrix::Zero(d, 2), out(d, 2), wide(d, 4), tall(d + 1, 2), one(d, 1);
      wide.setZero();
      tall.setZero();
      one.setZero();
      using Error = std::invalid_argument;
      CHECK_THROWS_AS(model->vjp(theta, x, out, theta_bar, *tape), Error);
      CHECK_THROWS_AS(model->jvp(theta, x, out, *tape), Error);
      CHECK_THROWS_AS(model->forward(short_theta, x, out, *tape), Error);
      CHECK_THROWS_AS(model->forward(theta, tall, out, *tape), Error);
      CHECK_THROWS_AS(model->forward(theta, x, tall, *tape), Error);
      CHECK_THROWS_AS(model->forward(theta, x, one, *tape), Error);
      CHECK_THROWS_AS(model->forward(theta, wide, wide, *tape), Error);
      CHECK_THROWS_AS(model->initialize(Random(1), short_theta), Error);
      CHECK_THROWS_AS(model->make_tape(0), Error);
      model->forward(theta, x, out, *tape);
      CHECK_THROWS_AS(model->vjp(theta, one, one, theta_bar, *tape), Error);
      CHECK_THROWS_AS(model->vjp(theta, x, one, theta_bar, *tape), Error);
      CHECK_THROWS_AS(model->vjp(theta, x, out, short_theta, *tape), Error);
      CHECK_THROWS_AS(model->vjp(short_theta, x, out, theta_bar, *tape), Error);
      CHECK_THROWS_AS(model->jvp(theta, tall, out, *tape), Error);
      CHECK_THROWS_AS(model->jvp(theta, x, one, *tape), Error);
      ModelSpec other = spec;
      other.kind =
          spec.kind == ModelKind::kNeuralOde ? ModelKind::kResidual : ModelKind::kNeuralOde;
      const auto foreign = make_model<double>(other)->make_tape(3);
      CHECK_THROWS_AS(model->forward(theta, x, out, *foreign), Error);
      CHECK(tape->capacity() == 3);
      CHECK(tape->bytes() > 0);
    }
  }

  TEST_CASE("energy, velocity and force exist exactly where the traits say so") {
    for (const ModelSpec& spec : sample_specs()) {
      CAPTURE(describe(spec));
      const auto model = make_model<double>(spec);
      const Index d = model->dimension(), n = d / 2;
      Vector theta(model->num_parameters());
      model->initialize(Random(1), theta);
      const auto tape = model->make_tape(1);
      Matrix x = Matrix::Zero(d, 1), energy(1, 1), half = Matrix::Zero(n, 1), out(n, 1);
      Matrix x_bar(d, 1);
      Vector none;
      if (traits(spec.kind).has_energy) {
        CHECK_NOTHROW(model->energy(theta, x, energy, *tape));
        Matrix x_dot(d, 1);
        model->forward(theta, x, x_dot, *tape);
        model->energy(theta, x, energy, *tape);
        // The tape now holds no forward pass: a stale derivative would be silent.
        CHECK_THROWS_AS(model->vjp(theta, x, x_bar, none, *tape), std::invalid_argument);
      } else {
        CHECK_THROWS_AS(model->energy(theta, x, energy, *tape), std::logic_error);
      }
      CHECK(model->is_separable() == (spec.kind == ModelKind::kSeparableHamiltonian));
      if (!model->is_separable()) {
        CHECK_THROWS_AS(model->velocity(theta, half, out, *tape), std::logic_error);
        CHECK_THROWS_AS(model->force(theta, half, out, *tape), std::logic_error);
      }
    }
  }

  TEST_CASE("a bad spec is refused with the reason") {
    const ModelSpec good;
    CHECK_NOTHROW(good.check());
    ModelSpec spec = good;
    spec.degrees_of_freedom = 0;
    check_spec_fails(spec, "degrees_of_freedom is 0");
    spec.degrees_of_freedom = std::numeric_limits<Index>::max() / 2;
    check_spec_fails(spec, "degrees_of_freedom");
    spec = good;
    spec.hidden = {32, 0};
    check_spec_fails(spec, "hidden width is 0");
    spec.hidden = {-3};
    check_spec_fails(spec, "hidden width is -3");
    spec.hidden = {std::numeric_limits<Index>::max() / 2};
    check_spec_fails(spec, "hidden width");
    spec.hidden.assign(100, 2);
    check_spec_fails(spec, "hidden layers is 100");
    spec.hidden = {100000, 100000};
    check_spec_fails(spec, "number of parameters");
    spec = good;
    spec.features.assign(3, InputFeature{});
    check_spec_fails(spec, "features has size 3, expected 2");
    spec.features = {{false, 0.0}, {false, 1.0}};
    check_spec_fails(spec, "feature scale is 0");
    spec.features = {{false, std::numeric_limits<double>::infinity()}, {false, 1.0}};
    check_spec_fails(spec, "feature scale");
    spec = good;
    spec.kind = static_cast<ModelKind>(99);
    check_spec_fails(spec, "kind is 99");
    spec = good;
    spec.activation = static_cast<Activation>(99);
    check_spec_fails(spec, "activation is 99");
    spec = good;
    spec.kind = ModelKind::kResidual;
    CHECK_NOTHROW(spec.check());
    spec.blocks = 0;
    check_spec_fails(spec, "blocks is 0");
    spec.blocks = 1;
    for (const double time : {0.0, -1.0, std::nan(""), HUGE_VAL}) {
      spec.block_time = time;
      check_spec_fails(spec, "block_time");
    }
    spec = good;
    spec.kind = ModelKind::kLagrangian;
    spec.hidden = {};
    check_spec_fails(spec, "hidden layer");
  }
}
