#include "train/divergence_watch.h"

#include <algorithm>
#include <cmath>

#include "base/contract.h"

namespace least_action {
namespace {

constexpr double kRate = 0.1;
// Far above the best, and yet far below an explosion.
constexpr double kGoodFactor = 100;
// Losses below this are rounding: 10⁴ times as much means nothing.
constexpr double kNegligible = 1e-10;

std::string not_finite(double value) { return std::isnan(value) ? "NaN" : "infinite"; }

}  // namespace

double DivergenceWatch::limit() const { return kExplosion * std::max(best_, kNegligible); }

std::string DivergenceWatch::find_fault(double loss, double gradient_norm,
                                        double largest_norm) const {
  if (!std::isfinite(loss)) return "the loss became " + not_finite(loss);
  if (loss > limit()) {
    return "the loss rose to " + to_text(loss) + ", over 10⁴ times its best, " + to_text(best_);
  }
  if (!std::isfinite(gradient_norm)) {
    return "the gradient's norm became " + not_finite(gradient_norm);
  }
  if (gradient_norm > largest_norm) {
    return "the gradient's norm rose to " + to_text(gradient_norm);
  }
  return {};
}

void DivergenceWatch::observe(double loss) {
  smoothed_ = std::isinf(best_) ? loss : smoothed_ + kRate * (loss - smoothed_);
  best_ = std::min(best_, smoothed_);
}

bool DivergenceWatch::is_good(double loss) const {
  return loss <= kGoodFactor * std::max(best_, kNegligible);
}

void DivergenceWatch::set(double smoothed, double best) {
  smoothed_ = smoothed;
  best_ = best;
}

}  // namespace least_action
