#include "support/sensitivity_problem.h"

#include <doctest/doctest.h>

#include <cmath>

#include "support/gradient_check.h"

namespace least_action::testing {

Vector Gradient::flat() const {
  Vector all(x0_bar.size() + theta_bar.size() + times_bar.size());
  all << x0_bar.reshaped(), theta_bar, times_bar.reshaped();
  return all;
}

SensitivityProblem::SensitivityProblem() : weights(2, 15), targets(2, 15) {
  for (Index i = 0; i < weights.size(); ++i) {
    weights(i) = 0.2 + 0.1 * double(i % 7);
    targets(i) = std::sin(2.3 * double(i));
  }
}

Vector SensitivityProblem::point() const {
  Vector all(x0.size() + theta.size() + times.size());
  all << x0.reshaped(), theta, times.reshaped();
  return all;
}

SensitivityProblem SensitivityProblem::moved(const Vector& point) const {
  SensitivityProblem other = *this;
  other.x0 = point.head(x0.size()).reshaped(x0.rows(), x0.cols());
  other.theta = point.segment(x0.size(), theta.size());
  other.times = point.tail(times.size()).reshaped(times.rows(), times.cols());
  return other;
}

SensitivityProblem SensitivityProblem::only(Index b, Index last) const {
  SensitivityProblem other = *this;
  other.x0 = x0.col(b);
  other.times = times.row(b).head(last + 1);
  other.weights.resize(2, last + 1);
  other.targets.resize(2, last + 1);
  for (Index k = 0; k <= last; ++k) {
    other.weights.col(k) = weights.col(k * batch() + b);
    other.targets.col(k) = targets.col(k * batch() + b);
  }
  return other;
}

double SensitivityProblem::loss(const SensitivityOptions& options) const {
  const ParametricField<double> field(theta);
  const auto sensitivity = make_sensitivity<double>(options, field, batch(), points());
  Matrix states(2, batch() * (points() + 1));
  sensitivity->forward(field, times, x0, states);
  return loss(states);
}

Gradient differentiate(const SensitivityProblem& problem, const SensitivityOptions& options) {
  const ParametricField<double> field(problem.theta);
  const Index batch = problem.batch(), points = problem.points();
  const auto sensitivity = make_sensitivity<double>(options, field, batch, points);
  Gradient gradient;
  gradient.states.setZero(2, batch * (points + 1));
  gradient.x0_bar.setConstant(2, batch, 99);
  gradient.times_bar.setConstant(batch, points + 1, 99);
  gradient.status = sensitivity->forward(field, problem.times, problem.x0, gradient.states);
  gradient.message = sensitivity->message();
  sensitivity->backward(field, problem.states_bar(gradient.states), gradient.x0_bar,
                        gradient.theta_bar, gradient.times_bar);
  return gradient;
}

void check_taylor(const SensitivityOptions& options, const SensitivityProblem& problem) {
  const Gradient gradient = differentiate(problem, options);
  const Vector point = problem.point(), claimed = gradient.flat();
  const auto loss = [&](const Vector& at) { return problem.moved(at).loss(options); };
  for (const std::uint64_t seed : {1, 2, 5}) {
    const TaylorCheck check =
        taylor_check(loss, point, claimed, random_direction(point.size(), seed));
    INFO(check.text());
    INFO(worst_entries(loss, point, claimed));
    CHECK(check.slope() >= 1.9);
    CHECK(check.relative_error() < 1e-8);
  }
}

}  // namespace least_action::testing
