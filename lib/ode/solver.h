#pragma once

#include <memory>

#include "ode/dormand_prince.h"
#include "ode/methods.h"
#include "ode/solve.h"

namespace least_action {

/// A solve that is done again and again on the same field (a roll-out for each frame): the
/// constructor allocates tapes and stages, `solve` only what grows the Solution, and no step
/// allocates. The field must outlive it; its parameters may change between solves.
class Solver final {
 public:
  /// Throws std::invalid_argument for a fault in the options, and for a method that needs a
  /// separable field on one that is not.
  Solver(const VectorField<double>& field, Index max_batch, const SolveOptions& options = {});

  /// As the free function `solve`, into `solution`, whose memory is used again (x0 may not be
  /// part of it).
  void solve(ConstMatrixRef x0, const std::vector<double>& times, Solution& solution);

  const SolveOptions& options() const { return options_; }

 private:
  void check(ConstMatrixRef x0, const std::vector<double>& times) const;
  void solve_adaptive(ConstMatrixRef x0, const std::vector<double>& times, Solution& solution);
  void solve_fixed(ConstMatrixRef x0, const std::vector<double>& times, Solution& solution);
  /// Steps of interval k of the times.
  double steps_between(double from, double to) const;

  const VectorField<double>* field_;
  SolveOptions options_;
  Index max_batch_;
  std::unique_ptr<DormandPrince> adaptive_;  // one of these two
  std::unique_ptr<Stepper<double>> stepper_;
  Matrix x_;      // dimension × max_batch
  Vector t_, h_;  // max_batch
};

}  // namespace least_action
