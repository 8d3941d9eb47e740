#include "maps/map_trainer.h"

#include <cmath>
#include <stdexcept>
#include <utility>

#include "base/contract.h"
#include "train/schedule.h"

namespace least_action {
namespace {

// Streams of the seed.
constexpr std::uint64_t kThetaStream = 0, kExampleStream = 1;

MapTrainerOptions checked(const MapTrainerOptions& options) {
  if (const auto fault = find_fault(options)) throw std::invalid_argument(*fault);
  return options;
}

template <class S>
std::shared_ptr<const LearnedMap<S>> checked(std::shared_ptr<const LearnedMap<S>> map) {
  if (!map) fail("MapTrainer", "map is null; expected one to train");
  return map;
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
  descent_.gradient.setZero(n);
  VectorX<S> theta = VectorX<S>::Zero(n);
  map_->initialize(Random(options_.seed).split(kThetaStream), theta);
  descent_.start(theta, optimizer_);
  descent_.reserve_history(options_.total_steps, options_.test_every);
}

template <class S>
void MapTrainer<S>::set_total_steps(Index total_steps) {
  if (total_steps < 1) {
    fail_value("MapTrainer::set_total_steps", "total_steps", static_cast<double>(total_steps),
               "at least 1");
  }
  options_.total_steps = total_steps;
  // Another end has an entry of its own.
  descent_.reserve_history(options_.total_steps, options_.test_every);
}

template <class S>
void MapTrainer<S>::set_theta(const VectorX<S>& theta) {
  if (theta.size() != map_->num_parameters()) {
    fail_size("MapTrainer::set_theta", "theta", theta.size(), map_->num_parameters(),
              "parameters of the map");
  }
  if (!Descent<S>::is_usable(theta))
    fail("MapTrainer::set_theta", "theta holds a number too large");
  watch_ = {};
  descent_.start(theta, optimizer_);
}

template <class S>
double MapTrainer<S>::learning_rate() const {
  TrainerOptions schedule;
  schedule.schedule = ScheduleKind::kCosine;
  schedule.total_steps = options_.total_steps;
  return options_.learning_rate * descent_.learning_rate_scale *
         schedule_factor(schedule, step());
}

template <class S>
double MapTrainer<S>::loss_and_gradient() {
  draw_map_examples<S>(task_, examples_, x_, y_);
  map_->forward(theta(), x_, outputs_, *tape_);
  outputs_ -= y_;
  const auto count = static_cast<double>(options_.batch_size);
  const double loss = static_cast<double>(outputs_.squaredNorm()) / count;
  outputs_ *= static_cast<S>(2 / count);
  descent_.gradient.setZero();
  if (std::isfinite(loss)) map_->vjp(theta(), outputs_, no_bar_, descent_.gradient, *tape_);
  return loss;
}

template <class S>
std::string MapTrainer<S>::take_step() {
  const double rate = learning_rate();
  const double loss = loss_and_gradient();
  const double norm = descent_.clip(options_.gradient_clip);
  std::string fault = watch_.find_fault(loss, norm, descent_.largest_norm());
  if (fault.empty()) {
    watch_.observe(loss);
    fault = descent_.move(optimizer_, rate, watch_.is_good(loss));
  } else if (!tape_->fault().empty()) {
    fault += " (" + tape_->fault() + ")";
  }
  ++descent_.now.step;
  if (!fault.empty()) {
    watch_.restart_mean();
    return descent_.recover(fault, options_.learning_rate);
  }
  descent_.count(loss);
  if (step() % options_.test_every == 0 || is_finished())
    descent_.record(evaluation_.score(theta()).mean_square_error, rate);
  return {};
}

template <class S>
std::string MapTrainer<S>::failure() const {
  return "Training stopped at step " + std::to_string(step()) + ": it diverged " +
         std::to_string(descent_.failures) +
         " times in a row. The parameters are those of step " +
         std::to_string(descent_.good.step) + "; try a smaller learning rate or another seed.";
}

template <class S>
TrainingReport MapTrainer<S>::advance(const Budget& budget) {
  return advance_within("MapTrainer::advance", budget, *this, descent_);
}

template class MapTrainer<float>;
template class MapTrainer<double>;

}  // namespace least_action
