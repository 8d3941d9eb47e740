#include "analysis/metrics.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/contract.h"

namespace least_action {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// The typical size of each state component in `chart` (2n).
Vector typical_sizes(const System& system, Chart chart) {
  const Index n = system.degrees_of_freedom();
  Vector sizes(2 * n);
  for (Index i = 0; i < n; ++i) {
    const SystemCoordinate& coordinate = system.coordinates()[static_cast<std::size_t>(i)];
    sizes(i) = coordinate.typical_position;
    sizes(n + i) =
        chart == Chart::kCanonical ? coordinate.typical_momentum : coordinate.typical_velocity;
  }
  return sizes;
}

/// RMS over components of (prediction − truth)/sizes, angles the short way round; ∞ where it is
/// not a number.
double scaled_distance(const System& system, const Vector& sizes, ConstVectorRef truth,
                       ConstVectorRef prediction) {
  double sum = 0;
  for (Index i = 0; i < truth.size(); ++i) {
    double difference = prediction(i) - truth(i);
    const bool is_position = i < system.degrees_of_freedom();
    if (is_position && system.coordinates()[static_cast<std::size_t>(i)].periodic) {
      difference = std::remainder(difference, 2 * kPi);
    }
    sum += (difference / sizes(i)) * (difference / sizes(i));
  }
  const double distance = std::sqrt(sum / static_cast<double>(truth.size()));
  return std::isnan(distance) ? kInfinity : distance;
}

/// What counts as "all of the energy" along the true motion. V is H at rest, T the remainder.
double energy_scale(const System& system, Chart chart, const Matrix& truth) {
  const Index n = system.degrees_of_freedom();
  const Vector at_rest = Vector::Zero(n);
  const double start = system.energy(chart, truth.col(0));
  double lowest_potential = kInfinity, least_kinetic = kInfinity, most_kinetic = -kInfinity;
  for (Index k = 0; k < truth.cols(); ++k) {
    const double potential = system.hamiltonian(truth.col(k).head(n), at_rest);
    const double kinetic = system.energy(chart, truth.col(k)) - potential;
    lowest_potential = std::min(lowest_potential, potential);
    least_kinetic = std::min(least_kinetic, kinetic);
    most_kinetic = std::max(most_kinetic, kinetic);
  }
  const double scale = std::max(start - lowest_potential, most_kinetic - least_kinetic);
  double typical = 0;
  for (const SystemCoordinate& coordinate : system.coordinates()) {
    typical += 0.5 * coordinate.typical_momentum * coordinate.typical_velocity;
  }
  // A system at rest has no energy of its own to compare with.
  return scale > 1e-12 * typical ? scale : typical;
}

/// √ of the mean over time of values², by the trapezoidal rule, so that samples crowded
/// together do not count more.
double rms_over_time(const Vector& times, const Vector& values) {
  if (times.size() == 1) return std::abs(values(0));
  double integral = 0;
  for (Index k = 1; k < times.size(); ++k) {
    const double span = std::abs(times(k) - times(k - 1));
    integral += 0.5 * span * (values(k) * values(k) + values(k - 1) * values(k - 1));
  }
  return std::sqrt(integral / std::abs(times(times.size() - 1) - times(0)));
}

void check(const System& system, const Vector& times, const Matrix& truth,
           const Matrix& prediction, double threshold) {
  constexpr std::string_view kWhere = "compare_trajectories";
  const Index m = times.size(), d = system.dimension();
  if (m < 1) fail(kWhere, "times is empty; expected at least one");
  if (truth.rows() != d || truth.cols() != m) {
    fail_shape(kWhere, "truth", truth.rows(), truth.cols(), d, m, "2n × times");
  }
  if (prediction.cols() > m || (prediction.rows() != d && prediction.cols() > 0)) {
    fail_shape(kWhere, "prediction", prediction.rows(), prediction.cols(), d, m,
               "2n × times, or fewer columns");
  }
  for (Index k = 1; k < m; ++k) {
    if (!((times(k) - times(k - 1)) * (times(m - 1) - times(0)) > 0)) {
      fail(kWhere, "times(" + std::to_string(k) + ") is " + to_text(times(k)) +
                       "; expected strictly monotone times");
    }
  }
  if (!(threshold > 0) || !std::isfinite(threshold)) {
    fail_value(kWhere, "threshold", threshold, "positive and finite");
  }
}

}  // namespace

TrajectoryMetrics compare_trajectories(const System& system, Chart chart, const Vector& times,
                                       const Matrix& truth, const Matrix& prediction,
                                       double threshold) {
  check(system, times, truth, prediction, threshold);
  const Index m = times.size();
  const Vector sizes = typical_sizes(system, chart);
  const double scale = energy_scale(system, chart, truth);

  // What is missing, or not a number, is infinitely far away.
  Vector distances = Vector::Constant(m, kInfinity), drifts = Vector::Constant(m, kInfinity);
  for (Index k = 0; k < prediction.cols(); ++k) {
    distances(k) = scaled_distance(system, sizes, truth.col(k), prediction.col(k));
    const double drift = std::abs(system.energy(chart, prediction.col(k)) -
                                  system.energy(chart, prediction.col(0))) /
                         scale;
    if (!std::isnan(drift)) drifts(k) = drift;
  }

  TrajectoryMetrics metrics;
  metrics.energy_drift = drifts.maxCoeff();
  metrics.energy_rms = rms_over_time(times, drifts);
  metrics.trajectory_error = rms_over_time(times, distances);
  Index lost = 0;
  while (lost < m && distances(lost) <= threshold) ++lost;
  metrics.valid_throughout = lost == m;
  metrics.valid_time = std::abs(times(std::min(lost, m - 1)) - times(0));
  return metrics;
}

}  // namespace least_action
