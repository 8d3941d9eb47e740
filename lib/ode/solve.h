#pragma once

#include <string>
#include <vector>

#include "base/types.h"
#include "ode/methods.h"
#include "ode/solve_options.h"
#include "ode/vector_field.h"

namespace least_action {

/// States at the requested times reached. A failed solve keeps what it computed.
struct Solution {
  SolveStatus status = SolveStatus::kReachedEnd;
  std::string message;  ///< In words, with the time of failure and what to try.
  Index dimension = 0, batch = 0;
  std::vector<double> times;  ///< The requested times reached, in order.
  Matrix states;              ///< dimension × (batch · times.size())
  SolveStatistics statistics;
  FieldHealth health;  ///< Worst over the solve.

  bool ok() const { return status == SolveStatus::kReachedEnd; }
  /// The dimension × batch block at times[k].
  auto state(Index k) const { return states.middleCols(k * batch, batch); }
};

/// Integrates ẋ = f(t, x) from x0 (dimension × B) at times[0] through `times` (strictly
/// monotone, increasing or decreasing, at least one). All samples share the times and, for
/// adaptive methods, the step sequence (error norm: the largest over the samples of the RMS of
/// the scaled error). Throws std::invalid_argument on a wrong call (sizes, non-finite or
/// non-monotone times, a fault in the options, a method that needs a separable field on one
/// that is not); failures of the computation are a status.
Solution solve(const VectorField<double>& field, ConstMatrixRef x0,
               const std::vector<double>& times, const SolveOptions& options = {});

}  // namespace least_action
