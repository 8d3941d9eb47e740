#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/types.h"
#include "ode/solve.h"

namespace least_action {

/// What to turn the dial through.
struct AccuracyDialOptions {
  /// The method and everything that is not turned. Of the tolerances only their ratio counts:
  /// the absolute one stays in proportion to the relative one.
  SolveOptions solve;
  /// Relative tolerances of an adaptive method, or steps [time] of a fixed-step one, in the
  /// order in which they are tried: the coarsest first leaves most where work runs out.
  std::vector<double> settings;
  /// The reference: an adaptive method at `reference_tolerance` (absolute: a hundredth of it);
  /// 0: a thousandth of the finest tolerance, but at least 1e-13, or 1e-13 for steps.
  Method reference_method = Method::kDormandPrince853;
  double reference_tolerance = 0;
  /// Size of each component by which errors are divided; empty: the largest of the reference
  /// along the times (1 where that is 0).
  Vector scale;
  /// Evaluations of the field over the whole table, the reference not counted, which may take
  /// as many again.
  Index max_evaluations = 1000000;
  /// How states (dimension × m) become those that are compared, in place; empty: as they are.
  std::function<void(Matrix&)> view;
  /// The time in milliseconds; empty: milliseconds are 0.
  std::function<double()> clock;
};
/// What is wrong with the options, in words; empty where nothing is.
std::optional<std::string> find_fault(const AccuracyDialOptions& options);

/// One setting of the dial.
struct AccuracyRow {
  double setting = 0;  ///< The relative tolerance, or the step.
  /// Largest over the times (as far as this solve and the reference went) of the RMS over
  /// components and samples of (x − reference)/scale; NaN where nothing can be compared.
  double error = 0;
  Index evaluations = 0;  ///< Of the field: the depth of the network.
  Index steps = 0, rejected = 0;
  double milliseconds = 0;
  double reached = 0;  ///< The last of the times that could be compared.
  SolveStatus status = SolveStatus::kReachedEnd;
  std::string message;  ///< Empty, or why the solve stopped or was not tried, in words.
};

struct AccuracyTable {
  bool by_tolerance = true;  ///< Whether settings are tolerances; else steps.
  std::vector<AccuracyRow> rows;
  double reference_tolerance = 0;
  Index reference_evaluations = 0;
  std::string message;  ///< Empty, or what to know of the table as a whole, in words.
};

/// What errors are measured against: a solve that is made once, and serves any number of tables
/// of the same field, start and times.
struct AccuracyReference {
  Matrix states;  ///< dimension × B·(times reached), as the options' view shows them.
  std::vector<double> times;  ///< As far as it went: all of those asked, or the first of them.
  double tolerance = 0;
  Index evaluations = 0;
  std::string message;  ///< Empty, or why it ended early, in words.
};

/// The accuracy dial of a continuous-depth model: solves ẋ = f(t, x) from x0 (dimension × B)
/// through `times` at each setting, and tells what error, how many evaluations and how much
/// time it takes. A network trained at one tolerance can be run at another: what a residual
/// network fixes in its layers is here a choice at the time of use. The error falls about in
/// proportion to the tolerance, the evaluations grow as tolerance^(−1/p) for order p.
///
/// The reference is a solve of the same field, so the error is that of the solver and says
/// nothing about how well the field was learned. Errors near the reference's own tolerance
/// are not to be trusted; on chaotic motion they grow exponentially with time.
///
/// A rough field costs no more than `max_evaluations` (twice, with the reference): rows that
/// would not fit stop with SolveStatus::kStepLimit, and the table stays usable as far as it
/// goes. Throws std::invalid_argument on wrong sizes, times or a fault in the options.
AccuracyTable accuracy_dial(const VectorField<double>& field, ConstMatrixRef x0,
                            const std::vector<double>& times,
                            const AccuracyDialOptions& options);

/// Its two halves, for sweeps that are cut up: the reference alone, of the tolerance that the
/// options ask for; and the rows against one of the same field, x0, times and view. Throws
/// std::invalid_argument where the reference's sizes or times are others.
AccuracyReference accuracy_reference(const VectorField<double>& field, ConstMatrixRef x0,
                                     const std::vector<double>& times,
                                     const AccuracyDialOptions& options);
AccuracyTable accuracy_dial(const VectorField<double>& field, ConstMatrixRef x0,
                            const std::vector<double>& times,
                            const AccuracyDialOptions& options,
                            const AccuracyReference& reference);

/// `count` ≥ 2 numbers from `from` to `to` (both > 0) that are equally far apart in logarithm.
std::vector<double> logarithmic_range(double from, double to, Index count);

}  // namespace least_action
