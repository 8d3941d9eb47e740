#include "sensitivity/step_pullback.h"

#include <doctest/doctest.h>

#include <cmath>
#include <stdexcept>
#include <string>

#include "ode/methods.h"
#include "ode/radau5.h"
#include "support/function_field.h"
#include "support/gradient_check.h"
#include "support/no_allocation.h"
#include "support/parametric_field.h"

using namespace least_action;
using namespace least_action::testing;

namespace {

/// A separable field with six parameters and explicit time, differentiated by hand:
///
///   q̇ᵢ = θ₀ cos(θ₁t) pᵢ + θ₂ tanh(p₁ + p₂),
///   ṗ₁ = −θ₃ sin(q₁ + θ₄t) − θ₅q₂,   ṗ₂ = −θ₃ sin(q₂ + θ₄t) − θ₅q₁².
class SeparableField final : public VectorField<double> {
 public:
  explicit SeparableField(const Vector& theta) : theta_(theta) {}

  Index dimension() const override { return 4; }
  Index num_parameters() const override { return 6; }
  bool is_separable() const override { return true; }
  bool is_autonomous() const override { return false; }
  std::unique_ptr<Tape> make_tape(Index capacity) const override {
    return std::make_unique<Point>(capacity);
  }
  void velocity(ConstVectorRef t, ConstMatrixRef p, MatrixRef q_dot, Tape&) const override {
    for (Index b = 0; b < p.cols(); ++b) {
      const double mixed = theta_[2] * std::tanh(p(0, b) + p(1, b));
      for (Index i = 0; i < 2; ++i) {
        q_dot(i, b) = theta_[0] * std::cos(theta_[1] * t[b]) * p(i, b) + mixed;
      }
    }
  }
  void force(ConstVectorRef t, ConstMatrixRef q, MatrixRef p_dot, Tape&) const override {
    for (Index b = 0; b < q.cols(); ++b) {
      p_dot(0, b) = -theta_[3] * std::sin(q(0, b) + theta_[4] * t[b]) - theta_[5] * q(1, b);
      p_dot(1, b) =
          -theta_[3] * std::sin(q(1, b) + theta_[4] * t[b]) - theta_[5] * q(0, b) * q(0, b);
    }
  }
  void forward(ConstVectorRef t, ConstMatrixRef x, MatrixRef x_dot, Tape& tape) const override {
    auto& point = static_cast<Point&>(tape);
    for (Index b = 0; b < x.cols(); ++b) {
      point.t[b] = t[b];
      point.x.col(b) = x.col(b);
      const double mixed = theta_[2] * std::tanh(x(2, b) + x(3, b));
      for (Index i = 0; i < 2; ++i) {
        x_dot(i, b) = theta_[0] * std::cos(theta_[1] * t[b]) * x(2 + i, b) + mixed;
        x_dot(2 + i, b) = -theta_[3] * std::sin(x(i, b) + theta_[4] * t[b]) -
                          theta_[5] * (i == 0 ? x(1, b) : x(0, b) * x(0, b));
      }
    }
  }
  void vjp(ConstMatrixRef w, MatrixRef x_bar, VectorRef theta_bar, Tape& tape) const override {
    const auto& point = static_cast<Point&>(tape);
    for (Index b = 0; b < w.cols(); ++b) {
      const double t = point.t[b], c = std::cos(theta_[1] * t), s = std::sin(theta_[1] * t);
      const double q0 = point.x(0, b), q1 = point.x(1, b), both = w(0, b) + w(1, b);
      const double tanh = std::tanh(point.x(2, b) + point.x(3, b));
      for (Index i = 0; i < 2; ++i) {
        const double q = point.x(i, b), p = point.x(2 + i, b), wq = w(i, b), wp = w(2 + i, b);
        const double cosine = std::cos(q + theta_[4] * t);
        x_bar(i, b) = -wp * theta_[3] * cosine;
        x_bar(2 + i, b) = wq * theta_[0] * c + both * theta_[2] * (1 - tanh * tanh);
        if (theta_bar.size() == 0) continue;
        theta_bar[0] += wq * c * p;
        theta_bar[1] -= wq * theta_[0] * t * s * p;
        theta_bar[3] -= wp * std::sin(q + theta_[4] * t);
        theta_bar[4] -= wp * theta_[3] * cosine * t;
      }
      x_bar(0, b) -= w(3, b) * theta_[5] * 2 * q0;
      x_bar(1, b) -= w(2, b) * theta_[5];
      if (theta_bar.size() == 0) continue;
      theta_bar[2] += both * tanh;
      theta_bar[5] -= w(2, b) * q1 + w(3, b) * q0 * q0;
    }
  }
  void time_vjp(ConstMatrixRef w, VectorRef t_bar, Tape& tape) const override {
    const auto& point = static_cast<Point&>(tape);
    for (Index b = 0; b < w.cols(); ++b) {
      const double t = point.t[b];
      t_bar[b] = 0;
      for (Index i = 0; i < 2; ++i) {
        t_bar[b] -=
            w(i, b) * theta_[0] * theta_[1] * std::sin(theta_[1] * t) * point.x(2 + i, b);
        t_bar[b] -=
            w(2 + i, b) * theta_[3] * theta_[4] * std::cos(point.x(i, b) + theta_[4] * t);
      }
    }
  }
  void jvp(ConstMatrixRef, MatrixRef, Tape&) const override {
    throw std::logic_error("not needed by methods of kicks and drifts");
  }

