#include "sensitivity/runge_kutta_pullback.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/contract.h"
#include "ode/stepper.h"

namespace least_action {
namespace {

/// `count` numbers one after another: the entries of a batch.
template <class S>
auto flat(S* data, Index count) {
  return Eigen::Map<Eigen::Array<std::remove_const_t<S>, Eigen::Dynamic, 1>>(data, count);
}
template <class S>
auto flat(const S* data, Index count) {
  return Eigen::Map<const Eigen::Array<S, Eigen::Dynamic, 1>>(data, count);
}

Index last_used(const ButcherTableau& tableau) {
  Index last = tableau.stages() - 1;
  while (last > 0 && tableau.b[last] == 0) {
    bool used = false;
    for (Index i = last + 1; i < tableau.stages(); ++i) used |= tableau.a(i, last) != 0;
    if (used) break;
    --last;
  }
  return last;
}

}  // namespace

template <class S>
struct RungeKuttaPullback<S>::StepTape final : RungeKuttaPullback<S>::Tape {
  std::size_t bytes() const override {
    std::size_t total = sizeof(*this) + sizeof(S) * std::size_t(x.size() + h_of_entry.size() +
                                                                k.size() + 2 * t.size());
    for (const auto& field_tape : fields) total += field_tape->bytes();
    return total;
  }
  S* stage(Index i) { return k.data() + i * x.size(); }
  const S* stage(Index i) const { return k.data() + i * x.size(); }
  Index entries() const { return x.rows() * batch; }

