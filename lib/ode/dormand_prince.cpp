#include "ode/dormand_prince.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace least_action {
namespace {
constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
}  // namespace

DormandPrince::DormandPrince(const VectorField<double>& field, Index max_batch,
                             const SolveOptions& options)
    : calls_(field, max_batch),
      stages_(dormand_prince_tableau(), field.dimension(), max_batch),
      tolerance_{options.relative_tolerance, options.absolute_tolerance},
      initial_step_(options.initial_step),
      min_step_(options.min_step),
      max_steps_(options.max_steps),
      controller_(dormand_prince_tableau().order),
      x_(Matrix::Zero(field.dimension(), max_batch)),
      x_previous_(x_),
      x_next_(x_),
      difference_(x_),
      t_column_(Vector::Zero(max_batch)),
      h_column_(Vector::Zero(max_batch)),
      weights_(Vector::Zero(stages_.stages())),
      error_weights_(dormand_prince_tableau().error) {}

void DormandPrince::start(double t0, double t_end, ConstMatrixRef x0) {
  batch_ = x0.cols();
  t_ = t_previous_ = t0;
  t_end_ = t_end;
  span_ = std::abs(t_end - t0);
  statistics_ = {};
  calls_.reset();
  controller_ = PiController(dormand_prince_tableau().order);
  last_stage_is_first_ = false;
  x_.leftCols(batch_) = x0;
  x_previous_.leftCols(batch_) = x0;

  t_column_.setConstant(t0);
  calls_.forward(t_column_.head(batch_), state(), stages_.k(0, batch_));
  choose_first_step();
  if (t_end < t0) h_ = -h_;
  statistics_.evaluations = calls_.evaluations();
}

void DormandPrince::choose_first_step() {
  if (initial_step_ > 0) {
    h_ = std::min(initial_step_, span_);
    return;
  }
  const double direction = t_end_ < t_ ? -1 : 1;
  const auto x = x_.leftCols(batch_);
  const auto f0 = stages_.k(0, batch_);
  const auto f1 = stages_.k(1, batch_);
  auto difference = difference_.leftCols(batch_);
  const double d0 = scaled_norm(x, x, x, tolerance_);
  const double d1 = scaled_norm(f0, x, x, tolerance_);
  const double h0 = trial_step(d0, d1, span_);
  x_next_.leftCols(batch_) = x + direction * h0 * f0;
  t_column_.setConstant(t_ + direction * h0);
  calls_.forward(t_column_.head(batch_), x_next_.leftCols(batch_), stages_.k(1, batch_));
  difference = f1 - f0;
  const double d2 = scaled_norm(difference, x, x, tolerance_) / h0;
  h_ = starting_step(h0, d1, d2, dormand_prince_tableau().order, span_);
}

double DormandPrince::smallest_step() const {
  const double resolution = kEpsilon * std::abs(t_);
  return min_step_ > 0 ? std::max(min_step_, 4 * resolution)
                       : 16 * std::max(resolution, kEpsilon * span_);
}

/// Writes k₂ … k₇, x_next and in `difference` the error estimate, for a step h from (t, x).
void DormandPrince::try_step(double h) {
  const auto t = t_column_.head(batch_);
  const auto h_column = h_column_.head(batch_);
  t_column_.setConstant(t_);
  h_column_.setConstant(h);
  for (Index i = 1; i < stages_.stages(); ++i) {
    stages_.prepare(i, t, h_column, state());
    calls_.forward(stages_.stage_time(batch_), stages_.stage_state(batch_),
                   stages_.k(i, batch_));
  }
  x_next_.leftCols(batch_) = stages_.stage_state(batch_);  // a₇ⱼ = bⱼ: the last stage's point
  stages_.combine(error_weights_, h_column, difference_.leftCols(batch_));
}

SolveStatus DormandPrince::advance() {
  if (last_stage_is_first_) {
    stages_.k(0, batch_) = stages_.k(stages_.stages() - 1, batch_);
    last_stage_is_first_ = false;
  }
  if (!stages_.k(0, batch_).allFinite()) return SolveStatus::kNonFinite;
  bool non_finite = false;
  for (;;) {
    if (statistics_.steps + statistics_.rejected >= max_steps_) return SolveStatus::kStepLimit;
    const double rest = t_end_ - t_;
    // Stretched by up to 1 %, so that no sliver remains.
    const bool is_last = std::abs(rest) <= 1.01 * std::abs(h_);
    if (!is_last && std::abs(h_) < smallest_step()) {
      return non_finite ? SolveStatus::kNonFinite : SolveStatus::kStepUnderflow;
    }
    const double h = is_last ? rest : h_;
    try_step(h);
    statistics_.evaluations = calls_.evaluations();
    const auto x_next = x_next_.leftCols(batch_);
    const double error = scaled_norm(difference_.leftCols(batch_), state(), x_next, tolerance_);
    non_finite = !std::isfinite(error) || !x_next.allFinite();
    if (!non_finite && error <= 1) {
      ++statistics_.steps;
      x_previous_.leftCols(batch_) = state();
      x_.leftCols(batch_) = x_next;
      t_previous_ = t_;
      t_ = is_last ? t_end_ : t_ + h;
      h_ = h * controller_.accept(error);
      last_stage_is_first_ = true;
      return SolveStatus::kReachedEnd;
    }
    ++statistics_.rejected;
    h_ = h * controller_.reject(non_finite ? std::numeric_limits<double>::infinity() : error);
  }
}

void DormandPrince::interpolate(double t, MatrixRef x) {
  const double sigma = (t - t_previous_) / h_column_[0];
  dense_weights(dormand_prince_tableau(), sigma, weights_);
  stages_.combine(weights_, h_column_.head(batch_), x);
  x += x_previous_.leftCols(batch_);
}

}  // namespace least_action
