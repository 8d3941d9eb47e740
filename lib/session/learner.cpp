#include "session/learner.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <span>
#include <stdexcept>
#include <utility>

#include "base/contract.h"
#include "session/learner_file.h"
#include "session/learner_training.h"
#include "session/rollout.h"
#include "train/check_data.h"
#include "train/loss.h"
#include "train/schedule.h"

namespace least_action {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr Index kMostColumns = 256;  // of one evaluation

Index capped_sum(Index a, Index b) {
  return b > std::numeric_limits<Index>::max() - a ? std::numeric_limits<Index>::max() : a + b;
}

}  // namespace

struct Learner::Implementation {
  ModelSpec spec;
  std::uint64_t seed;
  std::unique_ptr<DynamicsModel<double>> model;
  Vector theta;
  ModelField<double> field;
  PhaseFlow flow;
  std::unique_ptr<DynamicsModel<double>::Tape> tape;  // of `energy`

  TrainingNews known;  // what the accessors answer
  std::shared_ptr<LearnerTraining> training;
  bool in_background = false;
  std::optional<LearnerRecord> loaded;  // waits for its dataset

  Implementation(const ModelSpec& wanted, std::uint64_t start)
      : spec(wanted),
        seed(start),
        model(make_model<double>(spec)),
        theta(starting_theta(*model, seed)),
        field(*model, theta),
        flow(field, map_time(spec)) {}
  explicit Implementation(LearnerRecord record);
  ~Implementation() {
    if (in_background) training->request_stop();
  }

  void refuse_in_background(const char* where) const {
    if (in_background) fail(where, "training runs in the background; it must be stopped first");
  }
  void take_over() {
    training->collect(known);
    theta = known.theta;
  }
  std::shared_ptr<LearnerTraining> go_on(const std::shared_ptr<const Dataset>& data,
                                         const TrainerOptions& options,
                                         Precision precision) const;
  std::shared_ptr<LearnerTraining> start_anew(const std::shared_ptr<const Dataset>& data,
                                              const TrainerOptions& options,
                                              Precision precision) const;
};

namespace {

Precision precision_of(const ModelRecord& record) {
  return record.state.index() == 0 ? Precision::kFloat32 : Precision::kFloat64;
}

Vector theta_of(const ModelRecord& record) {
  return std::visit(
      [](const auto& state) { return Vector(state.theta.template cast<double>()); },
      record.state);
}

/// As Trainer::set_theta, of a training that waits.
void replace_theta(const Vector& theta, ModelRecord& record) {
  std::visit(
      [&](auto& state) {
        using S = typename std::decay_t<decltype(state.theta)>::Scalar;
        state.theta = state.good_theta = theta.cast<S>();
        for (auto* all : {&state.optimizer_moments, &state.good_moments})
          for (VectorX<S>& moment : *all) moment.setZero();
        state.good_step = state.step;
        state.optimizer_steps = state.good_optimizer_steps = 0;
        state.failures = state.calm_steps = 0;
        state.smoothed_loss = 0;
        state.best_loss = std::numeric_limits<double>::infinity();
      },
      record.state);
}

}  // namespace

Learner::Implementation::Implementation(LearnerRecord record)
    : spec(record.model.spec),
      seed(record.seed),
      model(make_model<double>(spec)),
      theta(theta_of(record.model)),
      field(*model, theta),
      flow(field, map_time(spec)) {
  if (!record.data) return;
  const TrainerOptions& options = record.model.options;
  std::visit(
      [&](const auto& state) {
        known.step = state.step;
        known.history = state.history;
        known.learning_rate = options.learning_rate * state.learning_rate_scale *
                              schedule_factor(options, state.step);
      },
      record.model.state);
  known.total_steps = options.total_steps;
  if (known.step >= known.total_steps) known.status = TrainingStatus::kFinished;
  loaded = std::move(record);
}

Learner::Learner(const ModelSpec& spec, std::uint64_t seed)
    : implementation_(std::make_unique<Implementation>(spec, seed)) {}

Learner::Learner(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}

Learner::~Learner() = default;
Learner::Learner(Learner&&) noexcept = default;
Learner& Learner::operator=(Learner&&) noexcept = default;

