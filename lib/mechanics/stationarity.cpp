#include "mechanics/stationarity.h"

#include <cmath>
#include <limits>

#include "base/contract.h"
#include "base/random.h"

namespace least_action {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr Index kModes = 5;

/// Σ_j c_j sin(jπ(t − t₀)/(t_N − t₀)) for each coordinate, with RMS `size`.
Matrix random_variation(ConstVectorRef times, Index n, double size, Random& random) {
  const Index points = times.size();
  const double duration = times[points - 1] - times[0];
  Matrix variation = Matrix::Zero(n, points);
  for (Index j = 1; j <= kModes; ++j) {
    for (Index i = 0; i < n; ++i) {
      const double coefficient = random.normal();
      for (Index k = 1; k + 1 < points; ++k) {  // The ends stay where they are.
        variation(i, k) += coefficient * std::sin(static_cast<double>(j) * kPi *
                                                  (times[k] - times[0]) / duration);
      }
    }
  }
  const double rms = std::sqrt(variation.squaredNorm() / static_cast<double>(points));
  return variation * (size / rms);
}

/// By least squares.
double slope_of(const std::vector<double>& x, const std::vector<double>& y) {
  double mean_x = 0, mean_y = 0, covariance = 0, variance = 0;
  const auto count = static_cast<double>(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    mean_x += x[i] / count;
    mean_y += y[i] / count;
  }
  for (std::size_t i = 0; i < x.size(); ++i) {
    covariance += (x[i] - mean_x) * (y[i] - mean_y);
    variance += (x[i] - mean_x) * (x[i] - mean_x);
  }
  return covariance / variance;
}

}  // namespace

std::optional<std::string> find_fault(const StationarityOptions& options) {
  const auto fault = [](const std::string& name, double is, const std::string& expected) {
    return "StationarityOptions: " + name + " is " + to_text(is) + "; it must be " + expected;
  };
  const auto count_fault = [&](const char* name, Index is, Index least) {
    return fault(name, static_cast<double>(is), "from " + std::to_string(least) + " to 1000");
  };
  if (options.variations < 1 || options.variations > 1000) {
    return count_fault("variations", options.variations, 1);
  }
  if (options.sizes < 2 || options.sizes > 1000) return count_fault("sizes", options.sizes, 2);
  if (!(options.smallest > 0) || !std::isfinite(options.smallest)) {
    return fault("smallest", options.smallest, "positive and finite");
  }
  if (!(options.largest > options.smallest) || !std::isfinite(options.largest)) {
    return fault("largest", options.largest,
                 "finite and greater than smallest, which is " + to_text(options.smallest));
  }
  return std::nullopt;
}

StationarityReport check_stationarity(Action& action, ConstVectorRef times, ConstMatrixRef path,
                                      const StationarityOptions& options) {
  if (const auto fault = find_fault(options)) fail("check_stationarity", *fault);
  const Index n = path.rows(), points = path.cols();
  StationarityReport report;
  report.action = action.value(times, path);
  Matrix residual(n, std::max<Index>(points - 2, 0));
  action.residual(times, path, residual);
  report.residual = std::sqrt(residual.squaredNorm() / static_cast<double>(residual.cols()));
  const double scale = action.force_scale(times, path);
  report.relative_residual = report.residual > 0 ? report.residual / scale : 0;

  const Vector mean = path.rowwise().mean();
  const double spread =
      std::sqrt((path.colwise() - mean).squaredNorm() / static_cast<double>(points));
  Random random(options.seed);
  std::vector<Matrix> variations;
  for (Index i = 0; i < options.variations; ++i) {
    variations.push_back(random_variation(times, n, spread > 0 ? spread : 1, random));
  }
  std::vector<double> log_sizes, log_changes;
  for (Index j = 0; j < options.sizes; ++j) {
    const double share = static_cast<double>(j) / static_cast<double>(options.sizes - 1);
    const double size = options.largest * std::pow(options.smallest / options.largest, share);
    double squares = 0;
    for (const Matrix& variation : variations) {
      const Matrix varied = path + size * variation;
      squares += std::pow(action.value(times, varied) - report.action, 2);
    }
    const double change = std::sqrt(squares / static_cast<double>(options.variations));
    report.sizes.push_back(size);
    report.changes.push_back(change);
    if (!(change > 0)) continue;
    log_sizes.push_back(std::log(size));
    log_changes.push_back(std::log(change));
  }
  report.slope = log_sizes.size() < 2 ? std::numeric_limits<double>::quiet_NaN()
                                      : slope_of(log_sizes, log_changes);
  return report;
}

}  // namespace least_action
