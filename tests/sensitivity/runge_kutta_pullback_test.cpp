#include "sensitivity/runge_kutta_pullback.h"

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "ode/explicit_runge_kutta.h"
#include "ode/methods.h"
#include "support/gradient_check.h"
#include "support/no_allocation.h"
#include "support/parametric_field.h"

using namespace least_action;
using namespace least_action::testing;

namespace {

/// A step of 3 samples, each from a time of its own and of a length of its own; the third
/// backward. The loss is wᵀx₁ with another w for every entry.
template <class S>
struct Step {
  VectorX<S> theta = (VectorX<S>(6) << 0.9, -0.4, 1.3, 0.7, -0.5, 0.3).finished();
  MatrixX<S> x = (MatrixX<S>(2, 3) << 0.4, -1.1, 0.9, 0.7, 0.2, -0.6).finished();
  VectorX<S> t = (VectorX<S>(3) << 0, 1.5, -0.7).finished();
  VectorX<S> h = (VectorX<S>(3) << 0.3, 0.25, -0.4).finished();
  MatrixX<S> w = (MatrixX<S>(2, 3) << 1, -0.5, 0.7, 2, 0.4, -1.2).finished();
};

template <class S>
struct Pulled {
  MatrixX<S> x, x_bar;
  VectorX<S> theta_bar = VectorX<S>::Zero(6), t_bar = VectorX<S>::Zero(3);
  VectorX<S> h_bar = VectorX<S>::Zero(3);
};

template <class S>
Pulled<S> pull(Method method, const Step<S>& step, StageTapes tapes = StageTapes::kPerStage,
               Index capacity = 3) {
  const ParametricField<S> field(step.theta);
  const auto pullback = make_step_pullback<S>(method, field, capacity);
  const auto tape = pullback->make_tape(field, capacity, tapes);
  Pulled<S> result;
  result.x = step.x;
  REQUIRE(pullback->forward(field, step.t, step.h, result.x, *tape));
  result.x_bar = step.w;
  pullback->pull_back(field, result.x_bar, result.theta_bar, result.t_bar, result.h_bar, *tape);
  return result;
}

/// Plain backpropagation with everything stored, sample by sample, written as the adjoint of
/// the assignments (k̄ᵢ, X̄ᵢ) and not as in the library.
template <class S>
void backpropagate(const ButcherTableau& tableau, const Step<S>& step, MatrixX<S>& x_bar,
                   VectorX<S>& theta_bar) {
  const ParametricField<S> field(step.theta);
  const auto tape = field.make_tape(1);
  const Index s = tableau.stages();
  const MatrixX<S> a = tableau.a.cast<S>();
  const VectorX<S> b = tableau.b.cast<S>(), c = tableau.c.cast<S>();
  x_bar.setZero(2, 3);
  theta_bar.setZero(6);
  for (Index sample = 0; sample < 3; ++sample) {
    const S t = step.t[sample], h = step.h[sample];
    MatrixX<S> k(2, s), points(2, s), unused(2, 1);
    for (Index i = 0; i < s; ++i) {
      points.col(i) = step.x.col(sample) + h * (k.leftCols(i) * a.row(i).head(i).transpose());
      field.forward(VectorX<S>::Constant(1, t + c[i] * h), points.col(i), k.middleCols(i, 1),
                    *tape);
    }
    MatrixX<S> k_bar = h * step.w.col(sample) * b.transpose();
    MatrixX<S> bar = step.w.col(sample);
    for (Index i = s - 1; i >= 0; --i) {
      MatrixX<S> stage_bar(2, 1);
      field.forward(VectorX<S>::Constant(1, t + c[i] * h), points.col(i), unused, *tape);
      field.vjp(k_bar.col(i), stage_bar, theta_bar, *tape);
      bar += stage_bar;
      for (Index j = 0; j < i; ++j) k_bar.col(j) += h * a(i, j) * stage_bar;
    }
    x_bar.col(sample) = bar;
  }
}

std::vector<Method> explicit_methods() {
  std::vector<Method> all;
  for (const MethodTraits& each : methods()) {
    if (explicit_tableau(each.method) != nullptr) all.push_back(each.method);
  }
  return all;
}

}  // namespace

