#pragma once

#include <cmath>

#include "ode/vector_field.h"

namespace least_action::testing {

/// ẋ = a x² cos ωt in every component, θ = (a, ω): nonlinear, non-autonomous, and everything
/// about it is known in closed form,
///
///   x(t) = 1/u,   u = 1/x₀ − (a/ω)(sin ωt − sin ωt₀),
///
/// with dx = −x² du.
template <class S>
class BernoulliField final : public VectorField<S> {
 public:
  using typename VectorField<S>::Tape;

  BernoulliField(Index dimension, S factor, S frequency)
      : dimension_(dimension), a(factor), omega(frequency) {}

  Index dimension() const override { return dimension_; }
  Index num_parameters() const override { return 2; }
  std::unique_ptr<Tape> make_tape(Index capacity) const override {
    auto tape = std::make_unique<PointTape>();
    tape->x = MatrixX<S>::Zero(dimension_, capacity);
    tape->t = VectorX<S>::Zero(capacity);
    return tape;
  }
  void forward(ConstVectorRefX<S> t, ConstMatrixRefX<S> x, MatrixRefX<S> x_dot,
               Tape& tape) const override {
    auto& point = static_cast<PointTape&>(tape);
    point.x.leftCols(x.cols()) = x;
    point.t.head(x.cols()) = t;
    for (Index b = 0; b < x.cols(); ++b) {
      x_dot.col(b) = (a * std::cos(omega * t[b])) * x.col(b).cwiseAbs2();
    }
  }
  void vjp(ConstMatrixRefX<S> w, MatrixRefX<S> x_bar, VectorRefX<S> theta_bar,
           Tape& tape) const override {
    const auto& point = static_cast<const PointTape&>(tape);
    for (Index b = 0; b < w.cols(); ++b) {
      const S t = point.t[b], cosine = std::cos(omega * t), sine = std::sin(omega * t);
      if (theta_bar.size() > 0) {
        const S squares = w.col(b).dot(point.x.col(b).cwiseAbs2());
        theta_bar[0] += cosine * squares;
        theta_bar[1] -= a * t * sine * squares;
      }
      x_bar.col(b) = (2 * a * cosine) * point.x.col(b).cwiseProduct(w.col(b));
    }
  }
  void jvp(ConstMatrixRefX<S> v, MatrixRefX<S> x_dot_tangent, Tape& tape) const override {
    const auto& point = static_cast<const PointTape&>(tape);
    for (Index b = 0; b < v.cols(); ++b) {
      x_dot_tangent.col(b) =
          (2 * a * std::cos(omega * point.t[b])) * point.x.col(b).cwiseProduct(v.col(b));
    }
  }
  bool is_autonomous() const override { return false; }
  void time_vjp(ConstMatrixRefX<S> w, VectorRefX<S> t_bar, Tape& tape) const override {
    const auto& point = static_cast<const PointTape&>(tape);
    for (Index b = 0; b < w.cols(); ++b) {
      t_bar[b] =
          -a * omega * std::sin(omega * point.t[b]) * w.col(b).dot(point.x.col(b).cwiseAbs2());
    }
  }

  S solution(S x0, S t0, S t) const { return 1 / u(x0, t0, t); }

  /// ∂x(t)/∂(x₀, a, ω, t₀, t).
  struct Derivatives {
    double x0, a, omega, t0, t;
  };
  Derivatives derivatives(double x0, double t0, double t) const {
    const double A = a, w = omega, swing = std::sin(w * t) - std::sin(w * t0);
    const double x = 1 / (1 / x0 - A / w * swing), s = -x * x;
    return {-s / (x0 * x0), -s * swing / w,
            s * (A * swing / (w * w) - A / w * (t * std::cos(w * t) - t0 * std::cos(w * t0))),
            s * A * std::cos(w * t0), -s * A * std::cos(w * t)};
  }

 private:
  struct PointTape final : Tape {
    Index capacity() const override { return x.cols(); }
    std::size_t bytes() const override { return sizeof(S) * std::size_t(x.size() + t.size()); }
    MatrixX<S> x;
    VectorX<S> t;
  };
  S u(S x0, S t0, S t) const {
    return 1 / x0 - a / omega * (std::sin(omega * t) - std::sin(omega * t0));
  }

  Index dimension_;

 public:
  S a, omega;
};

}  // namespace least_action::testing
