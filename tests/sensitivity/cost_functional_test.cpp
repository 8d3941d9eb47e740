#include "sensitivity/cost_functional.h"

#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include "support/gradient_check.h"
#include "support/parametric_field.h"

using namespace least_action;
using namespace least_action::testing;

namespace {

/// ẋ = a x with θ = (a).
class Growth final : public VectorField<double> {
 public:
  explicit Growth(double rate) : rate_(rate) {}
  Index dimension() const override { return 1; }
  Index num_parameters() const override { return 1; }
  std::unique_ptr<Tape> make_tape(Index capacity) const override {
    return std::make_unique<Point>(capacity);
  }
  void forward(ConstVectorRef, ConstMatrixRef x, MatrixRef x_dot, Tape& tape) const override {
    static_cast<Point&>(tape).x.leftCols(x.cols()) = x;
    x_dot = rate_ * x;
  }
  void vjp(ConstMatrixRef w, MatrixRef x_bar, VectorRef theta_bar, Tape& tape) const override {
    x_bar = rate_ * w;
    if (theta_bar.size() > 0) {
      theta_bar[0] += w.cwiseProduct(static_cast<Point&>(tape).x.leftCols(w.cols())).sum();
    }
  }
  void jvp(ConstMatrixRef v, MatrixRef x_dot, Tape&) const override { x_dot = rate_ * v; }

 private:
  struct Point final : Tape {
    explicit Point(Index capacity) : x(1, capacity) {}
    Index capacity() const override { return x.cols(); }
    std::size_t bytes() const override { return sizeof(double) * std::size_t(x.size()); }
    Matrix x;
  };
  double rate_;
};

/// l = ½ g(t) ‖x‖² + θ_last x₁, with g = 1 or cos t.
class Quadratic final : public RunningCost<double> {
 public:
  Quadratic(bool driven, double slope, Index parameter)
      : driven_(driven), slope_(slope), parameter_(parameter) {}
  void evaluate(ConstVectorRef t, ConstMatrixRef x, VectorRef costs) const override {
    for (Index b = 0; b < x.cols(); ++b) {
      costs[b] = 0.5 * gain(t[b]) * x.col(b).squaredNorm() + slope_ * x(0, b);
    }
  }
  void pull_back(ConstVectorRef t, ConstMatrixRef x, ConstVectorRef w, MatrixRef x_bar,
                 VectorRef theta_bar, VectorRef t_bar) const override {
    for (Index b = 0; b < x.cols(); ++b) {
      x_bar.col(b) = w[b] * gain(t[b]) * x.col(b);
      x_bar(0, b) += w[b] * slope_;
      if (theta_bar.size() > parameter_) theta_bar[parameter_] += w[b] * x(0, b);
      if (t_bar.size() > 0) {
        t_bar[b] = driven_ ? -0.5 * w[b] * std::sin(t[b]) * x.col(b).squaredNorm() : 0;
      }
    }
  }
  bool is_autonomous() const override { return !driven_; }

 private:
  double gain(double t) const { return driven_ ? std::cos(t) : 1; }
  bool driven_;
  double slope_;
  Index parameter_;
};

/// φ_k = (1 + k) sin(t) x₁ + ½ x₁².
class Observed final : public ObservationCost<double> {
 public:
  void evaluate(Index k, ConstVectorRef t, ConstMatrixRef x, VectorRef costs) const override {
    for (Index b = 0; b < x.cols(); ++b) {
      costs[b] = double(1 + k) * std::sin(t[b]) * x(0, b) + 0.5 * x(0, b) * x(0, b);
    }
  }
  void pull_back(Index k, ConstVectorRef t, ConstMatrixRef x, ConstVectorRef w, MatrixRef x_bar,
                 VectorRef, VectorRef t_bar) const override {
    x_bar.setZero();
    for (Index b = 0; b < x.cols(); ++b) {
      x_bar(0, b) = w[b] * (double(1 + k) * std::sin(t[b]) + x(0, b));
      t_bar[b] = w[b] * double(1 + k) * std::cos(t[b]) * x(0, b);
    }
  }
};

/// ½ (x(t_K) − target)², K = `last`.
class Terminal final : public ObservationCost<double> {
 public:
  Terminal(Index last, Matrix target) : last_(last), target_(std::move(target)) {}
  void evaluate(Index k, ConstVectorRef, ConstMatrixRef x, VectorRef costs) const override {
    costs.setZero();
    if (k == last_) costs = 0.5 * (x - target_).colwise().squaredNorm().transpose();
  }
  void pull_back(Index k, ConstVectorRef, ConstMatrixRef x, ConstVectorRef w, MatrixRef x_bar,
                 VectorRef, VectorRef t_bar) const override {
    t_bar.setZero();
    x_bar.setZero();
    if (k == last_) x_bar = (x - target_) * w.asDiagonal();
  }

