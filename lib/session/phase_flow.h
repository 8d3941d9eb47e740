#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/types.h"
#include "ode/solver.h"
#include "ode/vector_field.h"
#include "sensitivity/sensitivity.h"

namespace least_action {

/// What came of a solve and its reverse mode; see PhaseFlow::pullback.
struct FlowPullback {
  SolveStatus status = SolveStatus::kReachedEnd;  ///< The worst sample's, of either way.
  std::string message;                            ///< Empty where all went well.
  Matrix states;     ///< dimension × (B · (K + 1)), block k is times[k].
  Matrix x0_bar;     ///< dimension × B
  Vector theta_bar;  ///< num_parameters
  Vector times_bar;  ///< K + 1: the derivative in each time, summed over the samples.
  SensitivityStatistics statistics;
};

/// The phase flow x₀ ↦ x(t) of one vector field ẋ = f(x; θ), in the field's own chart: rates at
/// many states, trajectories, and products with the trajectories' Jacobians. Keeps its solver,
/// tapes and buffers, so that calls of the same kind and size do not allocate them again: a
/// caller may advance one step at a time. Not thread-safe.
///
/// A field that stands for a map (a residual network: `map_time` > 0) is iterated by Euler
/// steps of exactly that length, whatever method and step are asked for; the Solution's
/// `remark` says so. Its times must increase, all by multiples of map_time after the first (to
/// 10⁻⁴ of it; the nearest multiple is taken), at most 10⁶ of them.
class PhaseFlow final {
 public:
  /// `field` must outlive this; its parameters may change between calls.
  explicit PhaseFlow(const VectorField<double>& field, double map_time = 0);
  ~PhaseFlow();
  PhaseFlow(PhaseFlow&&) noexcept;
  PhaseFlow& operator=(PhaseFlow&&) noexcept;

  Index dimension() const;

  /// Writes ẋ (dimension × N) at the states x (dimension × N), any N ≥ 0. Throws
  /// std::invalid_argument on wrong shapes or states that are not finite.
  void rates(ConstMatrixRef x, MatrixRef rates);

  /// States at `times` from x0 (dimension × B, B ≥ 1) at times[0]; see `solve`. The Solution is
  /// valid until the next call, whose x0 may not be part of it. Throws std::invalid_argument
  /// for a wrong call, changing nothing.
  const Solution& rollout(ConstMatrixRef x0, const std::vector<double>& times,
                          const SolveOptions& options);

  /// For C with ∂C/∂states = `states_bar` (dimension × (B · (K + 1)), block k is times[k]):
  /// solves from x0, and back. See Sensitivity. Valid until the next call, whose matrices may
  /// not be part of it. Throws std::invalid_argument for a wrong call, changing nothing.
  const FlowPullback& pullback(ConstMatrixRef x0, const std::vector<double>& times,
                               ConstMatrixRef states_bar, const SensitivityOptions& options);

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace least_action
