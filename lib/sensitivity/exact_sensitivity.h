#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sensitivity/round_pullback.h"

namespace least_action {

/// The exact gradient of a discrete solution, three ways that differ in what they keep:
///
///   kFullTape           every step with all its stages: nothing is evaluated on the way back.
///                       (The steps that an adaptive method accepts are evaluated once more on
///                       the way forward: only then are they known to be worth a tape.)
///   kSymplecticAdjoint  the state before every step; a step is done again with one set of
///                       field tapes and pulled back.
///   kCheckpointing      the states that binomial checkpointing asks for; the others are walked
///                       to again. Where the number of steps is not known beforehand (adaptive
///                       methods), the checkpoints are placed by a second walk.
///
/// All three pull back the same steps from the same states, so they agree bit for bit with
/// fixed steps, and otherwise to the rounding of walking again.
template <class S>
class ExactSensitivity final : public Sensitivity<S> {
 public:
  ExactSensitivity(const SensitivityOptions& options, const VectorField<S>& field,
                   Index max_batch, Index max_points);

  SolveStatus forward(const VectorField<S>& field, ConstMatrixRef times, ConstMatrixRefX<S> x0,
                      MatrixRefX<S> states) override;
  SolveStatus backward(const VectorField<S>& field, ConstMatrixRefX<S> states_bar,
                       MatrixRefX<S> x0_bar, VectorRefX<S> theta_bar,
                       MatrixRef times_bar) override;

  SolveStatus status(Index sample) const override { return rounds_.status(sample); }
  const std::string& message() const override { return rounds_.message(); }
  const SensitivityStatistics& statistics() const override { return statistics_; }
  FieldHealth health() const override { return health_; }
  Index max_batch() const override { return rounds_.max_batch(); }
  Index max_points() const override { return rounds_.max_points(); }

 private:
  using StepTape = typename StepPullback<S>::Tape;

  /// What a way back needs in every step.
  struct Way {
    const VectorField<S>& field;
    ConstMatrixRefX<S> states_bar;
    VectorRefX<S> theta_bar;
    MatrixRef times_bar;
    bool solved = true;
  };

  void walk_forward(const VectorField<S>& field, MatrixRefX<S> states);
  void keep_state(Index round);
  void fill_tapes(const VectorField<S>& field, MatrixRefX<S> states);
  void fail_stuck(const Round<S>& round, Index sample, MatrixRefX<S> states);
  void place_checkpoints(const VectorField<S>& field, MatrixRefX<S> states);
  /// Moves replay_ to the start of round `target`, from the checkpoint in `slot` unless it is
  /// on the way already.
  void walk_to(Index target, Index slot, Way& way);
  /// Pulls back the rounds end − 1 … begin from the checkpoint before `begin` in `slot`.
  void reverse(Index begin, Index end, Index slot, Way& way);
  void pull_back_stored(Index round, Way& way);
  void hold(Index slot, Index position, const MatrixX<S>& x);
  Index slots() const;
  std::size_t bytes() const;

  SensitivityOptions options_;
  SolveRounds<S> rounds_;
  RoundPullback<S> pullback_;
  std::unique_ptr<StepTape> tape_;                // Of the step at hand.
  std::vector<std::unique_ptr<StepTape>> tapes_;  // kFullTape: of every round.
  MatrixX<S> x_;                                  // dimension × max_batch: the way forward.
  MatrixX<S> kept_;               // Full tape, symplectic: the states before all steps.
  MatrixX<S> slots_;              // kCheckpointing: dimension × max_batch · checkpoints.
  std::vector<Index> positions_;  // Round before which a slot's state stands, or −1.
  MatrixX<S> replay_;             // The state before round at_ (−1: none).
  Index at_ = -1;
  Index next_hold_ = 0, next_slot_ = 0;  // The checkpoint that the way forward comes to next.
  SensitivityStatistics statistics_;
  FieldHealth health_;
};

}  // namespace least_action
