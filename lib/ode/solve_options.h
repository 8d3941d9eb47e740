#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/types.h"
#include "ode/method.h"

namespace least_action {

/// Why a solve stopped. Only kReachedEnd means that every requested time was reached.
enum class SolveStatus {
  kReachedEnd,
  kStepLimit,
  kStepUnderflow,
  kNonFinite,
  kNoConvergence,
  kStopped  ///< By an event that ends the solve, or a callback that asked for it.
};
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
  double max_step = 0;      ///< Adaptive methods; 0: none.
  Index max_steps = 1000000;
  /// Adaptive methods: all samples of a batch take the same steps (the worst sample decides),
  /// instead of each its own.
  bool shared_steps = false;

  bool operator==(const SolveOptions&) const = default;
};
/// What is wrong with the options, in words; empty where nothing is.
std::optional<std::string> find_fault(const SolveOptions& options);

struct SolveStatistics {
  Index steps = 0;  ///< Accepted.
  Index rejected = 0;
  Index evaluations = 0;  ///< Of the field (NFE): calls in which the sample took part.
};

}  // namespace least_action
