#include "flow/divergence.h"

#include <stdexcept>

#include "base/contract.h"

namespace least_action {
namespace {

constexpr const char* kWhere = "TransportedDensityField";

template <class S>
struct TransportTape final : VectorField<S>::Tape {
  TransportTape(const VectorField<S>& field, Index samples)
      : inner(field.make_tape(samples)),
        x(field.dimension(), samples),
        x_dot(field.dimension(), samples),
        v(field.dimension(), samples),
        jv(field.dimension(), samples) {}
  Index capacity() const override { return x.cols(); }
  std::size_t bytes() const override {
    return inner->bytes() + 4 * static_cast<std::size_t>(x.size()) * sizeof(S);
  }
  FieldHealth health() const override { return inner->health(); }

  std::unique_ptr<typename VectorField<S>::Tape> inner;
  MatrixX<S> x, x_dot, v, jv;
};

/// `out(i, b)` is called with each diagonal entry of ∂f/∂x at the forward pass on `tape`.
template <class S, class Visit>
void for_each_diagonal(const VectorField<S>& field, MatrixRefX<S> v, MatrixRefX<S> jv,
                       typename VectorField<S>::Tape& tape, Visit&& visit) {
  for (Index i = 0; i < field.dimension(); ++i) {
    v.setZero();
    v.row(i).setOnes();
    field.jvp(v, jv, tape);
    for (Index b = 0; b < v.cols(); ++b) visit(b, jv(i, b));
  }
}

[[noreturn]] void no_derivative() {
  throw std::logic_error(
      "TransportedDensityField: derivatives of a divergence need second derivatives of the "
      "field, which VectorField does not give; train with FlowDensityField");
}

}  // namespace

template <class S>
void divergence(const VectorField<S>& field, ConstVectorRefX<S> t, ConstMatrixRefX<S> x,
                VectorRefX<S> divergence, typename VectorField<S>::Tape& tape) {
  if (divergence.size() != x.cols())
    fail_size("divergence", "divergence", divergence.size(), x.cols(), "one for each sample");
  MatrixX<S> v(x.rows(), x.cols()), jv(x.rows(), x.cols());
  field.forward(t, x, jv, tape);
  divergence.setZero();
  for_each_diagonal<S>(field, v, jv, tape, [&](Index b, S entry) { divergence[b] += entry; });
}

template <class S>
TransportedDensityField<S>::TransportedDensityField(const VectorField<S>& field)
    : field_(&field) {}

template <class S>
std::unique_ptr<typename TransportedDensityField<S>::Tape>
TransportedDensityField<S>::make_tape(Index capacity) const {
  return std::make_unique<TransportTape<S>>(*field_, capacity);
}

template <class S>
void TransportedDensityField<S>::forward(ConstVectorRefX<S> t, ConstMatrixRefX<S> x,
                                         MatrixRefX<S> x_dot, Tape& tape) const {
  auto* mine = dynamic_cast<TransportTape<S>*>(&tape);
  if (mine == nullptr) fail(kWhere, "the tape was made by another kind of field");
  const Index n = x.cols(), d = field_->dimension();
  if (x.rows() != d + 1) fail_size(kWhere, "x", x.rows(), d + 1, "the field's rows and ℓ");
  if (n < 1 || n > mine->capacity())
    fail_value(kWhere, "batch size", static_cast<double>(n), "from 1 to the tape's capacity");
  if (x_dot.rows() != d + 1 || x_dot.cols() != n)
    fail_shape(kWhere, "x_dot", x_dot.rows(), x_dot.cols(), d + 1, n);
  mine->x.leftCols(n) = x.topRows(d);
  field_->forward(t, mine->x.leftCols(n), mine->x_dot.leftCols(n), *mine->inner);
  x_dot.topRows(d) = mine->x_dot.leftCols(n);
  x_dot.row(d).setZero();
  for_each_diagonal<S>(*field_, mine->v.leftCols(n), mine->jv.leftCols(n), *mine->inner,
                       [&](Index b, S entry) { x_dot(d, b) -= entry; });
}

template <class S>
void TransportedDensityField<S>::vjp(ConstMatrixRefX<S>, MatrixRefX<S>, VectorRefX<S>,
                                     Tape&) const {
  no_derivative();
}
template <class S>
void TransportedDensityField<S>::time_vjp(ConstMatrixRefX<S>, VectorRefX<S>, Tape&) const {
  no_derivative();
}
template <class S>
void TransportedDensityField<S>::jvp(ConstMatrixRefX<S>, MatrixRefX<S>, Tape&) const {
  no_derivative();
}

#define LEAST_ACTION_INSTANTIATE(S)                                                          \
  template void divergence<S>(const VectorField<S>&, ConstVectorRefX<S>, ConstMatrixRefX<S>, \
                              VectorRefX<S>, VectorField<S>::Tape&);                         \
  template class TransportedDensityField<S>;
LEAST_ACTION_INSTANTIATE(float)
LEAST_ACTION_INSTANTIATE(double)
#undef LEAST_ACTION_INSTANTIATE

}  // namespace least_action
