#include "ode/radau5.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include "base/contract.h"
#include "ode/collocation.h"
#include "ode/radau_system.h"

namespace least_action {
namespace {

constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr int kMaxNewton = 7;
/// The iteration stops where what is left is this part of the tolerance asked for.
constexpr double kNewtonPart = 0.01;
/// An iteration that contracts faster than this keeps its Jacobian.
constexpr double kFastContraction = 1e-3;
/// A step that would grow by no more than this keeps its size, and so its factors.
constexpr double kSmallGrowth = 1.2;
constexpr double kSafety = 0.9, kSmallestFactor = 0.2, kLargestFactor = 8;
/// As large an error as any, for the step control: its own factors come from elsewhere.
constexpr double kRejected = 10;

std::string brief(double value) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.4g", value);
  return buffer;
}

}  // namespace

struct Radau5::Sample {
  explicit Sample(Index dimension) : system(dimension) {}

  RadauSystem system;
  bool has_rate = false, has_step = false, has_polynomial = false;
  bool wants_jacobian = true, jacobian_is_new = false;
  bool was_rejected = false, newton_failed = false;
  Newton newton = Newton::kConverged;
  int iterations = 0;
  double contraction = 0;     // θ of the last iteration
  double faith = 1;           // θ/(1 − θ), from the last step at first
  double change = 0;          // Size of the last Newton correction.
  double retry_factor = 0.5;  // After an iteration that failed.
  double scaled_error = 0;
  double accepted_step = 0, accepted_error = 0;  // Of the last accepted step.
};

namespace {

Index checked_batch(Index dimension, Index max_batch) {
  if (max_batch < 1) fail_value("Radau5", "max_batch", double(max_batch), "at least 1");
  const double numbers = double(max_batch) * double(dimension) * (3.0 * double(dimension) + 30);
  if (numbers > 1e11) {
    fail_value("Radau5", "max_batch", double(max_batch), "small enough to address");
  }
  return max_batch;
}

}  // namespace

Radau5::Radau5(const VectorField<double>& field, Index max_batch, const SolveOptions& options)
    : options_(options),
      calls_(field, 3 * checked_batch(field.dimension(), max_batch)),
      control_(options, max_batch, 4),
      samples_(static_cast<std::size_t>(max_batch), Sample(field.dimension())),
      errors_(static_cast<std::size_t>(max_batch)),
      planned_(static_cast<std::size_t>(max_batch)) {
  // The estimate is O(h⁴) where the error of a step is O(h⁶).
  const double relative = options.relative_tolerance, absolute = options.absolute_tolerance;
  const double finest = std::clamp(std::max(relative, absolute), 1e-15, 1.0);
  const double factor = 0.1 / std::cbrt(finest);
  estimate_tolerance_ = {factor * relative, factor * absolute};
  newton_tolerance_ = std::max(kNewtonPart / factor, 10 * kEpsilon / (factor * finest));

  const Index n = field.dimension();
  for (Matrix* matrix : {&x_, &x_previous_, &rate_}) matrix->setZero(n, max_batch);
  for (Matrix* matrix : {&z_, &tried_z_, &packed_x_, &packed_rate_, &direction_, &tangent_}) {
    matrix->setZero(n, 3 * max_batch);
  }
  packed_t_.setZero(3 * max_batch);
  called_.reserve(static_cast<std::size_t>(max_batch));
}

Radau5::~Radau5() = default;

Radau5::Sample& Radau5::at(Index b) { return samples_[static_cast<std::size_t>(b)]; }
const Radau5::Sample& Radau5::at(Index b) const {
  return samples_[static_cast<std::size_t>(b)];
}

std::size_t Radau5::bytes() const {
  const Index n = x_.rows();
  const Index numbers = 3 * x_.size() + 6 * z_.size() + packed_t_.size() +
                        Index(samples_.size()) * (7 * n * n + 13 * n);
  return static_cast<std::size_t>(numbers) * sizeof(double) + samples_.size() * sizeof(Sample) +
         control_.bytes() + calls_.bytes();
}

