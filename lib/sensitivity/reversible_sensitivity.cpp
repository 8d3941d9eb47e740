#include "sensitivity/reversible_sensitivity.h"

#include <algorithm>

#include "base/contract.h"

namespace least_action {

template <class S>
ReversibleSensitivity<S>::ReversibleSensitivity(const SensitivityOptions& options,
                                                const VectorField<S>& field, Index max_batch,
                                                Index max_points)
    : coupling_(static_cast<S>(options.coupling)),
      is_symmetric_(is_symmetric(options.solve.method)),
      rounds_(options, field, max_batch, max_points),
      step_(make_step_pullback<S>(options.solve.method, field, max_batch)),
      tape_(step_->make_tape(field, max_batch, options.stage_tapes)),
      cotangents_(field.dimension(), max_batch),
      written_(std::size_t(max_batch)) {
  y_.setZero(field.dimension(), max_batch);
  z_ = z_bar_ = y_end_ = z_end_ = y_;
  now_y_ = now_z_ = now_y_bar_ = now_z_bar_ = increment_ = y_;
  t_bar_.setZero(max_batch);
  h_bar_ = t_part_ = h_part_ = end_time_ = minus_h_ = t_bar_;
}

template <class S>
SolveStatus ReversibleSensitivity<S>::forward(const VectorField<S>& field, ConstMatrixRef times,
                                              ConstMatrixRefX<S> x0, MatrixRefX<S> states) {
  rounds_.begin(field, times, x0, states);
  step_->use().reset();
  statistics_ = {};
  const Index batch = rounds_.batch();
  if (rounds_.is_adaptive()) {
    rounds_.solve(field, x0, states, nullptr);
    statistics_.forward = rounds_.statistics();
  }
  y_.leftCols(batch) = x0;
  z_ = y_;
  std::fill(written_.begin(), written_.end(), 0);
  for (Index r = 0; r < rounds_.count(); ++r) {
    const Round<S>& round = rounds_.load(r);
    if (round.size == 0) continue;
    write_observations(round, states);
    if (step_forward(field, round)) continue;
    // One by one, to find whose equation it is; the others shall not suffer.
    for (Index i = 0; i < round.size; ++i) {
      pick(round, i);
      if (step_forward(field, single_)) continue;
      rounds_.fail_sample(round.samples[std::size_t(i)], SolveStatus::kNoConvergence,
                          round.points[std::size_t(i)] + 1,
                          "the equation of a step from t = " + to_text(round.exact_time[i]) +
                              " could not be solved; try a smaller step",
                          states);
    }
  }
  for (Index b = 0; b < batch; ++b) {
    if (rounds_.has_failed(b)) continue;
    for (Index& k = written_[std::size_t(b)]; k < rounds_.points(); ++k) {
      states.col((k + 1) * batch + b) = y_.col(b);
    }
  }
  find_failures(states);
  y_end_ = y_;
  z_end_ = z_;
  if (!rounds_.is_adaptive()) statistics_.forward.steps = rounds_.count();
  statistics_.forward.evaluations += step_->use().evaluations;
  statistics_.peak_bytes = bytes();
  health_ = step_->use().health;
  const FieldHealth other = rounds_.health();
  health_.damped_samples = std::max(health_.damped_samples, other.damped_samples);
  health_.worst_condition = std::max(health_.worst_condition, other.worst_condition);
  return rounds_.worst_status();
}

/// A round of one of its samples.
template <class S>
void ReversibleSensitivity<S>::pick(const Round<S>& round, Index i) {
  single_.size = 1;
  single_.whole = false;
  single_.samples.assign(1, round.samples[std::size_t(i)]);
  single_.places.assign(1, round.places[std::size_t(i)]);
  single_.points.assign(1, round.points[std::size_t(i)]);
  single_.t.setConstant(1, round.t[i]);
  single_.h.setConstant(1, round.h[i]);
  single_.exact_time.setConstant(1, round.exact_time[i]);
  single_.exact_step.setConstant(1, round.exact_step[i]);
}

/// Samples about to leave an observation are there now.
template <class S>
void ReversibleSensitivity<S>::write_observations(const Round<S>& round, MatrixRefX<S> states) {
  for (Index i = 0; i < round.size; ++i) {
    const Index sample = round.samples[std::size_t(i)];
    for (Index& k = written_[std::size_t(sample)]; k < round.points[std::size_t(i)]; ++k) {
      states.col((k + 1) * rounds_.batch() + sample) = y_.col(sample);
    }
  }
}

template <class S>
void ReversibleSensitivity<S>::find_failures(MatrixRefX<S> states) {
  const Index batch = rounds_.batch();
  for (Index b = 0; b < batch; ++b) {
    for (Index k = 1; k <= rounds_.points() && !rounds_.has_failed(b); ++k) {
      if (states.col(k * batch + b).allFinite()) continue;
      rounds_.fail_sample(b, SolveStatus::kNonFinite, k,
                          "the state is not finite at t = " + to_text(rounds_.time(b, k)) +
                              "; try a smaller step",
                          states);
    }
  }
}

template <class S>
bool ReversibleSensitivity<S>::increment(const VectorField<S>& field, const Round<S>& round,
                                         bool back, const MatrixX<S>& x, MatrixX<S>& out) {
  const Index size = round.size;
  auto increment = out.leftCols(size);
  increment = x.leftCols(size);
  bool solved;
  if (back) {
    for (Index i = 0; i < size; ++i) {
      end_time_[i] = static_cast<S>(round.exact_time[i] + round.exact_step[i]);
    }
    minus_h_.head(size) = -round.h.head(size);
    solved =
        step_->forward(field, end_time_.head(size), minus_h_.head(size), increment, *tape_);
  } else {
    solved = step_->forward(field, round.t.head(size), round.h.head(size), increment, *tape_);
  }
  increment -= x.leftCols(size);
  return solved;
}

template <class S>
bool ReversibleSensitivity<S>::step_forward(const VectorField<S>& field,
                                            const Round<S>& round) {
  const Index size = round.size;
  gather(round, y_, 0, round.samples, now_y_);
  if (is_symmetric_) {
    if (!step_->advance(field, round.t.head(size), round.h.head(size), now_y_.leftCols(size),
                        *tape_)) {
      return false;
    }
    scatter(round, now_y_, y_);
    return true;
  }
  gather(round, z_, 0, round.samples, now_z_);
  auto y = now_y_.leftCols(size), z = now_z_.leftCols(size), psi = increment_.leftCols(size);
  if (!increment(field, round, false, now_z_, increment_)) return false;
  y = coupling_ * y + (1 - coupling_) * z + psi;
  if (!increment(field, round, true, now_y_, increment_)) return false;
  z -= psi;
  scatter(round, now_y_, y_);
  scatter(round, now_z_, z_);
  return true;
}

template <class S>
SolveStatus ReversibleSensitivity<S>::backward(const VectorField<S>& field,
                                               ConstMatrixRefX<S> states_bar,
                                               MatrixRefX<S> x0_bar, VectorRefX<S> theta_bar,
                                               MatrixRef times_bar) {
  rounds_.check_backward(field, states_bar, x0_bar, theta_bar, times_bar);
  step_->use().reset();
  statistics_.backward = {};
  if (times_bar.size() > 0) times_bar.setZero();
  y_ = y_end_;
  z_ = z_end_;
  z_bar_.setZero();
  cotangents_.start(rounds_);
  bool solved = true;
  for (Index r = rounds_.count() - 1; r >= 0 && solved; --r) {
    const Round<S>& round = rounds_.load(r);
    if (round.size == 0) continue;
    ++statistics_.backward.steps;
    cotangents_.collect(rounds_, round, states_bar);
    t_bar_.setZero();
    h_bar_.setZero();
    gather(round, y_, 0, round.samples, now_y_);
    gather(round, cotangents_.x_bar(), 0, round.samples, now_y_bar_);
    solved = is_symmetric_ ? step_back(field, round, theta_bar, times_bar)
                           : step_back_coupled(field, round, theta_bar, times_bar);
    scatter(round, now_y_, y_);
    scatter(round, now_y_bar_, cotangents_.x_bar());
    if (times_bar.size() > 0) add_times(rounds_, round, t_bar_, h_bar_, times_bar);
  }
  cotangents_.finish(rounds_, states_bar, x0_bar);
  if (!is_symmetric_) {
    for (Index b = 0; b < rounds_.batch(); ++b) {
      if (!rounds_.has_failed(b)) x0_bar.col(b) += z_bar_.col(b);
    }
  }
  statistics_.backward.evaluations = step_->use().evaluations;
  statistics_.vjps = step_->use().vjps;
  statistics_.peak_bytes = bytes();
  return solved ? rounds_.worst_status() : SolveStatus::kNoConvergence;
}

template <class S>
bool ReversibleSensitivity<S>::step_back(const VectorField<S>& field, const Round<S>& round,
                                         VectorRefX<S> theta_bar, MatrixRef times_bar) {
  const Index size = round.size, wanted = times_bar.size() > 0 ? size : 0;
  auto y = now_y_.leftCols(size), increment_now = increment_.leftCols(size);
  if (!increment(field, round, true, now_y_, increment_)) return false;
  y += increment_now;
  increment_now = y;
  if (!step_->forward(field, round.t.head(size), round.h.head(size), increment_now, *tape_)) {
    return false;
  }
  step_->pull_back(field, now_y_bar_.leftCols(size), theta_bar, t_bar_.head(wanted),
                   h_bar_.head(wanted), *tape_);
  return true;
}

template <class S>
bool ReversibleSensitivity<S>::step_back_coupled(const VectorField<S>& field,
                                                 const Round<S>& round, VectorRefX<S> theta_bar,
                                                 MatrixRef times_bar) {
  const Index size = round.size, wanted = times_bar.size() > 0 ? size : 0;
  gather(round, z_, 0, round.samples, now_z_);
  gather(round, z_bar_, 0, round.samples, now_z_bar_);
  auto y = now_y_.leftCols(size), z = now_z_.leftCols(size), psi = increment_.leftCols(size);
  auto y_bar = now_y_bar_.leftCols(size), z_bar = now_z_bar_.leftCols(size);
  auto t_part = t_part_.head(wanted), h_part = h_part_.head(wanted);

  // ȳ' = ȳ₁ − (∂ψ_{−h})ᵀ z̄₁, where ∂ψ = ∂Φ − 1; its step begins at t + h and is −h long.
  if (!increment(field, round, true, now_y_, increment_)) return false;
  z += psi;  // z₀
  psi = -z_bar;
  step_->pull_back(field, psi, theta_bar, t_part, h_part, *tape_);
  y_bar += psi + z_bar;
  if (wanted > 0) {
    t_bar_.head(size) += t_part;
    h_bar_.head(size) += t_part - h_part;
  }

  // z̄₀ = z̄₁ + (1 − λ) ȳ' + (∂ψ_h)ᵀ ȳ' = z̄₁ − λ ȳ' + (∂Φ_h)ᵀ ȳ'
  if (!increment(field, round, false, now_z_, increment_)) return false;
  y = (y - (1 - coupling_) * z - psi) / coupling_;  // y₀
  psi = y_bar;
  step_->pull_back(field, psi, theta_bar, t_part, h_part, *tape_);
  y_bar *= coupling_;
  z_bar += psi - y_bar;
  if (wanted > 0) {
    t_bar_.head(size) += t_part;
    h_bar_.head(size) += h_part;
  }
  scatter(round, now_z_, z_);
  scatter(round, now_z_bar_, z_bar_);
  return true;
}

template <class S>
std::size_t ReversibleSensitivity<S>::bytes() const {
  return sizeof(*this) + rounds_.bytes() + step_->bytes() + tape_->bytes() +
         cotangents_.bytes() + sizeof(S) * std::size_t(10 * y_.size() + 6 * t_bar_.size()) +
         sizeof(Index) * written_.capacity();
}

template class ReversibleSensitivity<float>;
template class ReversibleSensitivity<double>;

}  // namespace least_action
