#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/random.h"
#include "models/dynamics_model.h"

namespace least_action::testing {

/// Small models of one kind: n from 1 to 4, one and two hidden layers, with and without
/// periodic and scaled features, one and several residual blocks.
inline std::vector<ModelSpec> sample_specs(ModelKind kind) {
  ModelSpec plain;
  plain.kind = kind;
  plain.hidden = {7};
  plain.block_time = 0.3;
  ModelSpec pair = plain;
  pair.degrees_of_freedom = 2;
  pair.hidden = {6, 5};
  pair.blocks = 3;
  pair.features = {{true, 1}, {false, 0.5}, {false, 2}, {false, 1}};
  std::vector<ModelSpec> specs = {plain, pair};
  if (kind == ModelKind::kHamiltonian || kind == ModelKind::kLagrangian) {
    ModelSpec more = plain;
    more.hidden = {9};
    for (const Index n : {3, 4}) {
      more.degrees_of_freedom = n;
      specs.push_back(more);
    }
  }
  return specs;
}

inline std::vector<ModelSpec> sample_specs() {
  std::vector<ModelSpec> specs;
  for (const ModelTraits& known : model_kinds()) {
    for (ModelSpec& spec : sample_specs(known.kind)) specs.push_back(std::move(spec));
  }
  return specs;
}

/// A spec in words, for CAPTURE.
inline std::string describe(const ModelSpec& spec) {
  std::string text(traits(spec.kind).name);
  text += " n=" + std::to_string(spec.degrees_of_freedom);
  for (const Index width : spec.hidden) text += " " + std::to_string(width);
  text += " " + std::string(name(spec.activation));
  if (spec.kind == ModelKind::kResidual) text += " blocks=" + std::to_string(spec.blocks);
  if (!spec.features.empty()) text += " features";
  return text;
}

/// Normal entries with the given deviation.
inline Matrix random_matrix(Index rows, Index cols, std::uint64_t seed, double deviation = 1) {
  Random random(seed);
  Matrix matrix(rows, cols);
  for (Index j = 0; j < cols; ++j) {
    for (Index i = 0; i < rows; ++i) matrix(i, j) = deviation * random.normal();
  }
  return matrix;
}
inline Vector random_vector(Index size, std::uint64_t seed, double deviation = 1) {
  return random_matrix(size, 1, seed, deviation);
}

/// θ away from its start (biases too) at which `x` has mass matrices of condition number below
/// 40 and no damping, so that Taylor remainders are quadratic from h = 10⁻³ down.
inline Vector sample_theta(const DynamicsModel<double>& model, const Matrix& x) {
  const auto tape = model.make_tape(x.cols());
  Matrix x_dot(x.rows(), x.cols());
  Vector theta(model.num_parameters());
  for (std::uint64_t seed = 1; seed < 1000; ++seed) {
    model.initialize(Random(seed), theta);
    theta += random_vector(theta.size(), seed + 1000, 0.2);
    model.forward(theta, x, x_dot, *tape);
    const FieldHealth health = tape->health();
    if (health.damped_samples == 0 && health.worst_condition < 40 &&
        x_dot.cwiseAbs().maxCoeff() < 30) {
      break;
    }
  }
  return theta;
}

/// The rounding to float, so that a float and a double model are the same function.
inline Matrix rounded(const Matrix& values) { return values.cast<float>().cast<double>(); }

/// ẋ by a tape of its own.
template <class S>
MatrixX<S> field(const DynamicsModel<S>& model, const VectorX<S>& theta, const MatrixX<S>& x) {
  const auto tape = model.make_tape(x.cols());
  MatrixX<S> x_dot(x.rows(), x.cols());
  model.forward(theta, x, x_dot, *tape);
  return x_dot;
}

inline Matrix energy_of(const DynamicsModel<double>& model, const Vector& theta,
                        const Matrix& x) {
  const auto tape = model.make_tape(x.cols());
  Matrix energy(1, x.cols());
  model.energy(theta, x, energy, *tape);
  return energy;
}

/// ∂ẋ/∂x of one state (2n × 2n), a column by each `jvp`.
inline Matrix jacobian_by_jvp(const DynamicsModel<double>& model, const Vector& theta,
                              const Matrix& x) {
  const Index d = model.dimension();
  const auto tape = model.make_tape(1);
  Matrix x_dot(d, 1), jacobian(d, d), unit(d, 1), column(d, 1);
  model.forward(theta, x, x_dot, *tape);
  for (Index i = 0; i < d; ++i) {
    unit = Vector::Unit(d, i);
    model.jvp(theta, unit, column, *tape);
    jacobian.col(i) = column;
  }
  return jacobian;
}

/// Central difference of fourth order of a matrix-valued f(h) at 0.
template <class Function>
Matrix difference(const Function& f, double h = 1e-3) {
  const Matrix near = f(h) - f(-h), far = f(2 * h) - f(-2 * h);
  return (8 * near - far) / (12 * h);
}

/// Gradient of a scalar function of one column, by `difference`.
template <class Function>
Vector gradient_by_difference(const Function& f, const Matrix& x, double h = 1e-3) {
  Vector gradient(x.rows());
  for (Index i = 0; i < x.rows(); ++i) {
    gradient[i] = difference(
        [&](double step) {
          Matrix moved = x;
          moved(i, 0) += step;
          return Matrix(Matrix::Constant(1, 1, f(moved)));
        },
        h)(0, 0);
  }
  return gradient;
}

}  // namespace least_action::testing
