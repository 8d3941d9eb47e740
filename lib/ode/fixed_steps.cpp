#include "ode/fixed_steps.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/contract.h"
#include "ode/methods.h"
#include "ode/step_record.h"

namespace least_action {
namespace {

std::string brief(double value) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.4g", value);
  return buffer;
}

Index checked_batch(Index max_batch, Index dimension) {
  const double largest = sizeof(Index) > 4 ? 16e9 : 1e9;
  const double bytes = 20.0 * 8 * static_cast<double>(dimension) * double(max_batch);
  if (max_batch < 1 || !(bytes <= largest)) {
    fail_value("Solver", "max_batch", double(max_batch),
               "at least 1 and small enough for its states to fit into memory");
  }
  return max_batch;
}

std::unique_ptr<Stepper<double>> checked_stepper(const SolveOptions& options,
                                                 const VectorField<double>& field,
                                                 Index max_batch) {
  if (const auto fault = find_fault(options)) fail("SolveOptions", *fault);
  return make_stepper(options.method, field, checked_batch(max_batch, field.dimension()));
}

}  // namespace

FixedSteps::FixedSteps(const SolveOptions& options, const VectorField<double>& field,
                       Index max_batch)
    : largest_step_(options.step),
      max_steps_(options.max_steps),
      stepper_(checked_stepper(options, field, max_batch)),
      x_(Matrix::Zero(field.dimension(), max_batch)),
      x_previous_(x_),
      tried_(x_),
      t_(Vector::Zero(max_batch)),
      h_(t_),
      samples_(static_cast<std::size_t>(max_batch)),
      rates_(field, 1),
      end_rate_(x_),
      records_(Matrix::Zero(4 * field.dimension(), max_batch)),
      one_time_(1) {
  active_.reserve(static_cast<std::size_t>(max_batch));
  accepted_.reserve(static_cast<std::size_t>(max_batch));
}

double FixedSteps::steps_between(double from, double to, double largest_step) {
  // Less a hair, so that 0.3 / 0.1 is 3 steps however it was rounded.
  return std::max(1.0, std::ceil(std::abs(to - from) / largest_step * (1 - 1e-12)));
}

void FixedSteps::divide_way(Sample& sample) {
  if (sample.on_way) --on_way_;
  sample.on_way = sample.status == SolveStatus::kReachedEnd && sample.t != sample.t_end;
  if (!sample.on_way) return;
  ++on_way_;
  sample.from = sample.t;
  sample.count = steps_between(sample.t, sample.t_end, largest_step_);
  sample.taken = 0;
  sample.step = (sample.t_end - sample.t) / sample.count;
}

void FixedSteps::start(ConstVectorRef t0, ConstVectorRef t_end, ConstMatrixRef x0) {
  const char* where = "FixedSteps::start";
  if (x0.rows() != x_.rows() || x0.cols() < 1 || x0.cols() > x_.cols()) {
    fail_shape(where, "x0", x0.rows(), x0.cols(), x_.rows(), x_.cols(),
               "dimension × at most max_batch");
  }
  if (t0.size() != x0.cols()) fail_size(where, "t0", t0.size(), x0.cols(), "samples");
  if (t_end.size() != x0.cols()) fail_size(where, "t_end", t_end.size(), x0.cols(), "samples");
  if (!t0.allFinite() || !t_end.allFinite() || !(t_end - t0).allFinite()) {
    fail(where, "a time is NaN or infinite; expected finite times and spans");
  }
  stepper_->restart();
  rates_.reset();
  batch_ = x0.cols();
  on_way_ = 0;
  accepted_.clear();
  x_.leftCols(batch_) = x0;
  x_previous_.leftCols(batch_) = x0;
  for (Index b = 0; b < batch_; ++b) {
    Sample& sample = at(b);
    sample = {};
    sample.t = sample.t_previous = t0[b];
    sample.t_end = sample.goal = t_end[b];
    divide_way(sample);
  }
}

Index FixedSteps::advance() {
  active_.clear();
  accepted_.clear();
  for (Index b = 0; b < batch_; ++b) {
    Sample& sample = at(b);
    if (!sample.on_way) continue;
    if (sample.statistics.steps >= max_steps_) {
      fail_sample(sample, SolveStatus::kStepLimit);
      continue;
    }
    const Index column = static_cast<Index>(active_.size());
    tried_.col(column) = x_.col(b);
    t_[column] = sample.t;
    h_[column] = sample.step;
    active_.push_back(b);
  }
  const Index n = static_cast<Index>(active_.size());
  if (n == 0) return 0;
  const Index before = stepper_->calls().evaluations();
  const bool all_solved = stepper_->step(t_.head(n), h_.head(n), tried_.leftCols(n));
  const Index evaluations = stepper_->calls().evaluations() - before;
  for (Index j = 0; j < n; ++j) {
    const Index b = active_[static_cast<std::size_t>(j)];
    Sample& sample = at(b);
    sample.statistics.evaluations += evaluations;
    if (!all_solved && !stepper_->solved(j)) {
      fail_sample(sample, SolveStatus::kNoConvergence);
      continue;
    }
    if (!tried_.col(j).allFinite()) {
      fail_sample(sample, SolveStatus::kNonFinite);
      continue;
    }
    x_previous_.col(b) = x_.col(b);
    x_.col(b) = tried_.col(j);
    ++sample.statistics.steps;
    ++sample.taken;
    sample.t_previous = sample.t;
    sample.last_step = sample.step;
    const bool arrives = sample.taken >= sample.count;
    sample.t = arrives ? sample.t_end : sample.from + sample.taken * sample.step;
    // The rate at the end of the last step is that at the beginning of this one.
    if (!sample.has_record) sample.has_end_rate = false;
    sample.has_record = false;
    if (arrives) {
      sample.on_way = false;
      --on_way_;
    }
    accepted_.push_back(b);
  }
  return static_cast<Index>(accepted_.size());
}