const ModelSpec& Learner::spec() const { return implementation_->spec; }
Index Learner::num_parameters() const { return implementation_->theta.size(); }
std::vector<ParameterBlock> Learner::parameter_blocks() const {
  return implementation_->model->parameter_blocks();
}
const Vector& Learner::theta() const { return implementation_->theta; }
PhaseFlow& Learner::flow() { return implementation_->flow; }

void Learner::set_theta(const Vector& theta) {
  constexpr const char* kWhere = "Learner::set_theta";
  Implementation& learner = *implementation_;
  learner.refuse_in_background(kWhere);
  if (theta.size() != learner.theta.size()) {
    fail_size(kWhere, "theta", theta.size(), learner.theta.size(), "parameters of the model");
  }
  if (!theta.allFinite()) fail(kWhere, "theta has a component that is NaN or infinite");
  if (learner.training) {
    learner.training->set_theta(theta);
    learner.take_over();
    return;
  }
  if (learner.loaded) {
    const bool rounds = precision_of(learner.loaded->model) == Precision::kFloat32;
    if (rounds && !theta.cast<float>().allFinite()) {
      fail(kWhere, "theta has a component that is not a finite float");
    }
    replace_theta(theta, learner.loaded->model);
    learner.theta = theta_of(learner.loaded->model);
    return;
  }
  learner.theta = theta;
}

void Learner::energy(ConstMatrixRef x, VectorRef energy) {
  constexpr const char* kWhere = "Learner::energy";
  Implementation& learner = *implementation_;
  if (!traits(learner.spec.kind).has_energy) {
    fail(kWhere,
         "a " + std::string(traits(learner.spec.kind).title) + " has no learned energy");
  }
  if (x.rows() != learner.model->dimension()) {
    fail_shape(kWhere, "x", x.rows(), x.cols(), learner.model->dimension(), x.cols(),
               "dimension × states");
  }
  if (energy.size() != x.cols()) {
    fail_size(kWhere, "energy", energy.size(), x.cols(), "one for each state");
  }
  if (!x.allFinite()) fail(kWhere, "a state has a component that is NaN or infinite");
  if (!learner.tape) learner.tape = learner.model->make_tape(kMostColumns);
  for (Index first = 0; first < x.cols(); first += kMostColumns) {
    const Index count = std::min(kMostColumns, x.cols() - first);
    learner.model->energy(learner.theta, x.middleCols(first, count),
                          Eigen::Map<Matrix>(energy.data() + first, 1, count), *learner.tape);
  }
}

LossReport Learner::loss(const Dataset& data, bool of_test_part, const TrainerOptions& options,
                         bool with_gradient) const {
  constexpr const char* kWhere = "Learner::loss";
  const Implementation& learner = *implementation_;
  if (const auto fault = find_fault(options, learner.spec.kind)) {
    throw std::invalid_argument(*fault);
  }
  check_data(kWhere, learner.spec, data, options);
  const std::vector<Trajectory>& part = of_test_part ? data.test : data.train;
  LossReport report;
  report.examples = num_examples(options, part);
  if (report.examples == 0) fail(kWhere, "the test part holds no example of this loss");
  const auto loss =
      make_loss<double>(options, *learner.model, part,
                        component_weights(options.loss, data.train, data.dimension()),
                        std::min(kMostColumns, report.examples));
  if (with_gradient) {
    report.loss = mean_loss_and_gradient(*loss, learner.theta, report.gradient);
    return report;
  }
  std::vector<Index> all(static_cast<std::size_t>(report.examples));
  std::iota(all.begin(), all.end(), Index{0});
  report.loss = mean_loss(*loss, learner.theta, std::span<const Index>(all));
  return report;
}

/// The training that goes on with these options, or none where it has to start anew.
std::shared_ptr<LearnerTraining> Learner::Implementation::go_on(
    const std::shared_ptr<const Dataset>& data, const TrainerOptions& options,
    Precision precision) const {
  TrainerOptions longer = options;
  const auto lengthen = [&](Index step) {
    longer.total_steps = capped_sum(step, options.total_steps);
    if (const auto fault = find_fault(longer, spec.kind)) throw std::invalid_argument(*fault);
  };
  if (training) {
    const bool same = training->data() == data && training->precision() == precision &&
                      can_go_on(training->options(), options);
    if (!same) return nullptr;
    lengthen(training->step());
    training->set_options(longer);
    return training;
  }
  if (!loaded || precision_of(loaded->model) != precision) return nullptr;
  TrainerOptions earlier = loaded->model.options;
  if (!can_go_on(earlier, options) || fingerprint(*data) != *loaded->data) return nullptr;
  lengthen(known.step);
  const auto waiting = make_training(spec, data, earlier, precision, seed, theta);
  waiting->set_state(loaded->model.state);
  waiting->set_options(longer);
  return waiting;
}

