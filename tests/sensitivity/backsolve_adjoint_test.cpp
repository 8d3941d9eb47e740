#include <doctest/doctest.h>

#include <cmath>

#include "continuous_adjoints.h"
#include "sensitivity/continuous_adjoint.h"

using namespace least_action;
using namespace least_action::testing;

namespace {

/// ẋ₁ = −γ (x₁ − 1), ẋ₂ = θ x₁: fast contraction beside a component that remembers, so
///
///   ∂x₂(T)/∂θ = ∫ x₁ dt = T + (x₁(0) − 1)(1 − e^{−γT})/γ
///
/// needs x₁ everywhere, and x₁ solved backward grows its errors by e^{γT}.
class ContractingField final : public VectorField<double> {
 public:
  static constexpr double kRate = 12;
  Index dimension() const override { return 2; }
  Index num_parameters() const override { return 1; }
  std::unique_ptr<Tape> make_tape(Index capacity) const override {
    auto tape = std::make_unique<PointTape>();
    tape->x.setZero(2, capacity);
    return tape;
  }
  void forward(ConstVectorRef, ConstMatrixRef x, MatrixRef x_dot, Tape& tape) const override {
    static_cast<PointTape&>(tape).x.leftCols(x.cols()) = x;
    x_dot.row(0) = (-kRate * (x.row(0).array() - 1)).matrix();
    x_dot.row(1) = kTheta * x.row(0);
  }
  void vjp(ConstMatrixRef w, MatrixRef x_bar, VectorRef theta_bar, Tape& tape) const override {
    const auto& x = static_cast<const PointTape&>(tape).x;
    if (theta_bar.size() > 0) {
      for (Index b = 0; b < w.cols(); ++b) theta_bar[0] += w(1, b) * x(0, b);
    }
    x_bar.row(0) = -kRate * w.row(0) + kTheta * w.row(1);
    x_bar.row(1).setZero();
  }
  void jvp(ConstMatrixRef v, MatrixRef x_dot_tangent, Tape&) const override {
    x_dot_tangent.row(0) = -kRate * v.row(0);
    x_dot_tangent.row(1) = kTheta * v.row(0);
  }

 private:
  static constexpr double kTheta = 0.8;
  struct PointTape final : Tape {
    Index capacity() const override { return x.cols(); }
    std::size_t bytes() const override { return sizeof(double) * std::size_t(x.size()); }
    Matrix x;
  };
};

/// The relative error of dx₂(2)/dθ with `points` observations after the start.
double error_of(SensitivityMethod which, Index points) {
  const ContractingField field;
  const double end = 2, start = 3;
  const auto sensitivity =
      make_continuous<double>(which, with_tolerance(1e-8), field, 1, points);
  Matrix times(1, points + 1), x0(2, 1), states(2, points + 1), no_times(0, 0), x0_bar(2, 1);
  for (Index k = 0; k <= points; ++k) {
    times(0, k) = end * static_cast<double>(k) / static_cast<double>(points);
  }
  x0 << start, 0;
  Vector theta_bar = Vector::Zero(1);
  REQUIRE(sensitivity->forward(field, times, x0, states) == SolveStatus::kReachedEnd);
  Matrix bar = Matrix::Zero(2, points + 1);
  bar(1, points) = 1;
  sensitivity->backward(field, bar, x0_bar, theta_bar, no_times);
  const double rate = ContractingField::kRate;
  const double exact = end + (start - 1) * (1 - std::exp(-rate * end)) / rate;
  return std::abs(theta_bar[0] - exact) / exact;
}

}  // namespace

TEST_SUITE("sensitivity/backsolve_adjoint") {
  TEST_CASE("over contracting motion x solved backward runs away unless observations hold it") {
    // Oracle: analytic. e^{γT} = 3·10¹⁰ in one piece, e^{γT/20} = 3 between two observations.
    CHECK(error_of(SensitivityMethod::kBacksolve, 1) > 0.1);
    CHECK(error_of(SensitivityMethod::kBacksolve, 20) < 1e-6);
    CHECK(error_of(SensitivityMethod::kInterpolating, 1) < 1e-6);
    CHECK(error_of(SensitivityMethod::kInterpolating, 20) < 1e-6);
  }

  TEST_CASE("memory does not depend on the number of steps") {
    const BernoulliProblem problem;
    const auto sensitivity_at = [&](double tolerance) {
      auto sensitivity = make_continuous<double>(
          SensitivityMethod::kBacksolve, with_tolerance(tolerance), problem.field, 3, 4);
      const AdjointGradient gradient =
          gradient_of(*sensitivity, problem.field, problem.times, problem.x0);
      REQUIRE(gradient.backward == SolveStatus::kReachedEnd);
      return sensitivity;
    };
    const auto coarse = sensitivity_at(1e-3), fine = sensitivity_at(1e-12);
    CHECK(fine->statistics().forward.steps > 10 * coarse->statistics().forward.steps);
    CHECK(fine->statistics().peak_bytes == coarse->statistics().peak_bytes);
    CHECK(fine->statistics().peak_bytes > 0);
  }

  TEST_CASE("the statistics are those of both ways") {
    // Oracle: counts: a step of Dormand–Prince is six evaluations and its quadrature part of
    // one; each evaluation on the way back holds a vjp.
    const BernoulliField<double> field(1, 0.6, 1.1);
    const auto sensitivity = make_continuous<double>(SensitivityMethod::kBacksolve,
                                                     with_tolerance(1e-9), field, 1, 1);
    Matrix times(1, 2), x0(1, 1);
    times << 0, 2;
    x0 << 0.8;
    const AdjointGradient gradient = gradient_of(*sensitivity, field, times, x0);
    REQUIRE(gradient.backward == SolveStatus::kReachedEnd);
    const SensitivityStatistics& statistics = sensitivity->statistics();
    const Index tried = statistics.backward.steps + statistics.backward.rejected;
    CHECK(statistics.forward.evaluations ==
          2 + 6 * (statistics.forward.steps + statistics.forward.rejected));
    CHECK(statistics.backward.steps > 3);
    CHECK(statistics.vjps == 2 + 6 * tried + statistics.backward.steps);
    CHECK(statistics.backward.evaluations == statistics.vjps + 2);  // f at the two times
  }
}
