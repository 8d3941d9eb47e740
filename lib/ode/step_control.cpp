#include "ode/step_control.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace least_action {
namespace {

constexpr double kSafety = 0.9;
constexpr double kSmallestFactor = 0.2;
constexpr double kLargestFactor = 10;
/// A lucky zero in the estimate says nothing about the next step.
constexpr double kSmallestError = 1e-4;

}  // namespace

double scaled_norm(ConstMatrixRef v, ConstMatrixRef x, ConstMatrixRef y,
                   const Tolerance& tolerance) {
  double largest = 0;
  for (Index sample = 0; sample < v.cols(); ++sample) {
    double sum = 0;
    for (Index i = 0; i < v.rows(); ++i) {
      const double error = v(i, sample);
      if (error == 0) continue;  // Also where the scale is 0.
      const double scale =
          tolerance.absolute +
          tolerance.relative * std::max(std::abs(x(i, sample)), std::abs(y(i, sample)));
      sum += (error / scale) * (error / scale);
    }
    const double rms = std::sqrt(sum / static_cast<double>(v.rows()));
    if (std::isnan(rms)) return rms;
    largest = std::max(largest, rms);
  }
  return largest;
}

double trial_step(double d0, double d1, double span) {
  // d₁ is infinite where a component at 0 begins to move and its tolerance is relative alone.
  const bool says_nothing = d0 < 1e-5 || d1 < 1e-5 || !std::isfinite(d1);
  const double h0 = says_nothing ? 1e-6 : 0.01 * d0 / d1;
  return std::min(h0, span);
}

double starting_step(double h0, double d1, double d2, int order, double span) {
  const double largest = std::max(d1, d2);
  const double h1 = largest <= 1e-15 ? std::max(1e-6, h0 * 1e-3)
                                     : std::pow(0.01 / largest, 1.0 / (order + 1));
  const double h = std::min({100 * h0, h1, span});
  return std::isfinite(h) && h > 0 ? h : h0;
}

PiController::PiController(int order) : alpha_(1.0 / order - 0.75 * 0.04), beta_(0.04) {}

double PiController::accept(double error) {
  double factor = kLargestFactor;
  if (error > 0) {
    factor = kSafety * std::pow(error, -alpha_) * std::pow(previous_error_, beta_);
    factor = std::clamp(factor, kSmallestFactor, kLargestFactor);
  }
  if (rejected_) factor = std::min(factor, 1.0);
  previous_error_ = std::max(error, kSmallestError);
  rejected_ = false;
  return factor;
}

double PiController::reject(double error) {
  rejected_ = true;
  if (!std::isfinite(error)) return kSmallestFactor;
  return std::clamp(kSafety * std::pow(error, -alpha_), kSmallestFactor, kSafety);
}

}  // namespace least_action