void FixedSteps::fail_sample(Sample& sample, SolveStatus status) {
  sample.status = status;
  sample.on_way = false;
  --on_way_;
}

void FixedSteps::check_sample(const char* where, Index sample) const {
  if (sample < 0 || sample >= batch_) {
    fail_value(where, "sample", double(sample), "one of the batch");
  }
}

void FixedSteps::extend(Index sample, double t_end) {
  const char* where = "FixedSteps::extend";
  check_sample(where, sample);
  Sample& moved = at(sample);
  if (!std::isfinite(t_end)) fail_value(where, "t_end", t_end, "finite");
  if (moved.status != SolveStatus::kReachedEnd) fail(where, "the sample has failed");
  moved.t_end = t_end;
  divide_way(moved);
}

void FixedSteps::replace(Index sample, double t, ConstVectorRef x) {
  const char* where = "FixedSteps::replace";
  check_sample(where, sample);
  if (x.size() != x_.rows()) fail_size(where, "x", x.size(), x_.rows(), "dimension");
  Sample& moved = at(sample);
  if (!((t - moved.t_previous) * (moved.t - t) >= 0)) {
    fail(where, "t is " + to_text(t) + ", outside the sample's last step");
  }
  x_.col(sample) = x;
  x_previous_.col(sample) = x;
  moved.t = moved.t_previous = t;
  moved.last_step = 0;
  moved.has_record = moved.has_end_rate = false;
  divide_way(moved);
}

void FixedSteps::make_record(Index b) const {
  Sample& sample = at(b);
  if (sample.has_record) return;
  const Index n = x_.rows();
  auto record = records_.col(b);
  record.setZero();
  record.head(n) = x_previous_.col(b);
  const double h = sample.last_step;
  if (h == 0) return;
  const auto rate = [&](double t, const auto& x) {
    one_time_[0] = t;
    rates_.forward(one_time_, x, end_rate_.middleCols(b, 1));
    ++sample.statistics.evaluations;
  };
  if (!sample.has_end_rate) rate(sample.t_previous, x_previous_.middleCols(b, 1));
  record.segment(n, n) = x_.col(b) - x_previous_.col(b);
  record.segment(2 * n, n) = h * end_rate_.col(b);
  rate(sample.t, x_.middleCols(b, 1));
  record.segment(3 * n, n) = h * end_rate_.col(b);
  sample.has_record = sample.has_end_rate = true;
}

void FixedSteps::interpolate(Index sample, double t, VectorRef x) {
  make_record(sample);
  interpolate_record(records_.col(sample), previous_time(sample), last_step(sample), t, x);
}

void FixedSteps::record(Index sample, VectorRef record) const {
  if (record.size() != record_size()) {
    fail_size("FixedSteps::record", "record", record.size(), record_size(), "record_size()");
  }
  make_record(sample);
  record = records_.col(sample);
}

void FixedSteps::interpolate_record(ConstVectorRef record, double t_start, double h, double t,
                                    VectorRef x) const {
  if (record.size() != record_size() || x.size() != x_.rows()) {
    fail_shape("FixedSteps::interpolate_record", "record and x", record.size(), x.size(),
               record_size(), x_.rows());
  }
  interpolate_step<double>(record, h == 0 ? 0 : (t - t_start) / h, x);
}

SolveStatistics FixedSteps::statistics(Index sample) const { return at(sample).statistics; }

std::string FixedSteps::message(Index b) const {
  const Sample& sample = at(b);
  const std::string begin =
      "Solve stopped at t = " + brief(sample.t) + " s of " + brief(sample.goal) + " s: ";
  const std::string size = brief(std::abs(sample.step)) + " s";
  switch (sample.status) {
    case SolveStatus::kStepLimit:
      return begin + "max_steps " + std::to_string(max_steps_) +
             " were used up; try a larger step or a larger max_steps.";
    case SolveStatus::kNoConvergence:
      return begin + "the equation of a step of " + size +
             " could not be solved; try a smaller step.";
    case SolveStatus::kNonFinite:
      return begin +
             "the state or its rate of change became infinite or NaN there. Try a smaller step "
             "than " +
             size + ", or another initial state.";
    default:
      return {};
  }
}

std::size_t FixedSteps::bytes() const {
  const Index numbers = x_.size() + x_previous_.size() + tried_.size() + end_rate_.size() +
                        records_.size() + t_.size() + h_.size();
  return stepper_->calls().bytes() + rates_.bytes() +
         static_cast<std::size_t>(numbers) * sizeof(double) + samples_.size() * sizeof(Sample);
}

}  // namespace least_action
