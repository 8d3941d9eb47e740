#include "session/flow_session.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>

#include "base/contract.h"
#include "io/byte_stream.h"
#include "io/crc32.h"
#include "session/flow_board.h"

namespace least_action {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr std::string_view kMagic = "least-action flow 1\n";

FlowConfig checked(const FlowConfig& config) {
  const std::vector<std::string> faults = find_faults(config);
  if (!faults.empty()) fail("FlowSession", faults.front());
  return config;
}

std::string decimal(double value, int places) {
  const double scale = std::pow(10.0, places);
  return std::isfinite(value) ? to_text(std::round(value * scale) / scale) : "unknown";
}

}  // namespace

struct FlowSession::Implementation {
  Implementation(const FlowConfig& with, Clock tells)
      : config(checked(with)),
        clock(std::move(tells)),
        trainer(trainer_options(config), make_density(config.density)),
        board(config, clock) {
    board.show_truth(view);
    board.set_theta(trainer.theta());
    tell();
  }

  void train(const Budget& budget) {
    const double begin = clock();
    const TrainingReport report = trainer.advance(budget);
    if (!report.message.empty()) fault = report.message;
    if (report.status == TrainingStatus::kFinished ||
        report.status == TrainingStatus::kFailed) {
      running = false;
    }
    if (report.steps == 0) return;
    const double seconds = 1e-3 * std::max(clock() - begin, 1e-3);
    const double rate = static_cast<double>(report.steps) / seconds;
    speed = speed > 0 ? speed + 0.1 * (rate - speed) : rate;
    board.set_theta(trainer.theta());
  }

  /// Goes on with another number of steps in all.
  void retime(const FlowConfig& wanted) {
    FlowTrainer<float> longer(trainer_options(wanted), make_density(wanted.density));
    longer.set_state(trainer.state());
    trainer = std::move(longer);
    config = wanted;
    running = running && trainer.step() < config.total_steps;
    tell();
  }

  /// Copies into the view what training knows.
  void tell() {
    const std::vector<HistoryEntry>& history = trainer.history();
    view.step = trainer.step();
    view.total_steps = config.total_steps;
    view.training = running;
    view.finished = trainer.step() >= config.total_steps;
    view.num_parameters = trainer.theta().size();
    view.learning_rate = trainer.learning_rate();
    view.steps_per_second = speed;
    view.train_nll = history.empty() ? kNaN : history.back().train_loss;
    view.test_nll = history.empty() ? kNaN : history.back().test_loss;
    if (view.history.size() != history.size()) view.history = history;
    // A trainer that took over knows neither before its first step.
    if (trainer.step() == 0 || trainer.evaluations() > 0) {
      view.evaluations = trainer.evaluations();
      view.bytes = trainer.bytes();
    }
    view.message = !fault.empty() ? fault : board.message();
    // More than the test set's scatter: training found where the solver errs.
    if (view.message.empty() && view.test_nll < view.entropy - 0.1) {
      view.message =
          "The loss is below the entropy, which no density can be: the solver's steps are too "
          "coarse for this flow. Raise Solver steps, or choose an adaptive solver.";
    }
    ++view.version;
    summarize();
  }

  void summarize() {
    if (view.step == 0) {
      view.summary = "A flow from a Gaussian to " + std::string(traits(config.density).title) +
                     ", not trained yet.";
      return;
    }
    view.summary = std::string(traits(config.density).title) + ": " +
                   (running         ? "training, "
                    : view.finished ? "trained, "
                                    : "paused, ") +
                   "step " + std::to_string(view.step) + " of " +
                   std::to_string(view.total_steps) + ". Test loss " +
                   decimal(view.test_nll, 3) + " nat, entropy " + decimal(view.entropy, 3) +
                   " nat.";
    if (!view.message.empty()) view.summary += " " + view.message;
  }

  FlowConfig config;
  Clock clock;
  FlowTrainer<float> trainer;
  FlowBoard board;
  FlowView view;
  bool running = false;
  double speed = 0;
  std::string fault;
};

FlowSession::FlowSession(const FlowConfig& config, Clock clock)
    : implementation_(std::make_unique<Implementation>(config, std::move(clock))) {}
FlowSession::~FlowSession() = default;

const FlowConfig& FlowSession::config() const { return implementation_->config; }
const FlowView& FlowSession::view() const { return implementation_->view; }

ConfigureReport FlowSession::configure(const FlowConfig& config) {
  ConfigureReport report;
  report.faults = find_faults(config);
  if (!report.faults.empty() || config == implementation_->config) return report;
  FlowConfig as_long = config;
  as_long.total_steps = implementation_->config.total_steps;
  if (as_long == implementation_->config) {
    implementation_->retime(config);
    return report;
  }
  auto next = std::make_unique<Implementation>(config, implementation_->clock);
  const FlowView& old = implementation_->view;
  next->running = implementation_->running;
  // Caches of the view compare versions: they never go back.
  next->view.version += old.version;
  next->view.paths_version += old.paths_version + 1;
  next->view.density_version += old.density_version + 1;
  next->view.true_density_version += old.true_density_version;
  implementation_ = std::move(next);
  implementation_->tell();
  report.restarted = true;
  return report;
}

void FlowSession::start() {
  implementation_->running = !implementation_->view.finished;
  implementation_->tell();
}

void FlowSession::pause() {
  implementation_->running = false;
  implementation_->tell();
}

void FlowSession::reset() {
  Implementation& my = *implementation_;
  my.trainer = FlowTrainer<float>(trainer_options(my.config), make_density(my.config.density));
  my.running = false;
  my.speed = 0;
  my.fault.clear();
  my.board.set_theta(my.trainer.theta());
  my.view.history.clear();
  my.tell();
}