void Radau5::start(ConstVectorRef t0, ConstVectorRef t_end, ConstMatrixRef x0) {
  if (x0.rows() != x_.rows() || x0.cols() != t0.size()) {
    fail_shape("Radau5::start", "x0", x0.rows(), x0.cols(), x_.rows(), t0.size(),
               "dimension × samples");
  }
  control_.start("Radau5::start", t0, t_end);
  calls_.reset();
  jacobians_ = factorizations_ = 0;
  x_.leftCols(batch()) = x0;
  x_previous_.leftCols(batch()) = x0;
  for (Index b = 0; b < batch(); ++b) {
    Sample& sample = at(b);
    sample.has_rate = sample.has_step = sample.has_polynomial = false;
    sample.wants_jacobian = true;
    sample.jacobian_is_new = sample.was_rejected = sample.newton_failed = false;
    sample.faith = 1;
    sample.accepted_step = 0;
  }
  find_rates();
  find_first_steps();
}

void Radau5::extend(Index sample, double t_end) {
  control_.extend("Radau5::extend", sample, t_end);
}

void Radau5::replace(Index sample, double t, ConstVectorRef x) {
  if (x.size() != x_.rows()) {
    fail_size("Radau5::replace", "x", x.size(), x_.rows(), "dimension");
  }
  control_.replace("Radau5::replace", sample, t);
  x_.col(sample) = x;
  x_previous_.col(sample) = x;
  Sample& moved = at(sample);
  moved.has_rate = moved.has_polynomial = false;
  moved.wants_jacobian = true;
  moved.accepted_step = 0;
}

double Radau5::norm(const double* v, Index sample) const {
  const double* x = x_.col(sample).data();
  return scaled_norm(v, x, x, x_.rows(), estimate_tolerance_);
}

/// Writes f(t, x) of the samples where they are, in the columns of packed_rate_.
void Radau5::evaluate_at_start(std::span<const Index> samples) {
  const Index count = static_cast<Index>(samples.size());
  for (Index j = 0; j < count; ++j) {
    const Index b = samples[static_cast<std::size_t>(j)];
    packed_x_.col(j) = x_.col(b);
    packed_t_[j] = time(b);
    control_.count_evaluations(b, 1);
  }
  calls_.forward(packed_t_.head(count), packed_x_.leftCols(count),
                 packed_rate_.leftCols(count));
  for (Index j = 0; j < count; ++j) {
    const Index b = samples[static_cast<std::size_t>(j)];
    rate_.col(b) = packed_rate_.col(j);
    at(b).has_rate = true;
    if (!(rate_.col(b) + x_.col(b)).allFinite()) control_.fail(b, SolveStatus::kNonFinite);
  }
}

void Radau5::find_rates() {
  called_.clear();
  for (Index b = 0; b < batch(); ++b) {
    const Sample& sample = at(b);
    // With the Jacobian, where that is wanted.
    const bool later = sample.wants_jacobian && sample.has_step;
    if (control_.is_on_way(b) && !sample.has_rate && !later) called_.push_back(b);
  }
  if (!called_.empty()) evaluate_at_start(called_);
}

void Radau5::find_jacobians() {
  called_.clear();
  for (const Index b : control_.active()) {
    if (at(b).wants_jacobian) called_.push_back(b);
  }
  if (called_.empty()) return;
  evaluate_at_start(called_);
  const Index count = static_cast<Index>(called_.size()), n = x_.rows();
  auto direction = direction_.leftCols(count);
  for (Index i = 0; i < n; ++i) {
    direction.setZero();
    direction.row(i).setOnes();
    calls_.jvp(direction, tangent_.leftCols(count));
    for (Index j = 0; j < count; ++j) {
      const Index b = called_[static_cast<std::size_t>(j)];
      at(b).system.set_jacobian_column(i, tangent_.col(j));
    }
  }
  for (const Index b : called_) {
    Sample& sample = at(b);
    sample.wants_jacobian = false;
    sample.jacobian_is_new = true;
    control_.count_evaluations(b, n);
    ++jacobians_;
  }
}

