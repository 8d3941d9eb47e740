#include "session/session.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <system_error>

#include "base/contract.h"
#include "io/csv.h"
#include "io/run_file.h"
#include "session/learner_file.h"
#include "session/plane.h"
#include "session/session_state.h"
#include "session/settings_table.h"

namespace least_action {
namespace {

const SessionConfig& without_faults(const SessionConfig& config) {
  const std::vector<std::string> faults = find_faults(config);
  if (faults.empty()) return config;
  std::string text;
  for (const std::string& fault : faults) text += (text.empty() ? "" : " ") + fault;
  throw std::invalid_argument(text);
}

// What needs new data or new models to take effect.
bool needs_restart(const SessionConfig& from, const SessionConfig& to) {
  for (const SettingRow& row : setting_rows())
    if (row.setting.restarts && row.write(from) != row.write(to)) return true;
  return make_system(from.system, from.parameters)->values() !=
         make_system(to.system, to.parameters)->values();
}

Vector as_vector(const std::vector<double>& values) {
  return Eigen::Map<const Vector>(values.data(), static_cast<Index>(values.size()));
}

}  // namespace

Session::Session(const SessionConfig& config)
    : implementation_(std::make_unique<Implementation>(without_faults(config))) {}

Session::~Session() = default;

const SessionConfig& Session::config() const { return implementation_->config; }
const SessionView& Session::view() const { return implementation_->view; }
const System& Session::system() const { return implementation_->experiment->system(); }

ConfigureReport Session::configure(const SessionConfig& config) {
  ConfigureReport report;
  report.faults = find_faults(config);
  if (!report.faults.empty()) return report;
  Implementation& state = *implementation_;
  const Implementation::Exclusive exclusive(state);
  report.restarted = needs_restart(state.config, config);
  if (report.restarted) {
    std::unique_ptr<Experiment> fresh = std::make_unique<Experiment>(config);
    state.config = config;
    state.replace(std::move(fresh));
    return report;
  }
  state.experiment->set_training(config.training);
  state.config = config;
  state.restart_trajectories();
  state.build_pins();
  state.post_news();
  state.take_news();
  state.changed();
  return report;
}

void Session::set_initial_state(const std::vector<double>& x0) {
  Implementation& state = *implementation_;
  const Index dimension = system().dimension();
  if (static_cast<Index>(x0.size()) != dimension) {
    fail_size("Session::set_initial_state", "x0", static_cast<Index>(x0.size()), dimension,
              "positions, then momenta");
  }
  if (const std::string fault = initial_state_fault(system(), x0); !fault.empty())
    throw std::invalid_argument(fault);
  state.config.initial_state = x0;
  state.restart_trajectories();
  constexpr double kAtOnce = 4;  // [ms]: a drag is answered in its own frame
  state.board->advance(kAtOnce, false, state.view);
  state.changed();
}

void Session::set_pinned(const std::vector<std::vector<double>>& starts) {
  Implementation& state = *implementation_;
  if (starts.size() > kMaxPinned) {
    fail_value("Session::set_pinned", "the number of starts",
               static_cast<double>(starts.size()), "at most " + std::to_string(kMaxPinned));
  }
  for (const std::vector<double>& start : starts) {
    const std::string fault =
        start.empty() ? "A pinned start has no numbers." : initial_state_fault(system(), start);
    if (!fault.empty()) throw std::invalid_argument(fault);
  }
  state.config.pinned = starts;
  state.build_pins();
  state.changed();
}

void Session::start() {
  Implementation& state = *implementation_;
  if (state.training || state.view.finished) return;
  state.training = true;
  state.follow_training();
  state.changed();
}

void Session::pause() {
  Implementation& state = *implementation_;
  if (!state.training) return;
  state.training = false;
  state.follow_training();
  if (!state.background) {
    state.experiment->complete_round();
    state.post_news();
  }
  state.take_news();
  state.changed();
}

void Session::reset() {
  Implementation& state = *implementation_;
  state.training = false;
  const Implementation::Exclusive exclusive(state);
  state.experiment->restart();
  state.post_news();
  state.take_news();
  state.view.training = false;
  state.changed();
}

void Session::advance(Index steps) {
  if (steps < 0) {
    fail_value("Session::advance", "steps", static_cast<double>(steps), "0 or more");
  }
  Implementation& state = *implementation_;
  const Implementation::Exclusive exclusive(state);
  for (Index k = 0; k < steps; ++k)
    if (!state.experiment->round()) break;
  state.post_news();
  if (state.take_news()) state.changed();
}

bool Session::threads_available() { return Background::available(); }

void Session::set_background(bool background) {
  Implementation& state = *implementation_;
  if (background == (state.background != nullptr)) return;
  if (!background) {
    state.background->pause();
    state.background.reset();
    state.take_news();
  } else if (Background::available()) {
    try {
      state.background = std::make_unique<Background>(
          [&state] { return state.experiment->round(); }, [&state] { state.post_news(); });
    } catch (const std::system_error&) {
      // No thread can be had: time slices do.
    }
  }
  state.follow_training();
  state.changed();
}

bool Session::poll(double milliseconds) {
  Implementation& state = *implementation_;
  const double budget = std::isfinite(milliseconds) ? std::max(0.0, milliseconds) : 0.0;
  constexpr double kShownShare = 1.0 / 3, kScarce = 0.1;  // of the time
  const double begun = now_milliseconds();
  const bool stale = state.board->pending(state.training) || state.pins_pending(state.training);
  bool any = false;
  if (state.training && !state.background) {
    state.experiment->train_until(begun + (stale ? 1 - kShownShare : 1) * budget);
    state.post_news();
  }
  const bool halted = state.background && state.training && !state.background->running();
  any = state.take_news() || any;
  if (halted && !state.background->error().empty()) {
    for (ModelView& model : state.view.models) model.message = state.background->error();
  }
  if (state.training && (state.view.finished || halted)) {
    state.training = false;
    state.follow_training();
    any = true;
  }
  double left = begun + budget - now_milliseconds();
  // Where every step of training takes all of the time, trajectories get theirs on top.
  if (stale && left < kScarce * budget) left = kShownShare * budget;
  const double until = now_milliseconds() + left;
  any = state.board->advance(left, state.training, state.view) || any;
  any = state.advance_pins(std::max(0.0, until - now_milliseconds()), state.training) || any;
  if (any) state.changed();
  return any;
}

void Session::refresh() {
  Implementation& state = *implementation_;
  bool any = state.take_news();
  constexpr double kForever = std::numeric_limits<double>::infinity();
  while (state.board->pending()) any = state.board->advance(kForever, false, state.view) || any;
  while (state.pins_pending(false)) any = state.advance_pins(kForever, false) || any;
  if (any) state.changed();
}

Portrait Session::portrait(Index model, const PortraitRequest& request) const {
  const Vector base =
      request.base.empty() ? implementation_->initial_state() : as_vector(request.base);
  return make_portrait(implementation_->dynamics(model), request, base);
}

Section Session::section(Index model, const SectionRequest& request) const {
  return make_section(implementation_->dynamics(model), request, config().rollout);
}

TrajectoryView Session::rollout(Index model, const std::vector<double>& x0,
                                const Vector& times) const {
  Rollout rollout(implementation_->dynamics(model), as_vector(x0), times, config().rollout);
  rollout.advance(std::numeric_limits<double>::infinity());
  return rollout.view();
}

std::string Session::save() const {
  Implementation& state = *implementation_;
  const Implementation::Exclusive exclusive(state);
  return write_run(state.experiment->record(complete_query(state.config)));
}

void Session::load(std::string_view bytes) {
  const RunFile run = read_run(bytes);
  if (is_learner_config(run.config))
    fail("Run file", "it holds a single model, not an experiment; a Learner opens it");
  const ParsedConfig parsed = parse_config(run.config);
  if (!parsed.faults.empty())
    fail("Run file", "its settings make no sense: " + parsed.faults[0]);
  auto experiment = std::make_unique<Experiment>(parsed.config, run);
  Implementation& state = *implementation_;
  state.training = false;
  const Implementation::Exclusive exclusive(state);
  state.config = parsed.config;
  state.replace(std::move(experiment));
}

std::string Session::dataset_csv() const {
  return write_dataset_csv(implementation_->experiment->canonical_data());
}

std::string Session::history_csv() const {
  std::vector<NamedHistory> histories;
  for (const ModelView& model : view().models) histories.push_back({model.name, model.history});
  return write_history_csv(histories);
}

std::vector<double> Session::theta(Index model) const {
  if (model == -1) fail("Session::theta", "model is -1; the truth has no parameters");
  const Vector& theta = implementation_->dynamics(model).theta();
  return {theta.data(), theta.data() + theta.size()};
}

void Session::set_theta(Index model, const std::vector<double>& theta) {
  constexpr std::string_view kWhere = "Session::set_theta";
  if (model == -1) fail(kWhere, "model is -1; the truth has no parameters");
  Implementation& state = *implementation_;
  const Index expected = state.dynamics(model).theta().size();
  if (static_cast<Index>(theta.size()) != expected) {
    fail_size(kWhere, "theta", static_cast<Index>(theta.size()), expected,
              "parameters of the model");
  }
  const VectorX<float> rounded = as_vector(theta).cast<float>();
  if (!rounded.allFinite()) fail(kWhere, "theta has a component that is not a finite float");
  const Implementation::Exclusive exclusive(state);
  state.experiment->set_theta(model, rounded);
  state.post_news();
  state.take_news();
  state.changed();
}

}  // namespace least_action
