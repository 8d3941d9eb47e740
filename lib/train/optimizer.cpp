#include "train/optimizer.h"

#include <algorithm>
#include <cmath>

#include "base/contract.h"

namespace least_action {
namespace {

// Entries updated at a time: several array expressions over a block that stays in the L1 cache
// cost one pass over memory, and each of them is vectorised.
constexpr Index kBlock = 1024;

template <class S>
void check_sizes(const char* where, ConstVectorRefX<S> gradient, const VectorRefX<S>& theta,
                 const OptimizerState<S>& state, std::size_t moments) {
  const Index n = theta.size();
  if (gradient.size() != n) fail_size(where, "gradient", gradient.size(), n, "parameters");
  if (state.moments.size() != moments) {
    fail_size(where, "moments", static_cast<Index>(state.moments.size()),
              static_cast<Index>(moments), "the state of another optimiser");
  }
  for (const VectorX<S>& moment : state.moments) {
    if (moment.size() != n) fail_size(where, "a moment", moment.size(), n, "parameters");
  }
}

template <class S>
OptimizerState<S> zero_moments(std::size_t count, Index num_parameters) {
  return {0, std::vector<VectorX<S>>(count, VectorX<S>::Zero(num_parameters))};
}

}  // namespace

template <class S>
Sgd<S>::Sgd(double momentum, double weight_decay)
    : momentum_(momentum), weight_decay_(weight_decay) {}

template <class S>
OptimizerState<S> Sgd<S>::start(Index num_parameters) const {
  return zero_moments<S>(1, num_parameters);
}

template <class S>
void Sgd<S>::step(double learning_rate, ConstVectorRefX<S> gradient, VectorRefX<S> theta,
                  OptimizerState<S>& state) const {
  check_sizes<S>("Sgd::step", gradient, theta, state, 1);
  const auto eta = static_cast<S>(learning_rate);
  const auto mu = static_cast<S>(momentum_);
  const auto lambda = static_cast<S>(weight_decay_);
  for (Index begin = 0; begin < theta.size(); begin += kBlock) {
    const Index size = std::min(kBlock, theta.size() - begin);
    const auto g = gradient.segment(begin, size).array();
    auto x = theta.segment(begin, size).array();
    auto v = state.moments[0].segment(begin, size).array();
    v = mu * v + g + lambda * x;
    x -= eta * v;
  }
  ++state.steps;
}

template <class S>
Adam<S>::Adam(double beta1, double beta2, double epsilon, double weight_decay, WeightDecay kind)
    : beta1_(beta1),
      beta2_(beta2),
      epsilon_(epsilon),
      weight_decay_(weight_decay),
      kind_(kind) {}

template <class S>
OptimizerState<S> Adam<S>::start(Index num_parameters) const {
  return zero_moments<S>(2, num_parameters);
}

template <class S>
void Adam<S>::step(double learning_rate, ConstVectorRefX<S> gradient, VectorRefX<S> theta,
                   OptimizerState<S>& state) const {
  check_sizes<S>("Adam::step", gradient, theta, state, 2);
  const auto t = static_cast<double>(++state.steps);
  const bool decoupled = kind_ == WeightDecay::kDecoupled;
  const auto b1 = static_cast<S>(beta1_);
  const auto b2 = static_cast<S>(beta2_);
  const auto a1 = static_cast<S>(1 - beta1_);
  const auto a2 = static_cast<S>(1 - beta2_);
  const auto epsilon = static_cast<S>(epsilon_);
  const auto lambda = static_cast<S>(decoupled ? 0 : weight_decay_);
  const auto keep = static_cast<S>(decoupled ? 1 - learning_rate * weight_decay_ : 1);
  // η m̂/(√v̂ + ε) with the bias corrections taken out of the loop.
  const auto rate = static_cast<S>(learning_rate / (1 - std::pow(beta1_, t)));
  const auto root = static_cast<S>(1 / std::sqrt(1 - std::pow(beta2_, t)));
  for (Index begin = 0; begin < theta.size(); begin += kBlock) {
    const Index size = std::min(kBlock, theta.size() - begin);
    const auto g = gradient.segment(begin, size).array();
    auto x = theta.segment(begin, size).array();
    auto m = state.moments[0].segment(begin, size).array();
    auto v = state.moments[1].segment(begin, size).array();
    m = b1 * m + a1 * (g + lambda * x);
    v = b2 * v + a2 * (g + lambda * x).square();
    x = keep * x - rate * m / (root * v.sqrt() + epsilon);
  }
}

template <class S>
std::unique_ptr<Optimizer<S>> make_optimizer(const TrainerOptions& options) {
  if (options.optimizer == OptimizerKind::kSgd) {
    return std::make_unique<Sgd<S>>(options.momentum, options.weight_decay);
  }
  return std::make_unique<Adam<S>>(
      options.beta1, options.beta2, options.epsilon, options.weight_decay,
      options.optimizer == OptimizerKind::kAdamW ? WeightDecay::kDecoupled : WeightDecay::kL2);
}

template <class S>
double clip_gradient(double max_norm, VectorRefX<S> gradient) {
  double norm = static_cast<double>(gradient.norm());
  if (!std::isfinite(norm)) norm = gradient.template cast<double>().norm();
  if (max_norm > 0 && norm > max_norm) gradient *= static_cast<S>(max_norm / norm);
  return norm;
}

template class Sgd<float>;
template class Sgd<double>;
template class Adam<float>;
template class Adam<double>;
template std::unique_ptr<Optimizer<float>> make_optimizer(const TrainerOptions&);
template std::unique_ptr<Optimizer<double>> make_optimizer(const TrainerOptions&);
template double clip_gradient<float>(double, VectorRefX<float>);
template double clip_gradient<double>(double, VectorRefX<double>);

}  // namespace least_action
