#include "train/descent.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/contract.h"

namespace least_action {

template <class S>
void Descent<S>::start(const VectorX<S>& theta, const Optimizer<S>& optimizer) {
  now.theta = theta;
  now.optimizer = optimizer.start(theta.size());
  keep();
}

template <class S>
void Descent<S>::keep() {
  good = now;
  calm_steps = 0;
  failures = 0;
}

template <class S>
double Descent<S>::clip(double largest) {
  const double norm = clip_gradient<S>(largest, gradient);
  return largest > 0 && std::isfinite(norm) ? std::min(norm, largest) : norm;
}

template <class S>
double Descent<S>::largest_norm() {
  static const double largest =
      0.1 * std::sqrt(static_cast<double>(std::numeric_limits<S>::max()));
  return largest;
}

template <class S>
bool Descent<S>::is_usable(const VectorX<S>& values) {
  return std::isfinite(values.squaredNorm());
}

template <class S>
std::string Descent<S>::move(const Optimizer<S>& optimizer, double rate, bool is_good) {
  if (calm_steps >= kKeepEvery && is_good) keep();
  optimizer.step(rate, gradient, now.theta, now.optimizer);
  if (!is_usable(now.theta)) return "the parameters overflowed";
  return {};
}

template <class S>
std::string Descent<S>::recover(const std::string& fault, double learning_rate) {
  now.theta = good.theta;
  now.optimizer = good.optimizer;
  learning_rate_scale /= 2;
  calm_steps = 0;
  loss_sum = 0;
  loss_count = 0;
  ++recoveries;
  ++failures;
  return "Step " + std::to_string(now.step) + ": " + fault +
         ". Training went back to the parameters of step " + std::to_string(good.step) +
         " and goes on with half the learning rate, " +
         to_text(learning_rate * learning_rate_scale) + ".";
}

template <class S>
std::string Descent<S>::failure(double learning_rate) const {
  return "Training stopped at step " + std::to_string(now.step) + ": it diverged " +
         std::to_string(failures) + " times in a row, the last time at a learning rate of " +
         to_text(2 * learning_rate * learning_rate_scale) +
         ". The parameters are those of step " + std::to_string(good.step) +
         "; try a smaller learning rate, gradient clipping or another seed.";
}

template <class S>
void Descent<S>::count(double loss) {
  ++calm_steps;
  loss_sum += loss;
  ++loss_count;
}

template <class S>
void Descent<S>::record(double test_loss, double rate) {
  history.push_back({now.step, loss_sum / static_cast<double>(loss_count), test_loss, rate});
  loss_sum = 0;
  loss_count = 0;
}

template <class S>
void Descent<S>::reserve_history(Index total_steps, Index test_every) {
  const Index entries = std::min(total_steps / test_every, kMaxReserved) + 2;
  history.reserve(history.size() + static_cast<std::size_t>(entries));
}

template struct Descent<float>;
template struct Descent<double>;

void check_budget(std::string_view where, const Budget& budget) {
  if (budget.steps < 0)
    fail_value(where, "steps", static_cast<double>(budget.steps), "at least 0");
  if (!(budget.milliseconds >= 0))
    fail_value(where, "milliseconds", budget.milliseconds, "at least 0");
}

}  // namespace least_action
