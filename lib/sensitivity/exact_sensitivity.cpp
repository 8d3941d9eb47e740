#include "sensitivity/exact_sensitivity.h"

#include <algorithm>

#include "base/contract.h"
#include "sensitivity/binomial_checkpoints.h"

namespace least_action {
namespace {

/// At least `columns` columns; what is there is lost. Only grows.
template <class S>
void reserve_columns(MatrixX<S>& matrix, Index rows, Index columns) {
  if (matrix.cols() < columns) matrix.setZero(rows, columns);
}

}  // namespace

template <class S>
ExactSensitivity<S>::ExactSensitivity(const SensitivityOptions& options,
                                      const VectorField<S>& field, Index max_batch,
                                      Index max_points)
    : options_(options),
      rounds_(options, field, max_batch, max_points),
      pullback_(options.solve.method, field, max_batch) {
  const bool full = options.sensitivity == SensitivityMethod::kFullTape;
  tape_ = pullback_.make_tape(field, full ? StageTapes::kOne : options.stage_tapes);
  const Index dimension = field.dimension();
  x_.setZero(dimension, max_batch);
  const Index rounds = rounds_.most_rounds();
  if (options.sensitivity == SensitivityMethod::kCheckpointing) {
    replay_ = x_;
    if (rounds > 0) {
      const Index count =
          options.checkpoints > 0 ? options.checkpoints : default_checkpoints(rounds);
      reserve_columns(slots_, dimension, std::min(count, rounds) * max_batch);
      positions_.reserve(std::size_t(std::min(count, rounds)));
    }
  } else {
    reserve_columns(kept_, dimension, rounds * max_batch);
  }
  if (full) {
    for (Index r = 0; r < rounds; ++r) {
      tapes_.push_back(pullback_.make_tape(field, StageTapes::kPerStage));
    }
  }
}

template <class S>
Index ExactSensitivity<S>::slots() const {
  const Index rounds = std::max<Index>(rounds_.count(), 1);
  const Index count =
      options_.checkpoints > 0 ? options_.checkpoints : default_checkpoints(rounds);
  return std::min(count, rounds);
}

template <class S>
void ExactSensitivity<S>::hold(Index slot, Index position, const MatrixX<S>& x) {
  const Index batch = rounds_.batch();
  slots_.middleCols(slot * batch, batch) = x.leftCols(batch);
  positions_[std::size_t(slot)] = position;
}

template <class S>
SolveStatus ExactSensitivity<S>::forward(const VectorField<S>& field, ConstMatrixRef times,
                                         ConstMatrixRefX<S> x0, MatrixRefX<S> states) {
  rounds_.begin(field, times, x0, states);
  pullback_.use().reset();
  statistics_ = {};
  at_ = -1;
  const Index batch = rounds_.batch();
  const bool checkpoints = options_.sensitivity == SensitivityMethod::kCheckpointing;
  const bool full = options_.sensitivity == SensitivityMethod::kFullTape;
  x_.leftCols(batch) = x0;
  if (rounds_.is_adaptive()) {
    rounds_.solve(field, x0, states, checkpoints ? nullptr : &kept_);
    if (full) fill_tapes(field, states);
    if (checkpoints) place_checkpoints(field, states);
  } else {
    if (checkpoints) {
      place_checkpoints(field, states);
    } else {
      reserve_columns(kept_, rounds_.dimension(), rounds_.count() * batch);
      while (full && Index(tapes_.size()) < rounds_.count()) {
        tapes_.push_back(pullback_.make_tape(field, StageTapes::kPerStage));
      }
      walk_forward(field, states);
    }
    statistics_.forward.steps = rounds_.count();
  }
  if (rounds_.is_adaptive()) statistics_.forward = rounds_.statistics();
  statistics_.forward.evaluations += pullback_.use().evaluations;
  statistics_.peak_bytes = bytes();
  health_ = pullback_.use().health;
  const FieldHealth other = rounds_.health();
  health_.damped_samples = std::max(health_.damped_samples, other.damped_samples);
  health_.worst_condition = std::max(health_.worst_condition, other.worst_condition);
  return rounds_.worst_status();
}

/// Fixed steps: walks all rounds, keeps what the method keeps, and writes the observations.
template <class S>
void ExactSensitivity<S>::walk_forward(const VectorField<S>& field, MatrixRefX<S> states) {
  const bool full = options_.sensitivity == SensitivityMethod::kFullTape;
  const Index batch = rounds_.batch();
  for (Index r = 0; r < rounds_.count(); ++r) {
    keep_state(r);
    const Round<S>& round = rounds_.load(r);
    pullback_.advance(field, round, x_, full ? *tapes_[std::size_t(r)] : *tape_, full);
    const Index arrival = rounds_.arrival(r);
    for (const Index sample : pullback_.stuck()) {
      rounds_.fail_sample(sample, SolveStatus::kNoConvergence, round.points[0] + 1,
                          "the equation of a step from t = " + to_text(round.exact_time[0]) +
                              " could not be solved; try a smaller step",
                          states);
    }
    if (arrival == 0) continue;
    auto block = states.middleCols(arrival * batch, batch);
    block = x_.leftCols(batch);
    if (rounds_.failed() == 0 && block.allFinite()) continue;
    for (Index b = 0; b < batch; ++b) {
      if (!rounds_.has_failed(b) && block.col(b).allFinite()) continue;
      rounds_.fail_sample(b, SolveStatus::kNonFinite, arrival,
                          "the state is not finite at t = " +
                              to_text(rounds_.time(b, arrival)) + "; try a smaller step",
                          states);
    }
  }
}

template <class S>
void ExactSensitivity<S>::keep_state(Index round) {
  const Index batch = rounds_.batch();
  if (options_.sensitivity != SensitivityMethod::kCheckpointing) {
    kept_.middleCols(round * batch, batch) = x_.leftCols(batch);
    return;
  }
  // The chain of checkpoints that `reverse` will look for first.
  const Index end = rounds_.count(), most = slots();
  if (round == 0) next_hold_ = next_slot_ = 0;
  if (round == next_hold_) {
    hold(next_slot_, round, x_);
    if (next_slot_ + 1 < most && end - round > 1) {
      next_hold_ += next_checkpoint(end - round, most - next_slot_);
      ++next_slot_;
    }
  }
  if (round + 1 == end) {
    replay_.leftCols(batch) = x_.leftCols(batch);
    at_ = round;
  }
}

/// kCheckpointing: walks all rounds (where the steps were only just found, again) and holds the
/// first checkpoints.
template <class S>
void ExactSensitivity<S>::place_checkpoints(const VectorField<S>& field, MatrixRefX<S> states) {
  reserve_columns(slots_, rounds_.dimension(), slots() * rounds_.batch());
  positions_.assign(std::size_t(slots()), -1);
  if (!rounds_.is_adaptive()) {
    walk_forward(field, states);
    return;
  }
  for (Index r = 0; r < rounds_.count(); ++r) {
    keep_state(r);
    if (r + 1 == rounds_.count()) break;
    const Round<S>& round = rounds_.load(r);
    pullback_.advance(field, round, x_, *tape_, false);
    for (const Index sample : pullback_.stuck()) fail_stuck(round, sample, states);
  }
}

/// A sample whose accepted step could not be solved again: implicit methods only.
template <class S>
void ExactSensitivity<S>::fail_stuck(const Round<S>& round, Index sample,
                                     MatrixRefX<S> states) {
  for (Index i = 0; i < round.size; ++i) {
    if (round.samples[std::size_t(i)] != sample) continue;
    rounds_.fail_sample(sample, SolveStatus::kNoConvergence, round.points[std::size_t(i)] + 1,
                        "the equation of the step from t = " + to_text(round.exact_time[i]) +
                            " could not be solved again; try a tighter tolerance",
                        states);
    return;
  }
}

/// kFullTape with an adaptive method: the accepted steps, with all their stages.
template <class S>
void ExactSensitivity<S>::fill_tapes(const VectorField<S>& field, MatrixRefX<S> states) {
  for (Index r = 0; r < rounds_.count();) {
    if (Index(tapes_.size()) <= r) {
      tapes_.push_back(pullback_.make_tape(field, StageTapes::kPerStage));
    }
    const Round<S>& round = rounds_.load(r);
    const bool solved =
        round.size == 0 || pullback_.repeat(field, round, kept_, round.first, round.places,
                                            *tapes_[std::size_t(r)]);
    if (solved) {
      ++r;
      continue;
    }
    // From the beginning, without them: a tape holds the samples of its round.
    for (Index i = round.size - 1; i >= 0; --i) {
      fail_stuck(round, round.samples[std::size_t(i)], states);
    }
    r = 0;
  }
}

template <class S>
SolveStatus ExactSensitivity<S>::backward(const VectorField<S>& field,
                                          ConstMatrixRefX<S> states_bar, MatrixRefX<S> x0_bar,
                                          VectorRefX<S> theta_bar, MatrixRef times_bar) {
  rounds_.check_backward(field, states_bar, x0_bar, theta_bar, times_bar);
  pullback_.use().reset();
  statistics_.backward = {};
  if (times_bar.size() > 0) times_bar.setZero();
  Way way{field, states_bar, theta_bar, times_bar};
  pullback_.cotangents().start(rounds_);
  if (options_.sensitivity == SensitivityMethod::kCheckpointing) {
    if (rounds_.count() > 0) reverse(0, rounds_.count(), 0, way);
  } else {
    for (Index r = rounds_.count() - 1; r >= 0; --r) pull_back_stored(r, way);
  }
  pullback_.cotangents().finish(rounds_, states_bar, x0_bar);
  statistics_.backward.evaluations = pullback_.use().evaluations;
  statistics_.vjps = pullback_.use().vjps;
  statistics_.peak_bytes = bytes();
  if (!way.solved) return SolveStatus::kNoConvergence;
  return rounds_.worst_status();
}

template <class S>
void ExactSensitivity<S>::pull_back_stored(Index r, Way& way) {
  const Round<S>& round = rounds_.load(r);
  if (round.size == 0) return;
  StepTape* tape = tape_.get();
  // A tape of a step holds the samples that failed later, too.
  const bool taped = options_.sensitivity == SensitivityMethod::kFullTape &&
                     (rounds_.failed() == 0 || rounds_.is_adaptive());
  if (taped) {
    tape = tapes_[std::size_t(r)].get();
  } else {
    ++statistics_.backward.steps;
    if (!pullback_.repeat(way.field, round, kept_, round.first, round.places, *tape)) {
      way.solved = false;
      return;
    }
  }
  pullback_.cotangents().collect(rounds_, round, way.states_bar);
  pullback_.pull_back(way.field, rounds_, round, *tape, way.theta_bar, way.times_bar);
}

template <class S>
void ExactSensitivity<S>::walk_to(Index target, Index slot, Way& way) {
  const Index batch = rounds_.batch(), begin = positions_[std::size_t(slot)];
  if (at_ < begin || at_ > target) {
    replay_.leftCols(batch) = slots_.middleCols(slot * batch, batch);
    at_ = begin;
  }
  for (; at_ < target; ++at_) {
    pullback_.advance(way.field, rounds_.load(at_), replay_, *tape_, false);
    way.solved &= pullback_.stuck().empty();
    ++statistics_.backward.steps;
  }
}

template <class S>
void ExactSensitivity<S>::reverse(Index begin, Index end, Index slot, Way& way) {
  while (end - begin > 1 && slot + 1 < slots()) {
    const Index middle = begin + next_checkpoint(end - begin, slots() - slot);
    if (positions_[std::size_t(slot + 1)] != middle) {
      walk_to(middle, slot, way);
      hold(slot + 1, middle, replay_);
    }
    reverse(middle, end, slot + 1, way);
    end = middle;
  }
  for (Index r = end - 1; r >= begin; --r) {
    walk_to(r, slot, way);
    const Round<S>& round = rounds_.load(r);
    if (round.size == 0) continue;
    ++statistics_.backward.steps;
    if (!pullback_.repeat(way.field, round, replay_, 0, round.samples, *tape_)) {
      way.solved = false;
      continue;
    }
    pullback_.cotangents().collect(rounds_, round, way.states_bar);
    pullback_.pull_back(way.field, rounds_, round, *tape_, way.theta_bar, way.times_bar);
  }
}

template <class S>
std::size_t ExactSensitivity<S>::bytes() const {
  std::size_t total =
      sizeof(*this) + rounds_.bytes() + pullback_.bytes() + tape_->bytes() +
      sizeof(S) * std::size_t(x_.size() + kept_.size() + slots_.size() + replay_.size()) +
      positions_.capacity() * sizeof(Index);
  for (const auto& tape : tapes_) total += tape->bytes() + sizeof(tape);
  return total;
}

template class ExactSensitivity<float>;
template class ExactSensitivity<double>;

}  // namespace least_action
