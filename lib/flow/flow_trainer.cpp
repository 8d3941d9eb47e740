#include "flow/flow_trainer.h"

#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "base/contract.h"
#include "flow/flow_trainer_implementation.h"

namespace least_action {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

std::string must_be(const char* name, double is, const char* expected) {
  return std::string("FlowTrainerOptions: ") + name + " is " + to_text(is) + "; it must be " +
         expected;
}

}  // namespace

TrainerOptions flow_training_defaults() {
  TrainerOptions options;
  options.learning_rate = 4e-3;
  options.schedule = ScheduleKind::kWarmupCosine;
  options.warmup_steps = 20;
  options.total_steps = 3000;
  options.gradient_clip = 10;
  options.batch_size = 256;
  options.method = Method::kRk4;
  options.substeps = 8;
  return options;
}

std::optional<std::string> find_fault(const FlowTrainerOptions& options) {
  constexpr Index kMostSamples = 1 << 24;
  if (options.flow.dimension < 1 || options.flow.dimension > 1024) {
    return must_be("flow.dimension", static_cast<double>(options.flow.dimension),
                   "from 1 to 1024");
  }
  if (auto fault = find_fault(options.training)) return fault;
  if (options.training.batch_size > 65536) {
    return must_be("batch_size", static_cast<double>(options.training.batch_size),
                   "at most 65536");
  }
  if (options.training.substeps > 10000) {
    return must_be("substeps", static_cast<double>(options.training.substeps), "at most 10000");
  }
  if (traits(options.training.method).needs_separable) {
    return "FlowTrainerOptions: method is " +
           std::string(traits(options.training.method).name) +
           ", which is for separable mechanical systems; a flow is none, try rk4 or dopri5";
  }
  if (!(options.kinetic >= 0) || !std::isfinite(options.kinetic)) {
    return must_be("kinetic", options.kinetic, "0 or positive, and finite");
  }
  if (options.train_samples < 0 || options.train_samples > kMostSamples) {
    return must_be("train_samples", static_cast<double>(options.train_samples),
                   "from 0 (fresh samples) to 2^24");
  }
  if (options.max_steps < 1)
    return must_be("max_steps", static_cast<double>(options.max_steps), "at least 1");
  if (options.test_samples < 0 || options.test_samples > 65536) {
    return must_be("test_samples", static_cast<double>(options.test_samples),
                   "from 0 to 65536");
  }
  return std::nullopt;
}

template <class S>
FlowTrainer<S>::FlowTrainer(const FlowTrainerOptions& options,
                            std::shared_ptr<const Density> density) {
  if (!density) fail("FlowTrainer", "density is null; expected one to train on");
  implementation_ =
      std::make_unique<Implementation>(options, std::move(density), Matrix(), Matrix());
}
template <class S>
FlowTrainer<S>::FlowTrainer(const FlowTrainerOptions& options, const Matrix& train,
                            const Matrix& test)
    : implementation_(std::make_unique<Implementation>(options, nullptr, train, test)) {}
template <class S>
FlowTrainer<S>::~FlowTrainer() = default;
template <class S>
FlowTrainer<S>::FlowTrainer(FlowTrainer&&) noexcept = default;
template <class S>
FlowTrainer<S>& FlowTrainer<S>::operator=(FlowTrainer&&) noexcept = default;

template <class S>
TrainingReport FlowTrainer<S>::advance(const Budget& budget) {
  return advance_within("FlowTrainer::advance", budget, *implementation_,
                        implementation_->descent);
}

template <class S>
const FlowTrainerOptions& FlowTrainer<S>::options() const {
  return implementation_->options;
}
template <class S>
const VectorX<S>& FlowTrainer<S>::theta() const {
  return implementation_->descent.now.theta;
}
template <class S>
Index FlowTrainer<S>::step() const {
  return implementation_->descent.now.step;
}
template <class S>
double FlowTrainer<S>::learning_rate() const {
  return implementation_->learning_rate();
}
template <class S>
const std::vector<HistoryEntry>& FlowTrainer<S>::history() const {
  return implementation_->descent.history;
}
template <class S>
const Matrix& FlowTrainer<S>::test_samples() const {
  return implementation_->test_set;
}
template <class S>
Index FlowTrainer<S>::evaluations() const {
  return implementation_->evaluations;
}
template <class S>
std::size_t FlowTrainer<S>::bytes() const {
  return implementation_->bytes;
}
template <class S>
double FlowTrainer<S>::test_loss() {
  return implementation_->test();
}

