#pragma once

#include <limits>
#include <string>

namespace least_action {

/// Tells a training that has run away from one that is merely noisy: keeps an exponential mean
/// of the minibatch losses (rate 0.1) and the least value it has had, and calls a loss exploded
/// above 10⁴ times that.
class DivergenceWatch final {
 public:
  static constexpr double kExplosion = 1e4;

  /// Why this loss and gradient norm cannot be trained on, in words; empty where they can.
  /// `largest_norm` is what the optimiser's squares can hold. Does not allocate where they can.
  std::string find_fault(double loss, double gradient_norm, double largest_norm) const;

  /// Takes note of the loss of a good step.
  void observe(double loss);
  /// After going back: the mean starts again from the best.
  void restart_mean() { smoothed_ = best_; }

  /// Whether parameters with this loss are worth going back to: not far above the best.
  bool is_good(double loss) const;

  double smoothed() const { return smoothed_; }
  double best() const { return best_; }  ///< +∞ before the first loss.
  void set(double smoothed, double best);

 private:
  double limit() const;

  double smoothed_ = 0;
  double best_ = std::numeric_limits<double>::infinity();
};

}  // namespace least_action
