#include "session/flow_board.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace least_action {
namespace {

constexpr Index kSlice = kFlowSlice;
constexpr double kExtent = 3;
// Streams of the config's seed; the trainer uses the first ones.
constexpr std::uint64_t kBaseStream = 100, kTargetStream = 101;

}  // namespace

SolveOptions solve_options(const FlowConfig& config) {
  SolveOptions options;
  options.method = config.method;
  options.step = 1 / static_cast<double>(config.substeps);
  options.relative_tolerance = config.relative_tolerance;
  options.absolute_tolerance = config.relative_tolerance / 100;
  // Fixed steps are limited by the config, and end at the times shown as well.
  options.max_steps = traits(config.method).adaptive ? kFlowMaxSteps : 2000;
  return options;
}

FlowBoard::FlowBoard(const FlowConfig& config, Clock clock)
    : density_(config.density),
      clock_(std::move(clock)),
      base_(2, FlowSession::kPaths),
      nodes_(2, FlowSession::kCells * FlowSession::kCells),
      solver_(trainer_options(config).flow,
              Vector::Zero(trainer_options(config).flow.layout().num_parameters()), kSlice,
              solve_options(config)),
      paths_(2, FlowSession::kPaths * FlowSession::kTimes),
      log_density_(static_cast<std::size_t>(nodes_.cols())),
      log_slice_(kSlice) {
  for (Index k = 0; k < FlowSession::kTimes; ++k) {
    times_.push_back(static_cast<double>(k) / static_cast<double>(FlowSession::kTimes - 1));
  }
  Random random = Random(config.seed).split(kBaseStream);
  for (double& entry : base_.reshaped()) entry = random.normal();
  const double cell = 2 * kExtent / static_cast<double>(FlowSession::kCells);
  for (Index j = 0; j < FlowSession::kCells; ++j) {
    for (Index i = 0; i < FlowSession::kCells; ++i) {
      nodes_.col(j * FlowSession::kCells + i)
          << (static_cast<double>(i) + 0.5) * cell - kExtent,
          (static_cast<double>(j) + 0.5) * cell - kExtent;
    }
  }
}

void FlowBoard::show_truth(FlowView& view) const {
  const std::unique_ptr<Density> density = make_density(density_);
  view.cells = FlowSession::kCells;
  view.extent = kExtent;
  view.times = times_;
  view.entropy = traits(density_).entropy;
  view.true_log_density.resize(log_density_.size());
  for (Index b = 0; b < nodes_.cols(); ++b) {
    view.true_log_density[static_cast<std::size_t>(b)] =
        static_cast<float>(density->log_density(nodes_(0, b), nodes_(1, b)));
  }
  Matrix target(2, FlowSession::kTargets);
  Random random = Random(1).split(kTargetStream);
  density->sample(random, target);
  view.target = target.cast<float>();
  ++view.true_density_version;
}

void FlowBoard::set_theta(const VectorX<float>& theta) {
  latest_ = theta.cast<double>();
  stale_ = true;
}

void FlowBoard::begin() {
  solver_.set_theta(latest_);
  stale_ = false;
  stage_ = Stage::kPaths;
  done_ = 0;
  message_.clear();
}

bool FlowBoard::work(double milliseconds, FlowView& view) {
  const double end = clock_() + milliseconds;
  bool changed = false;
  do {
    if (stage_ == Stage::kIdle) {
      if (!stale_) return changed;
      begin();
    }
    changed = slice(view) || changed;
  } while (clock_() < end);
  return changed;
}

bool FlowBoard::slice(FlowView& view) {
  if (stage_ == Stage::kPaths) {
    carry_paths();
    if (done_ < base_.cols()) return false;
    view.paths = paths_;
    view.path_count = base_.cols();
    ++view.paths_version;
    stage_ = Stage::kDensity;
    done_ = 0;
    return true;
  }
  fill_density();
  if (done_ < nodes_.cols()) return false;
  publish_density(view);
  stage_ = Stage::kIdle;
  return true;
}

void FlowBoard::carry_paths() {
  const Index batch = std::min(kSlice, base_.cols() - done_);
  const Solution& solution = solver_.transport(base_.middleCols(done_, batch), times_);
  if (!solution.ok()) message_ = solution.message;
  for (Index k = 0; k < FlowSession::kTimes; ++k) {
    auto block = paths_.middleCols(k * base_.cols() + done_, batch);
    if (k < static_cast<Index>(solution.times.size())) {
      block = solution.state(k).cast<float>();
    } else {
      block.setConstant(std::numeric_limits<float>::quiet_NaN());
    }
  }
  done_ += batch;
}

void FlowBoard::fill_density() {
  const Index batch = std::min(kSlice, nodes_.cols() - done_);
  auto log_p = log_slice_.head(batch);
  if (solver_.log_density(nodes_.middleCols(done_, batch), log_p) != SolveStatus::kReachedEnd) {
    message_ = solver_.message();
  }
  for (Index b = 0; b < batch; ++b) {
    log_density_[static_cast<std::size_t>(done_ + b)] = static_cast<float>(log_p[b]);
  }
  done_ += batch;
}

void FlowBoard::publish_density(FlowView& view) const {
  view.log_density = log_density_;
  ++view.density_version;
  const double cell = 2 * kExtent / static_cast<double>(FlowSession::kCells);
  double mass = 0;
  for (const float log_p : log_density_) {
    if (std::isfinite(log_p)) mass += std::exp(static_cast<double>(log_p)) * cell * cell;
  }
  view.mass = mass;
}

}  // namespace least_action
