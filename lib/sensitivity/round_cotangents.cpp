#include "sensitivity/round_cotangents.h"

#include <algorithm>

namespace least_action {

template <class S>
RoundCotangents<S>::RoundCotangents(Index dimension, Index max_batch)
    : x_bar_(MatrixX<S>::Zero(dimension, max_batch)), pending_(std::size_t(max_batch)) {}

template <class S>
void RoundCotangents<S>::start(const SolveRounds<S>& rounds) {
  x_bar_.setZero();
  std::fill(pending_.begin(), pending_.end(), rounds.points());
}

template <class S>
void RoundCotangents<S>::collect(const SolveRounds<S>& rounds, const Round<S>& round,
                                 ConstMatrixRefX<S> states_bar) {
  for (Index i = 0; i < round.size; ++i) {
    const Index sample = round.samples[std::size_t(i)], point = round.points[std::size_t(i)];
    for (Index& k = pending_[std::size_t(sample)]; k > point; --k) {
      x_bar_.col(sample) += states_bar.col(k * rounds.batch() + sample);
    }
  }
}

template <class S>
void add_times(const SolveRounds<S>& rounds, const Round<S>& round, const VectorX<S>& t_bar,
               const VectorX<S>& h_bar, MatrixRef times_bar) {
  for (Index i = 0; i < round.size; ++i) {
    const Index sample = round.samples[std::size_t(i)], point = round.points[std::size_t(i)];
    const double start = rounds.time(sample, point);
    const double length = rounds.time(sample, point + 1) - start;
    if (length == 0) continue;
    // t = start + σ length, h = w length.
    const double sigma = (round.exact_time[i] - start) / length;
    const double w = round.exact_step[i] / length;
    const auto t = static_cast<double>(t_bar[i]), h = static_cast<double>(h_bar[i]);
    times_bar(sample, point) += (1 - sigma) * t - w * h;
    times_bar(sample, point + 1) += sigma * t + w * h;
  }
}

template <class S>
void RoundCotangents<S>::finish(const SolveRounds<S>& rounds, ConstMatrixRefX<S> states_bar,
                                MatrixRefX<S> x0_bar) {
  for (Index sample = 0; sample < rounds.batch(); ++sample) {
    if (rounds.has_failed(sample)) {
      x0_bar.col(sample).setZero();
      continue;
    }
    for (Index k = pending_[std::size_t(sample)]; k >= 0; --k) {
      x_bar_.col(sample) += states_bar.col(k * rounds.batch() + sample);
    }
    x0_bar.col(sample) = x_bar_.col(sample);
  }
}

template <class S>
std::size_t RoundCotangents<S>::bytes() const {
  return sizeof(S) * std::size_t(x_bar_.size()) + sizeof(Index) * pending_.capacity();
}

template class RoundCotangents<float>;
template class RoundCotangents<double>;
template void add_times(const SolveRounds<float>&, const Round<float>&, const VectorX<float>&,
                        const VectorX<float>&, MatrixRef);
template void add_times(const SolveRounds<double>&, const Round<double>&,
                        const VectorX<double>&, const VectorX<double>&, MatrixRef);

}  // namespace least_action
