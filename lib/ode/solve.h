#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/types.h"
#include "ode/methods.h"
#include "ode/vector_field.h"

namespace least_action {

/// Why a solve stopped. Only kReachedEnd means that every requested time was reached.
enum class SolveStatus { kReachedEnd, kStepLimit, kStepUnderflow, kNonFinite, kNoConvergence };
std::string_view name(SolveStatus status);

struct SolveOptions {
  Method method = Method::kDormandPrince54;
  /// Fixed-step methods: the largest step [time]; each interval between requested times is
  /// divided into equal steps of at most this size, so the times are hit exactly.
  double step = 0.01;
  double relative_tolerance = 1e-8;  ///< Adaptive methods; > 0.
  double absolute_tolerance = 1e-10;
  double initial_step = 0;  ///< 0: chosen from the field (Hairer–Nørsett–Wanner II.4).
  double min_step = 0;      ///< 0: 16 ε max(|t|, span).
  Index max_steps = 1000000;
};
/// What is wrong with the options, in words; empty where nothing is.
std::optional<std::string> find_fault(const SolveOptions& options);

struct SolveStatistics {
  Index steps = 0;  ///< Accepted.
  Index rejected = 0;
  Index evaluations = 0;  ///< Batched calls of the field (NFE).
};

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
