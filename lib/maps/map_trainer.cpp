#include "maps/map_trainer.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>

#include "base/contract.h"
#include "train/schedule.h"

namespace least_action {
namespace {

// Streams of the seed.
constexpr std::uint64_t kThetaStream = 0, kExampleStream = 1;
constexpr Index kMaxReserved = 65536;  // history entries

MapTrainerOptions checked(const MapTrainerOptions& options) {
  if (const auto fault = find_fault(options)) throw std::invalid_argument(*fault);
  return options;
}

template <class S>
std::shared_ptr<const LearnedMap<S>> checked(std::shared_ptr<const LearnedMap<S>> map) {
  if (!map) fail("MapTrainer", "map is null; expected one to train");
  return map;
}

template <class S>
bool is_usable(const VectorX<S>& values) {
  return std::isfinite(values.squaredNorm());
}

}  // namespace

std::optional<std::string> find_fault(const MapTrainerOptions& options) {
  const auto number = [](const char* name, double is, const char* expected) {
    return std::string("MapTrainerOptions: ") + name + " is " + to_text(is) + "; it must be " +
           expected;
  };
  if (!(options.learning_rate > 0) || !std::isfinite(options.learning_rate))
    return number("learning_rate", options.learning_rate, "positive and finite");
  if (options.total_steps < 1)
    return number("total_steps", static_cast<double>(options.total_steps), "at least 1");
  if (options.batch_size < 1 || options.batch_size > 65536)
    return number("batch_size", static_cast<double>(options.batch_size), "from 1 to 65536");
  if (!(options.gradient_clip >= 0))
    return number("gradient_clip", options.gradient_clip, "0 (none) or positive");
  if (options.test_every < 1)
    return number("test_every", static_cast<double>(options.test_every), "at least 1");
  return std::nullopt;
}

template <class S>
MapTrainer<S>::MapTrainer(std::shared_ptr<const LearnedMap<S>> map, MapTask task,
                          const MapTrainerOptions& options)
    : map_(checked<S>(std::move(map))),
      task_(task),
      options_(checked(options)),
      optimizer_(0.9, 0.999, 1e-8, 0, WeightDecay::kL2),
      examples_(Random(options.seed).split(kExampleStream)),
      tape_(map_->make_tape(options_.batch_size)),
      evaluation_(map_, task) {
  const Index batch = options_.batch_size, n = map_->num_parameters();
  x_.setZero(map_->inputs(), batch);
  y_.setZero(map_->outputs(), batch);
  outputs_.setZero(map_->outputs(), batch);
  gradient_.setZero(n);
  now_.theta.setZero(n);
  map_->initialize(Random(options_.seed).split(kThetaStream), now_.theta);
  now_.optimizer = optimizer_.start(n);
  good_ = now_;
  reserve_history();
}

template <class S>
void MapTrainer<S>::reserve_history() {
  const Index entries = std::min(options_.total_steps / options_.test_every, kMaxReserved) + 2;
  // Another end has an entry of its own.
  history_.reserve(history_.size() + static_cast<std::size_t>(entries));
}

template <class S>
void MapTrainer<S>::set_total_steps(Index total_steps) {
  if (total_steps < 1) {
    fail_value("MapTrainer::set_total_steps", "total_steps", static_cast<double>(total_steps),
               "at least 1");
  }
  options_.total_steps = total_steps;
  reserve_history();
}

template <class S>
void MapTrainer<S>::set_theta(const VectorX<S>& theta) {
  if (theta.size() != map_->num_parameters()) {
    fail_size("MapTrainer::set_theta", "theta", theta.size(), map_->num_parameters(),
              "parameters of the map");
  }
  if (!is_usable<S>(theta)) fail("MapTrainer::set_theta", "theta holds a number too large");
  now_.theta = theta;
  now_.optimizer = optimizer_.start(theta.size());
  now_.step = step_;
  good_ = now_;
  watch_ = {};
  failures_ = calm_steps_ = 0;
}

template <class S>
double MapTrainer<S>::learning_rate() const {
  TrainerOptions schedule;
  schedule.schedule = ScheduleKind::kCosine;
  schedule.total_steps = options_.total_steps;
  return options_.learning_rate * learning_rate_scale_ * schedule_factor(schedule, step_);
}

template <class S>
double MapTrainer<S>::loss_and_gradient() {
  draw_map_examples<S>(task_, examples_, x_, y_);
  map_->forward(now_.theta, x_, outputs_, *tape_);
  outputs_ -= y_;
  const auto count = static_cast<double>(options_.batch_size);
  const double loss = static_cast<double>(outputs_.squaredNorm()) / count;
  outputs_ *= static_cast<S>(2 / count);
  gradient_.setZero();
  if (std::isfinite(loss)) map_->vjp(now_.theta, outputs_, no_bar_, gradient_, *tape_);
  return loss;
}

template <class S>
std::string MapTrainer<S>::take_step() {
  const double rate = learning_rate();
  const double loss = loss_and_gradient();
  double norm = clip_gradient<S>(options_.gradient_clip, gradient_);
  if (options_.gradient_clip > 0 && std::isfinite(norm))
    norm = std::min(norm, options_.gradient_clip);
  // Adam keeps squares of the gradient: once infinite, it would never move again.
  static const double largest_norm =
      0.1 * std::sqrt(static_cast<double>(std::numeric_limits<S>::max()));
  std::string fault = watch_.find_fault(loss, norm, largest_norm);
  if (fault.empty()) {
    watch_.observe(loss);
    if (calm_steps_ >= kKeepEvery && watch_.is_good(loss)) {
      now_.step = step_;
      good_ = now_;
      calm_steps_ = failures_ = 0;
    }
    optimizer_.step(rate, gradient_, now_.theta, now_.optimizer);
    if (!is_usable<S>(now_.theta)) fault = "the parameters overflowed";
  } else if (!tape_->fault().empty()) {
    fault += " (" + tape_->fault() + ")";
  }
  ++step_;
  if (!fault.empty()) return recover(fault);
  ++calm_steps_;
  loss_sum_ += loss;
  ++loss_count_;
  if (step_ % options_.test_every == 0 || is_finished()) {
    const double test = evaluation_.score(now_.theta).mean_square_error;
    history_.push_back({step_, loss_sum_ / static_cast<double>(loss_count_), test, rate});
    loss_sum_ = 0;
    loss_count_ = 0;
  }
  return {};
}

template <class S>
std::string MapTrainer<S>::recover(const std::string& fault) {
  now_.theta = good_.theta;
  now_.optimizer = good_.optimizer;
  watch_.restart_mean();
  learning_rate_scale_ /= 2;
  calm_steps_ = loss_count_ = 0;
  loss_sum_ = 0;
  ++recoveries_;
  ++failures_;
  if (is_failed()) return failure();
  return "Step " + std::to_string(step_) + ": " + fault +
         ". Training went back to the parameters of step " + std::to_string(good_.step) +
         " and goes on with half the learning rate, " +
         to_text(options_.learning_rate * learning_rate_scale_) + ".";
}

template <class S>
std::string MapTrainer<S>::failure() const {
  return "Training stopped at step " + std::to_string(step_) + ": it diverged " +
         std::to_string(failures_) + " times in a row. The parameters are those of step " +
         std::to_string(good_.step) + "; try a smaller learning rate or another seed.";
}

template <class S>
TrainingReport MapTrainer<S>::advance(const Budget& budget) {
  if (budget.steps < 0)
    fail_value("MapTrainer::advance", "steps", static_cast<double>(budget.steps), "at least 0");
  if (!(budget.milliseconds >= 0))
    fail_value("MapTrainer::advance", "milliseconds", budget.milliseconds, "at least 0");
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  const auto elapsed = [&] {
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
  };
  const Index recoveries = recoveries_;
  TrainingReport report;
  while (!is_finished() && !is_failed()) {
    std::string message = take_step();
    if (!message.empty()) report.message = std::move(message);
    ++report.steps;
    if (budget.steps > 0 && report.steps >= budget.steps) break;
    if (budget.milliseconds > 0 && elapsed() >= budget.milliseconds) break;
  }
  report.milliseconds = elapsed();
  if (is_failed()) {
    report.status = TrainingStatus::kFailed;
    report.message = failure();
  } else if (is_finished()) {
    report.status = TrainingStatus::kFinished;
  } else if (recoveries_ > recoveries) {
    report.status = TrainingStatus::kRecovered;
  }
  return report;
}

template class MapTrainer<float>;
template class MapTrainer<double>;

}  // namespace least_action
