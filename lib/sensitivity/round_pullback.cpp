#include "sensitivity/round_pullback.h"

namespace least_action {

template <class S>
RoundPullback<S>::RoundPullback(Method method, const VectorField<S>& field, Index max_batch)
    : step_(make_step_pullback<S>(method, field, max_batch)),
      cotangents_(field.dimension(), max_batch) {
  gathered_.setZero(field.dimension(), max_batch);
  t_bar_.setZero(max_batch);
  h_bar_.setZero(max_batch);
  stuck_.reserve(std::size_t(max_batch));
}

template <class S>
void RoundPullback<S>::advance(const VectorField<S>& field, const Round<S>& round,
                               MatrixX<S>& x, Tape& tape, bool keep) {
  stuck_.clear();
  const Index size = round.size;
  if (size == 0) return;
  const auto t = round.t.head(size), h = round.h.head(size);
  gather(round, x, 0, round.samples, gathered_);
  const bool solved = keep ? step_->forward(field, t, h, gathered_.leftCols(size), tape)
                           : step_->advance(field, t, h, gathered_.leftCols(size), tape);
  if (solved) {
    scatter(round, gathered_, x);
    return;
  }
  // One by one, to find whose equation it is; the others shall not suffer.
  for (Index i = 0; i < size; ++i) {
    const Index sample = round.samples[std::size_t(i)];
    gathered_.col(0) = x.col(sample);
    if (step_->advance(field, round.t.segment(i, 1), round.h.segment(i, 1),
                       gathered_.leftCols(1), tape)) {
      x.col(sample) = gathered_.col(0);
    } else {
      stuck_.push_back(sample);
    }
  }
}

template <class S>
bool RoundPullback<S>::repeat(const VectorField<S>& field, const Round<S>& round,
                              const MatrixX<S>& states, Index first_column,
                              const std::vector<Index>& columns, Tape& tape) {
  gather(round, states, first_column, columns, gathered_);
  return step_->forward(field, round.t.head(round.size), round.h.head(round.size),
                        gathered_.leftCols(round.size), tape);
}

template <class S>
void RoundPullback<S>::pull_back(const VectorField<S>& field, const SolveRounds<S>& rounds,
                                 const Round<S>& round, Tape& tape, VectorRefX<S> theta_bar,
                                 MatrixRef times_bar) {
  MatrixX<S>& x_bar = cotangents_.x_bar();
  const Index size = round.size, wanted = times_bar.size() > 0 ? size : 0;
  auto t_bar = t_bar_.head(wanted), h_bar = h_bar_.head(wanted);
  if (round.whole) {
    step_->pull_back(field, x_bar.leftCols(size), theta_bar, t_bar, h_bar, tape);
  } else {
    gather(round, x_bar, 0, round.samples, gathered_);
    step_->pull_back(field, gathered_.leftCols(size), theta_bar, t_bar, h_bar, tape);
    scatter(round, gathered_, x_bar);
  }
  if (wanted > 0) add_times(rounds, round, t_bar_, h_bar_, times_bar);
}

template <class S>
std::size_t RoundPullback<S>::bytes() const {
  return sizeof(*this) + step_->bytes() +
         sizeof(S) * std::size_t(gathered_.size() + 2 * t_bar_.size()) +
         sizeof(Index) * stuck_.capacity() + cotangents_.bytes();
}

template class RoundPullback<float>;
template class RoundPullback<double>;

}  // namespace least_action
