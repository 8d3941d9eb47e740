#pragma once

#include <memory>
#include <vector>

#include "sensitivity/round_cotangents.h"
#include "sensitivity/step_pullback.h"

namespace least_action {

/// The steps of a round, forth and back: gathers the samples that take part, lets the method
/// step or pull back, and scatters the result.
template <class S>
class RoundPullback final {
 public:
  using Tape = typename StepPullback<S>::Tape;

  RoundPullback(Method method, const VectorField<S>& field, Index max_batch);

  std::unique_ptr<Tape> make_tape(const VectorField<S>& field, StageTapes tapes) const {
    return step_->make_tape(field, step_->max_batch(), tapes);
  }
  StepPullback<S>& step() { return *step_; }
  FieldUse<S>& use() { return step_->use(); }

  /// Advances the samples of the round in x (a sample a column). Those whose equation an
  /// implicit method could not solve stay where they are and are named in `stuck`. With `keep`
  /// the tape holds the step afterwards, unless a sample is stuck.
  void advance(const VectorField<S>& field, const Round<S>& round, MatrixX<S>& x, Tape& tape,
               bool keep);
  const std::vector<Index>& stuck() const { return stuck_; }

  /// Does the round again on `tape`, from `states`, where they stand at `columns` (the round's
  /// samples or places) after `first_column`. False where an implicit method could not.
  [[nodiscard]] bool repeat(const VectorField<S>& field, const Round<S>& round,
                            const MatrixX<S>& states, Index first_column,
                            const std::vector<Index>& columns, Tape& tape);

  RoundCotangents<S>& cotangents() { return cotangents_; }
  /// Pulls x̄ of the round's samples back through the step on `tape`.
  void pull_back(const VectorField<S>& field, const SolveRounds<S>& rounds,
                 const Round<S>& round, Tape& tape, VectorRefX<S> theta_bar,
                 MatrixRef times_bar);
  std::size_t bytes() const;

 private:
  std::unique_ptr<StepPullback<S>> step_;
  RoundCotangents<S> cotangents_;
  MatrixX<S> gathered_;       // dimension × max_batch
  VectorX<S> t_bar_, h_bar_;  // max_batch
  std::vector<Index> stuck_;
};

}  // namespace least_action
