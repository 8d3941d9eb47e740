#include "support/function_field.h"

#include <cmath>
#include <utility>

namespace least_action::testing {
namespace {

struct JacobianTape final : VectorField<double>::Tape {
  explicit JacobianTape(Index dimension, Index capacity_)
      : jacobians(Matrix::Zero(dimension, dimension * capacity_)),
        capacity_samples(capacity_) {}
  Index capacity() const override { return capacity_samples; }
  std::size_t bytes() const override { return sizeof(double) * std::size_t(jacobians.size()); }

  Matrix jacobians;  // of the samples, side by side
  Index capacity_samples;
};

}  // namespace

FunctionField::FunctionField(Index dimension, Rate rate, Jacobian jacobian)
    : dimension_(dimension), rate_(std::move(rate)), jacobian_(std::move(jacobian)) {}

FunctionField::FunctionField(Index degrees_of_freedom, Rate velocity, Rate force,
                             Jacobian jacobian)
    : dimension_(2 * degrees_of_freedom),
      rate_([n = degrees_of_freedom, velocity, force](double t, ConstVectorRef x,
                                                      VectorRef x_dot) {
        velocity(t, x.tail(n), x_dot.head(n));
        force(t, x.head(n), x_dot.tail(n));
      }),
      velocity_(velocity),
      force_(force),
      jacobian_(std::move(jacobian)) {}

std::unique_ptr<VectorField<double>::Tape> FunctionField::make_tape(Index capacity) const {
  return std::make_unique<JacobianTape>(dimension_, capacity);
}

void FunctionField::forward(ConstVectorRef t, ConstMatrixRef x, MatrixRef x_dot,
                            Tape& tape) const {
  ++calls;
  auto& jacobians = static_cast<JacobianTape&>(tape).jacobians;
  for (Index b = 0; b < x.cols(); ++b) {
    rate_(t[b], x.col(b), x_dot.col(b));
    if (jacobian_) {
      jacobian_(t[b], x.col(b), jacobians.middleCols(b * dimension_, dimension_));
    }
  }
}

void FunctionField::vjp(ConstMatrixRef w, MatrixRef x_bar, VectorRef, Tape& tape) const {
  const auto& jacobians = static_cast<JacobianTape&>(tape).jacobians;
  for (Index b = 0; b < w.cols(); ++b) {
    x_bar.col(b).noalias() =
        jacobians.middleCols(b * dimension_, dimension_).transpose() * w.col(b);
  }
}

void FunctionField::jvp(ConstMatrixRef v, MatrixRef x_dot_tangent, Tape& tape) const {
  ++calls;
  const auto& jacobians = static_cast<JacobianTape&>(tape).jacobians;
  for (Index b = 0; b < v.cols(); ++b) {
    x_dot_tangent.col(b).noalias() =
        jacobians.middleCols(b * dimension_, dimension_) * v.col(b);
  }
}

void FunctionField::velocity(ConstVectorRef t, ConstMatrixRef p, MatrixRef q_dot,
                             Tape& tape) const {
  if (!velocity_) return VectorField<double>::velocity(t, p, q_dot, tape);
  ++calls;
  for (Index b = 0; b < p.cols(); ++b) velocity_(t[b], p.col(b), q_dot.col(b));
}

void FunctionField::force(ConstVectorRef t, ConstMatrixRef q, MatrixRef p_dot,
                          Tape& tape) const {
  if (!force_) return VectorField<double>::force(t, q, p_dot, tape);
  ++calls;
  for (Index b = 0; b < q.cols(); ++b) force_(t[b], q.col(b), p_dot.col(b));
}

namespace {

double gain(double t) { return 1 + 0.3 * std::sin(1.3 * t); }
double gain_dot(double t) { return 0.39 * std::cos(1.3 * t); }
double angle(double t) { return 1.2 * std::sin(t) + 0.3 * std::cos(2.1 * t); }
double angle_dot(double t) { return 1.2 * std::cos(t) - 0.63 * std::sin(2.1 * t); }
double angle_ddot(double t) { return -1.2 * std::sin(t) - 1.323 * std::cos(2.1 * t); }
double drive(double t) {
  const double g = gain(t);
  return angle_ddot(t) / g - angle_dot(t) * gain_dot(t) / (g * g) + std::sin(angle(t));
}

}  // namespace

FunctionField driven_pendulum() {
  return FunctionField(
      1, [](double t, ConstVectorRef p, VectorRef q_dot) { q_dot[0] = gain(t) * p[0]; },
      [](double t, ConstVectorRef q, VectorRef p_dot) {
        p_dot[0] = -std::sin(q[0]) + drive(t);
      },
      [](double t, ConstVectorRef x, MatrixRef jacobian) {
        jacobian << 0, gain(t), -std::cos(x[0]), 0;
      });
}

Vector driven_pendulum_solution(double t) {
  return (Vector(2) << angle(t), angle_dot(t) / gain(t)).finished();
}

FunctionField pendulum() {
  return FunctionField(
      1, [](double, ConstVectorRef p, VectorRef q_dot) { q_dot[0] = p[0]; },
      [](double, ConstVectorRef q, VectorRef p_dot) { p_dot[0] = -std::sin(q[0]); },
      [](double, ConstVectorRef x, MatrixRef jacobian) {
        jacobian << 0, 1, -std::cos(x[0]), 0;
      });
}

double pendulum_energy(ConstVectorRef x) { return 0.5 * x[1] * x[1] - std::cos(x[0]); }

}  // namespace least_action::testing