void Radau5::find_first_steps() {
  called_.clear();
  for (Index b = 0; b < batch(); ++b) {
    if (control_.is_on_way(b) && !at(b).has_step) called_.push_back(b);
  }
  const auto span = [&](Index b) { return std::abs(control_.end(b) - time(b)); };
  Index count = 0;
  for (const Index b : called_) {
    at(b).has_step = true;
    if (options_.initial_step > 0) {
      control_.set_step(b, std::min(options_.initial_step, span(b)));
      continue;
    }
    const double h0 =
        trial_step(norm(x_.col(b).data(), b), norm(rate_.col(b).data(), b), span(b));
    errors_[static_cast<std::size_t>(count)] = h0;
    const double h = control_.direction(b) * h0;
    packed_x_.col(count) = x_.col(b) + h * rate_.col(b);
    packed_t_[count++] = time(b) + h;
  }
  if (count == 0) return;
  calls_.forward(packed_t_.head(count), packed_x_.leftCols(count),
                 packed_rate_.leftCols(count));
  for (Index j = 0; j < count; ++j) {
    const Index b = called_[static_cast<std::size_t>(j)];
    control_.count_evaluations(b, 1);
    const double h0 = errors_[static_cast<std::size_t>(j)];
    const double d1 = norm(rate_.col(b).data(), b);
    packed_rate_.col(j) -= rate_.col(b);
    const double d2 = norm(packed_rate_.col(j).data(), b) / h0;
    control_.set_step(b, starting_step(h0, d1, d2, 3, span(b)));
  }
}

/// Begins with the last step's polynomial, continued.
void Radau5::predict(Index b) {
  Sample& sample = at(b);
  sample.newton = Newton::kIterating;
  sample.faith = std::pow(std::max(sample.faith, kEpsilon), 0.8);
  sample.contraction = 0;
  if (!sample.has_polynomial) {
    tried_z(b).setZero();
    return;
  }
  const Vector& nodes = radau_tableau().c;
  const double ratio = control_.trial(b) / last_step(b);
  for (Index i = 0; i < 3; ++i) {
    Eigen::Vector3d weights = radau_weights(1 + nodes[i] * ratio);
    weights[2] -= 1;  // From x₁ = x + Z₃.
    tried_z(b).col(i).noalias() = z(b).lazyProduct(weights);
  }
}

/// Simplified Newton iteration of all active samples, each as long as it takes.
void Radau5::iterate() {
  const Vector& nodes = radau_tableau().c;
  for (int iteration = 1;; ++iteration) {
    called_.clear();
    for (const Index b : control_.active()) {
      if (at(b).newton == Newton::kIterating) called_.push_back(b);
    }
    if (called_.empty()) return;
    Index column = 0;
    for (const Index b : called_) {
      packed_x_.middleCols(column, 3) = tried_z(b).colwise() + x_.col(b);
      for (Index i = 0; i < 3; ++i) {
        packed_t_[column + i] = time(b) + nodes[i] * control_.trial(b);
      }
      control_.count_evaluations(b, 3);
      column += 3;
    }
    calls_.forward(packed_t_.head(column), packed_x_.leftCols(column),
                   packed_rate_.leftCols(column), 3);
    column = 0;
    for (const Index b : called_) {
      at(b).newton = correct(b, column, iteration);
      at(b).iterations = iteration;
      column += 3;
    }
  }
}

/// One correction, of the rates in packed_rate_ from `column`, and what to make of its size.
Radau5::Newton Radau5::correct(Index b, Index column, int iteration) {
  Sample& sample = at(b);
  sample.system.find_correction(tried_z(b), packed_rate_.middleCols(column, 3));
  double change = 0;
  for (Index i = 0; i < 3; ++i) {
    const double part = norm(sample.system.correction().col(i).data(), b);
    change += part * part / 3;
  }
  change = std::sqrt(change);
  sample.retry_factor = 0.5;
  if (!std::isfinite(change)) return Newton::kNonFinite;
  if (iteration > 1) {
    const double ratio = change / sample.change;
    sample.contraction =
        iteration == 2 ? ratio : std::sqrt(ratio * std::max(sample.contraction, 1e-10));
    if (change > 0 && sample.contraction >= 0.99) return Newton::kDiverged;
    sample.faith = sample.contraction / (1 - sample.contraction);
    const int left = kMaxNewton - iteration;
    const double end = sample.faith * change * std::pow(sample.contraction, left);
    if (end > newton_tolerance_) {
      const double excess = std::clamp(end / newton_tolerance_, 1e-4, 20.0);
      sample.retry_factor = 0.8 * std::pow(excess, -1.0 / (4 + left));
      return Newton::kSlow;
    }
  }
  sample.change = std::max(change, std::numeric_limits<double>::min());
  sample.system.apply_correction(tried_z(b));
  return sample.faith * change <= newton_tolerance_ ? Newton::kConverged : Newton::kIterating;
}

