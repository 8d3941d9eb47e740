#pragma once

#include "base/types.h"

namespace least_action {

/// Tolerances of adaptive methods: component i of a state may be wrong by
/// absolute + relative |xᵢ| in a step.
struct Tolerance {
  double relative = 1e-8;
  double absolute = 1e-10;
};

/// The size of `v` in units of the tolerance around x and y (all dimension × B): the largest
/// over the samples of
///
///   √( mean over i of (vᵢ / (absolute + relative max(|xᵢ|, |yᵢ|)))² ).
///
/// An error estimate is acceptable where this is at most 1. NaN or ∞ in v gives NaN or ∞. The
/// largest, not the mean, over the samples: one bad sample may not hide among good ones.
double scaled_norm(ConstMatrixRef v, ConstMatrixRef x, ConstMatrixRef y,
                   const Tolerance& tolerance);

/// The same norm of one sample (an array of `dimension` numbers each).
template <class S>
double scaled_norm(const S* v, const S* x, const S* y, Index dimension,
                   const Tolerance& tolerance);

/// The starting step of Hairer, Nørsett & Wanner, Solving ODEs I, §II.4, for a method of order
/// p, in two parts. From d₀ = ‖x₀‖ and d₁ = ‖f(t₀, x₀)‖ (scaled norms) the step h₀ of a trial
/// Euler step; then, with d₂ = ‖f(t₀ + h₀, x₀ + h₀ f) − f‖ / h₀, the starting step. All
/// positive, at most `span`.
double trial_step(double d0, double d1, double span);
double starting_step(double h0, double d1, double d2, int order, double span);

/// Proportional–integral step control (Gustafsson; Hairer & Wanner, Solving ODEs II, §IV.2):
/// with the scaled error e of a step that was accepted, and e₋ that of the one before,
///
///   h ← h · 0.9 e^{−α} e₋^{β},   β = 0.2/p,   α = 1/p − 0.75 β,
///
/// between 0.2 and 10 times; after a rejection h ← h · 0.9 e^{−α}, at least 0.2 times, and
/// the step after it does not grow. The estimate is O(h^p): p is the order of the method that
/// is advanced where its embedded method is one order lower.
class PiController final {
 public:
  explicit PiController(int order);

  /// The factor for the next step after a step whose scaled error was `error` ≤ 1.
  double accept(double error);
  /// The factor with which to try again; an error that is not finite gives the smallest.
  double reject(double error);

 private:
  double alpha_, beta_;
  double log_previous_error_;
  bool rejected_ = false;  // the last attempt
};

}  // namespace least_action
