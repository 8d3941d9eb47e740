#include "ode/dense_solution.h"

#include <algorithm>

#include "base/contract.h"

namespace least_action {

DenseSolution::DenseSolution(std::shared_ptr<const AdaptiveStepper<double>> stepper,
                             ConstVectorRef t0, ConstMatrixRef x0)
    : stepper_(std::move(stepper)),
      t0_(t0),
      x0_(x0),
      tracks_(static_cast<std::size_t>(x0.cols())) {}

const DenseSolution::Track& DenseSolution::track(Index sample) const {
  if (sample < 0 || sample >= batch()) {
    fail_value("DenseSolution", "sample", double(sample), "one of the batch");
  }
  return tracks_[static_cast<std::size_t>(sample)];
}

void DenseSolution::append(Index sample, double t) {
  Track& steps = tracks_[static_cast<std::size_t>(sample)];
  const auto size = static_cast<std::size_t>(stepper_->record_size());
  steps.starts.push_back(stepper_->previous_time(sample));
  steps.sizes.push_back(stepper_->last_step(sample));
  steps.ends.push_back(t);
  steps.records.resize(steps.records.size() + size);
  stepper_->record(sample,
                   Eigen::Map<Vector>(steps.records.data() + steps.records.size() - size,
                                      stepper_->record_size()));
}

double DenseSolution::end(Index sample) const {
  const Track& steps = track(sample);
  return steps.ends.empty() ? t0_[sample] : steps.ends.back();
}

Index DenseSolution::steps(Index sample) const {
  return static_cast<Index>(track(sample).ends.size());
}

void DenseSolution::evaluate(Index sample, double t, VectorRef x) const {
  const Track& steps = track(sample);
  if (x.size() != dimension()) {
    fail_size("DenseSolution::evaluate", "x", x.size(), dimension(), "dimension");
  }
  const double from = t0_[sample], to = end(sample);
  const bool is_inside = from <= to ? t >= from && t <= to : t <= from && t >= to;
  if (!is_inside) {
    fail("DenseSolution::evaluate", "t is " + to_text(t) + ", outside the span solved, " +
                                        to_text(from) + " to " + to_text(to));
  }
  if (t == from || steps.ends.empty()) {
    x = x0_.col(sample);
    return;
  }
  // The first step that ends at t or later.
  const bool backward = to < from;
  const auto found = std::lower_bound(
      steps.ends.begin(), steps.ends.end(), t,
      [&](double end, double time) { return backward ? end > time : end < time; });
  const auto i = static_cast<std::size_t>(found - steps.ends.begin());
  const auto size = static_cast<std::size_t>(stepper_->record_size());
  const Eigen::Map<const Vector> record(steps.records.data() + i * size,
                                        stepper_->record_size());
  stepper_->interpolate_record(record, steps.starts[i], steps.sizes[i], t, x);
}

Vector DenseSolution::at(Index sample, double t) const {
  Vector x(dimension());
  evaluate(sample, t, x);
  return x;
}

std::size_t DenseSolution::bytes() const {
  std::size_t numbers = 0;
  for (const Track& steps : tracks_) numbers += 3 * steps.ends.size() + steps.records.size();
  return numbers * sizeof(double);
}

}  // namespace least_action
