#include "ode/batch_control.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include "base/contract.h"

namespace least_action {
namespace {

constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// A number with the digits a reader wants.
std::string brief(double value) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.4g", value);
  return buffer;
}

}  // namespace

BatchControl::BatchControl(const SolveOptions& options, Index max_batch, int order)
    : options_(options), new_controller_(order) {
  if (const auto fault = find_fault(options)) least_action::fail("SolveOptions", *fault);
  if (max_batch < 1) fail_value("BatchControl", "max_batch", double(max_batch), "at least 1");
  const Sample sample{.t_start = 0,
                      .t = 0,
                      .t_previous = 0,
                      .t_end = 0,
                      .direction = 1,
                      .step = 0,
                      .trial = 0,
                      .last_step = 0,
                      .failed_step = 0,
                      .on_way = false,
                      .reaches_end = false,
                      .last_was_finite = true,
                      .decides = true,
                      .controller = new_controller_,
                      .status = SolveStatus::kReachedEnd,
                      .statistics = {}};
  const auto size = static_cast<std::size_t>(max_batch);
  samples_.assign(size, sample);
  active_.reserve(size);
  accepted_.reserve(size);
}

void BatchControl::start(const char* where, ConstVectorRef t0, ConstVectorRef t_end) {
  if (t0.size() < 1 || t0.size() > max_batch()) {
    least_action::fail(where, "t0 has size " + std::to_string(t0.size()) + ", expected 1 … " +
                                  std::to_string(max_batch()) + " (samples)");
  }
  if (t_end.size() != t0.size()) {
    fail_size(where, "t_end", t_end.size(), t0.size(), "samples");
  }
  for (Index b = 0; b < t0.size(); ++b) {
    if (!std::isfinite(t0[b])) fail_value(where, "t0", t0[b], "finite");
    if (!std::isfinite(t_end[b])) fail_value(where, "t_end", t_end[b], "finite");
    if (!std::isfinite(t_end[b] - t0[b])) {
      fail_value(where, "t_end − t0", t_end[b] - t0[b], "finite");
    }
  }
  batch_ = static_cast<std::size_t>(t0.size());
  accepted_.clear();
  for (Index b = 0; b < t0.size(); ++b) {
    Sample& sample = at(b);
    sample.t_start = sample.t = sample.t_previous = t0[b];
    sample.t_end = t_end[b];
    sample.direction = t_end[b] < t0[b] ? -1 : 1;
    sample.step = sample.trial = sample.last_step = sample.failed_step = 0;
    sample.on_way = t_end[b] != t0[b];
    sample.reaches_end = false;
    sample.last_was_finite = sample.decides = true;
    sample.controller = new_controller_;
    sample.status = SolveStatus::kReachedEnd;
    sample.statistics = {};
  }
  list_active();
}

void BatchControl::list_active() {
  active_.clear();
  for (std::size_t b = 0; b < batch_; ++b) {
    if (samples_[b].on_way) active_.push_back(static_cast<Index>(b));
  }
  on_way_ = static_cast<Index>(active_.size());
  changed_ = false;
}

/// The list itself waits for `plan`: one pass for however many samples have arrived.
void BatchControl::set_on_way(Sample& sample, bool on_way) {
  on_way_ += Index(on_way) - Index(sample.on_way);
  sample.on_way = on_way;
  changed_ = true;
}

double BatchControl::limited(double step) const {
  return options_.max_step > 0 ? std::min(step, options_.max_step) : step;
}

void BatchControl::set_step(Index sample, double size) {
  at(sample).step = limited(std::abs(size));
}

void BatchControl::extend(const char* where, Index sample, double t_end) {
  if (sample < 0 || sample >= batch()) {
    fail_value(where, "sample", double(sample), "one of the batch");
  }
  Sample& moved = at(sample);
  if (!std::isfinite(t_end)) fail_value(where, "t_end", t_end, "finite");
  if (moved.status != SolveStatus::kReachedEnd) {
    least_action::fail(
        where, "sample " + std::to_string(sample) + " has failed; " + message(sample, false));
  }
  const bool has_direction = moved.t_end != moved.t_start;
  if (has_direction && (t_end - moved.t) * moved.direction < 0) {
    least_action::fail(where, "t_end is " + to_text(t_end) +
                                  ", which the sample has passed: it is at " +
                                  to_text(moved.t));
  }
  if (!has_direction) moved.direction = t_end < moved.t ? -1 : 1;
  moved.t_end = t_end;
  set_on_way(moved, moved.t != t_end);
}

void BatchControl::replace(const char* where, Index sample, double t) {
  if (sample < 0 || sample >= batch()) {
    fail_value(where, "sample", double(sample), "one of the batch");
  }
  Sample& moved = at(sample);
  const bool is_inside = (t - moved.t_previous) * (moved.t - t) >= 0;
  if (!is_inside) {
    least_action::fail(where, "t is " + to_text(t) + ", outside the sample's last step from " +
                                  to_text(moved.t_previous) + " to " + to_text(moved.t));
  }
  moved.t = moved.t_previous = t;
  moved.last_step = 0;
  set_on_way(moved, moved.status == SolveStatus::kReachedEnd && t != moved.t_end);
}

