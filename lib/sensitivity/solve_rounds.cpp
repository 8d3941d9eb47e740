#include "sensitivity/solve_rounds.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/contract.h"
#include "ode/method.h"
#include "sensitivity/sensitivity_contract.h"

namespace least_action {

template <class S>
SolveRounds<S>::SolveRounds(const SensitivityOptions& options, const VectorField<S>& field,
                            Index max_batch, Index max_points)
    : options_(options.solve),
      substeps_(options.substeps),
      dimension_(field.dimension()),
      max_batch_(max_batch),
      max_points_(max_points),
      field_(field) {
  if (traits(options.solve.method).adaptive) {
    stepper_ = make_adaptive_stepper<S>(options.solve, field_, max_batch);
    substeps_ = 0;
  }
  const auto size = static_cast<std::size_t>(max_batch);
  round_begin_.reserve(static_cast<std::size_t>(max_points) + 1);
  round_.samples.resize(size);
  round_.places.resize(size);
  round_.points.resize(size);
  round_.t.setZero(max_batch);
  round_.h.setZero(max_batch);
  round_.exact_time.setZero(max_batch);
  round_.exact_step.setZero(max_batch);
  status_.resize(size);
  next_point_.resize(size);
  start_.setZero(max_batch);
  target_.setZero(max_batch);
  times_.setZero(max_batch, max_points + 1);
}

template <class S>
void SolveRounds<S>::begin(const VectorField<S>& field, ConstMatrixRef times,
                           ConstMatrixRefX<S> x0, MatrixRefX<S> states) {
  check_forward<S>({dimension_, max_batch_, max_points_}, field, times, x0, states);
  const Index batch = x0.cols(), points = times.cols() - 1;
  batch_ = batch;
  points_ = points;
  shared_times_ = times.rows() == 1;
  times_.topLeftCorner(times.rows(), points + 1) = times;
  rounds_ = failed_ = interval_ = 0;
  std::fill(status_.begin(), status_.end(), SolveStatus::kReachedEnd);
  worst_ = SolveStatus::kReachedEnd;
  message_.clear();
  statistics_ = {};
  log_.clear();
  round_begin_.clear();
  states.leftCols(batch) = x0;
  if (!is_adaptive()) divide_intervals();
  for (Index b = 0; b < batch; ++b) {
    if (!x0.col(b).allFinite()) {
      fail_sample(b, SolveStatus::kNonFinite, 1,
                  "the initial state of sample " + std::to_string(b) + " is not finite",
                  states);
    }
  }
}

template <class S>
void SolveRounds<S>::divide_intervals() {
  double total = 0;
  round_begin_.push_back(0);
  for (Index k = 0; k < points_; ++k) {
    double count = static_cast<double>(substeps_);
    if (substeps_ == 0) {
      const Index rows = shared_times_ ? 1 : batch_;
      const auto lengths = (times_.col(k + 1) - times_.col(k)).head(rows);
      // A step a rounding error too long is not worth another one.
      count = std::max(1.0, std::ceil(lengths.cwiseAbs().maxCoeff() / options_.step - 1e-9));
    }
    total += count;
    if (!(total <= static_cast<double>(options_.max_steps))) {
      batch_ = 0;
      fail("Sensitivity::forward", "the times ask for more than the " +
                                       std::to_string(options_.max_steps) +
                                       " steps of max_steps; expected a larger step");
    }
    round_begin_.push_back(static_cast<Index>(total));
  }
  rounds_ = round_begin_.back();
}

template <class S>
Index SolveRounds<S>::interval_of(Index r) const {
  const auto begin = [&](Index k) { return round_begin_[static_cast<std::size_t>(k)]; };
  while (begin(interval_ + 1) <= r) ++interval_;
  while (begin(interval_) > r) --interval_;
  return interval_;
}

template <class S>
Index SolveRounds<S>::arrival(Index r) const {
  const Index k = interval_of(r);
  return round_begin_[static_cast<std::size_t>(k + 1)] == r + 1 ? k + 1 : 0;
}

template <class S>
const Round<S>& SolveRounds<S>::load(Index r) {
  round_.size = 0;
  const auto add = [&](Index sample, Index place, Index point, double t, double h) {
    if (has_failed(sample)) return;
    const Index i = round_.size++;
    round_.samples[std::size_t(i)] = sample;
    round_.places[std::size_t(i)] = place;
    round_.points[std::size_t(i)] = point;
    round_.exact_time[i] = t;
    round_.exact_step[i] = h;
    round_.t[i] = static_cast<S>(t);
    round_.h[i] = static_cast<S>(h);
  };
  if (is_adaptive()) {
    const Index begin = round_begin_[std::size_t(r)], end = round_begin_[std::size_t(r + 1)];
    round_.first = begin;
    for (Index i = begin; i < end; ++i) {
      const Step& step = log_[std::size_t(i)];
      add(step.sample, i - begin, step.point, step.t, step.h);
    }
  } else {
    const Index k = interval_of(r);
    const Index begin = round_begin_[std::size_t(k)];
    const auto count = static_cast<double>(round_begin_[std::size_t(k + 1)] - begin);
    const auto before = static_cast<double>(r - begin);
    round_.first = r * batch_;
    for (Index b = 0; b < batch_; ++b) {
      const double start = time(b, k), length = time(b, k + 1) - start;
      if (length == 0) continue;  // Padding.
      add(b, b, k, start + before / count * length, length / count);
    }
  }
  // Accepted samples are ascending, so as many as there are means all of them.
  round_.whole = round_.size == batch_;
  return round_;
}

template <class S>
Index SolveRounds<S>::steps() const {
  return is_adaptive() ? static_cast<Index>(log_.size()) : rounds_ * batch_;
}

template <class S>
void SolveRounds<S>::fail_sample(Index sample, SolveStatus status, Index point,
                                 const std::string& message, MatrixRefX<S> states) {
  for (Index k = point; k <= points_; ++k) {
    states.col(k * batch_ + sample).setConstant(std::numeric_limits<S>::quiet_NaN());
  }
  if (has_failed(sample)) return;
  status_[std::size_t(sample)] = status;
  if (++failed_ == 1) {
    worst_ = status;
    message_ = "Sample " + std::to_string(sample) + ": " + message;
  }
}

/// Writes the state of a sample at every observation it has reached and sends it on to the
/// next. False where it is at the last.
template <class S>
bool SolveRounds<S>::arrive(Index sample, MatrixRefX<S> states) {
  Index& next = next_point_[std::size_t(sample)];
  while (next <= points_ && time(sample, next) == stepper_->time(sample)) {
    states.col(next * batch_ + sample) = stepper_->states().col(sample);
    ++next;
  }
  if (next > points_) return false;
  stepper_->extend(sample, time(sample, next));
  return true;
}

template <class S>
void SolveRounds<S>::solve(const VectorField<S>& field, ConstMatrixRefX<S> x0,
                           MatrixRefX<S> states, MatrixX<S>* kept) {
  field_.refer_to(field);
  for (Index b = 0; b < batch_; ++b) {
    start_[b] = target_[b] = time(b, 0);
    Index& next = next_point_[std::size_t(b)] = 1;
    // The first step is chosen from the way ahead: not from an interval of length 0.
    while (next <= points_ && time(b, next) == start_[b]) {
      states.col(next * batch_ + b) = x0.col(b);
      ++next;
    }
    if (next <= points_) target_[b] = time(b, next);
  }
  stepper_->start(start_.head(batch_), target_.head(batch_), x0);
  round_begin_.push_back(0);
  while (stepper_->active() > 0) {
    if (stepper_->advance() == 0) {
      ++statistics_.rejected;
      continue;
    }
    ++statistics_.steps;
    const auto column = static_cast<Index>(log_.size());
    const std::span<const Index> accepted = stepper_->accepted();
    if (kept != nullptr && column + batch_ > kept->cols()) {
      kept->conservativeResize(dimension_, std::max(2 * kept->cols(), column + 16 * batch_));
    }
    for (const Index b : accepted) {
      if (kept != nullptr) {
        kept->col(static_cast<Index>(log_.size())) = stepper_->previous_states().col(b);
      }
      log_.push_back({static_cast<std::int32_t>(b),
                      static_cast<std::int32_t>(next_point_[std::size_t(b)] - 1),
                      stepper_->previous_time(b), stepper_->last_step(b)});
      if (stepper_->time(b) == time(b, next_point_[std::size_t(b)])) arrive(b, states);
    }
    round_begin_.push_back(static_cast<Index>(log_.size()));
    ++rounds_;
  }
  statistics_.evaluations = stepper_->calls().evaluations();
  for (Index b = 0; b < batch_; ++b) {
    if (stepper_->status(b) == SolveStatus::kReachedEnd) continue;
    fail_sample(b, stepper_->status(b), next_point_[std::size_t(b)], stepper_->message(b),
                states);
  }
}

template <class S>
FieldHealth SolveRounds<S>::health() const {
  return is_adaptive() ? stepper_->calls().health() : FieldHealth{};
}

template <class S>
void SolveRounds<S>::check_backward(const VectorField<S>& field, ConstMatrixRefX<S> states_bar,
                                    MatrixRefX<S> x0_bar, VectorRefX<S> theta_bar,
                                    MatrixRef times_bar) const {
  least_action::check_backward<S>(dimension_, batch_, points_, field, states_bar, x0_bar,
                                  theta_bar, times_bar);
}

template <class S>
std::size_t SolveRounds<S>::bytes() const {
  const auto indices =
      round_begin_.capacity() + next_point_.capacity() + round_.samples.capacity() * 3;
  return sizeof(*this) + indices * sizeof(Index) + log_.capacity() * sizeof(Step) +
         status_.capacity() * sizeof(SolveStatus) + message_.capacity() +
         sizeof(double) * std::size_t(times_.size() + 4 * start_.size()) +
         sizeof(S) * std::size_t(2 * round_.t.size()) + (stepper_ ? stepper_->bytes() : 0);
}

template struct Round<float>;
template struct Round<double>;
template class SolveRounds<float>;
template class SolveRounds<double>;

}  // namespace least_action
