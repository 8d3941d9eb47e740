#include "flow/flow_trainer_implementation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>

#include "base/contract.h"
#include "flow/flow_solver.h"
#include "train/schedule.h"

namespace least_action {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kRate = 0.1;  // Of the mean that the best is the least of.

// Streams of the seed: θ, the fixed sets, and a stream of streams with one for each step.
constexpr std::uint64_t kThetaStream = 0, kTrainStream = 1, kTestStream = 2, kStepStream = 3;

FlowTrainerOptions checked(FlowTrainerOptions options) {
  if (const auto fault = find_fault(options)) throw std::invalid_argument(*fault);
  if (options.training.batch_size == 0) options.training.batch_size = 256;
  return options;
}

SensitivityOptions sensitivity_options(const FlowTrainerOptions& flow) {
  const TrainerOptions& training = flow.training;
  SensitivityOptions options;
  options.sensitivity = training.sensitivity;
  options.solve.method = training.method;
  options.solve.relative_tolerance = training.relative_tolerance;
  options.solve.absolute_tolerance = training.relative_tolerance / 100;
  options.solve.max_steps = flow.max_steps;
  options.substeps = training.substeps;
  options.checkpoints = training.checkpoints;
  return options;
}

Matrix checked_set(const Matrix& set, Index dimension, const char* name) {
  if (set.size() == 0) return set;
  if (set.rows() != dimension)
    fail_size("FlowTrainer", name, set.rows(), dimension, "rows, the flow's dimension");
  if (!set.allFinite())
    fail("FlowTrainer", std::string(name) + " holds a number that is not finite");
  return set;
}

}  // namespace

template <class S>
FlowTrainer<S>::Implementation::Implementation(const FlowTrainerOptions& how,
                                               std::shared_ptr<const Density> from,
                                               const Matrix& train, const Matrix& test)
    : options(checked(how)),
      density(std::move(from)),
      train_set(checked_set(train, options.flow.dimension, "train")),
      test_set(checked_set(test, options.flow.dimension, "test")),
      batch_size(options.training.batch_size),
      field_theta(options.flow.layout().num_parameters()),
      field(options.flow, field_theta, options.trace, options.kinetic > 0),
      test_field(options.flow, field_theta),
      optimizer(make_optimizer<S>(options.training)) {
  const Random random(options.training.seed);
  if (density) {
    if (options.flow.dimension != 2)
      fail_size("FlowTrainer", "the flow's dimension", options.flow.dimension, 2,
                "the densities are in the plane");
    Random train_random = random.split(kTrainStream), test_random = random.split(kTestStream);
    train_set.resize(2, options.train_samples);
    test_set.resize(2, options.test_samples);
    density->sample(train_random, train_set);
    density->sample(test_random, test_set);
  } else if (train_set.cols() == 0) {
    fail("FlowTrainer", "the training set holds no samples");
  }
  sensitivity = make_sensitivity<S>(sensitivity_options(options), field, batch_size, 1);
  if (test_set.cols() > 0 && field.dimension() != test_field.dimension()) {
    SensitivityOptions forward_only = sensitivity_options(options);
    forward_only.sensitivity = SensitivityMethod::kSymplecticAdjoint;
    test_sensitivity = make_sensitivity<S>(forward_only, test_field, batch_size, 1);
  }
  const Index n = field_theta.size(), rows = field.dimension();
  drawn.resize(options.flow.dimension, batch_size);
  start.resize(rows, batch_size);
  start_bar.resize(rows, batch_size);
  states.resize(rows, 2 * batch_size);
  states_bar.resize(rows, 2 * batch_size);
  test_start.resize(test_field.dimension(), batch_size);
  test_states.resize(test_field.dimension(), 2 * batch_size);
  descent.gradient.resize(n);
  VectorX<S> theta(n);
  initialize_flow<S>(options.flow, random.split(kThetaStream), theta);
  descent.start(theta, *optimizer);
  descent.reserve_history(options.training.total_steps, options.training.test_every);
}

template <class S>
double FlowTrainer<S>::Implementation::learning_rate() const {
  return options.training.learning_rate * descent.learning_rate_scale *
         schedule_factor(options.training, descent.now.step);
}

template <class S>
void FlowTrainer<S>::Implementation::draw_minibatch() {
  Random random = Random(options.training.seed)
                      .split(kStepStream)
                      .split(static_cast<std::uint64_t>(descent.now.step));
  if (train_set.cols() == 0) {
    density->sample(random, drawn);
  } else {
    const auto count = static_cast<std::uint64_t>(train_set.cols());
    for (Index b = 0; b < batch_size; ++b) {
      drawn.col(b) = train_set.col(static_cast<Index>(random.below(count)));
    }
  }
  start.topRows(drawn.rows()) = drawn.template cast<S>();
  field.state().template draw_noise<S>(random, start);
}

