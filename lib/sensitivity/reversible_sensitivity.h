#pragma once

#include <memory>
#include <string>

#include "sensitivity/round_pullback.h"

namespace least_action {

/// The exact gradient of a discrete solution in constant memory: the way back finds every state
/// from the one after it, to rounding, and pulls back as it goes. Nothing is kept but the last
/// state (and of an adaptive method, the sizes of its steps: 24 bytes each).
///
/// A symmetric method (Störmer–Verlet, Yoshida, implicit midpoint, Gauss) undoes its own step
/// with −h. Any other one, of increment ψ_h(x) = Φ_h(x) − x, is made reversible by a second
/// state (McCallum & Foster, arXiv 2410.11648), both starting from x₀:
///
///   y₁ = λ y₀ + (1 − λ) z₀ + ψ_h(z₀),           z₀ = z₁ + ψ_{−h}(y₁),
///   z₁ = z₀ − ψ_{−h}(y₁),                       y₀ = (y₁ − (1 − λ) z₀ − ψ_h(z₀)) / λ,
///
/// of the order of Φ, at twice its evaluations. The solution is y: close to Φ's, not the same.
/// The gradient is that of y. Rounding grows as λ^{−N}: choose the coupling λ close to 1 for
/// long solves; and as the flow itself does backward: strongly damped systems lose what they
/// have forgotten.
///
///   ȳ' = ȳ₁ − (∂ψ_{−h}(y₁))ᵀ z̄₁,   ȳ₀ = λ ȳ',   z̄₀ = z̄₁ + (1 − λ) ȳ' + (∂ψ_h(z₀))ᵀ ȳ'
///
/// An adaptive method first finds its steps for Φ; then they are taken by the pair.
template <class S>
class ReversibleSensitivity final : public Sensitivity<S> {
 public:
  ReversibleSensitivity(const SensitivityOptions& options, const VectorField<S>& field,
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

  /// The start as the last `backward` found it, dimension × B: x₀ to rounding.
  auto recovered_start() const { return y_.leftCols(rounds_.batch()); }

 private:
  using StepTape = typename StepPullback<S>::Tape;
  using Pullback = RoundPullback<S>;

  void pick(const Round<S>& round, Index i);
  void write_observations(const Round<S>& round, MatrixRefX<S> states);
  void find_failures(MatrixRefX<S> states);
  /// Writes Φ_{±h}(x) − x of the round's samples in `x` to `increment`; with `back`, the step
  /// from the round's end by −h. Keeps the step on the tape.
  bool increment(const VectorField<S>& field, const Round<S>& round, bool back,
                 const MatrixX<S>& x, MatrixX<S>& out);
  bool step_forward(const VectorField<S>& field, const Round<S>& round);
  bool step_back(const VectorField<S>& field, const Round<S>& round, VectorRefX<S> theta_bar,
                 MatrixRef times_bar);
  bool step_back_coupled(const VectorField<S>& field, const Round<S>& round,
                         VectorRefX<S> theta_bar, MatrixRef times_bar);
  std::size_t bytes() const;

  S coupling_;
  bool is_symmetric_;
  SolveRounds<S> rounds_;
  Round<S> single_;  // A sample by itself, where a round could not be solved.
  std::unique_ptr<StepPullback<S>> step_;
  std::unique_ptr<StepTape> tape_;
  RoundCotangents<S> cotangents_;  // Of y.
  MatrixX<S> y_, z_, z_bar_;       // dimension × max_batch, by sample
  MatrixX<S> y_end_, z_end_;       // Where the last forward arrived.
  MatrixX<S> now_y_, now_z_, now_y_bar_, now_z_bar_, increment_;  // The round's samples.
  VectorX<S> end_time_, minus_h_;
  VectorX<S> t_bar_, h_bar_, t_part_, h_part_;
  std::vector<Index> written_;  // The last observation written of each sample.
  SensitivityStatistics statistics_;
  FieldHealth health_;
};

}  // namespace least_action
