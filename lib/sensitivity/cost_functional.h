#pragma once

#include <memory>
#include <string>

#include "sensitivity/initial_state.h"
#include "sensitivity/observation_cost.h"
#include "sensitivity/running_cost.h"
#include "sensitivity/sensitivity.h"

namespace least_action {

/// What a solution costs (seed eq. 4, with observations), summed over the batch:
///
///   C(θ) = Σ_k φ_k(t_k, x(t_k); θ) + ∫_{t₀}^{t_K} l(t, x(t); θ) dt,   x(t₀) = x₀ or x₀(θ).
///
/// Each part may be absent (null). All refer to their own parameters within one θ of
/// `num_parameters`, of which the field's come first; what is pointed to must outlive its use.
template <class S>
struct CostFunctional {
  const RunningCost<S>* running = nullptr;
  const ObservationCost<S>* observations = nullptr;
  const InitialState<S>* initial = nullptr;
  Index num_parameters = 0;  ///< 0: those of the field.
};

/// The value of a cost functional and all of its derivatives.
template <class S>
struct CostGradient {
  SolveStatus status = SolveStatus::kReachedEnd;
  std::string message;   ///< Why, where not all went well.
  double cost = 0;       ///< Of the samples that did not fail.
  MatrixX<S> states;     ///< x(t_k), dimension × B·(K + 1), block k is time k.
  VectorX<S> theta_bar;  ///< dC/dθ, with dx₀/dθ where x₀ depends on θ.
  MatrixX<S> x0_bar;     ///< dC/dx₀, dimension × B.
  Matrix times_bar;      ///< dC/dt_k of every sample, B × (K + 1): dC/dt₀ … dC/dt_K.
  SensitivityStatistics statistics;
};

/// Evaluates a cost functional and its gradient by any sensitivity: the running cost becomes
/// one more component of the state (CostField). Construct once; `evaluate` allocates only while
/// its results grow to their sizes. The objects the functional points to may change their
/// parameters between calls.
template <class S>
class CostFunctionalGradient final {
 public:
  /// For up to `max_batch` samples and `max_points` times after the first. Throws
  /// std::invalid_argument as make_sensitivity does, and where num_parameters is below the
  /// field's.
  CostFunctionalGradient(const SensitivityOptions& options, const VectorField<S>& field,
                         const CostFunctional<S>& functional, Index max_batch,
                         Index max_points);

  /// times: as in Sensitivity::forward. x0: dimension × B. Throws std::invalid_argument on
  /// wrong sizes, and where the functional has an initial state of its own.
  const CostGradient<S>& evaluate(const VectorField<S>& field, ConstMatrixRef times,
                                  ConstMatrixRefX<S> x0);
  /// From the functional's initial state.
  const CostGradient<S>& evaluate(const VectorField<S>& field, ConstMatrixRef times);

 private:
  const CostGradient<S>& run(const VectorField<S>& field, ConstMatrixRef times, Index batch);
  void add_observations(ConstMatrixRef times, Index batch);

  CostFunctional<S> functional_;
  Index dimension_;
  std::unique_ptr<Sensitivity<S>> sensitivity_;
  MatrixX<S> x0_, states_, states_bar_, x0_bar_;  // With the cost's component, if there is one.
  MatrixX<S> block_, block_bar_;                  // dimension × max_batch
  VectorX<S> t_, costs_, w_, t_bar_;              // max_batch
  Matrix direct_times_bar_;
  CostGradient<S> result_;
};

}  // namespace least_action