std::shared_ptr<LearnerTraining> Learner::Implementation::start_anew(
    const std::shared_ptr<const Dataset>& data, const TrainerOptions& options,
    Precision precision) const {
  // Untouched parameters are drawn again in the trainer's own precision, so that it starts
  // where it would have started by itself.
  std::optional<Vector> from;
  if (theta != starting_theta(*model, seed)) from = theta;
  return make_training(spec, data, options, precision, seed, from);
}

void Learner::prepare(std::shared_ptr<const Dataset> data, const TrainerOptions& options,
                      Precision precision) {
  constexpr const char* kWhere = "Learner::prepare";
  Implementation& learner = *implementation_;
  learner.refuse_in_background(kWhere);
  if (!data) fail(kWhere, "data is null; expected a dataset");
  if (options.total_steps < 1) {
    fail_value(kWhere, "total_steps", static_cast<double>(options.total_steps), "at least 1");
  }
  std::shared_ptr<LearnerTraining> next = learner.go_on(data, options, precision);
  if (!next) next = learner.start_anew(data, options, precision);
  learner.training = std::move(next);
  learner.loaded.reset();
  learner.take_over();
}

bool Learner::prepared() const { return implementation_->training != nullptr; }

TrainingReport Learner::advance(const Budget& budget) {
  constexpr const char* kWhere = "Learner::advance";
  Implementation& learner = *implementation_;
  learner.refuse_in_background(kWhere);
  if (!learner.training) fail(kWhere, "there is nothing to train on; expected a `prepare`");
  TrainingReport report = learner.training->advance(budget);
  learner.take_over();
  return report;
}

void Learner::start_background() {
  constexpr const char* kWhere = "Learner::start_background";
  Implementation& learner = *implementation_;
  learner.refuse_in_background(kWhere);
  if (!learner.training) fail(kWhere, "there is nothing to train on; expected a `prepare`");
  LearnerTraining::start(learner.training);
  learner.in_background = true;
}

void Learner::request_stop() {
  if (implementation_->in_background) implementation_->training->request_stop();
}

bool Learner::poll_background() {
  Implementation& learner = *implementation_;
  if (!learner.in_background) return false;
  learner.in_background = learner.training->take_news(learner.known);
  if (learner.known.theta.size() > 0) learner.theta = learner.known.theta;
  return learner.in_background;
}

TrainingStatus Learner::status() const { return implementation_->known.status; }
const std::string& Learner::message() const { return implementation_->known.message; }
Index Learner::step() const { return implementation_->known.step; }
Index Learner::total_steps() const { return implementation_->known.total_steps; }
double Learner::learning_rate() const { return implementation_->known.learning_rate; }
const std::vector<HistoryEntry>& Learner::history() const {
  return implementation_->known.history;
}
double Learner::train_loss() const {
  return history().empty() ? kNan : history().back().train_loss;
}
double Learner::test_loss() const {
  return history().empty() ? kNan : history().back().test_loss;
}

std::string Learner::save() const {
  const Implementation& learner = *implementation_;
  learner.refuse_in_background("Learner::save");
  if (learner.loaded) return write_learner(*learner.loaded);
  LearnerRecord record;
  record.seed = learner.seed;
  record.model.spec = learner.spec;
  if (learner.training) {
    record.model.options = learner.training->options();
    record.model.state = learner.training->state();
    record.data = fingerprint(*learner.training->data());
  } else {
    Trainer<double>::State state;
    state.theta = learner.theta;
    record.model.state = std::move(state);
  }
  return write_learner(record);
}

Learner Learner::load(std::string_view bytes) {
  return Learner(std::make_unique<Implementation>(read_learner(bytes)));
}

}  // namespace least_action