/// Of a step whose iteration converged, the scaled error estimate.
double Radau5::find_error(Index b) {
  RadauSystem& system = at(b).system;
  auto x_next = packed_x_.col(1);
  x_next = x_.col(b) + tried_z(b).col(2);
  const auto size = [&] {
    return scaled_norm(system.error().data(), x_.col(b).data(), x_next.data(), x_.rows(),
                       estimate_tolerance_);
  };
  system.find_error(rate_.col(b), tried_z(b));
  const double first = size();
  const bool is_suspect = at(b).accepted_step == 0 || at(b).was_rejected;
  if (!(first >= 1) || !is_suspect) return first;
  // The estimate is too large for stiff components that are not yet where they tend to; one
  // more evaluation, from beside, damps them.
  packed_x_.col(0) = x_.col(b) + system.error();
  packed_t_[0] = time(b);
  calls_.forward(packed_t_.head(1), packed_x_.leftCols(1), packed_rate_.leftCols(1));
  control_.count_evaluations(b, 1);
  system.find_error(packed_rate_.col(0), tried_z(b));
  return size();
}

Index Radau5::advance() {
  find_rates();
  find_first_steps();
  if (!control_.plan()) {
    control_.clear_accepted();
    return 0;
  }
  find_jacobians();
  // A rate that is not finite fails its sample here: it is tried no further.
  const std::span<const Index> active = control_.active();
  for (std::size_t j = 0; j < active.size(); ++j) {
    const Index b = active[j];
    Sample& sample = at(b);
    planned_[j] = std::abs(control_.step(b));
    if (!control_.is_on_way(b)) {
      sample.newton = Newton::kNonFinite;
      continue;
    }
    if (sample.system.factorize(control_.trial(b))) ++factorizations_;
    predict(b);
  }
  iterate();
  for (std::size_t j = 0; j < active.size(); ++j) {
    const Index b = active[j];
    Sample& sample = at(b);
    if (sample.newton == Newton::kConverged) {
      errors_[j] = sample.scaled_error = find_error(b);
      sample.newton_failed = false;
    } else {
      errors_[j] = sample.newton == Newton::kNonFinite ? kInfinity : kRejected;
      sample.newton_failed = sample.newton != Newton::kNonFinite;
    }
  }
  control_.judge(std::span<const double>(errors_.data(), active.size()));

  std::size_t next = 0;
  const std::span<const Index> accepted = control_.accepted();
  for (std::size_t j = 0; j < active.size(); ++j) {
    const Index b = active[j];
    if (next < accepted.size() && accepted[next] == b) {
      plan_after_acceptance(b, planned_[j]);
      ++next;
    } else {
      plan_after_rejection(b);
    }
  }
  return static_cast<Index>(accepted.size());
}

