#pragma once

#include <string>
#include <vector>

#include "sensitivity/sensitivity.h"
#include "support/parametric_field.h"

namespace least_action::testing {

/// What a sensitivity gives for a SensitivityProblem.
struct Gradient {
  SolveStatus status = SolveStatus::kReachedEnd;
  std::string message;
  Matrix states = Matrix::Zero(2, 15);
  Matrix x0_bar = Matrix::Zero(2, 3);
  Vector theta_bar = Vector::Zero(6);
  Matrix times_bar = Matrix::Zero(3, 5);

  Vector flat() const;  ///< In the order of SensitivityProblem::point.
};

/// A roll-out of 3 samples of a ParametricField over 4 observations, each with times of its own
/// (the third goes backward), and a loss ½ Σ w (x − c)² with weights for every component of
/// every observation.
struct SensitivityProblem {
  Vector theta = (Vector(6) << 0.9, -0.4, 1.3, 0.7, -0.5, 0.3).finished();
  Matrix x0 = (Matrix(2, 3) << 0.4, -1.1, 0.9, 0.7, 0.2, -0.6).finished();
  Matrix times = (Matrix(3, 5) << 0, 0.3, 0.5, 1.0, 1.1,  //
                  1.5, 1.75, 2.15, 2.3, 2.65,             //
                  -0.7, -0.9, -1.2, -1.3, -1.7)
                     .finished();
  Matrix weights, targets;

  SensitivityProblem();
  Index batch() const { return x0.cols(); }
  Index points() const { return times.cols() - 1; }
  Matrix states_bar(const Matrix& states) const {
    return weights.cwiseProduct(states - targets);
  }
  double loss(const Matrix& states) const {
    return weights.cwiseProduct((states - targets).cwiseAbs2()).sum() / 2;
  }
  double loss(const SensitivityOptions& options) const;  ///< Of the forward solve.

  Vector point() const;  ///< x0, θ and all times in one vector.
  SensitivityProblem moved(const Vector& point) const;
  /// Sample `b` alone, up to observation `last`.
  SensitivityProblem only(Index b, Index last) const;
};

Gradient differentiate(const SensitivityProblem& problem, const SensitivityOptions& options);

/// Checks the Taylor remainder of the gradient of `problem` along several directions.
void check_taylor(const SensitivityOptions& options, const SensitivityProblem& problem);

}  // namespace least_action::testing
