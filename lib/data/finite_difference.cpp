#include "data/finite_difference.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "base/contract.h"

namespace least_action {
namespace {

/// The weight of the point at `own` in the derivative at t of the parabola through it and the
/// points at `other` and `third`.
double weight(double t, double own, double other, double third) {
  return ((t - other) + (t - third)) / ((own - other) * (own - third));
}

/// One component with missing values: the same parabolas, through its observed points.
void differentiate_observed(ConstVectorRef times, ConstMatrixRef states, Index component,
                            MatrixRef derivatives) {
  std::vector<Index> observed;
  for (Index k = 0; k < times.size(); ++k) {
    if (!std::isnan(states(component, k))) observed.push_back(k);
    derivatives(component, k) = std::numeric_limits<double>::quiet_NaN();
  }
  if (observed.size() < 3) return;
  for (std::size_t j = 0; j < observed.size(); ++j) {
    const std::size_t middle = std::clamp<std::size_t>(j, 1, observed.size() - 2);
    const Index before = observed[middle - 1], at = observed[middle];
    const Index after = observed[middle + 1], k = observed[j];
    const double t = times(k), t0 = times(before), t1 = times(at), t2 = times(after);
    derivatives(component, k) = weight(t, t0, t1, t2) * states(component, before) +
                                weight(t, t1, t2, t0) * states(component, at) +
                                weight(t, t2, t0, t1) * states(component, after);
  }
}

}  // namespace

void differentiate(ConstVectorRef times, ConstMatrixRef states, MatrixRef derivatives) {
  constexpr std::string_view kWhere = "differentiate";
  const Index m = times.size();
  if (m < 3) fail_value(kWhere, "the number of times", static_cast<double>(m), "at least 3");
  if (states.cols() != m)
    fail_size(kWhere, "states", states.cols(), m, "a column for each time");
  if (derivatives.rows() != states.rows() || derivatives.cols() != m) {
    fail_shape(kWhere, "derivatives", derivatives.rows(), derivatives.cols(), states.rows(), m,
               "as states");
  }
  for (Index k = 1; k < m; ++k) {
    if (!(times(k) > times(k - 1))) {
      fail_value(kWhere, "times(" + std::to_string(k) + ")", times(k),
                 "greater than the time before, " + to_text(times(k - 1)));
    }
  }
  for (Index k = 0; k < m; ++k) {
    const Index middle = std::clamp<Index>(k, 1, m - 2);
    const double t0 = times(middle - 1), t1 = times(middle), t2 = times(middle + 1);
    derivatives.col(k) = weight(times(k), t0, t1, t2) * states.col(middle - 1) +
                         weight(times(k), t1, t2, t0) * states.col(middle) +
                         weight(times(k), t2, t0, t1) * states.col(middle + 1);
  }
  for (Index i = 0; i < states.rows(); ++i) {
    if (states.row(i).hasNaN()) differentiate_observed(times, states, i, derivatives);
  }
}

}  // namespace least_action
