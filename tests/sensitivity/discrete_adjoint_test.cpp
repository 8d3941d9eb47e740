#include "sensitivity/discrete_adjoint.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "ode/explicit_runge_kutta.h"
#include "support/gradient_check.h"
#include "support/no_allocation.h"

using namespace least_action;
using namespace least_action::testing;

namespace {

/// A nonlinear field with six parameters and explicit time, differentiated by hand:
///
///   ẋ₁ = θ₀ sin x₂ + θ₁ cos(θ₂ t) x₁,   ẋ₂ = tanh(θ₃ x₁ x₂ + θ₄ t) − θ₅ x₂².
template <class S>
class ParametricField final : public VectorField<S> {
 public:
  using typename VectorField<S>::Tape;

  explicit ParametricField(const VectorX<S>& theta) : theta_(theta) {}

  Index dimension() const override { return 2; }
  Index num_parameters() const override { return 6; }
  std::unique_ptr<Tape> make_tape(Index capacity) const override {
    return std::make_unique<Point>(capacity);
  }

  void forward(ConstVectorRefX<S> t, ConstMatrixRefX<S> x, MatrixRefX<S> x_dot,
               Tape& tape) const override {
    auto& point = static_cast<Point&>(tape);
    point.t.head(t.size()) = t;
    point.x.leftCols(x.cols()) = x;
    for (Index b = 0; b < x.cols(); ++b) {
      x_dot(0, b) =
          theta_[0] * std::sin(x(1, b)) + theta_[1] * std::cos(theta_[2] * t[b]) * x(0, b);
      x_dot(1, b) = std::tanh(theta_[3] * x(0, b) * x(1, b) + theta_[4] * t[b]) -
                    theta_[5] * x(1, b) * x(1, b);
    }
    ++forwards;
  }

  void vjp(ConstMatrixRefX<S> w, MatrixRefX<S> x_bar, VectorRefX<S> theta_bar,
           Tape& tape) const override {
    const auto& point = static_cast<const Point&>(tape);
    for (Index b = 0; b < w.cols(); ++b) {
      const S t = point.t[b], x1 = point.x(0, b), x2 = point.x(1, b);
      const S w1 = w(0, b), w2 = w(1, b);
      const S tanh = std::tanh(theta_[3] * x1 * x2 + theta_[4] * t);
      const S slope = 1 - tanh * tanh;
      x_bar(0, b) = w1 * theta_[1] * std::cos(theta_[2] * t) + w2 * slope * theta_[3] * x2;
      x_bar(1, b) =
          w1 * theta_[0] * std::cos(x2) + w2 * (slope * theta_[3] * x1 - 2 * theta_[5] * x2);
      if (theta_bar.size() == 0) continue;
      theta_bar[0] += w1 * std::sin(x2);
      theta_bar[1] += w1 * std::cos(theta_[2] * t) * x1;
      theta_bar[2] -= w1 * theta_[1] * std::sin(theta_[2] * t) * t * x1;
      theta_bar[3] += w2 * slope * x1 * x2;
      theta_bar[4] += w2 * slope * t;
      theta_bar[5] -= w2 * x2 * x2;
    }
    ++vjps;
  }

  void jvp(ConstMatrixRefX<S>, MatrixRefX<S>, Tape&) const override {}

  mutable Index forwards = 0, vjps = 0;

 private:
  struct Point final : Tape {
    explicit Point(Index capacity) : t(capacity), x(2, capacity) {}
    Index capacity() const override { return t.size(); }
    std::size_t bytes() const override { return sizeof(S) * std::size_t(3 * t.size()); }
    VectorX<S> t;
    MatrixX<S> x;
  };

  VectorX<S> theta_;
};

/// A roll-out of 3 samples over 4 points and 2 substeps, with a time and steps for each sample.
template <class S>
struct Problem {
  Index points = 4, substeps = 2;
  VectorX<S> theta = (VectorX<S>(6) << 0.9, -0.4, 1.3, 0.7, -0.5, 0.3).finished();
  VectorX<S> t0 = (VectorX<S>(3) << 0, 1.5, -0.7).finished();
  MatrixX<S> x0 = (MatrixX<S>(2, 3) << 0.4, -1.1, 0.9, 0.7, 0.2, -0.6).finished();
  MatrixX<S> intervals = (MatrixX<S>(3, 4) << 0.3, 0.2, 0.5, 0.1,  //
                          0.25, 0.4, 0.15, 0.35,                   //
                          -0.2, -0.3, -0.1, -0.4)
                             .finished();
  /// Weights of a loss ½ Σ w (x − c)², so that every point has a cotangent of its own.
  MatrixX<S> weights, targets;