template <class S>
void FlowTrainer<S>::set_theta(const VectorX<S>& theta) {
  Implementation& my = *implementation_;
  if (theta.size() != my.descent.now.theta.size())
    fail_size("FlowTrainer::set_theta", "theta", theta.size(), my.descent.now.theta.size(),
              "parameters of the flow");
  if (!std::isfinite(theta.squaredNorm()))
    fail("FlowTrainer::set_theta", "theta holds a number that is not finite");
  my.has_best = false;
  my.descent.start(theta, *my.optimizer);
}

template <class S>
double FlowTrainer<S>::loss(const VectorX<S>& theta, const MatrixX<S>& x,
                            std::uint64_t noise_seed, VectorX<S>* gradient) {
  Implementation& my = *implementation_;
  const Index d = my.options.flow.dimension, batch = x.cols();
  if (theta.size() != my.descent.now.theta.size())
    fail_size("FlowTrainer::loss", "theta", theta.size(), my.descent.now.theta.size(),
              "parameters of the flow");
  if (x.rows() != d) fail_size("FlowTrainer::loss", "x", x.rows(), d, "rows");
  if (batch < 1 || batch > my.batch_size)
    fail_value("FlowTrainer::loss", "batch", static_cast<double>(batch),
               "from 1 to the batch size");
  my.field_theta = theta;
  my.start.topRows(d).leftCols(batch) = x;
  Random random(noise_seed);
  my.field.state().template draw_noise<S>(random, my.start.leftCols(batch));
  const double value = my.evaluate(batch, gradient != nullptr);
  if (gradient != nullptr) *gradient = my.descent.gradient;
  return std::isfinite(value) ? value : kNaN;
}

template <class S>
FlowTrainerState<S> FlowTrainer<S>::state() const {
  const Implementation& my = *implementation_;
  FlowTrainerState<S> state;
  state.theta = my.descent.now.theta;
  state.good_theta = my.descent.good.theta;
  state.moments = my.descent.now.optimizer.moments;
  state.good_moments = my.descent.good.optimizer.moments;
  state.step = my.descent.now.step;
  state.good_step = my.descent.good.step;
  state.optimizer_steps = my.descent.now.optimizer.steps;
  state.good_optimizer_steps = my.descent.good.optimizer.steps;
  state.recoveries = my.descent.recoveries;
  state.failures = my.descent.failures;
  state.calm_steps = my.descent.calm_steps;
  state.loss_count = my.descent.loss_count;
  state.learning_rate_scale = my.descent.learning_rate_scale;
  state.loss_sum = my.descent.loss_sum;
  state.smoothed = my.has_best ? my.smoothed : kNaN;
  state.best = my.has_best ? my.best : kNaN;
  state.history = my.descent.history;
  return state;
}

template <class S>
void FlowTrainer<S>::set_state(const FlowTrainerState<S>& state) {
  Implementation& my = *implementation_;
  constexpr const char* kWhere = "FlowTrainer::set_state";
  const Index n = my.descent.now.theta.size();
  const auto check = [&](const char* name, const VectorX<S>& vector) {
    if (vector.size() != n) fail_size(kWhere, name, vector.size(), n, "parameters of the flow");
    if (!vector.allFinite())
      fail(kWhere, std::string(name) + " holds a number that is not finite");
  };
  check("theta", state.theta);
  check("good_theta", state.good_theta);
  for (const auto* moments : {&state.moments, &state.good_moments}) {
    if (moments->size() != my.descent.now.optimizer.moments.size())
      fail_size(kWhere, "moments", static_cast<Index>(moments->size()),
                static_cast<Index>(my.descent.now.optimizer.moments.size()),
                "of the optimiser");
    for (const VectorX<S>& moment : *moments) check("moments", moment);
  }
  if (state.step < 0 || state.good_step < 0 || state.good_step > state.step ||
      !(state.learning_rate_scale > 0)) {
    fail(kWhere, "steps or learning rate are out of range");
  }
  my.descent.now.theta = state.theta;
  my.descent.good.theta = state.good_theta;
  my.descent.now.optimizer.moments = state.moments;
  my.descent.good.optimizer.moments = state.good_moments;
  my.descent.now.step = state.step;
  my.descent.good.step = state.good_step;
  my.descent.now.optimizer.steps = state.optimizer_steps;
  my.descent.good.optimizer.steps = state.good_optimizer_steps;
  my.descent.recoveries = state.recoveries;
  my.descent.failures = state.failures;
  my.descent.calm_steps = state.calm_steps;
  my.descent.loss_count = state.loss_count;
  my.descent.learning_rate_scale = state.learning_rate_scale;
  my.descent.loss_sum = state.loss_sum;
  my.has_best = std::isfinite(state.best);
  my.smoothed = my.has_best ? state.smoothed : 0;
  my.best = my.has_best ? state.best : 0;
  my.descent.history = state.history;
}

template class FlowTrainer<float>;
template class FlowTrainer<double>;

}  // namespace least_action
