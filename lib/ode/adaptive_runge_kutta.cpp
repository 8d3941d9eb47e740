#include "ode/adaptive_runge_kutta.h"

#include <cmath>
#include <limits>
#include <utility>

#include "base/contract.h"
#include "ode/step_record.h"

namespace least_action {
namespace {

constexpr const char* kWhere = "AdaptiveRungeKutta";
constexpr double kInfinity = std::numeric_limits<double>::infinity();
// The stiffness test is made now and then, and at every step while it says yes.
constexpr Index kStepsBetweenTests = 32;
constexpr int kStiffSteps = 15, kMildSteps = 6;
constexpr double kOfStabilityLimit = 0.97;

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

/// max_batch, or a refusal before anything is allocated.
Index checked_batch(const ButcherTableau& tableau, Index dimension, Index max_batch,
                    std::size_t scalar) {
  if (tableau.error.size() != tableau.stages() || tableau.dense_order == 0 ||
      !tableau.first_same_as_last) {
    fail(kWhere,
         std::string(tableau.name) +
             " has no embedded error estimate with dense output; expected one that has, "
             "such as dormand_prince_tableau()");
  }
  // Memory that a wrong number asks for, not a batch.
  const double largest = sizeof(Index) > 4 ? 16e9 : 1e9;
  const double columns = 2 * static_cast<double>(tableau.stages()) +
                         static_cast<double>(tableau.extra_stages() + tableau.dense.cols()) +
                         20;
  const double bytes = columns * static_cast<double>(dimension) *
                       static_cast<double>(max_batch) * static_cast<double>(scalar);
  if (max_batch < 1 || !(bytes <= largest)) {
    fail_value(kWhere, "max_batch", static_cast<double>(max_batch),
               "at least 1 and small enough for its stages to fit into memory");
  }
  return max_batch;
}

template <class V>
bool all_finite(const V& v) {
  typename V::Scalar sum = 0;  // 0 · x is NaN where x is not finite.
  for (Index i = 0; i < v.size(); ++i) sum += 0 * v[i];
  return sum == 0;
}

}  // namespace

template <class S>
AdaptiveRungeKutta<S>::AdaptiveRungeKutta(const ButcherTableau& tableau,
                                          const VectorField<S>& field, Index max_batch,
                                          const SolveOptions& options)
    : tableau_(&tableau),
      tolerance_{options.relative_tolerance, options.absolute_tolerance},
      initial_step_(options.initial_step),
      stability_limit_(kOfStabilityLimit * real_stability_limit(tableau)),
      control_(options, checked_batch(tableau, field.dimension(), max_batch, sizeof(S)),
               tableau.error_order + 1),
      tried_(tableau, field.dimension(), max_batch),
      kept_(tableau, field.dimension(), max_batch),
      error_weights_(tableau.error.cast<S>()),
      second_error_weights_(tableau.second_error.cast<S>()),
      errors_(at(max_batch)),
      notes_(at(max_batch)),
      calls_(field, max_batch),
      has_extra_(at(max_batch)),
      has_record_(at(max_batch)),
      dense_evaluations_(at(max_batch)) {
  const Index n = field.dimension(), extra = tableau.extra_stages();
  for (MatrixX<S>* matrix : {&x_, &x_previous_, &rate_, &packed_, &difference_}) {
    matrix->setZero(n, max_batch);
  }
  if (second_error_weights_.size() > 0) cruder_.setZero(n, max_batch);
  t_.setZero(max_batch);
  h_.setZero(max_batch);
  records_.setZero(n * (4 + tableau.dense.cols()), max_batch);
  if (extra > 0) {
    extra_k_.setZero(n, max_batch * extra);
    extra_x_.setZero(n, max_batch);
    extra_out_.setZero(n, max_batch);
    extra_t_.setZero(max_batch);
  }
  fresh_.reserve(at(max_batch));
  wanted_.reserve(at(max_batch));
}

template <class S>
void AdaptiveRungeKutta<S>::start(ConstVectorRef t0, ConstVectorRef t_end,
                                  ConstMatrixRefX<S> x0) {
  if (x0.rows() != x_.rows() || x0.cols() != t0.size()) {
    fail_shape("AdaptiveRungeKutta::start", "x0", x0.rows(), x0.cols(), x_.rows(), t0.size(),
               "dimension × samples");
  }
  control_.start("AdaptiveRungeKutta::start", t0, t_end);
  calls_.reset();
  const Index n = batch();
  x_.leftCols(n) = x0;
  x_previous_.leftCols(n) = x0;
  for (Index b = 0; b < n; ++b) {
    note(b) = {};
    has_extra_[at(b)] = has_record_[at(b)] = 0;
    dense_evaluations_[at(b)] = 0;
  }
  begin_samples();
}

template <class S>
void AdaptiveRungeKutta<S>::extend(Index sample, double t_end) {
  control_.extend("AdaptiveRungeKutta::extend", sample, t_end);
  is_pending_ = is_pending_ || !note(sample).has_rate || !note(sample).has_step;
}

template <class S>
void AdaptiveRungeKutta<S>::replace(Index sample, double t, ConstVectorRefX<S> x) {
  if (x.size() != x_.rows()) {
    fail_size("AdaptiveRungeKutta::replace", "x", x.size(), x_.rows(), "dimension");
  }
  control_.replace("AdaptiveRungeKutta::replace", sample, t);
  x_.col(sample) = x;
  x_previous_.col(sample) = x;
  has_record_[at(sample)] = 0;
  note(sample).has_rate = false;
  is_pending_ = true;
}

template <class S>
void AdaptiveRungeKutta<S>::begin_samples() {
  find_rates();
  find_first_steps();
  is_pending_ = false;
}

template <class S>
void AdaptiveRungeKutta<S>::find_rates() {
  fresh_.clear();
  for (Index b = 0; b < batch(); ++b) {
    if (control_.is_on_way(b) && !note(b).has_rate) fresh_.push_back(b);
  }
  const Index n = static_cast<Index>(fresh_.size());
  if (n == 0) return;
  for (Index j = 0; j < n; ++j) {
    packed_.col(j) = x_.col(fresh_[at(j)]);
    t_[j] = static_cast<S>(time(fresh_[at(j)]));
  }
  calls_.forward(t_.head(n), packed_.leftCols(n), tried_.k(0, n));
  for (Index j = 0; j < n; ++j) {
    const Index b = fresh_[at(j)];
    rate_.col(b) = tried_.k(0, n).col(j);
    note(b).has_rate = true;
    control_.count_evaluations(b, 1);
    // A saturating field has finite rates at infinity, too.
    if (!all_finite(rate_.col(b)) || !all_finite(x_.col(b))) {
      control_.fail(b, SolveStatus::kNonFinite);
    }
  }
}

template <class S>
void AdaptiveRungeKutta<S>::find_first_steps() {
  fresh_.clear();
  for (Index b = 0; b < batch(); ++b) {
    if (control_.is_on_way(b) && !note(b).has_step) fresh_.push_back(b);
  }
  const Index n = static_cast<Index>(fresh_.size());
  if (n == 0) return;
  const auto span = [&](Index b) { return std::abs(control_.end(b) - time(b)); };
  const auto norm = [&](const S* v, Index b) {
    const S* x = x_.col(b).data();
    return scaled_norm(v, x, x, x_.rows(), tolerance_);
  };
  for (Index j = 0; j < n; ++j) {
    const Index b = fresh_[at(j)];
    note(b).has_step = true;
    if (initial_step_ > 0) {
      control_.set_step(b, std::min(initial_step_, span(b)));
      continue;
    }
    const double h0 =
        trial_step(norm(x_.col(b).data(), b), norm(rate_.col(b).data(), b), span(b));
    errors_[at(j)] = h0;
    const double h = control_.direction(b) * h0;
    packed_.col(j) = x_.col(b) + static_cast<S>(h) * rate_.col(b);
    t_[j] = static_cast<S>(time(b) + h);
  }
  if (initial_step_ > 0) return;
  calls_.forward(t_.head(n), packed_.leftCols(n), tried_.k(1, n));
  for (Index j = 0; j < n; ++j) {
    const Index b = fresh_[at(j)];
    control_.count_evaluations(b, 1);
    difference_.col(j) = tried_.k(1, n).col(j) - rate_.col(b);
    const double d1 = norm(rate_.col(b).data(), b), h0 = errors_[at(j)];
    const double d2 = norm(difference_.col(j).data(), b) / h0;
    control_.set_step(b, starting_step(h0, d1, d2, tableau_->error_order + 1, span(b)));
  }
}

template <class S>
Index AdaptiveRungeKutta<S>::advance() {
  control_.clear_accepted();
  if (is_pending_) begin_samples();
  if (!control_.plan()) return 0;
  const std::span<const Index> active = control_.active();
  const Index n = static_cast<Index>(active.size());
  for (Index j = 0; j < n; ++j) {
    t_[j] = static_cast<S>(time(active[at(j)]));
    h_[j] = static_cast<S>(control_.trial(active[at(j)]));
  }
  if (n == batch()) {  // Nobody has left: the samples are the columns.
    tried_.k(0, n) = rate_.leftCols(n);
    try_steps(x_.leftCols(n));
  } else {
    for (Index j = 0; j < n; ++j) {
      tried_.k(0, n).col(j) = rate_.col(active[at(j)]);
      packed_.col(j) = x_.col(active[at(j)]);
    }
    try_steps(packed_.leftCols(n));
  }
  for (Index j = 0; j < n; ++j) {
    errors_[at(j)] = scaled_error(j, active[at(j)]);
    control_.count_evaluations(active[at(j)], tried_.stages() - 1);
  }
  control_.judge({errors_.data(), at(n)});
  keep_accepted();
  return static_cast<Index>(accepted().size());
}

/// Writes the stages and the error estimates; the new states are the last stage's.
template <class S>
void AdaptiveRungeKutta<S>::try_steps(ConstMatrixRefX<S> x) {
  const Index n = x.cols();
  const auto t = t_.head(n), h = h_.head(n);
  for (Index i = 1; i < tried_.stages(); ++i) {
    tried_.prepare(i, t, h, x);
    calls_.forward(tried_.stage_time(n), tried_.stage_state(n), tried_.k(i, n));
  }
  tried_.combine(error_weights_, h, difference_.leftCols(n));
  if (cruder_.size() > 0) tried_.combine(second_error_weights_, h, cruder_.leftCols(n));
}

template <class S>
double AdaptiveRungeKutta<S>::scaled_error(Index column, Index sample) const {
  const Index n = x_.rows();
  const auto next = tried_.stage_state(column + 1).col(column);
  const auto rate = tried_.k(tried_.stages() - 1, column + 1).col(column);
  if (!all_finite(next) || !all_finite(rate)) return kInfinity;
  const auto norm = [&](const MatrixX<S>& v) {
    return scaled_norm(v.col(column).data(), x_.col(sample).data(), next.data(), n, tolerance_);
  };
  const double error = norm(difference_);
  if (cruder_.size() == 0 || error == 0) return error;
  const double second = norm(cruder_);
  return error * (error / std::sqrt(error * error + 0.01 * second * second));
}

template <class S>
void AdaptiveRungeKutta<S>::keep_accepted() {
  const std::span<const Index> active = control_.active(), kept = accepted();
  const Index n = static_cast<Index>(active.size()), last = tried_.stages() - 1;
  if (static_cast<Index>(kept.size()) == batch()) {
    x_previous_.leftCols(n) = x_.leftCols(n);
    x_.leftCols(n) = tried_.stage_state(n);
    rate_.leftCols(n) = tried_.k(last, n);
    std::swap(tried_, kept_);
  } else {
    std::size_t next = 0;
    for (Index j = 0; j < n && next < kept.size(); ++j) {
      const Index b = active[at(j)];
      if (b != kept[next]) continue;
      ++next;
      x_previous_.col(b) = x_.col(b);
      x_.col(b) = tried_.stage_state(n).col(j);
      rate_.col(b) = tried_.k(last, n).col(j);
      for (Index i = 0; i <= last; ++i) {
        kept_.k(i, batch()).col(b) = tried_.k(i, n).col(j);
      }
    }
  }
  for (const Index b : kept) {
    has_extra_[at(b)] = has_record_[at(b)] = 0;
    test_stiffness(b);
  }
}

/// An estimate of h|λ| for the largest eigenvalue λ of ∂f/∂x, ‖k_s − k_{s−1}‖ h / ‖X_s −
/// X_{s−1}‖, that stays at the edge of stability says that stability holds the steps down.
template <class S>
void AdaptiveRungeKutta<S>::test_stiffness(Index sample) {
  Note& known = note(sample);
  const bool is_due = control_.statistics(sample).steps % kStepsBetweenTests == 0;
  if (!is_due && known.stiff_steps == 0) return;
  const Index s = kept_.stages();
  double rates = 0, states = 0;
  for (Index i = 0; i < x_.rows(); ++i) {
    const auto k = [&](Index stage) {
      return static_cast<double>(kept_.k(stage, batch())(i, sample));
    };
    double state = 0;
    for (Index j = 0; j < s - 1; ++j) {
      state += (tableau_->a(s - 1, j) - tableau_->a(s - 2, j)) * k(j);
    }
    const double rate = k(s - 1) - k(s - 2);
    rates += rate * rate;
    states += state * state;
  }
  if (states > 0 && std::sqrt(rates / states) > stability_limit_) {
    known.mild_steps = 0;
    if (++known.stiff_steps >= kStiffSteps) known.is_stiff = true;
  } else if (known.stiff_steps > 0 && ++known.mild_steps >= kMildSteps) {
    known.stiff_steps = known.mild_steps = 0;
    known.is_stiff = false;
  }
}

template <class S>
bool AdaptiveRungeKutta<S>::is_stiff(Index sample) const {
  return notes_[at(sample)].is_stiff;
}

template <class S>
SolveStatistics AdaptiveRungeKutta<S>::statistics(Index sample) const {
  SolveStatistics result = control_.statistics(sample);
  result.evaluations += dense_evaluations_[at(sample)];
  return result;
}

template <class S>
void AdaptiveRungeKutta<S>::prepare_dense(std::span<const Index> samples) {
  if (tableau_->extra_stages() > 0) evaluate_extra_stages(samples);
}

template <class S>
void AdaptiveRungeKutta<S>::evaluate_extra_stages(std::span<const Index> samples) const {
  wanted_.clear();
  for (const Index b : samples) {
    if (!has_extra_[at(b)] && last_step(b) != 0) wanted_.push_back(b);
  }
  const Index n = static_cast<Index>(wanted_.size()), s = kept_.stages();
  if (n == 0) return;
  for (Index extra = 0; extra < tableau_->extra_stages(); ++extra) {
    for (Index j = 0; j < n; ++j) {
      const Index b = wanted_[at(j)];
      auto x = extra_x_.col(j);
      x.setZero();
      for (Index i = 0; i < s + extra; ++i) {
        const S a = static_cast<S>(tableau_->dense_a(extra, i));
        if (a == 0) continue;
        if (i < s) {
          x += a * kept_.k(i, batch()).col(b);
        } else {
          x += a * extra_k_.col((i - s) * extra_x_.cols() + b);
        }
      }
      x = x_previous_.col(b) + static_cast<S>(last_step(b)) * x;
      extra_t_[j] = static_cast<S>(previous_time(b) + tableau_->dense_c[extra] * last_step(b));
    }
    calls_.forward(extra_t_.head(n), extra_x_.leftCols(n), extra_out_.leftCols(n));
    for (Index j = 0; j < n; ++j) {
      extra_k_.col(extra * extra_x_.cols() + wanted_[at(j)]) = extra_out_.col(j);
    }
  }
  for (const Index b : wanted_) {
    has_extra_[at(b)] = 1;
    dense_evaluations_[at(b)] += tableau_->extra_stages();
  }
}

/// See interpolate_step; the corrections are h Σ dᵢₘ kᵢ.
template <class S>
void AdaptiveRungeKutta<S>::make_record(Index sample) const {
  if (has_record_[at(sample)]) return;
  has_record_[at(sample)] = 1;
  const Index n = x_.rows(), s = kept_.stages();
  Eigen::Map<MatrixX<S>> record(records_.col(sample).data(), n, records_.rows() / n);
  record.setZero();
  record.col(0) = x_previous_.col(sample);
  const S h = static_cast<S>(last_step(sample));
  if (h == 0) return;
  if (tableau_->extra_stages() > 0) evaluate_extra_stages({&sample, 1});
  record.col(1) = x_.col(sample) - x_previous_.col(sample);
  record.col(2) = h * kept_.k(0, batch()).col(sample);
  record.col(3) = h * kept_.k(s - 1, batch()).col(sample);
  for (Index m = 0; m < tableau_->dense.cols(); ++m) {
    auto sum = record.col(4 + m);
    for (Index i = 0; i < tableau_->dense.rows(); ++i) {
      const S d = h * static_cast<S>(tableau_->dense(i, m));
      if (d == 0) continue;
      if (i < s) {
        sum += d * kept_.k(i, batch()).col(sample);
      } else {
        sum += d * extra_k_.col((i - s) * extra_x_.cols() + sample);
      }
    }
  }
}

template <class S>
void AdaptiveRungeKutta<S>::interpolate(Index sample, double t, VectorRefX<S> x) {
  make_record(sample);
  interpolate_record(records_.col(sample), previous_time(sample), last_step(sample), t, x);
}

template <class S>
void AdaptiveRungeKutta<S>::record(Index sample, VectorRefX<S> record) const {
  if (record.size() != record_size()) {
    fail_size("AdaptiveRungeKutta::record", "record", record.size(), record_size(),
              "record_size()");
  }
  make_record(sample);
  record = records_.col(sample);
}

template <class S>
void AdaptiveRungeKutta<S>::interpolate_record(ConstVectorRefX<S> record, double t_start,
                                               double h, double t, VectorRefX<S> x) const {
  const Index n = x_.rows();
  if (x.size() != n) {
    fail_size("AdaptiveRungeKutta::interpolate_record", "x", x.size(), n, "dimension");
  }
  if (record.size() != record_size()) {
    fail_size("AdaptiveRungeKutta::interpolate_record", "record", record.size(), record_size(),
              "record_size()");
  }
  interpolate_step<S>(record, h == 0 ? 0 : (t - t_start) / h, x);
}

template <class S>
std::size_t AdaptiveRungeKutta<S>::bytes() const {
  const Index stages = 2 * x_.cols() * (kept_.stages() + 2) * x_.rows();
  const Index matrices = x_.size() + x_previous_.size() + rate_.size() + packed_.size() +
                         difference_.size() + cruder_.size() + extra_k_.size() +
                         extra_x_.size() + extra_out_.size() + records_.size();
  return calls_.bytes() + control_.bytes() + at(stages + matrices) * sizeof(S) +
         notes_.size() * sizeof(Note);
}

template class AdaptiveRungeKutta<float>;
template class AdaptiveRungeKutta<double>;

}  // namespace least_action
