#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/types.h"
#include "ode/solve.h"

namespace least_action {

struct RoundTripOptions {
  SolveOptions solve;
  /// Size of each component by which the error is divided; empty: the largest met at nine
  /// times on the way forward (1 where that is 0).
  Vector scale;
  Index max_evaluations = 1000000;  ///< Of the field, both ways together.
  /// How states (dimension × m) become those that are compared, in place; empty: as they are.
  std::function<void(Matrix&)> view;
};
/// What is wrong with the options, in words; empty where nothing is.
std::optional<std::string> find_fault(const RoundTripOptions& options);

/// What came back from a solve forward and backward.
struct RoundTrip {
  /// RMS over components and samples of (returned − x₀)/scale; NaN where it did not return.
  double error = 0;
  Matrix returned;  ///< dimension × B, as viewed; empty where it did not return.
  SolveStatus forward_status = SolveStatus::kReachedEnd;
  SolveStatus backward_status = SolveStatus::kReachedEnd;  ///< kStopped where never begun.
  SolveStatistics forward, backward;
  Index evaluations = 0;  ///< Calls of the field, both ways.
  std::string message;    ///< The outcome in words, also where all went well.

  bool returned_to_start() const {
    return forward_status == SolveStatus::kReachedEnd &&
           backward_status == SolveStatus::kReachedEnd;
  }
};

/// The inverse of a continuous-depth model, put to the test: x(t₀) → x(t₁) by the method, then
/// from there back to t₀. The flow of a smooth field is invertible, its inverse is the flow
/// backward; what a solver returns differs from the start by its errors, grown by the flow:
///
///   – reversible motion (conservative mechanics): about the tolerance;
///   – dissipative motion: the errors grow by the factor by which the motion contracts, so
///     that beyond some span the start is lost in practice, whatever the tolerance;
///   – symmetric fixed-step methods (Störmer–Verlet, Yoshida, implicit midpoint,
///     Gauss–Legendre): rounding, for any step, because stepping by −h is their inverse.
///
/// Throws std::invalid_argument on wrong sizes, times that are equal or not finite, or a fault
/// in the options.
RoundTrip round_trip(const VectorField<double>& field, ConstMatrixRef x0, double t0, double t1,
                     const RoundTripOptions& options = {});

}  // namespace least_action
