#include "session/map_session.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <stdexcept>
#include <utility>

#include "base/contract.h"
#include "maps/map_trainer.h"
#include "session/clock.h"
#include "session/map_cost.h"
#include "session/map_words.h"

namespace least_action {
namespace {

constexpr Index kGrid = kDecisionGrid;
constexpr double kWindow = 1.35;  // of the task's extent
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

bool is_flow(MapKind kind) {
  return kind == MapKind::kNeuralOde || kind == MapKind::kAugmentedNeuralOde;
}

/// Points worth following: evenly spaced on the line, rings (or a lattice) in the plane.
MatrixX<float> shown_points(MapTask task) {
  if (task == MapTask::kFlip) {
    const VectorX<float> line = VectorX<float>::LinSpaced(21, -1, 1);
    return line.transpose();
  }
  std::vector<Eigen::Vector2f> points;
  if (task == MapTask::kDisc) {
    constexpr int kSide = 17;
    for (int i = 0; i < kSide * kSide; ++i) {
      points.emplace_back(-1 + 2 * float(i % kSide) / (kSide - 1),
                          -1 + 2 * float(i / kSide) / (kSide - 1));
    }
  } else {
    const auto ring = [&](double radius, int count) {
      for (int j = 0; j < count; ++j) {
        const double angle = 2 * std::numbers::pi * (j + 0.25) / count;
        points.emplace_back(float(radius * std::cos(angle)), float(radius * std::sin(angle)));
      }
    };
    ring(0, 1);
    if (task == MapTask::kReflection) {
      for (int k = 1; k <= 6; ++k) ring(k / 6.0, 7 * k);
    } else {
      for (int k = 1; k <= 4; ++k) ring(0.125 * k, 7 * k);
      for (int k = 0; k <= 3; ++k) ring(1 + k / 6.0, 44 + 6 * k);
    }
  }
  MatrixX<float> matrix(2, static_cast<Index>(points.size()));
  for (std::size_t i = 0; i < points.size(); ++i) matrix.col(static_cast<Index>(i)) = points[i];
  return matrix;
}

MatrixX<float> grid_points(double half_width) {
  MatrixX<float> x(2, kGrid * kGrid);
  const auto at = [&](Index k) {
    return static_cast<float>(half_width * (2 * double(k) / double(kGrid - 1) - 1));
  };
  for (Index i = 0; i < kGrid * kGrid; ++i) {
    x(0, i) = at(i % kGrid);
    x(1, i) = at(i / kGrid);
  }
  return x;
}

}  // namespace

struct MapSession::Implementation {
  struct Contestant {
    std::shared_ptr<const LearnedMap<float>> map;
    std::unique_ptr<LearnedMap<float>> fine;  // flows: with a quarter of the step
    std::unique_ptr<MapTrainer<float>> trainer;
    std::unique_ptr<LearnedMap<float>::Tape> points_tape, fine_tape, grid_tape;
    TrainingReport report;
  };

  MapSessionConfig config;
  std::vector<Contestant> contestants;
  MatrixX<float> grid, grid_outputs, fine_outputs;
  MapView view;
  std::size_t next = 0;  // whose step, and whose picture, comes next
  std::size_t to_draw = 0;
  Index paced_steps = 0;
  double paced_milliseconds = 0;

  explicit Implementation(const MapSessionConfig& wanted);

