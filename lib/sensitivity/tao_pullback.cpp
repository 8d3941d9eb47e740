#include "sensitivity/tao_pullback.h"

#include <algorithm>
#include <string>

#include "base/contract.h"
#include "ode/stepper.h"
#include "ode/tao.h"

namespace least_action {

/// The states at which f was evaluated, in turn (block i: dimension × capacity).
template <class S>
struct TaoPullback<S>::StepTape final : TaoPullback<S>::Tape {
  std::size_t bytes() const override {
    return sizeof(*this) + field->bytes() +
           sizeof(S) * std::size_t(points.size() + t.size() + h.size());
  }
  auto point(Index i) { return points.middleCols(i * t.size(), batch); }

  std::unique_ptr<typename VectorField<S>::Tape> field;
  Index batch = 0;  // 0: holds no step.
  MatrixX<S> points;
  VectorX<S> t, h;
};

template <class S>
TaoPullback<S>::TaoPullback(const VectorField<S>& field, Index max_batch) {
  if (field.dimension() % 2 != 0) {
    fail("TaoPullback", "the field has dimension " + std::to_string(field.dimension()) +
                            ", expected x = (q, p) of even dimension");
  }
  if (max_batch < 1) {
    fail_value("TaoPullback", "max_batch", static_cast<double>(max_batch), "at least 1");
  }
  z_.setZero(field.dimension(), max_batch);
  w_ = rate_ = z_bar_ = w_bar_ = g_ = pulled_ = z_;
  end_.setZero(max_batch);
  tau_ = end_;
}

template <class S>
std::unique_ptr<typename TaoPullback<S>::Tape> TaoPullback<S>::make_tape(
    const VectorField<S>& field, Index capacity, StageTapes) const {
  auto tape = std::make_unique<StepTape>();
  tape->field = field.make_tape(capacity);
  tape->points.setZero(dimension(), 4 * capacity);
  tape->t.setZero(capacity);
  tape->h = tape->t;
  return tape;
}

template <class S>
bool TaoPullback<S>::forward(const VectorField<S>& field, ConstVectorRefX<S> t,
                             ConstVectorRefX<S> h, MatrixRefX<S> x, Tape& any) {
  auto& tape = static_cast<StepTape&>(any);
  const Index batch = x.cols();
  check_step<S>("TaoPullback", dimension(), std::min(tape.t.size(), max_batch()), t, h, x);
  tape.batch = batch;
  tape.t.head(batch) = t;
  tape.h.head(batch) = h;
  end_.head(batch) = t + h;
  auto z = z_.leftCols(batch);
  auto w = w_.leftCols(batch);
  auto rate = rate_.leftCols(batch);
  z = w = x;
  for (Index i = 0; i < 4; ++i) {
    const bool at_z = i == 0 || i == 3;
    auto point = tape.point(i);
    if (at_z) {
      point = z;
    } else {
      point = w;
    }
    use_.forward(field, i < 2 ? tape.t.head(batch) : end_.head(batch), point, rate,
                 *tape.field);
    (at_z ? w : z) += S(0.5) * (rate * h.asDiagonal());
    if (i != 1) continue;
    for (Index b = 0; b < batch; ++b) {
      turn_copies<S>(tao_angle(double(h[b])), z.col(b), w.col(b));
    }
  }
  x = S(0.5) * (z + w);
  return true;
}

template <class S>
void TaoPullback<S>::pull_back(const VectorField<S>& field, MatrixRefX<S> x_bar,
                               VectorRefX<S> theta_bar, VectorRefX<S> t_bar,
                               VectorRefX<S> h_bar, Tape& any) {
  const char* where = "TaoPullback::pull_back";
  auto& tape = static_cast<StepTape&>(any);
  const Index batch = tape.batch;
  if (batch == 0) fail(where, "the tape holds no step; call forward first");
  if (x_bar.rows() != dimension() || x_bar.cols() != batch) {
    fail_shape(where, "x_bar", x_bar.rows(), x_bar.cols(), dimension(), batch);
  }
  if (t_bar.size() > 0) t_bar.setZero();
  if (h_bar.size() > 0) h_bar.setZero();
  const bool times = (t_bar.size() > 0 || h_bar.size() > 0) && !field.is_autonomous();
  const auto h = tape.h.head(batch);
  auto z_bar = z_bar_.leftCols(batch);
  auto w_bar = w_bar_.leftCols(batch);
  auto rate = rate_.leftCols(batch);
  auto g = g_.leftCols(batch);
  auto pulled = pulled_.leftCols(batch);
  auto tau = tau_.head(batch);
  end_.head(batch) = tape.t.head(batch) + h;
  z_bar = S(0.5) * x_bar;
  w_bar = z_bar;
  for (Index i = 3; i >= 0; --i) {
    const bool at_z = i == 0 || i == 3, at_end = i >= 2;
    auto& moved_bar = at_z ? w_bar : z_bar;
    auto& seen_bar = at_z ? z_bar : w_bar;
    use_.forward(field, at_end ? end_.head(batch) : tape.t.head(batch), tape.point(i), rate,
                 *tape.field);
    g = S(0.5) * (moved_bar * h.asDiagonal());
    use_.vjp(field, g, pulled, theta_bar, *tape.field);
    if (h_bar.size() > 0) {
      for (Index b = 0; b < batch; ++b) {
        h_bar[b] += S(0.5) * moved_bar.col(b).dot(rate.col(b));
      }
    }
    if (times) {
      field.time_vjp(g, tau, *tape.field);
      if (t_bar.size() > 0) t_bar += tau;
      if (h_bar.size() > 0 && at_end) h_bar += tau;
    }
    seen_bar += pulled;
    if (i != 2) continue;
    for (Index b = 0; b < batch; ++b) {
      turn_copies<S>(-tao_angle(double(h[b])), z_bar.col(b), w_bar.col(b));
    }
  }
  x_bar = z_bar + w_bar;
}

template <class S>
std::size_t TaoPullback<S>::bytes() const {
  return sizeof(*this) + sizeof(S) * std::size_t(7 * z_.size() + 2 * end_.size());
}

template class TaoPullback<float>;
template class TaoPullback<double>;

}  // namespace least_action
