#include "train/trainer.h"

#include <limits>
#include <stdexcept>
#include <utility>

#include "base/contract.h"
#include "train/trainer_implementation.h"

namespace least_action {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

}  // namespace

template <class S>
Trainer<S>::Trainer(std::shared_ptr<const DynamicsModel<S>> model,
                    std::shared_ptr<const Dataset> data, const TrainerOptions& options) {
  if (!model) fail("Trainer", "model is null; expected one to train");
  if (!data) fail("Trainer", "data is null; expected a dataset");
  implementation_ =
      std::make_unique<Implementation>(std::move(model), std::move(data), options);
}

template <class S>
Trainer<S>::~Trainer() = default;
template <class S>
Trainer<S>::Trainer(Trainer&&) noexcept = default;
template <class S>
Trainer<S>& Trainer<S>::operator=(Trainer&&) noexcept = default;

template <class S>
TrainingReport Trainer<S>::advance(const Budget& budget) {
  return advance_within("Trainer::advance", budget, *implementation_, implementation_->descent);
}

template <class S>
const DynamicsModel<S>& Trainer<S>::model() const {
  return *implementation_->model;
}
template <class S>
const Dataset& Trainer<S>::data() const {
  return *implementation_->data;
}
template <class S>
const TrainerOptions& Trainer<S>::options() const {
  return implementation_->options;
}

template <class S>
LossCost Trainer<S>::cost() const {
  return implementation_->train_loss->cost();
}

template <class S>
void Trainer<S>::set_options(const TrainerOptions& options) {
  Implementation& training = *implementation_;
  if (const auto fault = find_fault(options, training.model->spec().kind)) {
    throw std::invalid_argument(*fault);
  }
  const TrainerOptions& old = training.options;
  const auto keep = [](const char* name, bool same) {
    if (!same)
      fail("Trainer::set_options", std::string(name) + " changed; that needs a restart");
  };
  keep("loss", options.loss == old.loss);
  keep("optimizer", options.optimizer == old.optimizer);
  keep("beta1", options.beta1 == old.beta1);
  keep("beta2", options.beta2 == old.beta2);
  keep("epsilon", options.epsilon == old.epsilon);
  keep("batch_size", options.batch_size == old.batch_size);
  keep("segment_length", options.segment_length == old.segment_length);
  keep("substeps", options.substeps == old.substeps);
  keep("method", options.method == old.method);
  keep("relative_tolerance", options.relative_tolerance == old.relative_tolerance);
  keep("sensitivity", options.sensitivity == old.sensitivity);
  keep("checkpoints", options.checkpoints == old.checkpoints);
  keep("seed", options.seed == old.seed);
  if (options.learning_rate != old.learning_rate) {
    training.descent.learning_rate_scale = 1;
    training.descent.failures = 0;
  }
  training.options = options;
  training.optimizer = make_optimizer<S>(options);
  training.reserve_history();
}

template <class S>
const VectorX<S>& Trainer<S>::theta() const {
  return implementation_->descent.now.theta;
}

template <class S>
void Trainer<S>::set_theta(const VectorX<S>& theta) {
  Implementation& training = *implementation_;
  const Index n = training.model->num_parameters();
  if (theta.size() != n)
    fail_size("Trainer::set_theta", "theta", theta.size(), n, "parameters");
  if (!Descent<S>::is_usable(theta))
    fail("Trainer::set_theta", "theta holds a number that is not finite");
  training.watch = DivergenceWatch();
  training.descent.start(theta, *training.optimizer);
}

template <class S>
Index Trainer<S>::step() const {
  return implementation_->descent.now.step;
}
template <class S>
double Trainer<S>::train_loss() const {
  return history().empty() ? kNaN : history().back().train_loss;
}
template <class S>
double Trainer<S>::test_loss() const {
  return history().empty() ? kNaN : history().back().test_loss;
}
template <class S>
double Trainer<S>::learning_rate() const {
  return implementation_->learning_rate();
}
template <class S>
const std::vector<HistoryEntry>& Trainer<S>::history() const {
  return implementation_->descent.history;
}

template <class S>
double Trainer<S>::loss(const std::vector<Trajectory>& part, const VectorX<S>& theta,
                        VectorX<S>* gradient) {
  const Implementation& training = *implementation_;
  const auto loss = make_loss(training.options, *training.model, part, training.weights,
                              training.evaluation_capacity());
  VectorX<S> unused;
  return mean_loss_and_gradient(*loss, theta, gradient != nullptr ? *gradient : unused);
}