void Radau5::plan_after_acceptance(Index b, double planned) {
  Sample& sample = at(b);
  const double h = std::abs(last_step(b)), error = sample.scaled_error;
  const double fewer = kSafety * (2 * kMaxNewton + 1) / (2 * kMaxNewton + sample.iterations);
  double shrink = std::pow(error, 0.25) / fewer;
  if (sample.accepted_step > 0) {
    // Gustafsson: if the error grew from step to step, it goes on growing.
    const double trend = h / sample.accepted_step;
    const double predicted =
        std::pow(error * error / sample.accepted_error, 0.25) / (trend * kSafety);
    shrink = std::max(shrink, predicted);
  }
  double factor = 1 / std::clamp(shrink, 1 / kLargestFactor, 1 / kSmallestFactor);
  if (sample.was_rejected) factor = std::min(factor, 1.0);
  sample.accepted_step = h;
  sample.accepted_error = std::max(error, 1e-2);
  sample.was_rejected = false;

  sample.wants_jacobian = sample.iterations > 1 && sample.contraction > kFastContraction;
  sample.jacobian_is_new = false;
  const bool keeps_step = !sample.wants_jacobian && factor >= 1 && factor <= kSmallGrowth;
  const bool was_cut = h < 0.5 * planned;
  const double size = keeps_step ? h : factor * h;
  control_.set_step(b, was_cut ? std::max(planned, size) : size);

  x_previous_.col(b) = x_.col(b);
  z(b) = tried_z(b);
  x_.col(b) += z(b).col(2);
  sample.has_polynomial = true;
  sample.has_rate = false;
}

void Radau5::plan_after_rejection(Index b) {
  Sample& sample = at(b);
  const double h = std::abs(control_.trial(b));
  double factor = 1;
  if (sample.newton == Newton::kConverged) {
    const double fewer = kSafety * (2 * kMaxNewton + 1) / (2 * kMaxNewton + sample.iterations);
    const double error = sample.scaled_error;
    if (!std::isfinite(error)) {
      factor = kSmallestFactor;
    } else if (error > 1) {  // Otherwise another sample's error stopped the shared step.
      factor = sample.accepted_step == 0
                   ? 0.1
                   : 1 / std::clamp(std::pow(error, 0.25) / fewer, 1.0, kLargestFactor);
    }
    sample.was_rejected = true;
  } else {
    // An old Jacobian is the first suspect; a new one leaves only the step.
    const bool is_suspect = !sample.jacobian_is_new && sample.newton != Newton::kNonFinite;
    factor = is_suspect ? 1 : sample.retry_factor;
    sample.wants_jacobian = !sample.jacobian_is_new;
    sample.was_rejected = sample.was_rejected || !is_suspect;
    sample.faith = 1;
    // The polynomial led astray.
    if (!is_suspect) sample.has_polynomial = false;
  }
  control_.set_step(b, factor * h);
}

SolveStatus Radau5::status(Index sample) const {
  const SolveStatus status = control_.status(sample);
  const bool failed_small = status == SolveStatus::kStepUnderflow && at(sample).newton_failed;
  return failed_small ? SolveStatus::kNoConvergence : status;
}

std::string Radau5::message(Index sample) const {
  if (status(sample) != SolveStatus::kNoConvergence) return control_.message(sample, false);
  return "Solve stopped at t = " + brief(time(sample)) + " s of " +
         brief(control_.end(sample)) +
         " s: the equations of a step could not be solved by Newton's method, down to a step "
         "of " +
         brief(std::abs(step(sample))) +
         " s. The field may be singular or not smooth there; try an earlier end, or dopri5.";
}

void Radau5::interpolate(Index sample, double t, VectorRef x) {
  if (t == time(sample) || last_step(sample) == 0) {
    x = x_.col(sample);
    return;
  }
  const double sigma = (t - previous_time(sample)) / last_step(sample);
  x = x_previous_.col(sample);
  x.noalias() += z(sample).lazyProduct(radau_weights(sigma));
}

void Radau5::record(Index sample, VectorRef record) const {
  const Index n = x_.rows();
  if (record.size() != 4 * n) {
    fail_size("Radau5::record", "record", record.size(), 4 * n, "record_size()");
  }
  record.head(n) = x_previous_.col(sample);
  for (Index i = 0; i < 3; ++i) {
    if (last_step(sample) == 0) {
      record.segment((i + 1) * n, n).setZero();
    } else {
      record.segment((i + 1) * n, n) = z(sample).col(i);
    }
  }
}

void Radau5::interpolate_record(ConstVectorRef record, double t_start, double h, double t,
                                VectorRef x) const {
  const Index n = x_.rows();
  const Eigen::Vector3d weights = radau_weights(h == 0 ? 0 : (t - t_start) / h);
  x = record.head(n);
  for (Index i = 0; i < 3; ++i) x += weights[i] * record.segment((i + 1) * n, n);
}

}  // namespace least_action