void FlowSession::advance(Index steps) {
  if (steps < 0)
    fail_value("FlowSession::advance", "steps", static_cast<double>(steps), "at least 0");
  if (steps == 0) return;
  implementation_->train({steps, 0});
  implementation_->tell();
}

bool FlowSession::poll(double milliseconds) {
  Implementation& my = *implementation_;
  const double time = std::isfinite(milliseconds) ? std::max(milliseconds, 0.0) : 0.0;
  const bool trained = my.running && !my.view.finished;
  if (trained) {
    const double end = my.clock() + 2 * time / 3;
    do {
      my.train({1, 0});
    } while (my.running && my.clock() < end);
  }
  const bool shown = my.board.is_stale() && my.board.work(trained ? time / 3 : time, my.view);
  if (trained || shown) my.tell();
  return trained || shown;
}

void FlowSession::refresh() {
  Implementation& my = *implementation_;
  while (my.board.is_stale()) my.board.work(0, my.view);
  my.tell();
}

bool FlowSession::is_stale() const { return implementation_->board.is_stale(); }

std::vector<double> FlowSession::theta() const {
  const VectorX<float>& theta = implementation_->trainer.theta();
  return {theta.data(), theta.data() + theta.size()};
}

std::string FlowSession::samples_csv() const {
  const Implementation& my = *implementation_;
  FlowSolver solver(trainer_options(my.config).flow, my.trainer.theta().cast<double>(), kPaths,
                    solve_options(my.config));
  Matrix x(2, kPaths);
  Vector log_p(kPaths);
  Random random(my.config.seed);
  solver.sample(random, x, log_p);
  std::string csv = "x,y,log_density\n";
  for (Index b = 0; b < kPaths; ++b) {
    csv += to_text(x(0, b)) + "," + to_text(x(1, b)) + "," + to_text(log_p[b]) + "\n";
  }
  return csv;
}

std::string FlowSession::save() const {
  const Implementation& my = *implementation_;
  const FlowTrainerState<float> state = my.trainer.state();
  ByteWriter body;
  body.put_text(to_query(my.config));
  body.put_vector(state.theta);
  body.put_vector(state.good_theta);
  for (const auto* moments : {&state.moments, &state.good_moments}) {
    body.put_index(static_cast<Index>(moments->size()));
    for (const VectorX<float>& moment : *moments) body.put_vector(moment);
  }
  for (const Index number :
       {state.step, state.good_step, state.optimizer_steps, state.good_optimizer_steps,
        state.recoveries, state.failures, state.calm_steps, state.loss_count}) {
    body.put_index(number);
  }
  for (const double number :
       {state.learning_rate_scale, state.loss_sum, state.smoothed, state.best}) {
    body.put(number);
  }
  body.put_index(static_cast<Index>(state.history.size()));
  for (const HistoryEntry& entry : state.history) {
    body.put_index(entry.step);
    for (const double number : {entry.train_loss, entry.test_loss, entry.learning_rate}) {
      body.put(number);
    }
  }
  ByteWriter file;
  file.append(kMagic);
  file.put(crc32(body.bytes()));
  file.append(body.bytes());
  return file.bytes();
}

void FlowSession::load(std::string_view bytes) {
  constexpr const char* kWhere = "FlowSession::load";
  if (bytes.substr(0, kMagic.size()) != kMagic)
    fail(kWhere, "this is no flow saved by this version of Least Action");
  ByteReader file(bytes.substr(kMagic.size()), "flow");
  const auto sum = file.get<std::uint32_t>();
  const std::string_view payload = file.get_bytes(file.remaining());
  if (crc32(payload) != sum) fail(kWhere, "the file is damaged: its checksum does not match");
  ByteReader body(payload, "flow");
  const ParsedFlowConfig parsed = parse_flow_config(body.get_text());
  if (!parsed.faults.empty()) fail(kWhere, parsed.faults.front());
  FlowTrainerState<float> state;
  state.theta = body.get_vector<float>();
  state.good_theta = body.get_vector<float>();
  for (auto* moments : {&state.moments, &state.good_moments}) {
    const Index count = body.get_count(8);
    for (Index i = 0; i < count; ++i) moments->push_back(body.get_vector<float>());
  }
  for (Index* number :
       {&state.step, &state.good_step, &state.optimizer_steps, &state.good_optimizer_steps,
        &state.recoveries, &state.failures, &state.calm_steps, &state.loss_count}) {
    *number = body.get_index();
  }
  for (double* number :
       {&state.learning_rate_scale, &state.loss_sum, &state.smoothed, &state.best}) {
    *number = body.get<double>();
  }
  const Index entries = body.get_count(32);
  for (Index i = 0; i < entries; ++i) {
    HistoryEntry entry{};
    entry.step = body.get_index();
    for (double* number : {&entry.train_loss, &entry.test_loss, &entry.learning_rate}) {
      *number = body.get<double>();
    }
    state.history.push_back(entry);
  }
  body.finish();
  auto next = std::make_unique<Implementation>(parsed.config, implementation_->clock);
  next->trainer.set_state(state);
  next->board.set_theta(next->trainer.theta());
  const FlowView& old = implementation_->view;
  next->view.version += old.version;
  next->view.paths_version += old.paths_version + 1;
  next->view.density_version += old.density_version + 1;
  next->view.true_density_version += old.true_density_version;
  implementation_ = std::move(next);
  implementation_->tell();
}

}  // namespace least_action
