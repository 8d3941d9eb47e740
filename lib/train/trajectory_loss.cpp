#include "train/trajectory_loss.h"

#include <algorithm>
#include <limits>
#include <string>

#include "base/contract.h"
#include "train/check_examples.h"
#include "train/examples.h"
#include "train/residual.h"

namespace least_action {
namespace {

constexpr Index kMaxAdaptiveSteps = 20000;

SensitivityOptions sensitivity_options(const TrainerOptions& options, ModelKind kind,
                                       double epsilon) {
  SensitivityOptions chosen;
  chosen.sensitivity = options.sensitivity;
  chosen.solve.method = kind == ModelKind::kResidual ? Method::kEuler : options.method;
  chosen.solve.relative_tolerance = std::max(options.relative_tolerance, 8 * epsilon);
  chosen.solve.absolute_tolerance = chosen.solve.relative_tolerance / 100;
  // A learned field may turn stiff: better a failed roll-out, from which training recovers,
  // than a step that takes minutes.
  chosen.solve.max_steps =
      std::max(kMaxAdaptiveSteps, options.segment_length * options.substeps);
  chosen.substeps = options.substeps;
  chosen.checkpoints = options.checkpoints;
  // Who asks for checkpoints or retracing asks for little memory; otherwise time counts.
  if (options.sensitivity == SensitivityMethod::kSymplecticAdjoint) {
    chosen.stage_tapes = StageTapes::kPerStage;
  }
  return chosen;
}

Index checked_positive(const char* name, Index value) {
  if (value < 1) fail_value("TrajectoryLoss", name, static_cast<double>(value), "at least 1");
  return value;
}

}  // namespace

template <class S>
TrajectoryLoss<S>::TrajectoryLoss(const TrainerOptions& options, const DynamicsModel<S>& model,
                                  const std::vector<Trajectory>& part, const Vector& weights,
                                  Index capacity)
    : model_(&model), length_(checked_positive("segment_length", options.segment_length)) {
  checked_positive("substeps", options.substeps);
  checked_positive("capacity", capacity);
  const Index length = length_;
  const Index dimension = model.dimension();
  check_part("TrajectoryLoss", part, dimension, weights, capacity);
  observed_ = Dataset::states(part).template cast<S>();
  times_.resize(observed_.cols());
  Index first = 0, longest = 0;
  for (const Trajectory& trajectory : part) {
    const Index points = trajectory.times.size();
    times_.segment(first, points) = trajectory.times;
    first += points;
    longest = std::max(longest, points);
  }
  starts_ = segment_starts(part, length);
  if (starts_.empty() && longest > length) {
    fail("TrajectoryLoss", "no point from which a segment of length " + std::to_string(length) +
                               " could start has a complete state and an observation after it");
  }
  if (starts_.empty()) {
    fail("TrajectoryLoss", "the longest trajectory has " + std::to_string(longest) +
                               " points; a segment of length " + std::to_string(length) +
                               " needs " + std::to_string(length + 1));
  }
  Index observed = 0;
  for (const Index start : starts_) {
    const auto points = observed_.middleCols(start + 1, length);
    observed += points.size() - points.array().isNaN().count();
  }
  terms_per_segment_ = static_cast<double>(observed) / static_cast<double>(starts_.size());
  weights_ = weights.template cast<S>();
  const VectorX<S> theta = VectorX<S>::Zero(model.num_parameters());
  sensitivity_ = make_sensitivity<S>(
      sensitivity_options(options, model.spec().kind,
                          static_cast<double>(std::numeric_limits<S>::epsilon())),
      ModelField<S>(model, theta), capacity, length);
  x0_.resize(dimension, capacity);
  x0_bar_.resize(dimension, capacity);
  segment_times_.resize(capacity, length + 1);
  states_.resize(dimension, capacity * (length + 1));
}

template <class S>
double TrajectoryLoss<S>::evaluate(const VectorX<S>& theta, std::span<const Index> examples,
                                   VectorRefX<S> gradient) {
  check_examples("TrajectoryLoss::evaluate", examples, num_examples(), capacity());
  const auto count = static_cast<Index>(examples.size());
  const auto start = [&](Index b) {
    return starts_[static_cast<std::size_t>(examples[static_cast<std::size_t>(b)])];
  };
  for (Index b = 0; b < count; ++b) {
    x0_.col(b) = observed_.col(start(b));
    for (Index k = 0; k <= length_; ++k) {
      segment_times_(b, k) = times_[start(b) + k] - times_[start(b)];
    }
  }

  const ModelField<S> field(*model_, theta);
  auto states = states_.leftCols(count * (length_ + 1));
  sensitivity_->forward(field, segment_times_.topRows(count), x0_.leftCols(count), states);

  const Index dimension = model_->dimension();
  const double terms = terms_per_segment_ * static_cast<double>(count);
  const auto factor = static_cast<S>(2 / terms);
  double squares = 0;
  states.leftCols(count).setZero();  // The start is no prediction.
  for (Index k = 1; k <= length_; ++k) {
    for (Index b = 0; b < count; ++b) {
      squares +=
          to_cotangent<S>(weights_, factor, observed_.data() + (start(b) + k) * dimension,
                          states_.data() + (k * count + b) * dimension);
    }
  }
  if (gradient.size() > 0) {
    gradient.setZero();
    sensitivity_->backward(field, states, x0_bar_.leftCols(count), gradient, no_times_bar_);
  }
  return squares / terms;
}

template <class S>
LossCost TrajectoryLoss<S>::cost() const {
  const SensitivityStatistics& last = sensitivity_->statistics();
  return {last.forward.evaluations + last.backward.evaluations, last.vjps, last.peak_bytes};
}

template class TrajectoryLoss<float>;
template class TrajectoryLoss<double>;

}  // namespace least_action