void BatchControl::fail(Index sample, SolveStatus status) {
  at(sample).status = status;
  set_on_way(at(sample), false);
}

double BatchControl::smallest_step(const Sample& sample) const {
  const double resolution = kEpsilon * std::abs(sample.t);
  return options_.min_step > 0
             ? std::max(options_.min_step, 4 * resolution)
             : 16 * std::max(resolution, kEpsilon * std::abs(sample.t_end - sample.t_start));
}

bool BatchControl::reaches(double rest, double step) const {
  // Stretched by up to 1 %, so that no sliver remains.
  return rest <= 1.01 * step &&
         (options_.max_step <= 0 || rest <= 1.0000001 * options_.max_step);
}

bool BatchControl::plan() {
  if (changed_) list_active();
  for (;;) {
    double shared_step = kInfinity, shared_rest = kInfinity;
    if (options_.shared_steps) {
      for (const Index b : active_) {
        shared_step = std::min(shared_step, at(b).step);
        shared_rest = std::min(shared_rest, std::abs(at(b).t_end - at(b).t));
      }
    }
    for (const Index b : active_) {
      Sample& sample = at(b);
      const double own_rest = std::abs(sample.t_end - sample.t);
      const double step = options_.shared_steps ? shared_step : sample.step;
      const double rest = options_.shared_steps ? shared_rest : own_rest;
      const bool is_last = reaches(rest, step);
      if (sample.statistics.steps + sample.statistics.rejected >= options_.max_steps) {
        fail(b, SolveStatus::kStepLimit);
      } else if (!is_last && !(step >= smallest_step(sample)) && sample.decides) {
        sample.failed_step = step;
        fail(b, sample.last_was_finite ? SolveStatus::kStepUnderflow : SolveStatus::kNonFinite);
      }
      const double size = is_last ? rest : step;
      sample.reaches_end = own_rest <= size * (1 + 4 * kEpsilon);
      sample.trial = sample.reaches_end ? sample.t_end - sample.t : sample.direction * size;
    }
    if (!changed_) return !active_.empty();
    list_active();
    // Those who are left did not ask for so small a step.
    if (options_.shared_steps) {
      for (const Index b : active_) at(b).step = std::max(at(b).step, smallest_step(at(b)));
    }
  }
}

void BatchControl::accept(Sample& sample, double error) {
  ++sample.statistics.steps;
  sample.t_previous = sample.t;
  sample.t = sample.reaches_end ? sample.t_end : sample.t + sample.trial;
  sample.last_step = sample.trial;
  const double size = std::abs(sample.trial);
  if (size < 0.5 * sample.step) {
    // Cut to arrive: says little about the next step, and nothing to the controller.
    PiController controller = sample.controller;
    sample.step = limited(std::max(sample.step, size * controller.accept(error)));
  } else {
    sample.step = limited(size * sample.controller.accept(error));
  }
  if (sample.reaches_end) set_on_way(sample, false);
}

void BatchControl::judge(std::span<const double> errors) {
  accepted_.clear();
  double worst = 0;
  for (const double error : errors)
    worst = error <= kInfinity ? std::max(worst, error) : kInfinity;
  for (std::size_t j = 0; j < active_.size(); ++j) {
    Sample& sample = at(active_[j]);
    const double own = std::isnan(errors[j]) ? kInfinity : errors[j];
    const double error = options_.shared_steps ? worst : own;
    sample.last_was_finite = own < kInfinity;
    sample.decides = own >= error || own > 1;
    if (error <= 1) {
      accept(sample, error);
      accepted_.push_back(active_[j]);
    } else {
      ++sample.statistics.rejected;
      sample.step = std::abs(sample.trial) * sample.controller.reject(error);
    }
  }
}

std::string BatchControl::message(Index b, bool is_stiff) const {
  const Sample& sample = at(b);
  const std::string begin =
      "Solve stopped at t = " + brief(sample.t) + " s of " + brief(sample.t_end) + " s: ";
  const std::string stiff =
      is_stiff ? " The field is stiff here: radau5 would take far larger steps." : "";
  switch (sample.status) {
    case SolveStatus::kStepLimit:
      return begin + "max_steps " + std::to_string(options_.max_steps) +
             " were used up; try a looser tolerance or a larger max_steps." + stiff;
    case SolveStatus::kStepUnderflow:
      return begin + "the step fell to " + brief(sample.failed_step) +
             " s, below the smallest, " + brief(smallest_step(sample)) +
             " s. The field may be singular or stiff here; try a looser tolerance, radau5 if "
             "it "
             "is stiff, or an earlier end." +
             stiff;
    case SolveStatus::kNonFinite:
      return begin +
             "the state or its rate of change became infinite or NaN there. Try another "
             "initial "
             "state, or an earlier end.";
    default:
      return {};
  }
}

std::size_t BatchControl::bytes() const {
  return samples_.capacity() * sizeof(Sample) +
         (active_.capacity() + accepted_.capacity()) * sizeof(Index);
}

}  // namespace least_action
