#pragma once

#include <memory>
#include <vector>

#include "ode/adaptive_stepper.h"
#include "ode/stepper.h"

namespace least_action {

/// A fixed-step method behind the interface of those that choose their steps: the way from
/// where a sample is to its end is divided into equal steps of at most SolveOptions::step, so
/// the end is hit exactly. Every step is accepted unless its result is not finite or its
/// equation could not be solved; that sample then stays at its last good state, the others go
/// on. Dense output is cubic Hermite, of order 3, and evaluates the field at the ends of a step
/// (twice, once where the last step was asked for as well) only when it is asked for.
class FixedSteps final : public AdaptiveStepper<double> {
 public:
  /// Throws std::invalid_argument as `make_stepper`, and for a fault in the options.
  FixedSteps(const SolveOptions& options, const VectorField<double>& field, Index max_batch);

  void start(ConstVectorRef t0, ConstVectorRef t_end, ConstMatrixRef x0) override;
  Index advance() override;
  std::span<const Index> accepted() const override { return accepted_; }
  Index active() const override { return on_way_; }
  void extend(Index sample, double t_end) override;
  void replace(Index sample, double t, ConstVectorRef x) override;

  /// Where samples will be going after their ends are moved; what messages speak of.
  void set_goal(Index sample, double t) { at(sample).goal = t; }

  Index batch() const override { return batch_; }
  Eigen::Ref<const Matrix> states() const override { return x_.leftCols(batch_); }
  Eigen::Ref<const Matrix> previous_states() const override {
    return x_previous_.leftCols(batch_);
  }
  double time(Index sample) const override { return at(sample).t; }
  double previous_time(Index sample) const override { return at(sample).t_previous; }
  double last_step(Index sample) const override { return at(sample).last_step; }
  double step(Index sample) const override { return at(sample).step; }
  SolveStatus status(Index sample) const override { return at(sample).status; }
  std::string message(Index sample) const override;
  bool is_stiff(Index) const override { return false; }

  void interpolate(Index sample, double t, VectorRef x) override;
  Index record_size() const override { return 4 * x_.rows(); }
  void record(Index sample, VectorRef record) const override;
  void interpolate_record(ConstVectorRef record, double t_start, double h, double t,
                          VectorRef x) const override;

  SolveStatistics statistics(Index sample) const override;
  const FieldCalls<double>& calls() const override { return stepper_->calls(); }
  std::size_t bytes() const override;

  /// Calls of the field that only the dense output made, beside calls().
  Index dense_evaluations() const { return rates_.evaluations(); }

  /// The number of steps from one time to another.
  static double steps_between(double from, double to, double largest_step);

 private:
  struct Sample {
    double t = 0, t_previous = 0, t_end = 0, goal = 0;
    double from = 0, count = 0, taken = 0;  // The way is divided from here, into so many steps.
    double step = 0, last_step = 0;
    bool on_way = false, has_end_rate = false, has_record = false;
    SolveStatus status = SolveStatus::kReachedEnd;
    SolveStatistics statistics;
  };

  Sample& at(Index sample) const { return samples_[static_cast<std::size_t>(sample)]; }
  void divide_way(Sample& sample);
  void fail_sample(Sample& sample, SolveStatus status);
  void check_sample(const char* where, Index sample) const;
  void make_record(Index sample) const;

  double largest_step_;
  Index max_steps_;
  std::unique_ptr<Stepper<double>> stepper_;
  Index batch_ = 0, on_way_ = 0;
  std::vector<Index> active_, accepted_;
  Matrix x_, x_previous_;  // A column for each sample.
  Matrix tried_;           // A column for each active sample.
  Vector t_, h_;
  // What the dense output needs is evaluated when it is first asked for.
  mutable std::vector<Sample> samples_;
  mutable FieldCalls<double> rates_;
  mutable Matrix end_rate_, records_;
  mutable Vector one_time_;
};

}  // namespace least_action