template <class S>
double FlowTrainer<S>::Implementation::evaluate(Index batch, bool wants_gradient) {
  const FlowStateLayout& layout = field.state();
  const Index d = layout.dimension;
  start.row(layout.log_density()).setZero();
  if (layout.kinetic) start.row(layout.kinetic_energy()).setZero();
  auto solved = states.leftCols(2 * batch);
  const SolveStatus status = sensitivity->forward(field, times, start.leftCols(batch), solved);
  evaluations = sensitivity->statistics().forward.evaluations;
  if (status != SolveStatus::kReachedEnd) return kNaN;

  // ℓ and k started at 0 and ran backward: ℓ(0) = ∫ tr ∂f/∂x dt, −k(0) = ∫ ‖f‖² dt.
  double sum = 0, work = 0;
  const auto share = static_cast<S>(1 / static_cast<double>(batch));
  auto bar = states_bar.leftCols(2 * batch);
  bar.setZero();
  for (Index b = 0; b < batch; ++b) {
    const Index at = batch + b;
    sum += static_cast<double>(states(layout.log_density(), at)) -
           log_base_density(states.col(at).data(), d);
    bar.col(at).head(d) = share * states.col(at).head(d);
    bar(layout.log_density(), at) = share;
    if (!layout.kinetic) continue;
    work -= static_cast<double>(states(layout.kinetic_energy(), at));
    bar(layout.kinetic_energy(), at) = -static_cast<S>(options.kinetic) * share;
  }
  likelihood = sum / static_cast<double>(batch);
  if (wants_gradient) {
    descent.gradient.setZero();
    if (sensitivity->backward(field, bar, start_bar.leftCols(batch), descent.gradient,
                              no_times) != SolveStatus::kReachedEnd) {
      return kNaN;
    }
    evaluations = sensitivity->statistics().forward.evaluations +
                  sensitivity->statistics().backward.evaluations;
    bytes = sensitivity->statistics().peak_bytes;
  }
  return likelihood + options.kinetic * work / static_cast<double>(batch);
}

template <class S>
double FlowTrainer<S>::Implementation::test() {
  if (test_set.cols() == 0) return kNaN;
  field_theta = descent.now.theta;
  const Index d = options.flow.dimension;
  // The training's own solver where its field is the same.
  Sensitivity<S>& solver = test_sensitivity ? *test_sensitivity : *sensitivity;
  double sum = 0;
  for (Index first = 0; first < test_set.cols(); first += batch_size) {
    const Index batch = std::min(batch_size, test_set.cols() - first);
    test_start.topRows(d).leftCols(batch) =
        test_set.middleCols(first, batch).template cast<S>();
    test_start.row(d).setZero();
    auto solved = test_states.leftCols(2 * batch);
    const FlowDensityField<S>& used = test_sensitivity ? test_field : field;
    if (solver.forward(used, times, test_start.leftCols(batch), solved) !=
        SolveStatus::kReachedEnd) {
      return kNaN;
    }
    for (Index at = batch; at < 2 * batch; ++at) {
      sum += static_cast<double>(test_states(d, at)) -
             log_base_density(test_states.col(at).data(), d);
    }
  }
  return sum / static_cast<double>(test_set.cols());
}

template <class S>
std::string FlowTrainer<S>::Implementation::find_fault(double loss, double norm) {
  if (!std::isfinite(loss)) {
    const std::string& message = sensitivity->message();
    return message.empty() ? std::string("the loss is not finite")
                           : "the solve failed: " + message;
  }
  if (has_best && loss > best + kExplosion) {
    return "the loss rose to " + to_text(loss) + ", 20 nat above its best, " + to_text(best);
  }
  if (!(norm <= descent.largest_norm())) return "the gradient's norm rose to " + to_text(norm);
  return {};
}

template <class S>
std::string FlowTrainer<S>::Implementation::take_step() {
  const double rate = learning_rate();
  field_theta = descent.now.theta;
  draw_minibatch();
  const double loss = evaluate(batch_size, true);
  const double norm = descent.clip(options.training.gradient_clip);
  std::string fault = find_fault(loss, norm);
  if (fault.empty()) {
    smoothed = has_best ? smoothed + kRate * (loss - smoothed) : loss;
    best = has_best ? std::min(best, smoothed) : loss;
    has_best = true;
    fault = descent.move(*optimizer, rate, loss <= best + kGood);
  }
  ++descent.now.step;
  if (!fault.empty()) {
    smoothed = best;
    return descent.recover(fault, options.training.learning_rate);
  }
  descent.count(likelihood);
  if (descent.now.step % options.training.test_every == 0 || is_finished())
    descent.record(test(), rate);
  return {};
}

template struct FlowTrainer<float>::Implementation;
template struct FlowTrainer<double>::Implementation;

}  // namespace least_action
