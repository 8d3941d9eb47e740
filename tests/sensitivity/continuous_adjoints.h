#pragma once

#include <memory>
#include <string>
#include <vector>

#include "bernoulli_field.h"
#include "sensitivity/sensitivity.h"

namespace least_action::testing {

inline const std::vector<SensitivityMethod>& continuous_adjoints() {
  static const std::vector<SensitivityMethod> all = {SensitivityMethod::kBacksolve,
                                                     SensitivityMethod::kInterpolating};
  return all;
}

template <class S>
std::unique_ptr<Sensitivity<S>> make_continuous(SensitivityMethod which,
                                                SensitivityOptions options,
                                                const VectorField<S>& field, Index max_batch,
                                                Index max_points) {
  options.sensitivity = which;
  return make_sensitivity<S>(options, field, max_batch, max_points);
}

inline std::string name_of(SensitivityMethod which) { return std::string(traits(which).name); }

inline SensitivityOptions with_tolerance(double relative,
                                         Method method = Method::kDormandPrince54) {
  SensitivityOptions options;
  options.solve.method = method;
  options.solve.relative_tolerance = relative;
  options.solve.absolute_tolerance = 1e-2 * relative;
  return options;
}

/// A gradient of C = ½ Σ weight_k ‖x(t_k)‖² over samples and observations.
struct AdjointGradient {
  SolveStatus forward = SolveStatus::kReachedEnd, backward = SolveStatus::kReachedEnd;
  double cost = 0;
  Matrix states, x0, times;
  Vector theta;

  /// All of it, one after another.
  Vector all() const {
    Vector v(x0.size() + theta.size() + times.size());
    v << Eigen::Map<const Vector>(x0.data(), x0.size()), theta,
        Eigen::Map<const Vector>(times.data(), times.size());
    return v;
  }
};

/// weight_k = (k + 1)/(K + 1): the observation at t₀ counts, too.
inline double observation_weight(Index k, Index points) {
  return static_cast<double>(k + 1) / static_cast<double>(points + 1);
}

template <class S>
AdjointGradient gradient_of(Sensitivity<S>& sensitivity, const VectorField<S>& field,
                            const Matrix& times, const MatrixX<S>& x0) {
  const Index batch = x0.cols(), points = times.cols() - 1;
  AdjointGradient gradient;
  MatrixX<S> states(x0.rows(), batch * (points + 1)), states_bar = states, x0_bar = x0;
  VectorX<S> theta_bar = VectorX<S>::Zero(field.num_parameters());
  gradient.times = Matrix::Zero(batch, points + 1);
  gradient.forward = sensitivity.forward(field, times, x0, states);
  for (Index k = 0; k <= points; ++k) {
    const auto block = states.middleCols(k * batch, batch);
    const double weight = observation_weight(k, points);
    states_bar.middleCols(k * batch, batch) = static_cast<S>(weight) * block;
    gradient.cost += 0.5 * weight * block.template cast<double>().squaredNorm();
  }
  gradient.backward =
      sensitivity.backward(field, states_bar, x0_bar, theta_bar, gradient.times);
  gradient.states = states.template cast<double>();
  gradient.x0 = x0_bar.template cast<double>();
  gradient.theta = theta_bar.template cast<double>();
  return gradient;
}

/// The same in closed form.
inline AdjointGradient exact_gradient(const BernoulliField<double>& field, const Matrix& times,
                                      const Matrix& x0) {
  const Index batch = x0.cols(), points = times.cols() - 1;
  AdjointGradient gradient;
  gradient.x0 = Matrix::Zero(x0.rows(), batch);
  gradient.theta = Vector::Zero(2);
  gradient.times = Matrix::Zero(batch, points + 1);
  gradient.states = Matrix::Zero(x0.rows(), batch * (points + 1));
  for (Index k = 0; k <= points; ++k) {
    for (Index b = 0; b < batch; ++b) {
      const Index row = times.rows() == 1 ? 0 : b;
      const double t0 = times(row, 0), t = times(row, k);
      for (Index i = 0; i < x0.rows(); ++i) {
        const double x = field.solution(x0(i, b), t0, t);
        gradient.states(i, k * batch + b) = x;
        const double x_bar = observation_weight(k, points) * x;
        if (k == 0) {
          gradient.x0(i, b) += x_bar;  // Block 0 is x₀ itself, whatever t₀ is.
          continue;
        }
        const auto d = field.derivatives(x0(i, b), t0, t);
        gradient.x0(i, b) += x_bar * d.x0;
        gradient.theta[0] += x_bar * d.a;
        gradient.theta[1] += x_bar * d.omega;
        gradient.times(b, 0) += x_bar * d.t0;
        gradient.times(b, k) += x_bar * d.t;
      }
    }
  }
  return gradient;
}

/// Three samples of two components, with observation times of their own.
struct BernoulliProblem {
  BernoulliField<double> field{2, 0.7, 1.3};
  Matrix x0, times;

  explicit BernoulliProblem(double direction = 1) : x0(2, 3), times(3, 5) {
    x0 << 0.5, 0.9, -0.7, 1.1, 0.3, 0.8;
    times << 0.2, 1, 1.5, 3.1, 4, 0, 0.3, 2, 2.2, 3.5, -1, 0.5, 1, 1.5, 2.5;
    times *= direction;
  }
  AdjointGradient exact() const { return exact_gradient(field, times, x0); }
  AdjointGradient by(SensitivityMethod which, const SensitivityOptions& options) const {
    const auto sensitivity = make_continuous<double>(which, options, field, 3, 4);
    return gradient_of(*sensitivity, field, times, x0);
  }
};

}  // namespace least_action::testing
