#include "ode/explicit_runge_kutta.h"

#include <doctest/doctest.h>

#include <cmath>

#include "support/convergence.h"
#include "support/function_field.h"

using namespace least_action;
using namespace least_action::testing;

namespace {

/// ẋ = (1 + t) cos x in single precision.
class FloatField final : public VectorField<float> {
  struct NoTape final : Tape {
    Index capacity() const override { return 1; }
    std::size_t bytes() const override { return 0; }
  };

 public:
  Index dimension() const override { return 1; }
  std::unique_ptr<Tape> make_tape(Index) const override { return std::make_unique<NoTape>(); }
  void forward(ConstVectorRefX<float> t, ConstMatrixRefX<float> x, MatrixRefX<float> x_dot,
               Tape&) const override {
    x_dot(0, 0) = (1 + t[0]) * std::cos(x(0, 0));
  }
  void vjp(ConstMatrixRefX<float>, MatrixRefX<float>, VectorRefX<float>, Tape&) const override {
  }
  void jvp(ConstMatrixRefX<float>, MatrixRefX<float>, Tape&) const override {}
};

}  // namespace

TEST_SUITE("ode/explicit_runge_kutta") {
  TEST_CASE(
      "the weights of Dormand–Prince converge with order 5 on a driven nonlinear field, both "
      "ways") {
    // Oracle: analytic: ẋ = x² cos t has x = 1/(1.1 − sin t). (On the driven pendulum the term
    // of order 6 hides that of order 5 down to rounding.)
    const FunctionField field(1, [](double t, ConstVectorRef x, VectorRef x_dot) {
      x_dot[0] = std::cos(t) * x[0] * x[0];
    });
    const auto solution = [](double t) { return 1 / (1.1 - std::sin(t)); };
    for (const double direction : {1.0, -1.0}) {
      CAPTURE(direction);
      const double start = direction > 0 ? 0.3 : 2.3, end = 2.6 - start;
      const auto error = [&](double h) {
        ExplicitRungeKutta<double> method(dormand_prince_tableau(), field, 1);
        Matrix x = Matrix::Constant(1, 1, solution(start));
        const int steps = static_cast<int>(std::lround(2 / h));
        for (int i = 0; i < steps; ++i) {
          (void)method.step(Vector::Constant(1, start + direction * i * h),
                            Vector::Constant(1, direction * h), x);
        }
        return std::abs(x(0, 0) - solution(end));
      };
      const Convergence convergence = measure_convergence(error, halvings(1.0 / 32, 4));
      INFO(convergence.text());
      CHECK(convergence.order() == doctest::Approx(5).epsilon(0.03));
    }
  }

  TEST_CASE("a method of order p integrates polynomials in t of degree p − 1 exactly") {
    // Oracle: analytic: x = Σ tᵏ/k.
    for (const ButcherTableau* tableau :
         {&euler_tableau(), &midpoint_tableau(), &rk4_tableau(), &dormand_prince_tableau()}) {
      CAPTURE(std::string(tableau->name));
      const int order = tableau->order;
      const FunctionField field(1, [order](double t, ConstVectorRef, VectorRef x_dot) {
        x_dot[0] = 0;
        for (int k = 1; k <= order; ++k) x_dot[0] += std::pow(t, k - 1);
      });
      ExplicitRungeKutta<double> method(*tableau, field, 1);
      Matrix x = Matrix::Zero(1, 1);
      (void)method.step(Vector::Zero(1), Vector::Constant(1, 1.5), x);
      double expected = 0;
      for (int k = 1; k <= order; ++k) expected += std::pow(1.5, k) / k;
      CHECK(x(0, 0) == doctest::Approx(expected).epsilon(1e-14));
    }
  }

  TEST_CASE("one step of RK4 on ẋ = λx is its Taylor polynomial of degree 4") {
    // Oracle: analytic stability function R(z) = 1 + z + z²/2 + z³/6 + z⁴/24.
    const FunctionField field(
        1, [](double, ConstVectorRef x, VectorRef x_dot) { x_dot = -2.0 * x; });
    ExplicitRungeKutta<double> method(rk4_tableau(), field, 1);
    Matrix x = Matrix::Constant(1, 1, 3.0);
    (void)method.step(Vector::Zero(1), Vector::Constant(1, 0.7), x);
    const double z = -1.4;
    const double expected = 3 * (1 + z + z * z / 2 + z * z * z / 6 + z * z * z * z / 24);
    CHECK(x(0, 0) == doctest::Approx(expected).epsilon(1e-14));
  }

  TEST_CASE("float agrees with double to single precision") {
    // Oracle: the double instantiation.
    const FloatField single;
    const FunctionField twice(1, [](double t, ConstVectorRef x, VectorRef x_dot) {
      x_dot[0] = (1 + t) * std::cos(x[0]);
    });
    ExplicitRungeKutta<float> method(rk4_tableau(), single, 1);
    ExplicitRungeKutta<double> reference(rk4_tableau(), twice, 1);
    MatrixX<float> x = MatrixX<float>::Constant(1, 1, 0.25f);
    Matrix exact = Matrix::Constant(1, 1, 0.25);
    for (int i = 0; i < 16; ++i) {
      (void)method.step(VectorX<float>::Constant(1, float(i) / 16),
                        VectorX<float>::Constant(1, 1.0f / 16), x);
      (void)reference.step(Vector::Constant(1, i / 16.0), Vector::Constant(1, 1.0 / 16), exact);
    }
    CHECK(double(x(0, 0)) == doctest::Approx(exact(0, 0)).epsilon(1e-6));
  }
}
