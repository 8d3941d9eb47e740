#include "session/learner_training.h"

#include <chrono>
#include <exception>
#include <system_error>
#include <utility>

#include "base/contract.h"
#include "session/background.h"
#include "session/learning_curve.h"
#ifdef LEAST_ACTION_THREADS
#include <thread>
#endif

namespace least_action {
namespace {

bool is_over(TrainingStatus status) {
  return status == TrainingStatus::kFinished || status == TrainingStatus::kFailed;
}

template <class S>
std::shared_ptr<LearnerTraining> make_training_in(const ModelSpec& spec,
                                                  std::shared_ptr<const Dataset> data,
                                                  const TrainerOptions& options,
                                                  std::uint64_t seed,
                                                  const std::optional<Vector>& theta) {
  const std::shared_ptr<const DynamicsModel<S>> model = make_model<S>(spec);
  Trainer<S> trainer(model, data, options);
  trainer.set_theta(theta ? VectorX<S>(theta->template cast<S>())
                          : starting_theta(*model, seed));
  return std::make_shared<LearnerTraining>(std::move(trainer), std::move(data));
}

}  // namespace

void TrainingNews::update(const TrainingNews& newer) {
  theta = newer.theta;
  step = newer.step;
  total_steps = newer.total_steps;
  learning_rate = newer.learning_rate;
  status = newer.status;
  message = newer.message;
  update_history(newer.history, history);
}

LearnerTraining::LearnerTraining(AnyTrainer trainer, std::shared_ptr<const Dataset> data)
    : trainer_(std::move(trainer)), data_(std::move(data)) {}

const TrainerOptions& LearnerTraining::options() const {
  return std::visit(
      [](const auto& trainer) -> const TrainerOptions& { return trainer.options(); }, trainer_);
}

Index LearnerTraining::step() const {
  return std::visit([](const auto& trainer) { return trainer.step(); }, trainer_);
}

LearnerTraining::AnyState LearnerTraining::state() const {
  return std::visit([](const auto& trainer) -> AnyState { return trainer.state(); }, trainer_);
}

void LearnerTraining::set_state(const AnyState& state) {
  if (auto* trainer = std::get_if<Trainer<float>>(&trainer_)) {
    trainer->set_state(std::get<Trainer<float>::State>(state));
  } else {
    std::get<Trainer<double>>(trainer_).set_state(std::get<Trainer<double>::State>(state));
  }
}

void LearnerTraining::set_options(const TrainerOptions& options) {
  std::visit([&](auto& trainer) { trainer.set_options(options); }, trainer_);
  status_ = TrainingStatus::kRunning;
  message_.clear();
}

void LearnerTraining::set_theta(const Vector& theta) {
  if (auto* trainer = std::get_if<Trainer<float>>(&trainer_)) {
    trainer->set_theta(theta.cast<float>());
  } else {
    std::get<Trainer<double>>(trainer_).set_theta(theta);
  }
  if (status_ == TrainingStatus::kFailed) status_ = TrainingStatus::kRunning;
  message_.clear();
}

TrainingReport LearnerTraining::advance(const Budget& budget) {
  TrainingReport report =
      std::visit([&](auto& trainer) { return trainer.advance(budget); }, trainer_);
  status_ = report.status;
  if (!report.message.empty()) message_ = report.message;
  return report;
}

void LearnerTraining::collect(TrainingNews& news) const {
  std::visit(
      [&](const auto& trainer) {
        news.theta = trainer.theta().template cast<double>();
        news.step = trainer.step();
        news.total_steps = trainer.options().total_steps;
        news.learning_rate = trainer.learning_rate();
        update_history(trainer.history(), news.history);
      },
      trainer_);
  news.status = status_;
  news.message = message_;
}

void LearnerTraining::start(const std::shared_ptr<LearnerTraining>& training) {
  constexpr const char* kWhere = "Learner::start_background";
  if (!Background::available()) fail(kWhere, "there are no threads here; train in slices");
#ifdef LEAST_ACTION_THREADS
  training->stop_ = false;
  {
    const std::lock_guard<std::mutex> lock(training->mutex_);
    training->has_ended_ = false;
  }
  try {
    std::thread([training] { training->run(); }).detach();
  } catch (const std::system_error& error) {
    const std::lock_guard<std::mutex> lock(training->mutex_);
    training->has_ended_ = true;
    fail(kWhere, std::string("no thread could be had (") + error.what() + ")");
  }
#else
  static_cast<void>(training);
#endif
}

void LearnerTraining::run() {
  using Clock = std::chrono::steady_clock;
  constexpr auto kTellEvery = std::chrono::milliseconds(20);
  try {
    Clock::time_point told = Clock::now();
    while (!stop_) {
      if (is_over(advance({.steps = 1}).status)) break;
      const Clock::time_point now = Clock::now();
      if (now - told < kTellEvery) continue;
      tell();
      told = now;
    }
  } catch (const std::exception& error) {
    status_ = TrainingStatus::kFailed;
    message_ = error.what();
  }
  try {
    tell();
  } catch (const std::exception&) {  // no memory for the news: what was told before stands
    const std::lock_guard<std::mutex> lock(mutex_);
    told_.status = TrainingStatus::kFailed;
    is_news_ = true;
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  has_ended_ = true;
}

void LearnerTraining::tell() {
  const std::lock_guard<std::mutex> lock(mutex_);
  // A recovery is news until somebody has heard of it.
  const bool keep = is_news_ && told_.status == TrainingStatus::kRecovered && !is_over(status_);
  collect(told_);
  if (keep) told_.status = TrainingStatus::kRecovered;
  is_news_ = true;
}

bool LearnerTraining::take_news(TrainingNews& news) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (std::exchange(is_news_, false)) news.update(told_);
  return !has_ended_;
}

std::shared_ptr<LearnerTraining> make_training(const ModelSpec& spec,
                                               std::shared_ptr<const Dataset> data,
                                               const TrainerOptions& options,
                                               Precision precision, std::uint64_t seed,
                                               const std::optional<Vector>& theta) {
  return precision == Precision::kFloat32
             ? make_training_in<float>(spec, std::move(data), options, seed, theta)
             : make_training_in<double>(spec, std::move(data), options, seed, theta);
}

bool can_go_on(const TrainerOptions& from, const TrainerOptions& to) {
  TrainerOptions changed = from;
  changed.learning_rate = to.learning_rate;
  changed.momentum = to.momentum;
  changed.weight_decay = to.weight_decay;
  changed.gradient_clip = to.gradient_clip;
  changed.schedule = to.schedule;
  changed.warmup_steps = to.warmup_steps;
  changed.total_steps = to.total_steps;
  changed.test_every = to.test_every;
  return changed == to;
}

}  // namespace least_action