  std::vector<std::unique_ptr<typename VectorField<S>::Tape>> fields;
  Index batch = 0;           // 0: holds no step.
  Index live = -1;           // The stage on fields[0] where there is only that one.
  MatrixX<S> x, h_of_entry;  // dimension × capacity; h of the entry's sample.
  MatrixX<S> k;              // dimension × capacity · s
  VectorX<S> t, h;           // capacity
};

template <class S>
RungeKuttaPullback<S>::RungeKuttaPullback(const ButcherTableau& tableau,
                                          const VectorField<S>& field, Index max_batch)
    : a_(tableau.a.cast<S>()),
      b_(tableau.b.cast<S>()),
      c_(tableau.c.cast<S>()),
      last_(last_used(tableau)) {
  if (max_batch < 1) {
    fail_value("RungeKuttaPullback", "max_batch", static_cast<double>(max_batch), "at least 1");
  }
  stage_.setZero(field.dimension(), max_batch);
  sum_ = g_ = x_bar_ = stage_;
  m_.setZero(field.dimension(), max_batch * (last_ + 1));
  stage_time_.setZero(max_batch);
  tau_ = stage_time_;
}

template <class S>
std::unique_ptr<typename RungeKuttaPullback<S>::Tape> RungeKuttaPullback<S>::make_tape(
    const VectorField<S>& field, Index capacity, StageTapes tapes) const {
  auto tape = std::make_unique<StepTape>();
  const Index count = tapes == StageTapes::kOne ? 1 : last_ + 1;
  for (Index i = 0; i < count; ++i) tape->fields.push_back(field.make_tape(capacity));
  tape->x.setZero(dimension(), capacity);
  tape->h_of_entry = tape->x;
  tape->k.setZero(dimension(), capacity * (last_ + 1));
  tape->t.setZero(capacity);
  tape->h = tape->t;
  return tape;
}

template <class S>
void RungeKuttaPullback<S>::begin(ConstVectorRefX<S> t, ConstVectorRefX<S> h, MatrixRefX<S> x,
                                  StepTape& tape) {
  const Index batch = x.cols();
  check_step<S>("RungeKuttaPullback", dimension(), std::min(tape.x.cols(), max_batch()), t, h,
                x);
  tape.batch = batch;
  tape.live = -1;
  tape.x.leftCols(batch) = x;
  tape.t.head(batch) = t;
  tape.h.head(batch) = h;
  S* entry = tape.h_of_entry.data();
  for (Index b = 0; b < batch; ++b) {
    for (Index i = 0; i < dimension(); ++i) *entry++ = h[b];
  }
}

template <class S>
void RungeKuttaPullback<S>::sum_stages(const StepTape& tape, const S* weights, Index count,
                                       S* sum) const {
  const Index entries = tape.entries();
  bool empty = true;
  for (Index j = 0; j < count; ++j) {
    if (weights[j] == 0) continue;
    if (empty) {
      flat(sum, entries) = weights[j] * flat(tape.stage(j), entries);
    } else {
      flat(sum, entries) += weights[j] * flat(tape.stage(j), entries);
    }
    empty = false;
  }
  if (empty) flat(sum, entries).setZero();
}

template <class S>
void RungeKuttaPullback<S>::evaluate(const VectorField<S>& field, Index i, std::size_t on,
                                     StepTape& tape) {
  const Index entries = tape.entries(), batch = tape.batch;
  if (i == 0) {
    flat(stage_.data(), entries) = flat(tape.x.data(), entries);
  } else {
    sum_stages(tape, a_.row(i).data(), i, sum_.data());
    flat(stage_.data(), entries) =
        flat(tape.x.data(), entries) +
        flat(sum_.data(), entries) * flat(tape.h_of_entry.data(), entries);
  }
  stage_time_.head(batch) = tape.t.head(batch) + c_[i] * tape.h.head(batch);
  const Index columns = tape.x.cols();
  use_.forward(field, stage_time_.head(batch), stage_.leftCols(batch),
               tape.k.middleCols(i * columns, batch), *tape.fields[on]);
  tape.live = i;
}

template <class S>
void RungeKuttaPullback<S>::finish(MatrixRefX<S> x, const StepTape& tape) {
  const Index entries = tape.entries();
  sum_stages(tape, b_.data(), last_ + 1, sum_.data());
  flat(sum_.data(), entries) *= flat(tape.h_of_entry.data(), entries);
  x += sum_.leftCols(tape.batch);
}

template <class S>
bool RungeKuttaPullback<S>::forward(const VectorField<S>& field, ConstVectorRefX<S> t,
                                    ConstVectorRefX<S> h, MatrixRefX<S> x, Tape& any) {
  auto& tape = static_cast<StepTape&>(any);
  begin(t, h, x, tape);
  const bool one = tape.fields.size() == 1;
  for (Index i = 0; i <= last_; ++i) evaluate(field, i, one ? 0 : std::size_t(i), tape);
  finish(x, tape);
  return true;
}

template <class S>
bool RungeKuttaPullback<S>::advance(const VectorField<S>& field, ConstVectorRefX<S> t,
                                    ConstVectorRefX<S> h, MatrixRefX<S> x, Tape& any) {
  auto& tape = static_cast<StepTape&>(any);
  begin(t, h, x, tape);
  for (Index i = 0; i <= last_; ++i) evaluate(field, i, 0, tape);
  finish(x, tape);
  tape.batch = 0;
  return true;
}

/// h̄ += Σᵢ mᵢᵀ Σⱼ aᵢⱼ kⱼ + Σᵢ bᵢ kᵢᵀ x̄₁, with x̄₁ in x_bar_.
template <class S>
void RungeKuttaPullback<S>::add_step_size_terms(const StepTape& tape, VectorRefX<S> h_bar) {
  const auto add = [&](const S* cotangent) {
    const S* sum = sum_.data();
    for (Index b = 0; b < tape.batch; ++b) {
      for (Index i = 0; i < dimension(); ++i) h_bar[b] += *cotangent++ * *sum++;
    }
  };
  for (Index i = 1; i <= last_; ++i) {
    sum_stages(tape, a_.row(i).data(), i, sum_.data());
    add(m_.data() + i * m_.rows() * max_batch());
  }
  sum_stages(tape, b_.data(), last_ + 1, sum_.data());
  add(x_bar_.data());
}

template <class S>
void RungeKuttaPullback<S>::pull_back(const VectorField<S>& field, MatrixRefX<S> x_bar,
                                      VectorRefX<S> theta_bar, VectorRefX<S> t_bar,
                                      VectorRefX<S> h_bar, Tape& any) {
  const char* where = "RungeKuttaPullback::pull_back";
  auto& tape = static_cast<StepTape&>(any);
  const Index batch = tape.batch, entries = tape.entries();
  if (batch == 0) fail(where, "the tape holds no step; call forward first");
  if (x_bar.rows() != dimension() || x_bar.cols() != batch) {
    fail_shape(where, "x_bar", x_bar.rows(), x_bar.cols(), dimension(), batch);
  }
  const bool one = tape.fields.size() == 1;
  const bool times = t_bar.size() > 0 || h_bar.size() > 0;
  if (t_bar.size() > 0) t_bar.setZero();
  if (h_bar.size() > 0) h_bar.setZero();
  x_bar_.leftCols(batch) = x_bar;
  const auto h = flat(tape.h_of_entry.data(), entries);
  for (Index i = last_; i >= 0; --i) {
    if (one && tape.live != i) evaluate(field, i, 0, tape);
    auto& field_tape = *tape.fields[one ? 0 : std::size_t(i)];
    auto g = flat(g_.data(), entries);
    g = b_[i] * flat(x_bar_.data(), entries);
    for (Index j = i + 1; j <= last_; ++j) {
      if (a_(j, i) != 0) {
        g += a_(j, i) * flat(m_.data() + j * m_.rows() * max_batch(), entries);
      }
    }
    g *= h;
    use_.vjp(field, g_.leftCols(batch), m_.middleCols(i * max_batch(), batch), theta_bar,
             field_tape);
    if (times && !field.is_autonomous()) {
      field.time_vjp(g_.leftCols(batch), tau_.head(batch), field_tape);
      if (t_bar.size() > 0) t_bar += tau_.head(batch);
      if (h_bar.size() > 0) h_bar += c_[i] * tau_.head(batch);
    }
  }
  if (h_bar.size() > 0) add_step_size_terms(tape, h_bar);
  for (Index i = 0; i <= last_; ++i) x_bar += m_.middleCols(i * max_batch(), batch);
}

template <class S>
std::size_t RungeKuttaPullback<S>::bytes() const {
  return sizeof(*this) + sizeof(S) * std::size_t(4 * g_.size() + m_.size() + a_.size() +
                                                 2 * b_.size() + 2 * tau_.size());
}

template class RungeKuttaPullback<float>;
template class RungeKuttaPullback<double>;

}  // namespace least_action
