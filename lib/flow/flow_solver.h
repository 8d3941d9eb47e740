#pragma once

#include <memory>
#include <vector>

#include "base/random.h"
#include "base/types.h"
#include "flow/continuous_normalizing_flow.h"
#include "ode/solver.h"

namespace least_action {

/// log of the base density, N(0, I), at one point.
template <class S>
inline double log_base_density(const S* x, Index dimension) {
  constexpr double kLog2Pi = 1.8378770664093454836;
  double squares = 0;
  for (Index i = 0; i < dimension; ++i) {
    squares += static_cast<double>(x[i]) * static_cast<double>(x[i]);
  }
  return -0.5 * (squares + static_cast<double>(dimension) * kLog2Pi);
}

/// Uses a trained flow, in double and with the exact trace, by any method of lib/ode: density
/// at points, samples, and the flow map either way.
///
///   log p(x) = log N(x(0)) − ∫₀¹ tr ∂f/∂x dt,   x(1) = x.
///
/// Holds θ; made once, used again (only the first calls of a size allocate). Points that are
/// not finite, or of another dimension, are refused with std::invalid_argument. Not
/// thread-safe.
class FlowSolver final {
 public:
  /// Throws std::invalid_argument for a bad spec, another size of θ or a fault in the options.
  FlowSolver(const FlowSpec& spec, const Vector& theta, Index max_batch,
             const SolveOptions& options = {});
  ~FlowSolver();
  FlowSolver(FlowSolver&&) noexcept;
  FlowSolver& operator=(FlowSolver&&) noexcept;

  const FlowSpec& spec() const;
  Index max_batch() const;
  const Vector& theta() const;
  void set_theta(ConstVectorRef theta);  ///< Throws std::invalid_argument for another size.

  /// Writes log p (B) at the points x (d × B). Where the solve fails, the message of the status
  /// is in `message()` and the result is NaN.
  SolveStatus log_density(ConstMatrixRef x, VectorRef log_density);

  /// Carries points given at times[0] through `times` (within or beyond [0, 1], monotone):
  /// {0, 1} makes samples of base points, {1, 0} base points of data.
  const Solution& transport(ConstMatrixRef x, const std::vector<double>& times);

  /// Draws B base points from `random`, carries them to t = 1, and writes them and their log p
  /// (B, or empty: not wanted).
  SolveStatus sample(Random& random, MatrixRef x, VectorRef log_density);

  const std::string& message() const;  ///< Of the last solve; empty where it went well.
  const SolveStatistics& statistics() const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace least_action
