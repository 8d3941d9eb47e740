#include "support/convergence.h"

#include <cmath>
#include <cstdio>

namespace least_action::testing {

double Convergence::order() const {
  const double count = static_cast<double>(steps.size());
  double x_mean = 0, y_mean = 0;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    x_mean += std::log(steps[i]) / count;
    y_mean += std::log(errors[i]) / count;
  }
  double covariance = 0, variance = 0;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const double x = std::log(steps[i]) - x_mean;
    covariance += x * (std::log(errors[i]) - y_mean);
    variance += x * x;
  }
  return covariance / variance;
}

std::string Convergence::text() const {
  std::string table = "h, error, slope\n";
  for (std::size_t i = 0; i < steps.size(); ++i) {
    char line[96];
    const double slope =
        i == 0 ? 0 : std::log(errors[i] / errors[i - 1]) / std::log(steps[i] / steps[i - 1]);
    std::snprintf(line, sizeof line, "%10.3e %12.5e %8.3f\n", steps[i], errors[i], slope);
    table += line;
  }
  return table;
}

std::vector<double> halvings(double h, int count) {
  std::vector<double> steps;
  for (int i = 0; i < count; ++i, h /= 2) steps.push_back(h);
  return steps;
}

Convergence measure_convergence(const std::function<double(double)>& error_at_step,
                                const std::vector<double>& steps) {
  Convergence convergence{steps, {}};
  for (const double h : steps) convergence.errors.push_back(error_at_step(h));
  return convergence;
}

}  // namespace least_action::testing
