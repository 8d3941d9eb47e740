#include "mechanics/action.h"

#include <cmath>
#include <string>

#include "base/contract.h"

namespace least_action {

Action::Action(Lagrangian& lagrangian, ActionRule rule)
    : lagrangian_(&lagrangian), rule_(rule) {}

void Action::check(const char* where, ConstVectorRef times, ConstMatrixRef path) const {
  if (times.size() < 2) {
    fail_value(where, "the number of times", static_cast<double>(times.size()), "at least 2");
  }
  if (path.rows() != degrees_of_freedom() || path.cols() != times.size()) {
    fail_shape(where, "path", path.rows(), path.cols(), degrees_of_freedom(), times.size(),
               "positions × times");
  }
  for (Index k = 0; k < times.size(); ++k) {
    const std::string name = "times[" + std::to_string(k) + "]";
    if (!std::isfinite(times[k])) fail_value(where, name, times[k], "finite");
    if (k > 0 && !(times[k] > times[k - 1])) {
      fail_value(where, name, times[k],
                 "greater than the " + to_text(times[k - 1]) + " before it");
    }
  }
  if (!path.allFinite()) fail(where, "path holds a number that is not finite");
}

void Action::evaluate(ConstVectorRef times, ConstMatrixRef path) {
  const Index n = degrees_of_freedom(), pieces = times.size() - 1;
  const Index nodes = rule_ == ActionRule::kMidpoint ? pieces : 2 * pieces;
  if (x_.cols() != nodes) {
    t_.resize(nodes);
    x_.resize(2 * n, nodes);
    slopes_.resize(2 * n, nodes);
    value_.resize(1, nodes);
  }
  for (Index k = 0; k < pieces; ++k) {
    const double h = times[k + 1] - times[k];
    const auto u = (path.col(k + 1) - path.col(k)) / h;
    x_.col(k).tail(n) = u;
    if (rule_ == ActionRule::kMidpoint) {
      t_[k] = times[k] + h / 2;
      x_.col(k).head(n) = (path.col(k) + path.col(k + 1)) / 2;
    } else {
      t_[k] = times[k];
      t_[pieces + k] = times[k + 1];
      x_.col(k).head(n) = path.col(k);
      x_.col(pieces + k).head(n) = path.col(k + 1);
      x_.col(pieces + k).tail(n) = u;
    }
  }
  lagrangian_->evaluate(t_, x_, value_, slopes_);
}

double Action::sum(ConstVectorRef times) const {
  const Index pieces = times.size() - 1;
  double action = 0;
  for (Index k = 0; k < pieces; ++k) {
    const double h = times[k + 1] - times[k];
    action += rule_ == ActionRule::kMidpoint ? h * value_(0, k)
                                             : h / 2 * (value_(0, k) + value_(0, pieces + k));
  }
  return action;
}

double Action::value(ConstVectorRef times, ConstMatrixRef path) {
  check("Action::value", times, path);
  evaluate(times, path);
  return sum(times);
}

double Action::gradient(ConstVectorRef times, ConstMatrixRef path, MatrixRef gradient) {
  check("Action::gradient", times, path);
  const Index n = degrees_of_freedom(), pieces = times.size() - 1;
  if (gradient.rows() != n || gradient.cols() != times.size()) {
    fail_shape("Action::gradient", "gradient", gradient.rows(), gradient.cols(), n,
               times.size(), "as path");
  }
  evaluate(times, path);
  gradient.setZero();
  for (Index k = 0; k < pieces; ++k) {
    const double h = times[k + 1] - times[k];
    const auto force = slopes_.col(k).head(n), momentum = slopes_.col(k).tail(n);
    if (rule_ == ActionRule::kMidpoint) {
      gradient.col(k) += h / 2 * force - momentum;      // D₁L_d
      gradient.col(k + 1) += h / 2 * force + momentum;  // D₂L_d
    } else {
      const auto late_force = slopes_.col(pieces + k).head(n);
      const auto late_momentum = slopes_.col(pieces + k).tail(n);
      gradient.col(k) += h / 2 * force - (momentum + late_momentum) / 2;
      gradient.col(k + 1) += h / 2 * late_force + (momentum + late_momentum) / 2;
    }
  }
  return sum(times);
}

void Action::residual(ConstVectorRef times, ConstMatrixRef path, MatrixRef residual) {
  constexpr const char* kWhere = "Action::residual";
  check(kWhere, times, path);
  const Index inner = times.size() - 2;
  if (inner < 1) {
    fail_value(kWhere, "the number of times", static_cast<double>(times.size()), "at least 3");
  }
  if (residual.rows() != degrees_of_freedom() || residual.cols() != inner) {
    fail_shape(kWhere, "residual", residual.rows(), residual.cols(), degrees_of_freedom(),
               inner, "a column for each inner point");
  }
  if (all_.cols() != times.size()) all_.resize(degrees_of_freedom(), times.size());
  gradient(times, path, all_);
  for (Index k = 0; k < inner; ++k) {
    residual.col(k) = all_.col(k + 1) * (2 / (times[k + 2] - times[k]));
  }
}

double Action::force_scale(ConstVectorRef times, ConstMatrixRef path) {
  check("Action::force_scale", times, path);
  evaluate(times, path);
  const Index n = degrees_of_freedom();
  const auto root_mean_square = [&](const auto& values) {
    return std::sqrt(values.squaredNorm() / static_cast<double>(values.cols()));
  };
  return root_mean_square(slopes_.topRows(n)) +
         root_mean_square(slopes_.bottomRows(n)) / (times[times.size() - 1] - times[0]);
}

}  // namespace least_action