 private:
  Index last_;
  Matrix target_;
};

SensitivityOptions options_for(SensitivityMethod method, bool adapts) {
  SensitivityOptions options;
  options.sensitivity = method;
  options.solve.method = adapts ? Method::kDormandPrince54 : Method::kRk4;
  options.solve.relative_tolerance = 1e-11;
  options.solve.absolute_tolerance = 1e-12;
  options.substeps = 5;
  return options;
}

constexpr SensitivityMethod kAll[] = {
    SensitivityMethod::kFullTape, SensitivityMethod::kSymplecticAdjoint,
    SensitivityMethod::kCheckpointing, SensitivityMethod::kReversible};

}  // namespace

TEST_SUITE("sensitivity/cost_functional") {
  TEST_CASE("of exponential growth with a quadratic running cost is known in closed form") {
    // Oracle: analytic. C = ½ x₀² (e^{2aT} − 1)/(2a), T = t₁ − t₀, for each of two samples.
    const double a = -0.7, t0 = 0.3, t1 = 1.8, T = t1 - t0, e = std::exp(2 * a * T);
    const Growth field(a);
    const Quadratic running(false, 0, 99);
    const Matrix x0 = (Matrix(1, 2) << 1.3, -0.4).finished();
    const Matrix times = (Matrix(1, 4) << t0, 0.9, 1.1, t1).finished();
    for (const SensitivityMethod method : kAll) {
      CAPTURE(std::string(traits(method).name));
      CostFunctionalGradient<double> functional(options_for(method, true), field,
                                                {.running = &running}, 2, 3);
      const CostGradient<double>& g = functional.evaluate(field, times, x0);
      REQUIRE(g.status == SolveStatus::kReachedEnd);
      const double squares = x0.squaredNorm(), accuracy = 1e-8;
      CHECK(g.cost == doctest::Approx(squares * (e - 1) / (4 * a)).epsilon(accuracy));
      CHECK(
          g.theta_bar[0] ==
          doctest::Approx(squares * (2 * a * T * e - (e - 1)) / (4 * a * a)).epsilon(accuracy));
      for (const Index b : {0, 1}) {
        const double x = x0(0, b);
        CHECK(g.x0_bar(0, b) == doctest::Approx(x * (e - 1) / (2 * a)).epsilon(accuracy));
        CHECK(g.times_bar(b, 0) == doctest::Approx(-0.5 * x * x * e).epsilon(accuracy));
        CHECK(g.times_bar(b, 3) == doctest::Approx(0.5 * x * x * e).epsilon(accuracy));
        // Where the integral is only cut in two nothing is felt.
        CHECK(std::abs(g.times_bar(b, 1)) + std::abs(g.times_bar(b, 2)) < accuracy);
      }
      CHECK(g.states(0, 7) == doctest::Approx(-0.4 * std::exp(a * T)).epsilon(accuracy));
    }
  }

  TEST_CASE("is differentiated in x0, θ and all times, its own direct dependence included") {
    // Oracle: Taylor remainder. Field, running and observation costs depend on time; θ₆ belongs
    // to the running cost alone.
    const Matrix x0 = (Matrix(2, 2) << 0.4, -1.1, 0.9, 0.7).finished();
    const Matrix times = (Matrix(2, 4) << 0, 0.3, 0.5, 1.0, 1.5, 1.3, 0.9, 0.8).finished();
    Vector point(4 + 7 + 8);
    point << x0.reshaped(), 0.9, -0.4, 1.3, 0.7, -0.5, 0.3, 0.6, times.reshaped();
    for (const SensitivityMethod method : kAll) {
      CAPTURE(std::string(traits(method).name));
      const auto evaluate = [&](const Vector& at, Vector* gradient) {
        const ParametricField<double> field(at.segment(4, 6));
        const Quadratic running(true, at[10], 6);
        const Observed observed;
        CostFunctionalGradient<double> functional(
            options_for(method, false), field,
            {.running = &running, .observations = &observed, .num_parameters = 7}, 2, 3);
        const Matrix t = at.tail(8).reshaped(2, 4), x = at.head(4).reshaped(2, 2);
        const CostGradient<double>& g = functional.evaluate(field, t, x);
        if (gradient != nullptr) {
          gradient->resize(point.size());
          *gradient << g.x0_bar.reshaped(), g.theta_bar, g.times_bar.reshaped();
        }
        return g.cost;
      };
      Vector claimed;
      evaluate(point, &claimed);
      const auto cost = [&](const Vector& at) { return evaluate(at, nullptr); };
      for (const std::uint64_t seed : {1, 2}) {
        const TaylorCheck check =
            taylor_check(cost, point, claimed, random_direction(point.size(), seed));
        INFO(check.text());
        INFO(worst_entries(cost, point, claimed));
        CHECK(check.slope() >= 1.9);
        CHECK(check.relative_error() < 1e-8);
      }
    }
  }

  TEST_CASE("a learned start finds where a known end came from") {
    // Oracle: analytic, x₀ = x(T) e^{−aT}.
    Vector theta = (Vector(3) << -0.5, 0, 0).finished();  // a, and both starts
    const Growth field(theta[0]);
    const LearnedStart<double> start(theta, 1, 1, 2);
    const Matrix times = (Matrix(1, 2) << 0, 2).finished();
    const Terminal terminal(1, (Matrix(1, 2) << 0.8, -0.3).finished());
    CostFunctionalGradient<double> functional(
        options_for(SensitivityMethod::kSymplecticAdjoint, true), field,
        {.observations = &terminal, .initial = &start, .num_parameters = 3}, 2, 1);
    for (int step = 0; step < 60; ++step) {
      const CostGradient<double>& g = functional.evaluate(field, times);
      theta.tail(2) -= 5 * g.theta_bar.tail(2);
    }
    CHECK(theta[1] == doctest::Approx(0.8 * std::exp(1.0)).epsilon(1e-6));
    CHECK(theta[2] == doctest::Approx(-0.3 * std::exp(1.0)).epsilon(1e-6));
  }

  TEST_CASE("wrong calls are refused") {
    const Growth field(1);
    const Vector theta = Vector::Zero(2);
    const LearnedStart<double> start(theta, 1, 1, 1);
    const SensitivityOptions options = options_for(kAll[1], false);
    CHECK_THROWS_AS(LearnedStart<double>(theta, 1, 1, 2), std::invalid_argument);
    CostFunctionalGradient<double> given(options, field, {}, 1, 2);
    CostFunctionalGradient<double> own(options, field, {.initial = &start, .num_parameters = 2},
                                       1, 2);
    const Matrix times = (Matrix(1, 3) << 0, 1, 2).finished(), x0 = Matrix::Ones(1, 1);
    CHECK_THROWS_AS(given.evaluate(field, times), std::invalid_argument);
    CHECK_THROWS_AS(own.evaluate(field, times, x0), std::invalid_argument);
    CHECK_THROWS_AS(given.evaluate(field, times.leftCols(1), x0), std::invalid_argument);
    CHECK_THROWS_AS(given.evaluate(field, Matrix::Zero(1, 4), x0), std::invalid_argument);
    CHECK_THROWS_AS(given.evaluate(field, times, Matrix::Ones(2, 1)), std::invalid_argument);
    CHECK(given.evaluate(field, times, x0).cost == 0);
  }
}
