#include "train/trajectory_loss.h"

#include <algorithm>
#include <string>

#include "base/contract.h"
#include "ode/tableau.h"
#include "train/check_examples.h"
#include "train/examples.h"
#include "train/residual.h"

namespace least_action {
namespace {

const ButcherTableau& tableau_for(ModelKind kind) {
  return kind == ModelKind::kResidual ? euler_tableau() : rk4_tableau();
}

template <class S>
DiscreteAdjoint<S> make_solver(const DynamicsModel<S>& model, Index capacity, Index steps) {
  const VectorX<S> theta = VectorX<S>::Zero(model.num_parameters());
  return DiscreteAdjoint<S>(tableau_for(model.spec().kind), ModelField<S>(model, theta),
                            capacity, steps);
}

Index checked_positive(const char* name, Index value) {
  if (value < 1) fail_value("TrajectoryLoss", name, static_cast<double>(value), "at least 1");
  return value;
}

}  // namespace

template <class S>
TrajectoryLoss<S>::TrajectoryLoss(const DynamicsModel<S>& model,
                                  const std::vector<Trajectory>& part, const Vector& weights,
                                  Index length, Index substeps, Index capacity)
    : model_(&model),
      length_(checked_positive("length", length)),
      substeps_(checked_positive("substeps", substeps)),
      solver_(make_solver(model, checked_positive("capacity", capacity), length * substeps)) {
  const Index dimension = model.dimension();
  check_part("TrajectoryLoss", part, dimension, weights, capacity);
  observed_ = Dataset::states(part).template cast<S>();
  gaps_ = VectorX<S>::Zero(observed_.cols());
  Index first = 0, longest = 0;
  for (const Trajectory& trajectory : part) {
    const Index points = trajectory.times.size();
    for (Index k = 0; k + 1 < points; ++k) {
      gaps_[first + k] = static_cast<S>(trajectory.times[k + 1] - trajectory.times[k]);
    }
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
  t0_ = VectorX<S>::Zero(capacity);
  x0_.resize(dimension, capacity);
  x0_bar_.resize(dimension, capacity);
  intervals_.resize(capacity, length);
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
    intervals_.row(b) = gaps_.segment(start(b), length_).transpose();
  }

  const ModelField<S> field(*model_, theta);
  auto states = states_.leftCols(count * (length_ + 1));
  solver_.forward(field, t0_.head(count), intervals_.topRows(count), x0_.leftCols(count),
                  length_, substeps_, states);

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
    solver_.backward(field, states, x0_bar_.leftCols(count), gradient);
  }
  return squares / terms;
}

template class TrajectoryLoss<float>;
template class TrajectoryLoss<double>;

}  // namespace least_action
