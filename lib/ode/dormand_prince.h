#pragma once

#include "ode/field_calls.h"
#include "ode/runge_kutta_stages.h"
#include "ode/solve.h"
#include "ode/step_control.h"

namespace least_action {

/// The adaptive method of Dormand & Prince: order 5 with an embedded error estimate of order 4
/// (local extrapolation), PI step control, and dense output of order 4 between step ends, so
/// that requested times do not shorten the steps. Six calls of the field for a step, accepted
/// or rejected: its last stage is the first of the next (coefficients: dormand_prince_tableau).
/// For smooth problems that are not stiff; not symplectic: the energy of a conservative
/// system drifts with the tolerance.
///
/// The batch shares time and step. Construction allocates, nothing else does.
///
/// Reference: Hairer, Nørsett & Wanner, Solving ODEs I, §II.4–II.6.
class DormandPrince final {
 public:
  DormandPrince(const VectorField<double>& field, Index max_batch, const SolveOptions& options);

  /// Places the integrator at x0 (dimension × B) at `t0`, on the way to `t_end` (before or
  /// after t0). Chooses the first step: two calls of the field, one where initial_step is
  /// given.
  void start(double t0, double t_end, ConstMatrixRef x0);

  /// Takes one accepted step, trying smaller ones as needed; the last ends at t_end exactly.
  /// kReachedEnd means that it did step; otherwise time() and state() are the last good ones.
  SolveStatus advance();

  double time() const { return t_; }
  double previous_time() const { return t_previous_; }
  double step() const { return h_; }  ///< The step about to be tried.
  double smallest_step() const;       ///< Below which the step underflows, here.
  auto state() const { return x_.leftCols(batch_); }
  /// Writes the state at `t` between previous_time() and time(), after `advance`.
  void interpolate(double t, MatrixRef x);

  const SolveStatistics& statistics() const { return statistics_; }
  FieldHealth health() const { return calls_.health(); }

 private:
  void choose_first_step();
  void try_step(double h);

  FieldCalls<double> calls_;
  RungeKuttaStages<double> stages_;
  Tolerance tolerance_;
  double initial_step_, min_step_;
  Index max_steps_;
  PiController controller_;
  SolveStatistics statistics_;
  Index batch_ = 0;
  double t_ = 0, t_previous_ = 0, t_end_ = 0, span_ = 0, h_ = 0;
  bool last_stage_is_first_ = false;
  Matrix x_, x_previous_, x_next_, difference_;  // dimension × max_batch
  Vector t_column_, h_column_, weights_;
  const Vector error_weights_;
};

}  // namespace least_action