TEST_SUITE("sensitivity/runge_kutta_pullback") {
  TEST_CASE_TEMPLATE("of a Runge–Kutta method equals plain backpropagation", S, float, double) {
    // Oracle: independent implementation. Dormand–Prince has b₂ = b₇ = 0.
    const Step<S> step;
    const double tolerance = std::is_same_v<S, float> ? 4e-6 : 8e-15;
    REQUIRE(explicit_methods().size() >= 4);
    for (const Method method : explicit_methods()) {
      CAPTURE(std::string(traits(method).name));
      MatrixX<S> x_bar;
      VectorX<S> theta_bar;
      backpropagate(*explicit_tableau(method), step, x_bar, theta_bar);
      const Pulled<S> pulled = pull(method, step);
      CHECK(double((pulled.x_bar - x_bar).norm()) < tolerance * double(x_bar.norm()));
      CHECK(double((pulled.theta_bar - theta_bar).norm()) <
            tolerance * double(theta_bar.norm()));
    }
  }

  TEST_CASE("is the derivative of the step in x, θ, t and h") {
    // Oracle: Taylor remainder of the step itself.
    for (const Method method : explicit_methods()) {
      CAPTURE(std::string(traits(method).name));
      const Step<double> step;
      const Pulled<double> pulled = pull(method, step);
      Vector point(18), claimed(18);
      point << step.x.reshaped(), step.theta, step.t, step.h;
      claimed << pulled.x_bar.reshaped(), pulled.theta_bar, pulled.t_bar, pulled.h_bar;
      const auto loss = [&](const Vector& at) {
        Step<double> moved;
        moved.x = at.head(6).reshaped(2, 3);
        moved.theta = at.segment(6, 6);
        moved.t = at.segment(12, 3);
        moved.h = at.tail(3);
        return moved.w.cwiseProduct(pull(method, moved).x).sum();
      };
      for (const std::uint64_t seed : {1, 2, 5}) {
        const TaylorCheck check =
            taylor_check(loss, point, claimed, random_direction(point.size(), seed));
        INFO(check.text());
        INFO(worst_entries(loss, point, claimed));
        CHECK(check.slope() >= 1.9);
        CHECK(check.relative_error() < 1e-9);
      }
    }
  }

  TEST_CASE("the step is that of the stepper, bit for bit, kept or not") {
    // Oracle: ExplicitRungeKutta.
    const Step<double> step;
    const ParametricField<double> field(step.theta);
    for (const Method method : explicit_methods()) {
      CAPTURE(std::string(traits(method).name));
      ExplicitRungeKutta<double> stepper(*explicit_tableau(method), field, 3);
      Matrix x = step.x, advanced = step.x;
      REQUIRE(stepper.step(step.t, step.h, x));
      CHECK(pull(method, step).x == x);
      const auto pullback = make_step_pullback<double>(method, field, 3);
      const auto tape = pullback->make_tape(field, 3, StageTapes::kOne);
      REQUIRE(pullback->advance(field, step.t, step.h, advanced, *tape));
      CHECK(advanced == x);
      Vector none(0);
      CHECK_THROWS_AS(pullback->pull_back(field, advanced, none, none, none, *tape),
                      std::invalid_argument);
    }
  }

  TEST_CASE("one field tape, or room for more samples, gives the same bits") {
    const Step<double> step;
    for (const Method method : explicit_methods()) {
      CAPTURE(std::string(traits(method).name));
      const Pulled<double> many = pull(method, step);
      for (const Index capacity : {3, 7}) {
        const Pulled<double> one = pull(method, step, StageTapes::kOne, capacity);
        CHECK(many.x == one.x);
        CHECK(many.x_bar == one.x_bar);
        CHECK(many.theta_bar == one.theta_bar);
        CHECK(many.t_bar == one.t_bar);
        CHECK(many.h_bar == one.h_bar);
      }
    }
  }

  TEST_CASE("costs s evaluations and s vjps, with one field tape s − 1 more") {
    // Oracle: the field's own counters; RK4 has s = 4, Dormand–Prince 6 that reach x₁.
    const Step<double> step;
    for (const Method method : {Method::kRk4, Method::kDormandPrince54}) {
      const Index s = method == Method::kRk4 ? 4 : 6;
      for (const StageTapes tapes : {StageTapes::kOne, StageTapes::kPerStage}) {
        const ParametricField<double> field(step.theta);
        const auto pullback = make_step_pullback<double>(method, field, 3);
        const auto tape = pullback->make_tape(field, 3, tapes);
        Matrix x = step.x, x_bar = step.w;
        Vector none(0);
        REQUIRE(pullback->forward(field, step.t, step.h, x, *tape));
        CHECK(field.forwards == s);
        pullback->pull_back(field, x_bar, none, none, none, *tape);
        CHECK(field.forwards == (tapes == StageTapes::kOne ? 2 * s - 1 : s));
        CHECK(field.vjps == s);
        CHECK(pullback->use().evaluations == field.forwards);
        CHECK(pullback->use().vjps == field.vjps);
      }
    }
  }

  TEST_CASE_TEMPLATE("neither direction allocates", S, float, double) {
    const Step<S> step;
    const ParametricField<S> field(step.theta);
    const auto pullback = make_step_pullback<S>(Method::kRk4, field, 3);
    for (const StageTapes tapes : {StageTapes::kOne, StageTapes::kPerStage}) {
      const auto tape = pullback->make_tape(field, 3, tapes);
      MatrixX<S> x = step.x, x_bar = step.w;
      VectorX<S> theta_bar = VectorX<S>::Zero(6), t_bar(3), h_bar(3);
      CHECK(allocations_in([&] {
              (void)pullback->forward(field, step.t, step.h, x, *tape);
              pullback->pull_back(field, x_bar, theta_bar, t_bar, h_bar, *tape);
              (void)pullback->advance(field, step.t, step.h, x, *tape);
            }) == 0);
    }
  }

  TEST_CASE("wrong sizes are refused") {
    const Step<double> step;
    const ParametricField<double> field(step.theta);
    const auto pullback = make_step_pullback<double>(Method::kRk4, field, 3);
    const auto tape = pullback->make_tape(field, 3, StageTapes::kOne);
    Matrix tall = Matrix::Zero(3, 3), wide = Matrix::Zero(2, 4), x = step.x;
    Vector none(0), two(2);
    const auto forward = [&](const Vector& t, const Vector& h, Matrix& at) {
      return pullback->forward(field, t, h, at, *tape);
    };
    CHECK_THROWS_AS((void)forward(step.t, step.h, tall), std::invalid_argument);
    CHECK_THROWS_AS((void)forward(Vector::Zero(4), Vector::Zero(4), wide),
                    std::invalid_argument);
    CHECK_THROWS_AS((void)forward(two, step.h, x), std::invalid_argument);
    CHECK_THROWS_AS((void)forward(step.t, two, x), std::invalid_argument);
    CHECK_THROWS_AS(pullback->pull_back(field, x, none, none, none, *tape),
                    std::invalid_argument);
    CHECK_THROWS_AS(make_step_pullback<double>(Method::kRk4, field, 0), std::invalid_argument);
  }
}
