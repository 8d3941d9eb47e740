#include "train/loss.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "train/action_loss.h"
#include "train/derivative_loss.h"
#include "train/examples.h"
#include "train/trajectory_loss.h"

namespace least_action {

namespace {

/// 1/RMS from sums of squares and how many terms they have.
Vector inverse_scale(const Vector& squares, const Vector& counts) {
  const Vector scale = squares.cwiseQuotient(counts.cwiseMax(1)).cwiseSqrt();
  return scale.unaryExpr([](double s) { return s > 0 && std::isfinite(1 / s) ? 1 / s : 1.0; });
}

/// Of the second half, by the second differences of the positions.
Vector acceleration_weights(const std::vector<Trajectory>& part, Index dimension) {
  const Index n = dimension / 2;
  Vector squares = Vector::Zero(dimension), counts = Vector::Zero(dimension);
  for (const PositionTriple& triple : position_triples(part)) {
    const Matrix& x = triple.trajectory->states;
    const Vector& t = triple.trajectory->times;
    const double h1 = t[triple.at] - t[triple.before], h2 = t[triple.after] - t[triple.at];
    for (Index i = 0; i < n; ++i) {
      const double u1 = (x(i, triple.at) - x(i, triple.before)) / h1;
      const double u2 = (x(i, triple.after) - x(i, triple.at)) / h2;
      squares[n + i] += std::pow((u2 - u1) / (0.5 * (h1 + h2)), 2);
      counts[n + i] += 1;
    }
  }
  return inverse_scale(squares, counts);
}

}  // namespace

Vector component_weights(LossKind kind, const std::vector<Trajectory>& part, Index dimension) {
  if (kind == LossKind::kAction) return acceleration_weights(part, dimension);
  Vector squares = Vector::Zero(dimension), counts = Vector::Zero(dimension);
  for (const Trajectory& trajectory : part) {
    const Matrix& values =
        kind == LossKind::kDerivative ? trajectory.derivatives : trajectory.states;
    const auto missing = values.array().isNaN();
    const Matrix observed = missing.select(0.0, values);
    squares += observed.rowwise().squaredNorm();
    counts.array() += (!missing).cast<double>().rowwise().sum();
  }
  return inverse_scale(squares, counts);
}

template <class S>
std::unique_ptr<Loss<S>> make_loss(const TrainerOptions& options, const DynamicsModel<S>& model,
                                   const std::vector<Trajectory>& part, const Vector& weights,
                                   Index capacity) {
  if (options.loss == LossKind::kDerivative) {
    return std::make_unique<DerivativeLoss<S>>(model, part, weights, capacity);
  }
  if (options.loss == LossKind::kAction) {
    return std::make_unique<ActionLoss<S>>(model, part, weights, capacity);
  }
  return std::make_unique<TrajectoryLoss<S>>(options, model, part, weights, capacity);
}

Index num_examples(const TrainerOptions& options, const std::vector<Trajectory>& part) {
  switch (options.loss) {
    case LossKind::kDerivative:
      return static_cast<Index>(derivative_examples(part).size());
    case LossKind::kTrajectory:
      return static_cast<Index>(segment_starts(part, options.segment_length).size());
    case LossKind::kAction:
      return static_cast<Index>(position_triples(part).size());
  }
  return 0;
}

namespace {

// Σ over chunks of function(chunk) · its share.
template <class S, class Function>
void for_each_chunk(const Loss<S>& loss, std::span<const Index> examples, Function function) {
  const auto capacity = static_cast<std::size_t>(loss.capacity());
  for (std::size_t begin = 0; begin < examples.size(); begin += capacity) {
    const auto chunk = examples.subspan(begin, std::min(capacity, examples.size() - begin));
    function(chunk, static_cast<double>(chunk.size()) / static_cast<double>(examples.size()));
  }
}

}  // namespace

template <class S>
double mean_loss(Loss<S>& loss, const VectorX<S>& theta, std::span<const Index> examples) {
  double mean = 0;
  VectorX<S> no_gradient;
  for_each_chunk(loss, examples, [&](std::span<const Index> chunk, double share) {
    mean += share * loss.evaluate(theta, chunk, no_gradient);
  });
  return mean;
}

template <class S>
double mean_loss_and_gradient(Loss<S>& loss, const VectorX<S>& theta, VectorX<S>& gradient) {
  std::vector<Index> all(static_cast<std::size_t>(loss.num_examples()));
  std::iota(all.begin(), all.end(), Index{0});
  VectorX<S> chunk_gradient(theta.size());
  gradient.setZero(theta.size());
  double mean = 0;
  for_each_chunk(loss, std::span<const Index>(all),
                 [&](std::span<const Index> chunk, double share) {
                   mean += share * loss.evaluate(theta, chunk, chunk_gradient);
                   gradient += static_cast<S>(share) * chunk_gradient;
                 });
  return mean;
}

template std::unique_ptr<Loss<float>> make_loss(const TrainerOptions&,
                                                const DynamicsModel<float>&,
                                                const std::vector<Trajectory>&, const Vector&,
                                                Index);
template std::unique_ptr<Loss<double>> make_loss(const TrainerOptions&,
                                                 const DynamicsModel<double>&,
                                                 const std::vector<Trajectory>&, const Vector&,
                                                 Index);
template double mean_loss(Loss<float>&, const VectorX<float>&, std::span<const Index>);
template double mean_loss(Loss<double>&, const VectorX<double>&, std::span<const Index>);
template double mean_loss_and_gradient(Loss<float>&, const VectorX<float>&, VectorX<float>&);
template double mean_loss_and_gradient(Loss<double>&, const VectorX<double>&, VectorX<double>&);

}  // namespace least_action
