#pragma once

#include <vector>

#include "sensitivity/solve_rounds.h"

namespace least_action {

/// Writes the columns of `from` that `columns` names, counted from `first`, to `to`.
template <class S>
void gather(const Round<S>& round, const MatrixX<S>& from, Index first,
            const std::vector<Index>& columns, MatrixX<S>& to) {
  if (round.whole) {
    to.leftCols(round.size) = from.middleCols(first, round.size);
    return;
  }
  for (Index i = 0; i < round.size; ++i) to.col(i) = from.col(first + columns[std::size_t(i)]);
}
/// Writes the samples of the round back to their columns.
template <class S>
void scatter(const Round<S>& round, const MatrixX<S>& from, MatrixX<S>& to) {
  if (round.whole) {
    to.leftCols(round.size) = from.leftCols(round.size);
    return;
  }
  for (Index i = 0; i < round.size; ++i) to.col(round.samples[std::size_t(i)]) = from.col(i);
}

/// The cotangents of a batch on its way back: x̄ of every sample, to which those of the
/// observations are added as they are passed, and those of the observation times.
template <class S>
class RoundCotangents final {
 public:
  RoundCotangents(Index dimension, Index max_batch);

  /// Begins a way back: all cotangents 0.
  void start(const SolveRounds<S>& rounds);
  /// Adds the cotangents of the observations that the samples of the round are about to leave,
  /// going back.
  void collect(const SolveRounds<S>& rounds, const Round<S>& round,
               ConstMatrixRefX<S> states_bar);
  /// ∂C/∂x of every sample where it stands, dimension × max_batch.
  MatrixX<S>& x_bar() { return x_bar_; }
  /// Collects what is left and writes x̄₀; 0 for samples that failed.
  void finish(const SolveRounds<S>& rounds, ConstMatrixRefX<S> states_bar,
              MatrixRefX<S> x0_bar);

  std::size_t bytes() const;

 private:
  MatrixX<S> x_bar_;
  std::vector<Index> pending_;  // The last observation of a sample not yet collected.
};

/// Adds the cotangents of a round's t and h to those of the observation times: an interval's
/// steps are fixed fractions of it. An interval of length 0 has none.
template <class S>
void add_times(const SolveRounds<S>& rounds, const Round<S>& round, const VectorX<S>& t_bar,
               const VectorX<S>& h_bar, MatrixRef times_bar);

}  // namespace least_action
