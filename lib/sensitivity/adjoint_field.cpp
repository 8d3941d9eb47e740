#include "sensitivity/adjoint_field.h"

#include <cmath>
#include <limits>
#include <stdexcept>

namespace least_action {
namespace {

template <class S>
struct AdjointTape final : VectorField<S>::Tape {
  AdjointTape(const VectorField<S>& field, Index capacity)
      : inner(field.make_tape(capacity)),
        x(MatrixX<S>::Zero(field.dimension(), capacity)),
        x_dot(x) {}
  Index capacity() const override { return x.cols(); }
  std::size_t bytes() const override {
    return inner->bytes() + 2 * sizeof(S) * static_cast<std::size_t>(x.size());
  }
  FieldHealth health() const override { return inner->health(); }

  std::unique_ptr<typename VectorField<S>::Tape> inner;
  MatrixX<S> x, x_dot;  // InterpolatedField's
};

template <class S>
AdjointTape<S>& own(typename VectorField<S>::Tape& tape) {
  return static_cast<AdjointTape<S>&>(tape);
}

/// Writes −(∂f/∂x)ᵀ w at the last `forward` of `tape`.
template <class S>
void pull_back(const VectorField<S>& field, ConstMatrixRefX<S> w, MatrixRefX<S> out,
               AdjointTape<S>& tape) {
  VectorX<S> no_theta;
  field.vjp(w, out, no_theta, *tape.inner);
  out = -out;
}

}  // namespace

template <class S>
void AdjointField<S>::vjp(ConstMatrixRefX<S>, MatrixRefX<S>, VectorRefX<S>, Tape&) const {
  throw std::logic_error("AdjointField::vjp: the adjoint equation is not differentiated again");
}

template <class S>
auto BacksolveField<S>::make_tape(Index capacity) const -> std::unique_ptr<Tape> {
  return std::make_unique<AdjointTape<S>>(field_, capacity);
}

template <class S>
void BacksolveField<S>::place(Index sample, Index k, VectorRefX<S> y) const {
  y.head(field_.dimension()) = path_->observed(k).col(sample);
}

template <class S>
void BacksolveField<S>::state(Index, double, ConstVectorRefX<S> y, VectorRefX<S> x) const {
  x = y.head(x.size());
}

template <class S>
void BacksolveField<S>::forward(ConstVectorRefX<S> t, ConstMatrixRefX<S> y, MatrixRefX<S> y_dot,
                                Tape& tape) const {
  const Index d = field_.dimension();
  field_.forward(t, y.topRows(d), y_dot.topRows(d), *own<S>(tape).inner);
  pull_back<S>(field_, y.bottomRows(d), y_dot.bottomRows(d), own<S>(tape));
}

template <class S>
void BacksolveField<S>::jvp(ConstMatrixRefX<S> v, MatrixRefX<S> y_dot_tangent,
                            Tape& tape) const {
  const Index d = field_.dimension();
  field_.jvp(v.topRows(d), y_dot_tangent.topRows(d), *own<S>(tape).inner);
  pull_back<S>(field_, v.bottomRows(d), y_dot_tangent.bottomRows(d), own<S>(tape));
}

template <class S>
auto InterpolatedField<S>::make_tape(Index capacity) const -> std::unique_ptr<Tape> {
  return std::make_unique<AdjointTape<S>>(field_, capacity);
}

template <class S>
void InterpolatedField<S>::place(Index sample, Index, VectorRefX<S> y) const {
  y[field_.dimension()] = static_cast<S>(sample);
}

template <class S>
void InterpolatedField<S>::state(Index sample, double t, ConstVectorRefX<S>,
                                 VectorRefX<S> x) const {
  path_->state_at(sample, t, x);
}

template <class S>
void InterpolatedField<S>::forward(ConstVectorRefX<S> t, ConstMatrixRefX<S> y,
                                   MatrixRefX<S> y_dot, Tape& tape) const {
  const Index d = field_.dimension(), batch = y.cols();
  AdjointTape<S>& mine = own<S>(tape);
  auto x = mine.x.leftCols(batch);
  for (Index b = 0; b < batch; ++b) {
    const S number = std::round(y(d, b));
    if (number >= 0 && number < static_cast<S>(path_->batch())) {
      path_->state_at(static_cast<Index>(number), static_cast<double>(t[b]), x.col(b));
    } else {  // A sample that has become NaN.
      x.col(b).setConstant(std::numeric_limits<S>::quiet_NaN());
    }
  }
  field_.forward(t, x, mine.x_dot.leftCols(batch), *mine.inner);
  pull_back<S>(field_, y.topRows(d), y_dot.topRows(d), mine);
  y_dot.row(d).setZero();
}

template <class S>
void InterpolatedField<S>::jvp(ConstMatrixRefX<S> v, MatrixRefX<S> y_dot_tangent,
                               Tape& tape) const {
  const Index d = field_.dimension();
  pull_back<S>(field_, v.topRows(d), y_dot_tangent.topRows(d), own<S>(tape));
  y_dot_tangent.row(d).setZero();
}

template class AdjointField<float>;
template class AdjointField<double>;
template class BacksolveField<float>;
template class BacksolveField<double>;
template class InterpolatedField<float>;
template class InterpolatedField<double>;

}  // namespace least_action
