#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/types.h"
#include "ode/dense_solution.h"
#include "ode/event.h"
#include "ode/methods.h"
#include "ode/solve_options.h"
#include "ode/vector_field.h"

namespace least_action {

/// How one sample of a batch fared.
struct SampleReport {
  SolveStatus status = SolveStatus::kReachedEnd;
  std::string message;  ///< In words, with the time of failure and what to try.
  Index reached = 0;    ///< How many of its times, the first included.
  SolveStatistics statistics;
  Index stiff_steps = 0;  ///< Steps that stability held down, not accuracy.
};

/// States at the requested times reached. A failed solve keeps what it computed.
struct Solution {
  /// Of the first sample that failed, else of the first that was stopped, else kReachedEnd.
  SolveStatus status = SolveStatus::kReachedEnd;
  std::string message;  ///< That sample's, naming it where there are several.
  /// In words, what the solve noticed although it went well: stiffness. Empty where nothing.
  std::string remark;
  Index dimension = 0, batch = 0;
  /// The requested times that some sample reached, in order; empty for solve_each.
  std::vector<double> times;
  /// dimension × (batch · number of times), block k at times[k]; NaN where a sample did not
  /// get so far.
  Matrix states;
  /// The most steps of any sample; calls of the field for the whole batch.
  SolveStatistics statistics;
  FieldHealth health;  ///< Worst over the solve.
  std::vector<SampleReport> samples;
  std::vector<EventRecord> events;             ///< In the order in which they were found.
  std::shared_ptr<const DenseSolution> dense;  ///< Where SolveExtras::dense asked for it.

  bool ok() const { return status == SolveStatus::kReachedEnd; }
  /// The dimension × batch block at times[k].
  auto state(Index k) const { return states.middleCols(k * batch, batch); }
};

/// Integrates ẋ = f(t, x) from x0 (dimension × B) at times[0] through `times` (strictly
/// monotone, increasing or decreasing, at least one). Every sample takes its own steps, unless
/// options.shared_steps; one that fails leaves the others alone. Throws std::invalid_argument
/// on a wrong call (sizes, non-finite or non-monotone times, a fault in the options, a method
/// that needs a separable field on one that is not); failures of the computation are a status.
Solution solve(const VectorField<double>& field, ConstMatrixRef x0,
               const std::vector<double>& times, const SolveOptions& options = {},
               const SolveExtras& extras = {});

/// The same with times of its own for each sample (B × K): row b increases or decreases, and
/// neighbours may be equal (padding).
Solution solve_each(const VectorField<double>& field, ConstMatrixRef x0, const Matrix& times,
                    const SolveOptions& options = {}, const SolveExtras& extras = {});

}  // namespace least_action
