#include "session/experiment.h"

#include <algorithm>

#include "base/contract.h"
#include "base/random.h"
#include "session/learning_curve.h"

namespace least_action {
namespace {

// Streams of the session's seed, so data and training draw independently.
constexpr std::uint64_t kDataStream = 1, kTrainingStream = 2;

std::uint64_t derived_seed(std::uint64_t seed, std::uint64_t stream) {
  return Random(seed).split(stream).next();
}

SamplingOptions sampling(const SessionConfig& config) {
  SamplingOptions options = config.data;
  options.seed = derived_seed(config.seed, kDataStream);
  return options;
}

TrainerOptions training(const SessionConfig& config) {
  TrainerOptions options = config.training;
  options.seed = derived_seed(config.seed, kTrainingStream);
  return options;
}

std::string_view short_name(ModelKind kind) {
  switch (kind) {
    case ModelKind::kNeuralOde:
      return "Neural ODE";
    case ModelKind::kResidual:
      return "ResNet";
    case ModelKind::kHamiltonian:
      return "HNN";
    case ModelKind::kSeparableHamiltonian:
      return "Separable HNN";
    case ModelKind::kLagrangian:
      return "LNN";
  }
  return "Model";
}

bool same_model(const ModelSpec& a, const ModelSpec& b) {
  return a.kind == b.kind && a.degrees_of_freedom == b.degrees_of_freedom &&
         a.hidden == b.hidden && a.activation == b.activation && a.blocks == b.blocks;
}

[[noreturn]] void refuse(const std::string& reason) { fail("Run file", reason); }

}  // namespace

ModelSpec model_spec(const SessionConfig& config, const System& system, Index model) {
  const ModelConfig& wanted = config.models[static_cast<std::size_t>(model)];
  ModelSpec spec;
  spec.kind = wanted.kind;
  spec.degrees_of_freedom = system.degrees_of_freedom();
  spec.hidden = wanted.hidden;
  spec.activation = wanted.activation;
  spec.blocks = wanted.blocks;
  spec.block_time =
      config.data.duration / static_cast<double>((config.data.samples - 1) * wanted.blocks);
  for (const SystemCoordinate& coordinate : system.coordinates()) {
    spec.features.push_back({coordinate.periodic, 1 / coordinate.typical_position});
  }
  const bool velocities = traits(wanted.kind).chart == Chart::kVelocity;
  for (const SystemCoordinate& coordinate : system.coordinates()) {
    const double size = velocities ? coordinate.typical_velocity : coordinate.typical_momentum;
    spec.features.push_back({false, 1 / size});
  }
  return spec;
}

std::vector<std::string> model_names(const std::vector<ModelConfig>& models) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < models.size(); ++i) {
    std::string name(short_name(models[i].kind));
    Index before = 0, alike = 0;
    for (std::size_t j = 0; j < models.size(); ++j) {
      if (models[j].kind != models[i].kind) continue;
      ++alike;
      if (j < i) ++before;
    }
    if (alike > 1) name += " " + std::to_string(before + 1);
    names.push_back(std::move(name));
  }
  return names;
}

Experiment::Experiment(const SessionConfig& config)
    : training_(training(config)), system_(make_system(config.system, config.parameters)) {
  const SamplingOptions options = sampling(config);
  canonical_ =
      std::make_shared<const Dataset>(sample_dataset(*system_, Chart::kCanonical, options));
  const std::vector<std::string> names = model_names(config.models);
  for (std::size_t i = 0; i < config.models.size(); ++i) {
    const ModelSpec spec = model_spec(config, *system_, static_cast<Index>(i));
    if (traits(spec.kind).chart == Chart::kVelocity && !velocity_) {
      velocity_ =
          std::make_shared<const Dataset>(sample_dataset(*system_, Chart::kVelocity, options));
    }
    std::shared_ptr<const DynamicsModel<float>> model = make_model<float>(spec);
    learners_.push_back(
        {names[i], model, Trainer<float>(model, data_for(spec.kind), training_), {}, {}, 0, 0});
  }
}

Experiment::Experiment(const SessionConfig& config, const RunFile& run)
    : training_(training(config)), system_(make_system(config.system, config.parameters)) {
  if (run.models.size() != config.models.size()) {
    refuse("it holds " + std::to_string(run.models.size()) + " models, its settings say " +
           std::to_string(config.models.size()));
  }
  for (const Dataset& data : run.datasets) {
    if (data.degrees_of_freedom != system_->degrees_of_freedom()) {
      refuse("its data do not belong to its system");
    }
    (data.chart == Chart::kCanonical ? canonical_ : velocity_) =
        std::make_shared<const Dataset>(data);
  }
  if (!canonical_) refuse("it holds no canonical data");
  const std::vector<std::string> names = model_names(config.models);
  for (std::size_t i = 0; i < run.models.size(); ++i) {
    const ModelRecord& record = run.models[i];
    if (!same_model(record.spec, model_spec(config, *system_, static_cast<Index>(i)))) {
      refuse("model " + std::to_string(i + 1) + " is not the one its settings name");
    }
    if (!data_for(record.spec.kind)) refuse("the data of a model are missing");
    const auto* state = std::get_if<Trainer<float>::State>(&record.state);
    if (state == nullptr) refuse("a model was trained in double; a session trains in float");
    std::shared_ptr<const DynamicsModel<float>> model = make_model<float>(record.spec);
    Trainer<float> trainer(model, data_for(record.spec.kind), training_);
    trainer.set_state(*state);
    learners_.push_back({names[i], model, std::move(trainer), {}, {}, 0, 0});
  }
}