  Problem() : weights(2, 15), targets(2, 15) {
    for (Index i = 0; i < weights.size(); ++i) {
      weights(i) = S(0.2) + S(0.1) * S(i % 7);
      targets(i) = S(std::sin(2.3 * double(i)));
    }
  }

  MatrixX<S> states_bar(const MatrixX<S>& states) const {
    return weights.cwiseProduct(states - targets);
  }
  S loss(const MatrixX<S>& states) const {
    return weights.cwiseProduct((states - targets).cwiseAbs2()).sum() / 2;
  }
};

/// Plain backpropagation with everything stored, sample by sample, written as the adjoint of
/// the assignments (k̄ᵢ, X̄ᵢ) and not as in the library.
template <class S>
void backpropagate(const ButcherTableau& tableau, const Problem<S>& problem, MatrixX<S>& x0_bar,
                   VectorX<S>& theta_bar) {
  const ParametricField<S> field(problem.theta);
  const auto tape = field.make_tape(1);
  const Index s = tableau.stages();
  const MatrixX<S> a = tableau.a.cast<S>();
  const VectorX<S> b = tableau.b.cast<S>(), c = tableau.c.cast<S>();
  struct Stored {
    S t, h;
    MatrixX<S> stage_states;
  };
  x0_bar.setZero(2, 3);
  theta_bar.setZero(6);
  MatrixX<S> states(2, 15);
  std::vector<std::vector<Stored>> stored(3);
  for (Index sample = 0; sample < 3; ++sample) {
    MatrixX<S> x = problem.x0.col(sample), k(2, s);
    states.col(sample) = x;
    S t = problem.t0[sample];
    for (Index point = 0; point < problem.points; ++point) {
      const S h = problem.intervals(sample, point) / S(problem.substeps);
      for (Index substep = 0; substep < problem.substeps; ++substep, t += h) {
        Stored step{t, h, MatrixX<S>(2, s)};
        for (Index i = 0; i < s; ++i) {
          const MatrixX<S> stage = x + h * (k.leftCols(i) * a.row(i).head(i).transpose());
          field.forward(VectorX<S>::Constant(1, t + c[i] * h), stage, k.middleCols(i, 1),
                        *tape);
          step.stage_states.col(i) = stage;
        }
        x += h * (k * b);
        stored[std::size_t(sample)].push_back(step);
      }
      states.col((point + 1) * 3 + sample) = x;
    }
  }
  const MatrixX<S> states_bar = problem.states_bar(states);
  for (Index sample = 0; sample < 3; ++sample) {
    MatrixX<S> x_bar = MatrixX<S>::Zero(2, 1), unused(2, 1);
    Index step_index = problem.points * problem.substeps;
    for (Index point = problem.points; point > 0; --point) {
      x_bar += states_bar.col(point * 3 + sample);
      for (Index substep = 0; substep < problem.substeps; ++substep) {
        const Stored& step = stored[std::size_t(sample)][std::size_t(--step_index)];
        MatrixX<S> k_bar = step.h * x_bar * b.transpose();
        MatrixX<S> x_bar_before = x_bar;
        for (Index i = s - 1; i >= 0; --i) {
          MatrixX<S> stage_bar(2, 1);
          field.forward(VectorX<S>::Constant(1, step.t + c[i] * step.h),
                        step.stage_states.col(i), unused, *tape);
          field.vjp(k_bar.col(i), stage_bar, theta_bar, *tape);
          x_bar_before += stage_bar;
          for (Index j = 0; j < i; ++j) k_bar.col(j) += step.h * a(i, j) * stage_bar;
        }
        x_bar = x_bar_before;
      }
    }
    x0_bar.col(sample) = x_bar + states_bar.col(sample);
  }
}

template <class S>
struct Gradient {
  MatrixX<S> states = MatrixX<S>::Zero(2, 15);
  MatrixX<S> x0_bar = MatrixX<S>::Zero(2, 3);
  VectorX<S> theta_bar = VectorX<S>::Zero(6);
};

template <class S>
Gradient<S> differentiate(const ButcherTableau& tableau, const Problem<S>& problem,
                          StageTapes tapes = StageTapes::kPerStage) {
  const ParametricField<S> field(problem.theta);
  DiscreteAdjoint<S> adjoint(tableau, field, 3, 8, tapes);
  Gradient<S> gradient;
  adjoint.forward(field, problem.t0, problem.intervals, problem.x0, problem.points,
                  problem.substeps, gradient.states);
  adjoint.backward(field, problem.states_bar(gradient.states), gradient.x0_bar,
                   gradient.theta_bar);
  return gradient;
}

std::vector<const ButcherTableau*> tableaus() {
  return {&euler_tableau(), &midpoint_tableau(), &rk4_tableau(), &dormand_prince_tableau()};
}

}  // namespace

