#pragma once

#include <cmath>
#include <functional>
#include <utility>

#include "mechanics/lagrangian.h"

namespace least_action::testing {

/// A Lagrangian written as a function of one sample that returns L and writes ∂L/∂q and ∂L/∂q̇.
class FunctionLagrangian final : public Lagrangian {
 public:
  using Function = std::function<double(double t, const Vector& q, const Vector& q_dot,
                                        Vector& force, Vector& momentum)>;
  FunctionLagrangian(Index n, Function function) : n_(n), function_(std::move(function)) {}

  Index degrees_of_freedom() const override { return n_; }
  void evaluate(ConstVectorRef t, ConstMatrixRef x, MatrixRef value,
                MatrixRef gradient) override {
    Vector force(n_), momentum(n_);
    for (Index b = 0; b < x.cols(); ++b) {
      const double l = function_(t[b], x.col(b).head(n_), x.col(b).tail(n_), force, momentum);
      if (value.size() > 0) value(0, b) = l;
      gradient.col(b) << force, momentum;
    }
  }

 private:
  Index n_;
  Function function_;
};

/// L = ½ m |q̇|²
inline FunctionLagrangian free_particle(Index n, double mass) {
  return {n, [mass](double, const Vector&, const Vector& v, Vector& force, Vector& momentum) {
            force.setZero();
            momentum = mass * v;
            return 0.5 * mass * v.squaredNorm();
          }};
}

/// Not quadratic in q̇ and dependent on time, plus `gauge` · d/dt F with F = sin(q₁ + 2t) q₂²:
///
///   L = ¼|q̇|⁴ + ½(1 + ½ sin t)|q̇|² + q̇₁ q₂ − cos(t) |q|⁴/4.
inline FunctionLagrangian driven(Index n, double gauge = 0) {
  return {n,
          [gauge](double t, const Vector& q, const Vector& v, Vector& force, Vector& momentum) {
            const double mass = 1 + 0.5 * std::sin(t), speed = v.squaredNorm();
            const double reach = q.squaredNorm();
            force = -std::cos(t) * reach * q;
            force[1] += v[0];
            momentum = (speed + mass) * v;
            momentum[0] += q[1];
            double l = 0.25 * speed * speed + 0.5 * mass * speed + v[0] * q[1] -
                       std::cos(t) * reach * reach / 4;
            // dF/dt = c q₂²(q̇₁ + 2) + 2 s q₂ q̇₂, with s, c of q₁ + 2t.
            const double s = std::sin(q[0] + 2 * t), c = std::cos(q[0] + 2 * t);
            const double rate = v[0] + 2, y = q[1];
            l += gauge * (c * y * y * rate + 2 * s * y * v[1]);
            force[0] += gauge * (-s * y * y * rate + 2 * c * y * v[1]);
            force[1] += gauge * (2 * c * y * rate + 2 * s * v[1]);
            momentum[0] += gauge * c * y * y;
            momentum[1] += gauge * 2 * s * y;
            return l;
          }};
}

}  // namespace least_action::testing
