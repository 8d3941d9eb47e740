#include "sensitivity/cost_field.h"

namespace least_action {

template <class S>
struct CostField<S>::Evaluation final : CostField<S>::Tape {
  Index capacity() const override { return inner->capacity(); }
  FieldHealth health() const override { return inner->health(); }
  std::size_t bytes() const override {
    return sizeof(*this) + inner->bytes() +
           sizeof(S) * std::size_t(x.size() + x_bar.size() + 4 * t.size());
  }

  std::unique_ptr<Tape> inner;
  Index batch = 0;
  MatrixX<S> x, x_bar;           // dimension × capacity
  VectorX<S> t, w, cost, t_bar;  // capacity
};

template <class S>
std::unique_ptr<typename CostField<S>::Tape> CostField<S>::make_tape(Index capacity) const {
  auto tape = std::make_unique<Evaluation>();
  tape->inner = field_->make_tape(capacity);
  tape->x.setZero(field_->dimension(), capacity);
  tape->x_bar = tape->x;
  tape->t.setZero(capacity);
  tape->w = tape->cost = tape->t_bar = tape->t;
  return tape;
}

template <class S>
void CostField<S>::forward(ConstVectorRefX<S> t, ConstMatrixRefX<S> x, MatrixRefX<S> x_dot,
                           Tape& tape) const {
  auto& mine = static_cast<Evaluation&>(tape);
  const Index d = field_->dimension(), batch = x.cols();
  mine.batch = batch;
  mine.t.head(batch) = t;
  mine.x.leftCols(batch) = x.topRows(d);
  field_->forward(t, mine.x.leftCols(batch), x_dot.topRows(d), *mine.inner);
  cost_->evaluate(t, mine.x.leftCols(batch), mine.cost.head(batch));
  x_dot.row(d) = mine.cost.head(batch).transpose();
}

template <class S>
void CostField<S>::vjp(ConstMatrixRefX<S> w, MatrixRefX<S> x_bar, VectorRefX<S> theta_bar,
                       Tape& tape) const {
  auto& mine = static_cast<Evaluation&>(tape);
  const Index d = field_->dimension(), batch = mine.batch;
  const Index own = theta_bar.size() == 0 ? 0 : field_->num_parameters();
  field_->vjp(w.topRows(d), x_bar.topRows(d), theta_bar.head(own), *mine.inner);
  mine.w.head(batch) = w.row(d).transpose();
  auto extra = mine.x_bar.leftCols(batch);
  cost_->pull_back(mine.t.head(batch), mine.x.leftCols(batch), mine.w.head(batch), extra,
                   theta_bar, mine.t_bar.head(0));
  x_bar.topRows(d) += extra;
  x_bar.row(d).setZero();  // Nothing depends on the cost so far.
}

template <class S>
void CostField<S>::time_vjp(ConstMatrixRefX<S> w, VectorRefX<S> t_bar, Tape& tape) const {
  auto& mine = static_cast<Evaluation&>(tape);
  const Index d = field_->dimension(), batch = mine.batch;
  field_->time_vjp(w.topRows(d), t_bar, *mine.inner);
  if (cost_->is_autonomous()) return;
  mine.w.head(batch) = w.row(d).transpose();
  cost_->pull_back(mine.t.head(batch), mine.x.leftCols(batch), mine.w.head(batch),
                   mine.x_bar.leftCols(batch), mine.w.head(0), mine.t_bar.head(batch));
  t_bar += mine.t_bar.head(batch);
}

template <class S>
void CostField<S>::jvp(ConstMatrixRefX<S> v, MatrixRefX<S> x_dot_tangent, Tape& tape) const {
  auto& mine = static_cast<Evaluation&>(tape);
  const Index d = field_->dimension(), batch = mine.batch;
  field_->jvp(v.topRows(d), x_dot_tangent.topRows(d), *mine.inner);
  mine.w.head(batch).setOnes();
  cost_->pull_back(mine.t.head(batch), mine.x.leftCols(batch), mine.w.head(batch),
                   mine.x_bar.leftCols(batch), mine.w.head(0), mine.t_bar.head(0));
  for (Index b = 0; b < batch; ++b) {
    x_dot_tangent(d, b) = mine.x_bar.col(b).dot(v.col(b).head(d));
  }
}

template class CostField<float>;
template class CostField<double>;

}  // namespace least_action