TEST_SUITE("sensitivity/discrete_adjoint") {
  TEST_CASE_TEMPLATE("equals plain backpropagation with everything stored", S, float, double) {
    // Oracle: independent implementation. Dormand–Prince has b₂ = b₇ = 0.
    const Problem<S> problem;
    const double tolerance = std::is_same_v<S, float> ? 2e-6 : 4e-15;
    for (const ButcherTableau* tableau : tableaus()) {
      CAPTURE(std::string(tableau->name));
      MatrixX<S> x0_bar;
      VectorX<S> theta_bar;
      backpropagate(*tableau, problem, x0_bar, theta_bar);
      const Gradient<S> gradient = differentiate(*tableau, problem);
      CHECK(double((gradient.x0_bar - x0_bar).norm()) < tolerance * double(x0_bar.norm()));
      CHECK(double((gradient.theta_bar - theta_bar).norm()) <
            tolerance * double(theta_bar.norm()));
    }
  }

  TEST_CASE("is the derivative of the discrete solution in x0 and in θ") {
    // Oracle: Taylor remainder of the loss of the roll-out itself.
    for (const ButcherTableau* tableau : tableaus()) {
      CAPTURE(std::string(tableau->name));
      const Problem<double> problem;
      const Gradient<double> gradient = differentiate(*tableau, problem);
      Vector point(12), claimed(12);
      point << problem.x0.reshaped(), problem.theta;
      claimed << gradient.x0_bar.reshaped(), gradient.theta_bar;
      const auto loss = [&](const Vector& at) {
        Problem<double> moved;
        moved.x0 = at.head(6).reshaped(2, 3);
        moved.theta = at.tail(6);
        return moved.loss(differentiate(*tableau, moved).states);
      };
      // Directions along which the second derivative is not nearly zero.
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

  TEST_CASE("the roll-out is that of the stepper, bit for bit") {
    // Oracle: ExplicitRungeKutta.
    const Problem<double> problem;
    const ParametricField<double> field(problem.theta);
    for (const ButcherTableau* tableau : tableaus()) {
      CAPTURE(std::string(tableau->name));
      const Gradient<double> gradient = differentiate(*tableau, problem);
      ExplicitRungeKutta<double> stepper(*tableau, field, 3);
      Matrix x = problem.x0;
      Vector t = problem.t0;
      CHECK(gradient.states.leftCols(3) == x);
      for (Index point = 0; point < 4; ++point) {
        const Vector h = problem.intervals.col(point) / 2;
        for (int substep = 0; substep < 2; ++substep, t += h) (void)stepper.step(t, h, x);
        CHECK(gradient.states.middleCols(3 * (point + 1), 3) == x);
      }
    }
  }

  TEST_CASE("one tape gives the same bits as a tape for each stage") {
    const Problem<double> problem;
    for (const ButcherTableau* tableau : tableaus()) {
      CAPTURE(std::string(tableau->name));
      const Gradient<double> many = differentiate(*tableau, problem, StageTapes::kPerStage);
      const Gradient<double> one = differentiate(*tableau, problem, StageTapes::kOne);
      CHECK(many.x0_bar == one.x0_bar);
      CHECK(many.theta_bar == one.theta_bar);
    }
  }

  TEST_CASE("a step costs s evaluations forward and, back, s or 2s − 1 and s vjps") {
    // Oracle: the field's own counters; s = 4, 8 steps.
    const Problem<double> problem;
    for (const StageTapes tapes : {StageTapes::kOne, StageTapes::kPerStage}) {
      const ParametricField<double> field(problem.theta);
      DiscreteAdjoint<double> adjoint(rk4_tableau(), field, 3, 8, tapes);
      Gradient<double> gradient;
      adjoint.forward(field, problem.t0, problem.intervals, problem.x0, 4, 2, gradient.states);
      CHECK(field.forwards == 8 * 4);
      CHECK(field.vjps == 0);
      adjoint.backward(field, gradient.states, gradient.x0_bar, gradient.theta_bar);
      CHECK(field.forwards == 8 * 4 + 8 * (tapes == StageTapes::kOne ? 7 : 4));
      CHECK(field.vjps == 8 * 4);
    }
  }

  TEST_CASE("backward adds to θ̄, writes x̄₀, and may be called again") {
    const Problem<double> problem;
    const ParametricField<double> field(problem.theta);
    DiscreteAdjoint<double> adjoint(rk4_tableau(), field, 3, 8);
    Gradient<double> first;
    adjoint.forward(field, problem.t0, problem.intervals, problem.x0, 4, 2, first.states);
    const Matrix states_bar = problem.states_bar(first.states);
    adjoint.backward(field, states_bar, first.x0_bar, first.theta_bar);
    Matrix x0_bar = Matrix::Constant(2, 3, 99);
    Vector theta_bar = first.theta_bar, none(0);
    adjoint.backward(field, states_bar, x0_bar, theta_bar);
    CHECK(x0_bar == first.x0_bar);
    CHECK((theta_bar - 2 * first.theta_bar).norm() < 1e-14 * theta_bar.norm());
    x0_bar.setZero();
    adjoint.backward(field, states_bar, x0_bar, none);
    CHECK(x0_bar == first.x0_bar);
  }

  TEST_CASE(
      "one column of intervals stands for equal ones, and an interval of 0 changes nothing") {
    Problem<double> problem;
    const ParametricField<double> field(problem.theta);
    DiscreteAdjoint<double> adjoint(rk4_tableau(), field, 3, 8);
    const Vector equal = problem.intervals.col(0);
    Matrix column_states(2, 15), states(2, 15);
    adjoint.forward(field, problem.t0, equal, problem.x0, 4, 2, column_states);
    adjoint.forward(field, problem.t0, equal.replicate(1, 4), problem.x0, 4, 2, states);
    CHECK(column_states == states);

    // Padding: sample 1 ends after two points; with no cotangent there, nothing else is felt.
    problem.intervals(1, 2) = problem.intervals(1, 3) = 0;
    adjoint.forward(field, problem.t0, problem.intervals, problem.x0, 4, 2, states);
    CHECK(states.col(3 * 4 + 1) == states.col(3 * 2 + 1));
    Matrix states_bar = Matrix::Zero(2, 15), x0_bar(2, 3), short_x0_bar(2, 3);
    states_bar.col(3 * 2 + 1) << 1, -2;
    Vector theta_bar = Vector::Zero(6), short_theta_bar = Vector::Zero(6);
    adjoint.backward(field, states_bar, x0_bar, theta_bar);
    Matrix short_states(2, 9);
    adjoint.forward(field, problem.t0, problem.intervals.leftCols(2), problem.x0, 2, 2,
                    short_states);
    adjoint.backward(field, states_bar.leftCols(9), short_x0_bar, short_theta_bar);
    CHECK(x0_bar == short_x0_bar);
    CHECK((theta_bar - short_theta_bar).norm() == 0);
  }

  TEST_CASE("fewer samples and steps than the workspace holds give the same bits") {
    const Problem<double> problem;
    const ParametricField<double> field(problem.theta);
    const Gradient<double> exact = differentiate(rk4_tableau(), problem);
    DiscreteAdjoint<double> roomy(rk4_tableau(), field, 7, 30);
    Gradient<double> gradient;
    roomy.forward(field, problem.t0, problem.intervals, problem.x0, 4, 2, gradient.states);
    roomy.backward(field, problem.states_bar(gradient.states), gradient.x0_bar,
                   gradient.theta_bar);
    CHECK(gradient.states == exact.states);
    CHECK(gradient.x0_bar == exact.x0_bar);
    CHECK(gradient.theta_bar == exact.theta_bar);
  }

  TEST_CASE_TEMPLATE("forward and backward do not allocate", S, float, double) {
    const Problem<S> problem;
    const ParametricField<S> field(problem.theta);
    for (const StageTapes tapes : {StageTapes::kOne, StageTapes::kPerStage}) {
      DiscreteAdjoint<S> adjoint(rk4_tableau(), field, 3, 8, tapes);
      Gradient<S> gradient;
      const MatrixX<S> states_bar = MatrixX<S>::Ones(2, 15);
      const VectorX<S> equal = problem.intervals.col(0);
      CHECK(allocations_in([&] {
              adjoint.forward(field, problem.t0, problem.intervals, problem.x0, 4, 2,
                              gradient.states);
              adjoint.forward(field, problem.t0, equal, problem.x0, 4, 2, gradient.states);
              adjoint.backward(field, states_bar, gradient.x0_bar, gradient.theta_bar);
            }) == 0);
    }
  }

  TEST_CASE("memory grows with the steps by one checkpoint each") {
    // Oracle: analytic: a step adds one state and one t and h for each sample.
    const Problem<double> problem;
    const ParametricField<double> field(problem.theta);
    const DiscreteAdjoint<double> few(rk4_tableau(), field, 3, 10, StageTapes::kOne);
    const DiscreteAdjoint<double> many(rk4_tableau(), field, 3, 110, StageTapes::kOne);
    CHECK(many.bytes() - few.bytes() == 100 * 3 * (2 + 2) * sizeof(double));
  }

  TEST_CASE("wrong calls are refused") {
    const Problem<double> problem;
    const ParametricField<double> field(problem.theta);
    DiscreteAdjoint<double> adjoint(rk4_tableau(), field, 3, 8);
    Matrix states(2, 15), x0_bar(2, 3), bad(2, 14);
    Vector theta_bar = Vector::Zero(6), two(2);
    const auto forward = [&](const Vector& t0, const Matrix& intervals, const Matrix& x0,
                             Index points, Index substeps, Matrix& out) {
      adjoint.forward(field, t0, intervals, x0, points, substeps, out);
    };
    const Vector& t0 = problem.t0;
    const Matrix& h = problem.intervals;
    const Matrix& x0 = problem.x0;
    const Matrix wide = Matrix::Zero(2, 4), tall = Matrix::Zero(3, 3);
    CHECK_THROWS_AS(DiscreteAdjoint<double>(rk4_tableau(), field, 3, 0), std::invalid_argument);
    CHECK_THROWS_AS(DiscreteAdjoint<double>(rk4_tableau(), field, 0, 8), std::invalid_argument);
    const Index endless = std::numeric_limits<Index>::max();
    CHECK_THROWS_AS(DiscreteAdjoint<double>(rk4_tableau(), field, 3, endless),
                    std::invalid_argument);
    CHECK_THROWS_AS(adjoint.backward(field, states, x0_bar, theta_bar), std::invalid_argument);
    CHECK_THROWS_AS(forward(two, h, x0, 4, 2, states), std::invalid_argument);
    CHECK_THROWS_AS(forward(t0, h.leftCols(3), x0, 4, 2, states), std::invalid_argument);
    CHECK_THROWS_AS(forward(t0, h, wide, 4, 2, states), std::invalid_argument);
    CHECK_THROWS_AS(forward(t0, h, tall, 4, 2, states), std::invalid_argument);
    CHECK_THROWS_AS(forward(t0, h, x0, 4, 3, states), std::invalid_argument);
    CHECK_THROWS_AS(forward(t0, h, x0, 0, 1, states), std::invalid_argument);
    CHECK_THROWS_AS(forward(t0, h, x0, 4, 0, states), std::invalid_argument);
    CHECK_THROWS_AS(forward(t0, h, x0, 4, 2, bad), std::invalid_argument);
    forward(t0, h, x0, 4, 2, states);
    CHECK_THROWS_AS(adjoint.backward(field, bad, x0_bar, theta_bar), std::invalid_argument);
    CHECK_THROWS_AS(adjoint.backward(field, states, bad, theta_bar), std::invalid_argument);
    CHECK_THROWS_AS(adjoint.backward(field, states, x0_bar, two), std::invalid_argument);
  }
}
