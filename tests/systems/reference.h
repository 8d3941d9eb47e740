#pragma once

#include <algorithm>
#include <cmath>
#include <memory>
#include <type_traits>
#include <vector>

#include "systems/system.h"

namespace least_action::testing {

/// Every system with its defaults and with other values of every parameter.
inline std::vector<std::unique_ptr<System>> all_systems() {
  std::vector<std::unique_ptr<System>> all;
  for (const SystemTraits& traits : systems()) {
    all.push_back(make_system(traits.name));
    std::vector<double> values;
    double factor = 1.3;
    for (const SystemParameter& parameter : all.back()->parameters()) {
      values.push_back(std::clamp(parameter.default_value * factor + 0.05, parameter.minimum,
                                  parameter.maximum));
      factor = factor * 0.8 + 0.1;
    }
    all.push_back(make_system(traits.name, values));
  }
  return all;
}

/// d/ds f(s) at 0 by central differences with two Richardson steps: error O(h⁶).
template <class Function>
auto derivative(const Function& f, double h) {
  using Value = std::decay_t<decltype(f(h))>;  // Not auto: Eigen's expressions would dangle.
  const auto central = [&f](double s) -> Value { return (f(s) - f(-s)) / (2 * s); };
  const Value d1 = central(h), d2 = central(h / 2), d4 = central(h / 4);
  const Value e1 = (4.0 * d2 - d1) / 3.0, e2 = (4.0 * d4 - d2) / 3.0;
  return Value((16.0 * e2 - e1) / 15.0);
}

/// ∂f/∂x_i of a scalar function of a vector.
template <class Function>
Vector gradient(const Function& f, const Vector& x, double h = 5e-3) {
  Vector g(x.size());
  for (Index i = 0; i < x.size(); ++i) {
    g(i) = derivative(
        [&](double s) {
          Vector moved = x;
          moved(i) += s;
          return f(moved);
        },
        h);
  }
  return g;
}

/// ∂²f/∂x_i∂y_j of a scalar function of two vectors.
template <class Function>
Matrix mixed_derivative(const Function& f, const Vector& x, const Vector& y, double h = 2e-2) {
  Matrix m(x.size(), y.size());
  for (Index i = 0; i < x.size(); ++i) {
    m.row(i) = gradient(
                   [&](const Vector& moved_y) {
                     return derivative(
                         [&](double s) {
                           Vector moved = x;
                           moved(i) += s;
                           return f(moved, moved_y);
                         },
                         h);
                   },
                   y, h)
                   .transpose();
  }
  return m;
}

/// ẋ of a system's exact equations, straight from its virtual functions.
inline Vector rate(const System& system, Chart chart, const Vector& x) {
  const Index n = system.degrees_of_freedom();
  Vector x_dot(2 * n);
  if (chart == Chart::kCanonical) {
    system.velocity(x.head(n), x.tail(n), x_dot.head(n));
    system.force(x.head(n), x.tail(n), x_dot.tail(n));
  } else {
    x_dot.head(n) = x.tail(n);
    system.acceleration(x.head(n), x.tail(n), x_dot.tail(n));
  }
  return x_dot;
}

/// x(t) by `steps` steps of the classical Runge–Kutta method, independent of lib/ode.
inline Vector runge_kutta(const System& system, Chart chart, Vector x, double t, int steps) {
  const double h = t / steps;
  for (int i = 0; i < steps; ++i) {
    const Vector k1 = rate(system, chart, x);
    const Vector k2 = rate(system, chart, x + h / 2 * k1);
    const Vector k3 = rate(system, chart, x + h / 2 * k2);
    const Vector k4 = rate(system, chart, x + h * k3);
    x += h / 6 * (k1 + 2 * k2 + 2 * k3 + k4);
  }
  return x;
}

inline Vector typical_state(const System& system) {
  Vector x(system.dimension());
  system.typical_state(x);
  return x;
}

/// Largest |a − b| relative to 1 + the largest |b|.
inline double distance(const Matrix& a, const Matrix& b) {
  return (a - b).cwiseAbs().maxCoeff() / (1 + b.cwiseAbs().maxCoeff());
}

}  // namespace least_action::testing