 private:
  struct Point final : Tape {
    explicit Point(Index capacity) : t(capacity), x(4, capacity) {}
    Index capacity() const override { return t.size(); }
    std::size_t bytes() const override { return sizeof(double) * std::size_t(5 * t.size()); }
    Vector t;
    Matrix x;
  };
  Vector theta_;
};

/// C = Σ w ∘ (x₁ + ½x₁²) of one step of three samples, as a function of (x₀, θ, t, h).
template <class Field>
struct StepCost {
  Method method;
  Vector h = (Vector(3) << 0.4, -0.3, 0).finished();
  Index dimension;
  Matrix weights;

  StepCost(Method m, Index n) : method(m), dimension(n) {
    weights = random_direction(3 * n, 7).reshaped(n, 3);
  }
  Vector point() const {
    Vector all(3 * dimension + 12);
    all << random_direction(3 * dimension, 3), 0.9, -0.4, 1.3, 0.7, -0.5, 0.3, 0.2, 1.1, -0.6,
        h;
    return all;
  }
  /// Writes ∂C/∂(x₀, θ, t, h) where `gradient` is given.
  double operator()(const Vector& all, Vector* gradient = nullptr) const {
    const Index n = dimension;
    const Field field(all.segment(3 * n, 6));
    const auto step = make_step_pullback<double>(method, field, 3);
    const auto tape = step->make_tape(field, 3, StageTapes::kOne);
    const Vector t = all.segment(3 * n + 6, 3), lengths = all.tail(3);
    Matrix x = all.head(3 * n).reshaped(n, 3);
    REQUIRE(step->forward(field, t, lengths, x, *tape));
    const double cost = (weights.array() * (x.array() + 0.5 * x.array().square())).sum();
    if (gradient == nullptr) return cost;
    Matrix x_bar = (weights.array() * (1 + x.array())).matrix();
    Vector theta_bar = Vector::Zero(6), t_bar(3), h_bar(3);
    step->pull_back(field, x_bar, theta_bar, t_bar, h_bar, *tape);
    gradient->resize(all.size());
    *gradient << x_bar.reshaped(), theta_bar, t_bar, h_bar;
    return cost;
  }
};

template <class Field>
void check_step_gradient(const StepCost<Field>& cost) {
  const Vector point = cost.point();
  Vector gradient;
  cost(point, &gradient);
  const auto f = [&](const Vector& at) { return cost(at); };
  for (const std::uint64_t seed : {1, 2, 3}) {
    const auto check = taylor_check(f, point, gradient, random_direction(point.size(), seed));
    INFO(check.text());
    INFO(worst_entries(f, point, gradient));
    CHECK(check.slope() >= 1.9);
    CHECK(check.relative_error() < 1e-7);
  }
}

constexpr Method kPartitioned[] = {Method::kSymplecticEuler, Method::kStormerVerlet,
                                   Method::kYoshida4, Method::kYoshida6, Method::kYoshida8};
constexpr Method kImplicit[] = {Method::kImplicitMidpoint, Method::kGaussLegendre4,
                                Method::kGaussLegendre6, Method::kRadau5};

}  // namespace

