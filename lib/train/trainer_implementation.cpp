#include "train/trainer_implementation.h"

#include <limits>
#include <stdexcept>
#include <utility>

#include "base/contract.h"
#include "train/check_data.h"
#include "train/schedule.h"

namespace least_action {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// Streams of the seed.
constexpr std::uint64_t kThetaStream = 0, kBatchStream = 1;

TrainerOptions checked(const TrainerOptions& options, ModelKind kind) {
  if (const auto fault = find_fault(options, kind)) throw std::invalid_argument(*fault);
  return options;
}

std::vector<Index> spread(Index count, Index at_most) {
  const Index chosen = std::min(count, at_most);
  std::vector<Index> examples(static_cast<std::size_t>(chosen));
  for (Index i = 0; i < chosen; ++i) examples[static_cast<std::size_t>(i)] = i * count / chosen;
  return examples;
}

}  // namespace

template <class S>
Trainer<S>::Implementation::Implementation(std::shared_ptr<const DynamicsModel<S>> trained,
                                           std::shared_ptr<const Dataset> on,
                                           const TrainerOptions& how)
    : model(std::move(trained)),
      data(std::move(on)),
      options(checked(how, model->spec().kind)),
      weights((check_data("Trainer", model->spec(), *data, options),
               component_weights(options.loss, data->train, data->dimension()))),
      minibatches(num_examples(options, data->train), options.batch_size,
                  Random(options.seed).split(kBatchStream)),
      train_loss(make_loss(options, *model, data->train, weights, minibatches.batch_size())),
      test_examples(spread(num_examples(options, data->test), kMaxTestExamples)),
      optimizer(make_optimizer<S>(options)) {
  if (!test_examples.empty()) {
    const auto count = static_cast<Index>(test_examples.size());
    test_loss =
        make_loss(options, *model, data->test, weights, std::min(count, evaluation_capacity()));
  }
  const Index n = model->num_parameters();
  gradient.resize(n);
  now.theta = starting_theta(*model, options.seed);
  now.optimizer = optimizer->start(n);
  good = now;
  reserve_history();
}

template <class S>
VectorX<S> starting_theta(const DynamicsModel<S>& model, std::uint64_t seed) {
  VectorX<S> theta(model.num_parameters());
  model.initialize(Random(seed).split(kThetaStream), theta);
  return theta;
}

template <class S>
void Trainer<S>::Implementation::reserve_history() {
  const Index entries = std::min(options.total_steps / options.test_every, kMaxReserved) + 2;
  history.reserve(history.size() + static_cast<std::size_t>(entries));
}

template <class S>
double Trainer<S>::Implementation::learning_rate() const {
  return options.learning_rate * learning_rate_scale * schedule_factor(options, now.step);
}

template <class S>
std::string Trainer<S>::Implementation::take_step() {
  const double rate = learning_rate();
  const double loss = train_loss->evaluate(now.theta, minibatches.next(), gradient);
  double norm = clip_gradient<S>(options.gradient_clip, gradient);
  if (options.gradient_clip > 0 && std::isfinite(norm)) {
    norm = std::min(norm, options.gradient_clip);
  }
  // Adam keeps squares of the gradient: once infinite, it would never move again.
  static const double largest_norm =
      0.1 * std::sqrt(static_cast<double>(std::numeric_limits<S>::max()));
  std::string fault = watch.find_fault(loss, norm, largest_norm);
  if (fault.empty()) {
    watch.observe(loss);
    // θ before the update: it is the one whose loss is known to be good.
    if (calm_steps >= kKeepEvery && watch.is_good(loss)) keep();
    optimizer->step(rate, gradient, now.theta, now.optimizer);
    if (!is_usable(now.theta)) fault = "the parameters overflowed";
  }
  ++now.step;
  if (!fault.empty()) return recover(fault);
  ++calm_steps;
  loss_sum += loss;
  ++loss_count;
  if (now.step % options.test_every == 0 || is_finished()) record(rate);
  return {};
}

template <class S>
void Trainer<S>::Implementation::keep() {
  good = now;
  calm_steps = 0;
  failures = 0;
}

template <class S>
void Trainer<S>::Implementation::record(double rate) {
  const double test =
      test_loss ? mean_loss(*test_loss, now.theta, std::span<const Index>(test_examples))
                : kNaN;
  history.push_back({now.step, loss_sum / static_cast<double>(loss_count), test, rate});
  loss_sum = 0;
  loss_count = 0;
}

template <class S>
std::string Trainer<S>::Implementation::recover(const std::string& fault) {
  now.theta = good.theta;
  now.optimizer = good.optimizer;
  watch.restart_mean();
  learning_rate_scale /= 2;
  calm_steps = 0;
  loss_sum = 0;
  loss_count = 0;
  ++recoveries;
  ++failures;
  if (is_failed()) return failure();
  return "Step " + std::to_string(now.step) + ": " + fault +
         ". Training went back to the parameters of step " + std::to_string(good.step) +
         " and goes on with half the learning rate, " +
         to_text(options.learning_rate * learning_rate_scale) + ".";
}

template <class S>
std::string Trainer<S>::Implementation::failure() const {
  return "Training stopped at step " + std::to_string(now.step) + ": it diverged " +
         std::to_string(failures) + " times in a row, the last time at a learning rate of " +
         to_text(2 * options.learning_rate * learning_rate_scale) +
         ". The parameters are those of step " + std::to_string(good.step) +
         "; try a smaller learning rate, gradient clipping or another seed.";
}

template VectorX<float> starting_theta(const DynamicsModel<float>&, std::uint64_t);
template VectorX<double> starting_theta(const DynamicsModel<double>&, std::uint64_t);
template struct Trainer<float>::Implementation;
template struct Trainer<double>::Implementation;

}  // namespace least_action
