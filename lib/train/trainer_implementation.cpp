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
  descent.gradient.resize(n);
  descent.start(starting_theta(*model, options.seed), *optimizer);
  reserve_history();
}

template <class S>
VectorX<S> starting_theta(const DynamicsModel<S>& model, std::uint64_t seed) {
  VectorX<S> theta(model.num_parameters());
  model.initialize(Random(seed).split(kThetaStream), theta);
  return theta;
}

template <class S>
double Trainer<S>::Implementation::learning_rate() const {
  return options.learning_rate * descent.learning_rate_scale *
         schedule_factor(options, descent.now.step);
}

template <class S>
std::string Trainer<S>::Implementation::take_step() {
  const double rate = learning_rate();
  const double loss =
      train_loss->evaluate(descent.now.theta, minibatches.next(), descent.gradient);
  const double norm = descent.clip(options.gradient_clip);
  std::string fault = watch.find_fault(loss, norm, descent.largest_norm());
  if (fault.empty()) {
    watch.observe(loss);
    fault = descent.move(*optimizer, rate, watch.is_good(loss));
  }
  ++descent.now.step;
  if (!fault.empty()) {
    watch.restart_mean();
    return descent.recover(fault, options.learning_rate);
  }
  descent.count(loss);
  if (descent.now.step % options.test_every == 0 || is_finished())
    descent.record(mean_test_loss(), rate);
  return {};
}

template <class S>
double Trainer<S>::Implementation::mean_test_loss() const {
  if (!test_loss) return kNaN;
  return mean_loss(*test_loss, descent.now.theta, std::span<const Index>(test_examples));
}

template VectorX<float> starting_theta(const DynamicsModel<float>&, std::uint64_t);
template VectorX<double> starting_theta(const DynamicsModel<double>&, std::uint64_t);
template struct Trainer<float>::Implementation;
template struct Trainer<double>::Implementation;

}  // namespace least_action
