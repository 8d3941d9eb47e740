#pragma once

#include <functional>
#include <string>
#include <vector>

namespace least_action::testing {

/// Errors of a method at several steps, and the order they show: the slope of log error against
/// log step by least squares. Two-sided use says that the method is what it claims to be:
///
///   const Convergence convergence = measure_convergence(error, halvings(0.1, 4));
///   INFO(convergence.text());
///   CHECK(convergence.order() == doctest::Approx(4).epsilon(0.05));
struct Convergence {
  std::vector<double> steps;
  std::vector<double> errors;

  double order() const;
  std::string text() const;  ///< The table h, error, slope between neighbours.
};

/// h, h/2, h/4, … (`count` of them).
std::vector<double> halvings(double h, int count);

Convergence measure_convergence(const std::function<double(double)>& error_at_step,
                                const std::vector<double>& steps);

}  // namespace least_action::testing
