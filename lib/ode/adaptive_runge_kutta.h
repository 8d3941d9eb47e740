#pragma once

#include <vector>

#include "ode/adaptive_stepper.h"
#include "ode/batch_control.h"
#include "ode/runge_kutta_stages.h"
#include "ode/tableau.h"

namespace least_action {

/// An adaptive explicit Runge–Kutta method given by a tableau with an embedded error estimate:
/// local extrapolation, PI step control, and dense output between step ends, so that requested
/// times do not shorten the steps. The last stage of a step is the first of the next: s − 1
/// evaluations for a step of s stages, accepted or rejected, and two to begin with (one where
/// initial_step is given); the dense output of DOP853 takes three more where it is asked for.
/// For smooth problems that are not stiff; not symplectic: the energy of a conservative system
/// drifts with the tolerance.
///
/// Every sample has its own steps: samples on their way are gathered into neighbouring columns,
/// so that the field never sees those that have arrived. A sample's numbers depend on the
/// others only as far as the field's evaluation of a column does (kernels may round a batch of
/// another size differently).
///
/// In single precision rounding limits what can be reached to about 1e-6; times stay double.
///
/// References: Hairer, Nørsett & Wanner, Solving ODEs I, §II.4–II.6, II.10; the stiffness test:
/// Hairer & Wanner, Solving ODEs II, §IV.2.
template <class S>
class AdaptiveRungeKutta final : public AdaptiveStepper<S> {
 public:
  /// Throws std::invalid_argument for a tableau without error estimate and dense output, a
  /// fault in the options, or a max_batch below 1 or too large to address. `field` must outlive
  /// it.
  AdaptiveRungeKutta(const ButcherTableau& tableau, const VectorField<S>& field,
                     Index max_batch, const SolveOptions& options);

  void start(ConstVectorRef t0, ConstVectorRef t_end, ConstMatrixRefX<S> x0) override;
  Index advance() override;
  std::span<const Index> accepted() const override { return control_.accepted(); }
  Index active() const override { return control_.on_way(); }
  void extend(Index sample, double t_end) override;
  void replace(Index sample, double t, ConstVectorRefX<S> x) override;

  Index batch() const override { return control_.batch(); }
  Eigen::Ref<const MatrixX<S>> states() const override { return x_.leftCols(batch()); }
  Eigen::Ref<const MatrixX<S>> previous_states() const override {
    return x_previous_.leftCols(batch());
  }
  double time(Index sample) const override { return control_.time(sample); }
  double previous_time(Index sample) const override { return control_.previous_time(sample); }
  double last_step(Index sample) const override { return control_.last_step(sample); }
  double step(Index sample) const override { return control_.step(sample); }
  SolveStatus status(Index sample) const override { return control_.status(sample); }
  std::string message(Index sample) const override {
    return control_.message(sample, is_stiff(sample));
  }
  bool is_stiff(Index sample) const override;

  void prepare_dense(std::span<const Index> samples) override;
  void interpolate(Index sample, double t, VectorRefX<S> x) override;
  Index record_size() const override { return records_.rows(); }
  void record(Index sample, VectorRefX<S> record) const override;
  void interpolate_record(ConstVectorRefX<S> record, double t_start, double h, double t,
                          VectorRefX<S> x) const override;

  SolveStatistics statistics(Index sample) const override;
  const FieldCalls<S>& calls() const override { return calls_; }
  std::size_t bytes() const override;

 private:
  struct Note {
    bool has_rate = false, has_step = false;  // Else both are found before the next round.
    bool is_stiff = false;
    int stiff_steps = 0, mild_steps = 0;
  };

  void begin_samples();
  void find_rates();
  void find_first_steps();
  void try_steps(ConstMatrixRefX<S> x);
  double scaled_error(Index column, Index sample) const;
  void keep_accepted();
  void test_stiffness(Index sample);
  void evaluate_extra_stages(std::span<const Index> samples) const;
  void make_record(Index sample) const;
  Note& note(Index sample) { return notes_[static_cast<std::size_t>(sample)]; }

  const ButcherTableau* tableau_;
  Tolerance tolerance_;
  double initial_step_;
  double stability_limit_;
  BatchControl control_;
  // The stages of this round, a column for each active sample; and those of every sample's last
  // accepted step, a column for each sample.
  RungeKuttaStages<S> tried_, kept_;
  MatrixX<S> x_, x_previous_, rate_;         // A column for each sample.
  MatrixX<S> packed_, difference_, cruder_;  // A column for each active sample.
  VectorX<S> t_, h_;                         // Of each active sample.
  VectorX<S> error_weights_, second_error_weights_;
  std::vector<double> errors_;  // Of each active sample.
  std::vector<Index> fresh_;
  std::vector<Note> notes_;
  bool is_pending_ = false;  // Some sample has no rate or no step.

  // The dense output of each sample's last step is evaluated when it is first asked for.
  mutable FieldCalls<S> calls_;
  mutable MatrixX<S> extra_k_;              // dimension × max_batch · extra stages
  mutable MatrixX<S> extra_x_, extra_out_;  // dimension × max_batch, packed
  mutable VectorX<S> extra_t_;
  mutable MatrixX<S> records_;  // record_size × max_batch
  mutable std::vector<char> has_extra_, has_record_;
  mutable std::vector<Index> wanted_, dense_evaluations_;
};

}  // namespace least_action