  /// Takes the place of this one; views keep their address, and the version grows.
  void replace_by(Implementation fresh) {
    fresh.view.version += view.version;
    std::swap(*this, fresh);
  }
  /// Goes on with another number of steps in all.
  void retime(Index steps);
  bool over(const Contestant& contestant) const {
    return contestant.report.status == TrainingStatus::kFinished ||
           contestant.report.status == TrainingStatus::kFailed;
  }
  bool finished() const {
    return std::all_of(contestants.begin(), contestants.end(),
                       [&](const Contestant& c) { return over(c); });
  }
  void train_next();  ///< A step of the map whose turn it is, unless it is over.
  void take_news();
  bool stale(std::size_t k) const {
    return view.models[k].pictured_step != contestants[k].trainer->step();
  }
  bool draw_one();  ///< The picture of one stale map; false where none is.
  void draw(std::size_t k);
};

MapSession::Implementation::Implementation(const MapSessionConfig& wanted) : config(wanted) {
  const MatrixX<float> points = shown_points(wanted.task);
  for (const MapModelConfig& model : wanted.models) {
    Contestant contestant;
    MapSpec spec = spec_of(wanted, model);
    contestant.map = make_map<float>(spec);
    contestant.trainer = std::make_unique<MapTrainer<float>>(
        contestant.map, wanted.task,
        MapTrainerOptions{.learning_rate = wanted.learning_rate,
                          .total_steps = wanted.steps,
                          .batch_size = wanted.batch,
                          .seed = wanted.seed});
    contestant.points_tape = contestant.map->make_tape(points.cols());
    if (is_flow(spec.kind)) {
      spec.sensitivity.substeps *= 4;
      contestant.fine = make_map<float>(spec);
      contestant.fine_tape = contestant.fine->make_tape(points.cols());
    }
    if (traits(wanted.task).is_classification)
      contestant.grid_tape = contestant.map->make_tape(kGrid * kGrid);
    contestants.push_back(std::move(contestant));
  }
  view.task = config.task;
  view.points = points;
  view.targets.resize(traits(config.task).outputs, points.cols());
  map_targets<float>(config.task, view.points, view.targets);
  view.half_width = kWindow * traits(config.task).extent;
  view.grid = traits(config.task).is_classification ? kGrid : 0;
  if (view.grid > 0) {
    grid = grid_points(view.half_width);
    grid_outputs.setZero(1, grid.cols());
  }
  fine_outputs.setZero(traits(config.task).outputs, points.cols());
  const std::vector<std::string> names = map_names(config.models);
  for (std::size_t k = 0; k < contestants.size(); ++k) {
    const LearnedMap<float>& map = *contestants[k].map;
    MapModelView model;
    model.name = names[k];
    model.config = config.models[k];
    model.num_parameters = map.num_parameters();
    model.bound = known_bound(config.task, map.spec());
    model.state_dimension = map.state_dimension();
    model.num_states = map.num_states();
    model.states.setZero(model.state_dimension, points.cols() * model.num_states);
    model.outputs.setZero(map.outputs(), points.cols());
    model.bytes = contestants[k].trainer->bytes();
    view.models.push_back(std::move(model));
  }
  take_news();
  while (draw_one()) {
  }
}

void MapSession::Implementation::retime(Index steps) {
  for (Contestant& contestant : contestants) {
    contestant.trainer->set_total_steps(steps);
    if (contestant.report.status == TrainingStatus::kFailed) continue;
    contestant.report.status = contestant.trainer->step() < steps ? TrainingStatus::kRunning
                                                                  : TrainingStatus::kFinished;
  }
  config.steps = steps;
  take_news();
}

void MapSession::Implementation::train_next() {
  Contestant& contestant = contestants[next];
  next = (next + 1) % contestants.size();
  if (over(contestant)) return;
  TrainingReport report = contestant.trainer->advance({.steps = 1});
  // A recovery stays in words until the next.
  if (report.message.empty()) report.message = std::move(contestant.report.message);
  contestant.report = std::move(report);
}

void MapSession::Implementation::take_news() {
  for (std::size_t k = 0; k < contestants.size(); ++k) {
    const Contestant& contestant = contestants[k];
    MapModelView& model = view.models[k];
    model.step = contestant.trainer->step();
    model.learning_rate = contestant.trainer->learning_rate();
    model.status = contestant.report.status;
    model.message = contestant.report.message;
    const auto& history = contestant.trainer->history();
    if (history.size() < model.history.size()) model.history.clear();
    model.history.insert(model.history.end(),
                         history.begin() + static_cast<std::ptrdiff_t>(model.history.size()),
                         history.end());
  }
  view.finished = finished();
  if (view.finished) view.training = false;
  view.summary = summary_of(view);
  ++view.version;
}

void MapSession::Implementation::draw(std::size_t k) {
  Contestant& contestant = contestants[k];
  MapModelView& model = view.models[k];
  const LearnedMap<float>& map = *contestant.map;
  const VectorX<float>& theta = contestant.trainer->theta();
  map.forward(theta, view.points, model.outputs, *contestant.points_tape);
  map.states(model.states, *contestant.points_tape);
  model.evaluations = contestant.points_tape->evaluations();
  model.solver_error = kNaN;
  if (contestant.fine) {
    contestant.fine->forward(theta, view.points, fine_outputs, *contestant.fine_tape);
    model.solver_error =
        static_cast<double>((fine_outputs - model.outputs).colwise().norm().maxCoeff());
  }
  model.score = contestant.trainer->score();
  if (contestant.grid_tape) {
    map.forward(theta, grid, grid_outputs, *contestant.grid_tape);
    model.decision.assign(grid_outputs.data(), grid_outputs.data() + grid_outputs.size());
    model.encloses_positive = has_bounded_region(model.decision, kGrid, kGrid, true);
    model.encloses_negative = has_bounded_region(model.decision, kGrid, kGrid, false);
    if (map.spec().kind != MapKind::kFullyConnected)
      model.read_out = theta.tail(map.outputs() * (map.state_dimension() + 1));
  }
  model.pictured_step = contestant.trainer->step();
  model.result = result_of(config.task, model);
}

bool MapSession::Implementation::draw_one() {
  for (std::size_t tried = 0; tried < contestants.size(); ++tried) {
    const std::size_t k = to_draw;
    to_draw = (to_draw + 1) % contestants.size();
    if (!stale(k)) continue;
    draw(k);
    return true;
  }
  return false;
}

MapSession::MapSession(const MapSessionConfig& config) {
  const std::vector<std::string> faults = find_faults(config);
  if (!faults.empty()) throw std::invalid_argument(faults.front());
  implementation_ = std::make_unique<Implementation>(config);
}

MapSession::~MapSession() = default;

const MapSessionConfig& MapSession::config() const { return implementation_->config; }
const MapView& MapSession::view() const { return implementation_->view; }

std::vector<std::string> MapSession::configure(const MapSessionConfig& config) {
  std::vector<std::string> faults = find_faults(config);
  if (!faults.empty()) return faults;
  MapSessionConfig as_long = config;
  as_long.steps = this->config().steps;
  if (as_long == this->config() && config.steps != as_long.steps) {
    implementation_->retime(config.steps);
  } else {
    implementation_->replace_by(Implementation(config));
  }
  return faults;
}

void MapSession::start() {
  MapView& view = implementation_->view;
  if (view.training || view.finished) return;
  view.training = true;
  implementation_->take_news();
}

void MapSession::pause() {
  MapView& view = implementation_->view;
  if (!view.training) return;
  view.training = false;
  // All have equally many steps.
  while (implementation_->next != 0) implementation_->train_next();
  implementation_->take_news();
}

void MapSession::reset() { implementation_->replace_by(Implementation(config())); }

void MapSession::advance(Index steps) {
  if (steps < 0)
    fail_value("MapSession::advance", "steps", static_cast<double>(steps), "0 or more");
  Implementation& state = *implementation_;
  for (Index k = 0; k < steps && !state.finished(); ++k) {
    do {
      state.train_next();
    } while (state.next != 0);
  }
  state.take_news();
}

bool MapSession::poll(double milliseconds) {
  Implementation& state = *implementation_;
  const double budget = std::isfinite(milliseconds) ? std::max(0.0, milliseconds) : 0.0;
  const double begun = now_milliseconds();
  bool any = false;
  if (state.view.training) {
    constexpr double kTrainingShare = 0.75;  // the rest is for pictures
    const Index before = state.contestants[0].trainer->step();
    do {
      state.train_next();
    } while (now_milliseconds() - begun < kTrainingShare * budget && !state.finished());
    state.paced_steps += state.contestants[0].trainer->step() - before;
    state.paced_milliseconds += now_milliseconds() - begun;
    if (state.paced_milliseconds > 300) {
      state.view.steps_per_second =
          1000 * static_cast<double>(state.paced_steps) / state.paced_milliseconds;
      state.paced_steps = 0;
      state.paced_milliseconds = 0;
    }
    any = true;
  }
  // One picture a poll at least, so that none starves.
  do {
    if (!state.draw_one()) break;
    any = true;
  } while (now_milliseconds() - begun < budget);
  if (any) state.take_news();
  return any;
}

void MapSession::refresh() {
  while (implementation_->draw_one()) {
  }
  implementation_->take_news();
}

}  // namespace least_action