template <class S>
typename Trainer<S>::State Trainer<S>::state() const {
  const Implementation& training = *implementation_;
  const Minibatches::State batches = training.minibatches.state();
  State state;
  state.theta = training.descent.now.theta;
  state.good_theta = training.descent.good.theta;
  state.optimizer_moments = training.descent.now.optimizer.moments;
  state.good_moments = training.descent.good.optimizer.moments;
  state.step = training.descent.now.step;
  state.good_step = training.descent.good.step;
  state.recoveries = training.descent.recoveries;
  state.epoch_position = batches.position;
  state.optimizer_steps = training.descent.now.optimizer.steps;
  state.good_optimizer_steps = training.descent.good.optimizer.steps;
  state.failures = training.descent.failures;
  state.calm_steps = training.descent.calm_steps;
  state.learning_rate_scale = training.descent.learning_rate_scale;
  state.best_loss = training.watch.best();
  state.smoothed_loss = training.watch.smoothed();
  state.loss_sum = training.descent.loss_sum;
  state.loss_count = training.descent.loss_count;
  state.random_state = batches.random;
  state.permutation = batches.permutation;
  state.history = training.descent.history;
  return state;
}

template <class S>
void Trainer<S>::set_state(const State& state) {
  constexpr const char* kWhere = "Trainer::set_state";
  Implementation& training = *implementation_;
  const Index n = training.model->num_parameters();
  const auto check_vector = [&](const char* name, const VectorX<S>& values) {
    if (values.size() != n) fail_size(kWhere, name, values.size(), n, "parameters");
    if (!Descent<S>::is_usable(values)) {
      fail(kWhere, std::string(name) + " holds a number that is not finite");
    }
  };
  const auto check_moments = [&](const char* name, const std::vector<VectorX<S>>& moments) {
    const std::size_t expected = training.descent.now.optimizer.moments.size();
    if (moments.size() != expected) {
      fail_size(kWhere, name, static_cast<Index>(moments.size()), static_cast<Index>(expected),
                "vectors of this optimiser");
    }
    for (const VectorX<S>& moment : moments) {
      if (moment.size() != n) fail_size(kWhere, name, moment.size(), n, "parameters");
      if (!moment.allFinite()) {
        fail(kWhere, std::string(name) + " hold a number that is not finite");
      }
    }
  };
  check_vector("theta", state.theta);
  check_vector("good_theta", state.good_theta);
  check_moments("optimizer_moments", state.optimizer_moments);
  check_moments("good_moments", state.good_moments);
  for (const Index count :
       {state.step, state.good_step, state.recoveries, state.optimizer_steps,
        state.good_optimizer_steps, state.failures, state.calm_steps, state.loss_count}) {
    if (count < 0) fail_value(kWhere, "a count", static_cast<double>(count), "at least 0");
  }
  if (!(state.learning_rate_scale > 0 && state.learning_rate_scale <= 1)) {
    fail_value(kWhere, "learning_rate_scale", state.learning_rate_scale,
               "above 0 and at most 1");
  }
  // +∞ before the first loss; a NaN would hide every explosion to come.
  if (!(state.best_loss >= 0)) {
    fail_value(kWhere, "best_loss", state.best_loss, "at least 0");
  }
  if (!(state.smoothed_loss >= 0)) {
    fail_value(kWhere, "smoothed_loss", state.smoothed_loss, "at least 0");
  }
  // Last, because it may throw too; from here on nothing does.
  training.minibatches.set_state({state.permutation, state.epoch_position, state.random_state});

  training.descent.now = {
      state.theta, {state.optimizer_steps, state.optimizer_moments}, state.step};
  training.descent.good = {
      state.good_theta, {state.good_optimizer_steps, state.good_moments}, state.good_step};
  training.descent.recoveries = state.recoveries;
  training.descent.failures = state.failures;
  training.descent.calm_steps = state.calm_steps;
  training.descent.learning_rate_scale = state.learning_rate_scale;
  training.watch.set(state.smoothed_loss, state.best_loss);
  training.descent.loss_sum = state.loss_sum;
  training.descent.loss_count = state.loss_count;
  training.descent.history = state.history;
  training.reserve_history();
}

template class Trainer<float>;
template class Trainer<double>;

}  // namespace least_action
