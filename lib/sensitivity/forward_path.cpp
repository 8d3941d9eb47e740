#include "sensitivity/forward_path.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/contract.h"
#include "ode/methods.h"
#include "ode/step_record.h"
#include "sensitivity/sensitivity_contract.h"

namespace least_action {

template <class S>
ForwardPath<S>::ForwardPath(const SensitivityOptions& options, const VectorField<S>& field,
                            Index max_batch, Index max_points, Keep keep)
    : options_(options),
      max_batch_(max_batch),
      max_points_(max_points),
      keeps_steps_(keep == Keep::kAllSteps),
      field_(field),
      records_(0, 1) {
  if (const auto fault = find_fault(options)) fail("SensitivityOptions", *fault);
  if (max_batch < 1) fail_value("Sensitivity", "max_batch", double(max_batch), "at least 1");
  if (max_points < 1) fail_value("Sensitivity", "max_points", double(max_points), "at least 1");
  const Index d = field.dimension();
  if (max_points >= std::numeric_limits<Index>::max() / max_batch / d / 16) {
    fail_value("Sensitivity", "max_points", double(max_points), "small enough to be addressed");
  }
  Index record_size = 4 * d;
  if (traits(options.solve.method).adaptive) {
    stepper_ = make_adaptive_stepper<S>(options.solve, field_, max_batch);
    record_size = stepper_->record_size();
  } else {
    step_ = make_step_pullback<S>(options.solve.method, field, max_batch);
    step_tape_ = step_->make_tape(field, max_batch, StageTapes::kOne);
    if (keeps_steps_) end_tape_ = field.make_tape(max_batch);
    x_.setZero(d, max_batch);
    x_start_ = rate_ = rate_start_ = x_;
    t_.setZero(max_batch);
    h_.setZero(max_batch);
  }
  if (keeps_steps_) records_ = StepRecords<S>(record_size, max_batch);
  times_.setZero(max_batch, max_points + 1);
  observed_.setZero(d, max_batch * (max_points + 1));
  next_.assign(static_cast<std::size_t>(max_batch), 0);
  first_.setZero(max_batch);
  target_.setZero(max_batch);
  status_.assign(static_cast<std::size_t>(max_batch), SolveStatus::kReachedEnd);
}

template <class S>
void ForwardPath<S>::check_backward(const VectorField<S>& field, ConstMatrixRefX<S> states_bar,
                                    MatrixRefX<S> x0_bar, VectorRefX<S> theta_bar,
                                    MatrixRef times_bar) const {
  least_action::check_backward<S>(dimension(), batch_, points_, field, states_bar, x0_bar,
                                  theta_bar, times_bar);
}

template <class S>
SolveStatus ForwardPath<S>::solve(const VectorField<S>& field, ConstMatrixRef times,
                                  ConstMatrixRefX<S> x0, MatrixRefX<S> states) {
  check_forward<S>({dimension(), max_batch_, max_points_}, field, times, x0, states);
  field_.refer_to(field);
  batch_ = x0.cols();
  points_ = times.cols() - 1;
  for (Index b = 0; b < batch_; ++b) {
    times_.row(b).head(points_ + 1) = times.row(times.rows() == 1 ? 0 : b);
  }
  std::fill(status_.begin(), status_.end(), SolveStatus::kReachedEnd);
  message_.clear();
  statistics_ = {};
  health_ = {};
  if (keeps_steps_) records_.clear();
  for (Index b = 0; b < batch_; ++b) next_[std::size_t(b)] = observe(b, 0, x0.col(b));
  if (stepper_) {
    solve_adaptive(x0);
  } else {
    solve_fixed(field, x0);
  }
  for (Index k = 0; k <= points_; ++k) states.middleCols(k * batch_, batch_) = observed(k);
  SolveStatus worst = SolveStatus::kReachedEnd;
  for (Index b = 0; b < batch_; ++b) {
    worst = std::max(worst, status(b));
    if (status(b) == SolveStatus::kReachedEnd) continue;
    for (Index k = std::max<Index>(1, next_[std::size_t(b)]); k <= points_; ++k) {
      states.col(k * batch_ + b).setConstant(std::numeric_limits<S>::quiet_NaN());
    }
  }
  return worst;
}

/// Keeps x as the sample's state at observation k and the equal times after it; returns the
/// next.
template <class S>
Index ForwardPath<S>::observe(Index sample, Index k, ConstVectorRefX<S> x) {
  const double t = times_(sample, k);
  for (; k <= points_ && times_(sample, k) == t; ++k) {
    observed_.col(k * max_batch_ + sample) = x;
  }
  return k;
}

template <class S>
void ForwardPath<S>::fail_sample(Index sample, SolveStatus status, const std::string& message) {
  SolveStatus worst = SolveStatus::kReachedEnd;
  for (Index b = 0; b < batch_; ++b) worst = std::max(worst, this->status(b));
  if (status > worst) {
    message_ = batch_ == 1 ? message : "Sample " + std::to_string(sample) + ": " + message;
  }
  status_[std::size_t(sample)] = status;
  // What lies beyond is never looked at, but is better not of an earlier solve.
  const Index next = next_[std::size_t(sample)];
  for (Index k = next; k <= points_; ++k) {
    observed_.col(k * max_batch_ + sample) = observed_.col((next - 1) * max_batch_ + sample);
  }
}

template <class S>
void ForwardPath<S>::solve_adaptive(ConstMatrixRefX<S> x0) {
  AdaptiveStepper<S>& stepper = *stepper_;
  for (Index b = 0; b < batch_; ++b) {
    first_[b] = times_(b, 0);
    target_[b] = times_(b, std::min(next_[std::size_t(b)], points_));
  }
  stepper.start(first_.head(batch_), target_.head(batch_), x0);
  while (stepper.active() > 0) {
    stepper.advance();
    if (keeps_steps_) stepper.prepare_dense(stepper.accepted());
    for (const Index b : stepper.accepted()) {
      if (keeps_steps_) {
        const Index number = records_.append(b, stepper.previous_time(b), stepper.last_step(b));
        stepper.record(b, records_.data(number));
      }
      Index& next = next_[std::size_t(b)];
      if (stepper.time(b) != times_(b, next)) continue;
      next = observe(b, next, stepper.states().col(b));
      if (next <= points_) stepper.extend(b, times_(b, next));
    }
  }
  for (Index b = 0; b < batch_; ++b) {
    if (stepper.status(b) != SolveStatus::kReachedEnd) {
      fail_sample(b, stepper.status(b), stepper.message(b));
    }
    const SolveStatistics sample = stepper.statistics(b);
    statistics_.steps = std::max(statistics_.steps, sample.steps);
    statistics_.rejected = std::max(statistics_.rejected, sample.rejected);
  }
  statistics_.evaluations = stepper.calls().evaluations();
  health_ = stepper.calls().health();
}

template <class S>
Index ForwardPath<S>::steps_in_interval(Index k) const {
  if (options_.substeps > 0) return options_.substeps;
  double longest = 0;
  for (Index b = 0; b < batch_; ++b) {
    longest = std::max(longest, std::abs(times_(b, k + 1) - times_(b, k)));
  }
  // Less a hair, so that 0.3 / 0.1 is 3 steps however it was rounded.
  const double count = std::ceil(longest / options_.solve.step * (1 - 1e-12));
  const double most = static_cast<double>(options_.solve.max_steps) + 1;
  return static_cast<Index>(std::clamp(count, 1.0, most));
}

template <class S>
void ForwardPath<S>::solve_fixed(const VectorField<S>& field, ConstMatrixRefX<S> x0) {
  step_->use().reset();
  end_use_.reset();
  auto x = x_.leftCols(batch_);
  x = x0;
  for (Index b = 0; b < batch_; ++b) {
    if (x.col(b).allFinite()) continue;
    fail_sample(b, SolveStatus::kNonFinite, "The initial state is not finite.");
    x.col(b).setZero();
  }
  bool within_limit = true;
  for (Index k = 0; k < points_ && within_limit; ++k) {
    const Index count = steps_in_interval(k);
    for (Index step = 0; step < count && within_limit; ++step) {
      within_limit = statistics_.steps < options_.solve.max_steps;
      if (within_limit) take_fixed_step(field, k, step, count);
    }
    for (Index b = 0; b < batch_; ++b) {
      if (status(b) != SolveStatus::kReachedEnd) continue;
      if (within_limit) {
        observed_.col((k + 1) * max_batch_ + b) = x.col(b);
        next_[std::size_t(b)] = k + 2;
      } else {
        fail_sample(b, SolveStatus::kStepLimit,
                    "Solve stopped after t = " + to_text(times_(b, k)) + " s: max_steps " +
                        std::to_string(options_.solve.max_steps) +
                        " were used up; try a larger step.");
      }
    }
  }
  statistics_.evaluations = step_->use().evaluations + end_use_.evaluations;
  health_ = step_->use().health;
}

/// Step number `step` of `count` in interval k. A sample that fails stays where it was, with
/// steps of 0.
template <class S>
void ForwardPath<S>::take_fixed_step(const VectorField<S>& field, Index k, Index step,
                                     Index count) {
  auto x = x_.leftCols(batch_);
  for (Index b = 0; b < batch_; ++b) {
    const double size = (times_(b, k + 1) - times_(b, k)) / static_cast<double>(count);
    t_[b] = static_cast<S>(times_(b, k) + static_cast<double>(step) * size);
    h_[b] = status(b) == SolveStatus::kReachedEnd ? static_cast<S>(size) : S(0);
  }
  x_start_.leftCols(batch_) = x;
  const bool all_solved =
      step_->advance(field, t_.head(batch_), h_.head(batch_), x, *step_tape_);
  if (!all_solved) x = x_start_.leftCols(batch_);
  for (Index b = 0; b < batch_; ++b) {
    // One by one, to find whose equation it is; the others shall not suffer.
    const bool solved = all_solved || h_[b] == 0 ||
                        step_->advance(field, t_.segment(b, 1), h_.segment(b, 1),
                                       x_.middleCols(b, 1), *step_tape_);
    if (solved && x.col(b).allFinite()) continue;
    x.col(b) = x_start_.col(b);
    if (status(b) != SolveStatus::kReachedEnd) continue;
    h_[b] = 0;
    const std::string begin =
        "Solve stopped at t = " + to_text(static_cast<double>(t_[b])) + " s: ";
    if (solved) {
      fail_sample(b, SolveStatus::kNonFinite,
                  begin + "the state became infinite or NaN; try a smaller step.");
    } else {
      fail_sample(b, SolveStatus::kNoConvergence,
                  begin + "the equation of a step could not be solved; try a smaller step.");
    }
  }
  if (keeps_steps_) keep_fixed_step(field, statistics_.steps == 0);
  ++statistics_.steps;
}

/// Records the step from x_start_ at t to x_ at t + h with the rates at both ends.
template <class S>
void ForwardPath<S>::keep_fixed_step(const VectorField<S>& field, bool is_first) {
  const Index d = dimension();
  if (is_first) {
    end_use_.forward(field, t_.head(batch_), x_start_.leftCols(batch_),
                     rate_start_.leftCols(batch_), *end_tape_);
  } else {
    rate_start_.leftCols(batch_) = rate_.leftCols(batch_);
  }
  t_.head(batch_) += h_.head(batch_);
  end_use_.forward(field, t_.head(batch_), x_.leftCols(batch_), rate_.leftCols(batch_),
                   *end_tape_);
  for (Index b = 0; b < batch_; ++b) {
    if (h_[b] == 0) continue;
    const Index number =
        records_.append(b, static_cast<double>(t_[b] - h_[b]), static_cast<double>(h_[b]));
    auto record = records_.data(number);
    record.head(d) = x_start_.col(b);
    record.segment(d, d) = x_.col(b) - x_start_.col(b);
    record.segment(2 * d, d) = h_[b] * rate_start_.col(b);
    record.tail(d) = h_[b] * rate_.col(b);
  }
}

template <class S>
void ForwardPath<S>::state_at(Index sample, double t, VectorRefX<S> x) const {
  const Index number = records_.find(sample, t);
  if (number < 0) {
    x = observed_.col(sample);
    return;
  }
  const auto step = records_.step(number);
  if (stepper_) {
    stepper_->interpolate_record(records_.data(number), step.t, step.h, t, x);
  } else {
    interpolate_step<S>(records_.data(number), (t - step.t) / step.h, x);
  }
}

template <class S>
double ForwardPath<S>::smooth_until(Index sample, double from, double to) const {
  const Index last = records_.find(sample, to);
  Index number = records_.find(sample, from);
  if (number < 0) return to;
  // At its very start: what lies behind is another step.
  if (records_.step(number).t == from) number = records_.step(number).previous;
  if (number < 0 || number == last) return to;
  const double end = records_.step(number).t;
  const bool is_between = (end - from) * (to - end) > 0;
  return is_between && records_.step(number).previous != last ? end : to;
}

template <class S>
std::size_t ForwardPath<S>::bytes() const {
  const auto count = static_cast<std::size_t>(observed_.size() + 4 * x_.size() + 2 * t_.size());
  std::size_t total = sizeof(S) * count +
                      sizeof(double) * static_cast<std::size_t>(times_.size() + 2 * max_batch_);
  if (stepper_) total += stepper_->bytes();
  if (step_) total += step_->bytes() + step_tape_->bytes();
  if (end_tape_) total += end_tape_->bytes();
  return total + (keeps_steps_ ? records_.bytes() : 0);
}

template class ForwardPath<float>;
template class ForwardPath<double>;

}  // namespace least_action