TEST_SUITE("sensitivity/step_pullback") {
  TEST_CASE("kicks and drifts pull back exactly: state, parameters, time and step") {
    // Oracle: Taylor remainder of the step itself.
    for (const Method method : kPartitioned) {
      CAPTURE(std::string(traits(method).name));
      check_step_gradient(StepCost<SeparableField>(method, 4));
    }
  }

  TEST_CASE("a step of Tao's method pulls back exactly, separable or not") {
    // Oracle: Taylor remainder of the step itself.
    check_step_gradient(StepCost<ParametricField<double>>(Method::kTao2, 2));
    check_step_gradient(StepCost<SeparableField>(Method::kTao2, 4));
  }

  TEST_CASE("implicit steps pull back exactly, solved by fixed point or by Newton") {
    // Oracle: Taylor remainder of the step itself.
    for (const Method method : kImplicit) {
      CAPTURE(std::string(traits(method).name));
      StepCost<ParametricField<double>> cost(method, 2);
      check_step_gradient(cost);
      cost.h << 0.9, -0.7, 0.6;
      check_step_gradient(cost);
    }
  }

  TEST_CASE("a step forward is the stepper's") {
    // Oracle: the steppers of ode, to rounding.
    const Vector theta = (Vector(6) << 0.9, -0.4, 1.3, 0.7, -0.5, 0.3).finished();
    const SeparableField separable(theta);
    const ParametricField<double> other(theta);
    const Vector t = (Vector(3) << 0.2, 1.1, -0.6).finished();
    const Vector h = (Vector(3) << 0.4, -0.3, 0).finished();
    const auto check = [&](Method method, const VectorField<double>& field) {
      CAPTURE(std::string(traits(method).name));
      const Index n = field.dimension();
      const auto step = make_step_pullback<double>(method, field, 3);
      const auto tape = step->make_tape(field, 3, StageTapes::kPerStage);
      Matrix x = random_direction(3 * n, 5).reshaped(n, 3), expected = x;
      REQUIRE(step->forward(field, t, h, x, *tape));
      REQUIRE(make_stepper(method, field, 3)->step(t, h, expected));
      CHECK((x - expected).cwiseAbs().maxCoeff() < 1e-15);
      CHECK(step->use().evaluations > 0);
    };
    for (const Method method : kPartitioned) check(method, separable);
    for (const Method method :
         {Method::kImplicitMidpoint, Method::kGaussLegendre4, Method::kGaussLegendre6}) {
      check(method, other);
    }
    check(Method::kTao2, other);  // Its first step: later ones keep their copies.
    // An adaptive step of Radau 5, to its tolerance.
    SolveOptions options;
    options.method = Method::kRadau5;
    options.relative_tolerance = options.absolute_tolerance = 1e-12;
    options.initial_step = 0.01;
    Radau5 radau(other, 1, options);
    Matrix x = Matrix::Constant(2, 1, 0.5);
    radau.start(Vector::Zero(1), Vector::Ones(1), x);
    REQUIRE(radau.advance() == 1);
    const auto step = make_step_pullback<double>(Method::kRadau5, other, 1);
    const auto tape = step->make_tape(other, 1, StageTapes::kOne);
    REQUIRE(step->forward(other, Vector::Zero(1), Vector::Constant(1, radau.last_step(0)), x,
                          *tape));
    CHECK((x - radau.states()).norm() < 1e-12);
  }

  TEST_CASE("an equation without a solution is said, and no step is pulled back after it") {
    // ẋ = x² + 1 from 0 with h = 4 (see ode/implicit_runge_kutta).
    const FunctionField field(
        1, [](double, ConstVectorRef x, VectorRef x_dot) { x_dot[0] = x[0] * x[0] + 1; },
        [](double, ConstVectorRef x, MatrixRef jacobian) { jacobian(0, 0) = 2 * x[0]; });
    for (const Method method : kImplicit) {
      CAPTURE(std::string(traits(method).name));
      const auto step = make_step_pullback<double>(method, field, 1);
      const auto tape = step->make_tape(field, 1, StageTapes::kOne);
      Matrix x = Matrix::Zero(1, 1);
      CHECK_FALSE(step->forward(field, Vector::Zero(1), Vector::Constant(1, 4), x, *tape));
      Vector none;
      CHECK_THROWS_AS(step->pull_back(field, x, none, none, none, *tape),
                      std::invalid_argument);
    }
  }

  TEST_CASE("single precision works alike") {
    // Oracle: double precision.
    const VectorX<float> theta =
        (VectorX<float>(6) << 0.9f, -0.4f, 1.3f, 0.7f, -0.5f, 0.3f).finished();
    const ParametricField<float> field(theta);
    const ParametricField<double> exact(theta.cast<double>());
    const auto step = make_step_pullback<float>(Method::kGaussLegendre4, field, 1);
    const auto exact_step = make_step_pullback<double>(Method::kGaussLegendre4, exact, 1);
    const auto tape = step->make_tape(field, 1, StageTapes::kOne);
    const auto exact_tape = exact_step->make_tape(exact, 1, StageTapes::kOne);
    MatrixX<float> x(2, 1);
    x << 0.5f, -0.75f;
    Matrix x_exact = x.cast<double>();
    const VectorX<float> t = VectorX<float>::Zero(1), h = VectorX<float>::Constant(1, 0.5f);
    REQUIRE(step->forward(field, t, h, x, *tape));
    REQUIRE(exact_step->forward(exact, Vector::Zero(1), Vector::Constant(1, 0.5), x_exact,
                                *exact_tape));
    CHECK((x.cast<double>() - x_exact).norm() < 1e-6);
    MatrixX<float> x_bar = MatrixX<float>::Ones(2, 1);
    Matrix x_bar_exact = Matrix::Ones(2, 1);
    VectorX<float> theta_bar = VectorX<float>::Zero(6), none;
    Vector theta_bar_exact = Vector::Zero(6), no_times;
    step->pull_back(field, x_bar, theta_bar, none, none, *tape);
    exact_step->pull_back(exact, x_bar_exact, theta_bar_exact, no_times, no_times, *exact_tape);
    CHECK((x_bar.cast<double>() - x_bar_exact).norm() < 1e-5);
    CHECK((theta_bar.cast<double>() - theta_bar_exact).norm() < 1e-5);
  }

  TEST_CASE("wrong sizes and fields are refused, and neither way allocates") {
    const Vector theta = (Vector(6) << 0.9, -0.4, 1.3, 0.7, -0.5, 0.3).finished();
    const SeparableField separable(theta);
    const ParametricField<double> other(theta);
    const Vector t = Vector::Zero(2), h = Vector::Constant(2, 0.9);
    const auto check = [&](Method method, const VectorField<double>& field) {
      CAPTURE(std::string(traits(method).name));
      const Index n = field.dimension();
      const auto step = make_step_pullback<double>(method, field, 2);
      const auto tape = step->make_tape(field, 2, StageTapes::kOne);
      Matrix x = Matrix::Constant(n, 2, 0.4), x_bar = Matrix::Ones(n, 2);
      Matrix tall = Matrix::Zero(n + 1, 2), wide = Matrix::Zero(n, 3);
      Vector theta_bar = Vector::Zero(6), t_bar(2), h_bar(2);
      CHECK_THROWS_AS(step->pull_back(field, x_bar, theta_bar, t_bar, h_bar, *tape),
                      std::invalid_argument);
      CHECK_THROWS_AS((void)step->forward(field, t, h, tall, *tape), std::invalid_argument);
      CHECK_THROWS_AS((void)step->forward(field, t, h, wide, *tape), std::invalid_argument);
      CHECK_THROWS_AS((void)step->forward(field, t, h.head(1), x, *tape),
                      std::invalid_argument);
      bool solved = step->forward(field, t, h, x, *tape);
      CHECK(allocations_in([&] {
              solved = step->forward(field, t, h, x, *tape) && solved;
              step->pull_back(field, x_bar, theta_bar, t_bar, h_bar, *tape);
            }) == 0);
      CHECK(solved);
      CHECK(tape->bytes() > 0);
      CHECK(step->bytes() > 0);
    };
    for (const Method method : kPartitioned) {
      check(method, separable);
      CHECK_THROWS_AS(make_step_pullback<double>(method, other, 2), std::invalid_argument);
    }
    for (const Method method : kImplicit) check(method, other);
    check(Method::kTao2, other);
  }
}
