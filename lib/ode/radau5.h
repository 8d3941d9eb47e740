#pragma once

#include <vector>

#include "ode/adaptive_stepper.h"
#include "ode/batch_control.h"

namespace least_action {

/// The adaptive method for stiff fields: Radau IIA with three stages, an implicit Runge–Kutta
/// (collocation) method of order 5. L-stable: however fast a mode decays, the step is chosen
/// by what is left to see of the solution. The equations of a step,
///
///   Zᵢ = h Σⱼ aᵢⱼ f(t + cⱼh, x + Zⱼ),   x₁ = x + Z₃,
///
/// are solved by simplified Newton iteration, to 1 % of the tolerance, in the basis in which
/// A⁻¹ is diagonal: one real and one complex linear system of the field's dimension n. ∂f/∂x (n
/// calls of `jvp`) and the factors are kept while they serve: over steps, as long as the
/// iteration contracts fast and the step stays the same. A step costs three evaluations for
/// each Newton iteration (typically two to four of them), one for the error estimate, and n
/// where the Jacobian is renewed.
///
/// The error estimate is of order 3. As in the authors' code it is therefore compared with
/// tolerances raised to the power 2/3, which makes the error proportional to the tolerance
/// asked for. Step sizes: the predictive controller of Gustafsson. Dense output: the
/// collocation polynomial, of order 3. For dimensions up to some tens (dense factors).
///
/// Every sample has its own steps, Jacobian and iteration; those on their way are evaluated
/// together.
///
/// Reference: Hairer & Wanner, Solving ODEs II, §IV.8.
class Radau5 final : public AdaptiveStepper<double> {
 public:
  /// Throws std::invalid_argument for a fault in the options or a max_batch below 1 or too
  /// large to address. `field` must outlive it.
  Radau5(const VectorField<double>& field, Index max_batch, const SolveOptions& options);
  ~Radau5() override;

  void start(ConstVectorRef t0, ConstVectorRef t_end, ConstMatrixRef x0) override;
  Index advance() override;
  std::span<const Index> accepted() const override { return control_.accepted(); }
  Index active() const override { return control_.on_way(); }
  void extend(Index sample, double t_end) override;
  void replace(Index sample, double t, ConstVectorRef x) override;

  Index batch() const override { return control_.batch(); }
  Eigen::Ref<const Matrix> states() const override { return x_.leftCols(batch()); }
  Eigen::Ref<const Matrix> previous_states() const override {
    return x_previous_.leftCols(batch());
  }
  double time(Index sample) const override { return control_.time(sample); }
  double previous_time(Index sample) const override { return control_.previous_time(sample); }
  double last_step(Index sample) const override { return control_.last_step(sample); }
  double step(Index sample) const override { return control_.step(sample); }
  /// kNoConvergence where Newton's iteration failed at every step down to the smallest.
  SolveStatus status(Index sample) const override;
  std::string message(Index sample) const override;
  bool is_stiff(Index) const override { return false; }

  void interpolate(Index sample, double t, VectorRef x) override;
  /// x and Z₁, Z₂, Z₃ of the last step.
  Index record_size() const override { return 4 * x_.rows(); }
  void record(Index sample, VectorRef record) const override;
  void interpolate_record(ConstVectorRef record, double t_start, double h, double t,
                          VectorRef x) const override;

  SolveStatistics statistics(Index sample) const override {
    return control_.statistics(sample);
  }
  const FieldCalls<double>& calls() const override { return calls_; }
  std::size_t bytes() const override;

  /// Evaluations of ∂f/∂x, for all samples together.
  Index jacobians() const { return jacobians_; }
  /// Factorisations of a pair of linear systems.
  Index factorizations() const { return factorizations_; }

 private:
  enum class Newton { kIterating, kConverged, kSlow, kDiverged, kNonFinite };
  struct Sample;

  Sample& at(Index sample);
  const Sample& at(Index sample) const;
  auto z(Index sample) { return z_.middleCols(3 * sample, 3); }
  auto z(Index sample) const { return z_.middleCols(3 * sample, 3); }
  auto tried_z(Index sample) { return tried_z_.middleCols(3 * sample, 3); }

  void find_rates();
  void find_jacobians();
  void find_first_steps();
  void evaluate_at_start(std::span<const Index> samples);
  void predict(Index sample);
  void iterate();
  Newton correct(Index sample, Index column, int iteration);
  double find_error(Index sample);
  void plan_after_acceptance(Index sample, double planned);
  void plan_after_rejection(Index sample);
  double norm(const double* v, Index sample) const;

  SolveOptions options_;
  Tolerance estimate_tolerance_;  // What the error estimate is compared with.
  double newton_tolerance_;       // In its units.
  FieldCalls<double> calls_;
  BatchControl control_;
  std::vector<Sample> samples_;
  Matrix x_, x_previous_, rate_;  // dimension × max_batch, by sample
  Matrix z_, tried_z_;            // dimension × 3 max_batch: of the last step, of this one
  // A column, or three, for each sample in a call.
  Matrix packed_x_, packed_rate_, direction_, tangent_;
  Vector packed_t_;
  std::vector<Index> called_;    // Samples in a call.
  std::vector<double> errors_;   // Of the active samples.
  std::vector<double> planned_;  // Their steps as planned, before one was cut to arrive.
  Index jacobians_ = 0, factorizations_ = 0;
};

}  // namespace least_action
