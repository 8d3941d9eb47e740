#include "session/session_state.h"

#include <cmath>
#include <limits>

#include "base/contract.h"
#include "session/summary.h"

namespace least_action {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kPaceWindow = 250;  // [ms] of a model's own training time

bool is_over(TrainingStatus status) {
  return status == TrainingStatus::kFinished || status == TrainingStatus::kFailed;
}

}  // namespace

Session::Implementation::Implementation(const SessionConfig& wanted) : config(wanted) {
  replace(std::make_unique<Experiment>(config));
}

Session::Implementation::Implementation(const SessionConfig& saved, const RunFile& run)
    : config(saved) {
  replace(std::make_unique<Experiment>(config, run));
}

Session::Implementation::~Implementation() { background.reset(); }

Session::Implementation::Exclusive::Exclusive(Implementation& state) : state_(&state) {
  if (state_->background) state_->background->pause();
}

Session::Implementation::Exclusive::~Exclusive() { state_->follow_training(); }

void Session::Implementation::replace(std::unique_ptr<Experiment> fresh) {
  board.reset();
  pins.clear();
  live.clear();
  reference.reset();
  truth.reset();
  experiment = std::move(fresh);
  {
    const std::lock_guard<std::mutex> lock(news_mutex);
    news.clear();
    has_news = false;
  }
  build_view();
}

Vector Session::Implementation::initial_state() const {
  Vector x0(experiment->system().dimension());
  if (config.initial_state.empty()) {
    experiment->system().typical_state(x0);
  } else {
    x0 = Eigen::Map<const Vector>(config.initial_state.data(), x0.size());
  }
  return x0;
}

void Session::Implementation::build_view() {
  const System& system = experiment->system();
  const std::uint64_t version = view.version, model_version = view.model_version;
  view = SessionView();
  view.version = version;
  view.model_version = model_version + 1;
  view.training = training;
  view.background = background != nullptr;
  view.coordinate_symbols = canonical_symbols(system);
  view.coordinate_units = canonical_units(system);
  view.coordinate_extent = canonical_extents(system);
  view.coordinate_periodic = canonical_periodic(system);
  view.period = system.typical_period();
  view.train_points = Dataset::states(experiment->canonical_data().train);
  view.test_points = Dataset::states(experiment->canonical_data().test);

  truth = std::make_unique<Dynamics>(system);
  models.clear();
  for (Index i = 0; i < experiment->num_models(); ++i) {
    ModelView model;
    model.name = experiment->name(i);
    model.config = config.models[static_cast<std::size_t>(i)];
    models.push_back(make_model<double>(experiment->spec(i)));
    model.num_parameters = models.back()->num_parameters();
    model.train_loss = model.test_loss = kNan;
    model.energy_drift = model.trajectory_error = model.valid_time = kNan;
    view.models.push_back(std::move(model));
    live.push_back(std::make_unique<Dynamics>(system, models.back()));
  }
  paces.assign(view.models.size(), {});
  board = std::make_unique<TrajectoryBoard>(system, models);
  restart_trajectories();
  build_pins();
  std::vector<Progress> progress;
  experiment->collect(progress);
  take_progress(progress);
  changed();
}

void Session::Implementation::restart_trajectories() {
  double map = 0;
  if (traits(config.rollout.method).adaptive) {
    for (Index i = 0; i < experiment->num_models(); ++i)
      map = std::max(map, map_time(experiment->spec(i)));
  }
  view.times = rollout_times(view.period, config.rollout_periods, map);
  board->restart(initial_state(), view.times, config.rollout);
}

void Session::Implementation::post_news() {
  const std::lock_guard<std::mutex> lock(news_mutex);
  experiment->collect(news);
  has_news = true;
}

bool Session::Implementation::take_news() {
  const std::lock_guard<std::mutex> lock(news_mutex);
  if (!has_news) return false;
  has_news = false;
  return take_progress(news);
}

bool Session::Implementation::take_progress(const std::vector<Progress>& progress) {
  bool any = false;
  bool over = true;
  for (std::size_t i = 0; i < progress.size(); ++i) {
    const Progress& from = progress[i];
    ModelView& into = view.models[i];
    over = over && is_over(from.status);
    const bool moved = into.step != from.step ||
                       live[i]->theta() != from.theta.cast<double>() ||
                       into.status != from.status || into.message != from.message ||
                       into.learning_rate != from.learning_rate;
    if (!moved) continue;
    any = true;
    into.step = from.step;
    into.train_loss = from.train_loss;
    into.test_loss = from.test_loss;
    into.learning_rate = from.learning_rate;
    into.evaluations_per_step = from.evaluations_per_step;
    into.products_per_step = from.products_per_step;
    into.gradient_bytes = from.gradient_bytes;
    into.status = from.status;
    into.message = from.message;
    into.history = from.history;
    live[i]->set_theta(from.theta.cast<double>());
    board->set_theta(static_cast<Index>(i), live[i]->theta());
    for (Pin& pin : pins) pin.board->set_theta(static_cast<Index>(i), live[i]->theta());
    Pace& pace = paces[i];
    const double spent = from.milliseconds - pace.milliseconds;
    if (from.timed_steps < pace.steps) {
      pace = {};
    } else if (spent > 0 && (spent >= kPaceWindow || pace.steps == 0)) {
      into.steps_per_second = 1000 * static_cast<double>(from.timed_steps - pace.steps) / spent;
      if (spent >= kPaceWindow) pace = {from.timed_steps, from.milliseconds};
    }
  }
  view.finished = over;
  if (any) ++view.model_version;
  return any;
}

void Session::Implementation::follow_training() {
  view.training = training;
  view.background = background != nullptr;
  if (!background) return;
  if (training) {
    background->resume();
  } else {
    background->pause();
  }
}

void Session::Implementation::changed() {
  ++view.version;
  view.summary = describe(view, experiment->system());
}

const Dynamics& Session::Implementation::dynamics(Index model) const {
  if (model == -1) return *truth;
  if (model < -1 || model >= static_cast<Index>(live.size())) {
    fail_value("Session", "model", static_cast<double>(model),
               "-1 (the truth) or less than " + std::to_string(live.size()));
  }
  return *live[static_cast<std::size_t>(model)];
}

}  // namespace least_action