std::shared_ptr<const Dataset> Experiment::data_for(ModelKind kind) const {
  return traits(kind).chart == Chart::kVelocity ? velocity_ : canonical_;
}

void Experiment::take_step(Learner& learner) {
  const TrainingReport report = learner.trainer.advance({.steps = 1});
  learner.timed_steps += report.steps;
  learner.milliseconds += report.milliseconds;
  learner.status = report.status;
  if (!report.message.empty()) learner.message = report.message;
}

bool Experiment::round() {
  bool more = false;
  for (Learner& learner : learners_) {
    if (!learner.has_steps_left()) continue;
    take_step(learner);
    more = more || learner.has_steps_left();
  }
  return more;
}

Experiment::Learner* Experiment::whose_turn() {
  for (std::size_t i = 0; i < learners_.size(); ++i) {
    if (learners_[turn_].has_steps_left()) return &learners_[turn_];
    turn_ = (turn_ + 1) % learners_.size();
  }
  return nullptr;
}

bool Experiment::train_until(double deadline, const Clock& now) {
  double time = now();
  Learner* next = whose_turn();
  while (next != nullptr) {
    take_step(*next);
    const double after = now();
    next->last_step = after - time;
    time = after;
    turn_ = (turn_ + 1) % learners_.size();
    next = whose_turn();
    if (next != nullptr && (time >= deadline || time + next->last_step > deadline)) break;
  }
  return next != nullptr;
}

void Experiment::complete_round() {
  for (; turn_ != 0; turn_ = (turn_ + 1) % learners_.size()) {
    if (learners_[turn_].has_steps_left()) take_step(learners_[turn_]);
  }
}

bool Experiment::finished() const {
  return std::all_of(learners_.begin(), learners_.end(), [this](const Learner& learner) {
    return learner.status == TrainingStatus::kFailed ||
           learner.trainer.step() >= training_.total_steps;
  });
}

void Experiment::restart() {
  turn_ = 0;
  for (Learner& learner : learners_) {
    learner.trainer =
        Trainer<float>(learner.model, data_for(learner.model->spec().kind), training_);
    learner.status = TrainingStatus::kRunning;
    learner.message.clear();
  }
}

void Experiment::set_training(const TrainerOptions& options) {
  const std::uint64_t seed = training_.seed;
  training_ = options;
  training_.seed = seed;
  for (Learner& learner : learners_) {
    learner.trainer.set_options(training_);
    if (learner.status == TrainingStatus::kFinished) learner.status = TrainingStatus::kRunning;
  }
}

void Experiment::set_theta(Index model, const VectorX<float>& theta) {
  Learner& learner = learners_[static_cast<std::size_t>(model)];
  learner.trainer.set_theta(theta);
  learner.message.clear();
  if (learner.status == TrainingStatus::kFailed) learner.status = TrainingStatus::kRunning;
}

void Experiment::collect(std::vector<Progress>& progress) const {
  progress.resize(learners_.size());
  for (std::size_t i = 0; i < learners_.size(); ++i) {
    const Learner& learner = learners_[i];
    Progress& into = progress[i];
    into.theta = learner.trainer.theta();
    into.step = learner.trainer.step();
    into.train_loss = learner.trainer.train_loss();
    into.test_loss = learner.trainer.test_loss();
    into.learning_rate = learner.trainer.learning_rate();
    const LossCost cost = learner.trainer.cost();
    into.evaluations_per_step = cost.evaluations;
    into.products_per_step = cost.vjps;
    into.gradient_bytes = static_cast<double>(cost.bytes);
    into.status = learner.status;
    into.message = learner.message;
    into.timed_steps = learner.timed_steps;
    into.milliseconds = learner.milliseconds;
    update_history(learner.trainer.history(), into.history);
  }
}

RunFile Experiment::record(const std::string& config_text) const {
  RunFile run;
  run.config = config_text;
  run.datasets.push_back(*canonical_);
  if (velocity_) run.datasets.push_back(*velocity_);
  for (const Learner& learner : learners_) {
    const bool velocities = traits(learner.model->spec().kind).chart == Chart::kVelocity;
    run.models.push_back(
        {learner.model->spec(), training_, velocities ? 1 : 0, learner.trainer.state()});
  }
  return run;
}

}  // namespace least_action
