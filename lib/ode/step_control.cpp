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

template <class S>
double scaled_norm(const S* v, const S* x, const S* y, Index dimension,
                   const Tolerance& tolerance) {
  // The smallest normal number makes 0/0, where the tolerance is relative alone, 0.
  const double absolute = tolerance.absolute + std::numeric_limits<double>::min();
  double sum = 0;
  for (Index i = 0; i < dimension; ++i) {
    const double size =
        std::max(std::abs(static_cast<double>(x[i])), std::abs(static_cast<double>(y[i])));
    const double error = static_cast<double>(v[i]) / (absolute + tolerance.relative * size);
    sum += error * error;
  }
  return std::sqrt(sum / static_cast<double>(dimension));
}

template double scaled_norm(const float*, const float*, const float*, Index, const Tolerance&);
template double scaled_norm(const double*, const double*, const double*, Index,
                            const Tolerance&);

double scaled_norm(ConstMatrixRef v, ConstMatrixRef x, ConstMatrixRef y,
                   const Tolerance& tolerance) {
  double largest = 0;
  for (Index sample = 0; sample < v.cols(); ++sample) {
    const double rms = scaled_norm(v.col(sample).data(), x.col(sample).data(),
                                   y.col(sample).data(), v.rows(), tolerance);
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

PiController::PiController(int order)
    : alpha_(1.0 / order - 0.75 * 0.2 / order),
      beta_(0.2 / order),
      log_previous_error_(std::log(kSmallestError)) {}

double PiController::accept(double error) {
  double factor = kLargestFactor;
  const double log_error = std::log(error);  // −∞ at 0
  if (error > 0) {
    factor = kSafety * std::exp(beta_ * log_previous_error_ - alpha_ * log_error);
    factor = std::clamp(factor, kSmallestFactor, kLargestFactor);
  }
  if (rejected_) factor = std::min(factor, 1.0);
  log_previous_error_ = std::max(log_error, std::log(kSmallestError));
  rejected_ = false;
  return factor;
}

double PiController::reject(double error) {
  rejected_ = true;
  if (!std::isfinite(error)) return kSmallestFactor;
  return std::clamp(kSafety * std::pow(error, -alpha_), kSmallestFactor, kSafety);
}

}  // namespace least_action
