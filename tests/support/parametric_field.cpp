#include "support/parametric_field.h"

#include <cmath>

namespace least_action::testing {

template <class S>
struct ParametricField<S>::Point final : ParametricField<S>::Tape {
  explicit Point(Index capacity) : t(capacity), x(2, capacity) {}
  Index capacity() const override { return t.size(); }
  std::size_t bytes() const override {
    return sizeof(*this) + sizeof(S) * std::size_t(3 * t.size());
  }
  VectorX<S> t;
  MatrixX<S> x;
};

template <class S>
std::unique_ptr<typename ParametricField<S>::Tape> ParametricField<S>::make_tape(
    Index capacity) const {
  return std::make_unique<Point>(capacity);
}

template <class S>
void ParametricField<S>::forward(ConstVectorRefX<S> t, ConstMatrixRefX<S> x,
                                 MatrixRefX<S> x_dot, Tape& tape) const {
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

template <class S>
void ParametricField<S>::vjp(ConstMatrixRefX<S> w, MatrixRefX<S> x_bar, VectorRefX<S> theta_bar,
                             Tape& tape) const {
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

template <class S>
void ParametricField<S>::jvp(ConstMatrixRefX<S> v, MatrixRefX<S> x_dot_tangent,
                             Tape& tape) const {
  const auto& point = static_cast<const Point&>(tape);
  for (Index b = 0; b < v.cols(); ++b) {
    const S t = point.t[b], x1 = point.x(0, b), x2 = point.x(1, b);
    const S tanh = std::tanh(theta_[3] * x1 * x2 + theta_[4] * t);
    x_dot_tangent(0, b) =
        theta_[0] * std::cos(x2) * v(1, b) + theta_[1] * std::cos(theta_[2] * t) * v(0, b);
    x_dot_tangent(1, b) = (1 - tanh * tanh) * theta_[3] * (x2 * v(0, b) + x1 * v(1, b)) -
                          2 * theta_[5] * x2 * v(1, b);
  }
}

template <class S>
void ParametricField<S>::time_vjp(ConstMatrixRefX<S> w, VectorRefX<S> t_bar, Tape& tape) const {
  const auto& point = static_cast<const Point&>(tape);
  for (Index b = 0; b < w.cols(); ++b) {
    const S t = point.t[b], x1 = point.x(0, b), x2 = point.x(1, b);
    const S tanh = std::tanh(theta_[3] * x1 * x2 + theta_[4] * t);
    t_bar[b] = -w(0, b) * theta_[1] * theta_[2] * std::sin(theta_[2] * t) * x1 +
               w(1, b) * (1 - tanh * tanh) * theta_[4];
  }
}

template class ParametricField<float>;
template class ParametricField<double>;

}  // namespace least_action::testing
