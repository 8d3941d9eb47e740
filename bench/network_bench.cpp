#include <cmath>

#include "bench.h"
#include "nn/initializer.h"
#include "nn/mlp_derivatives.h"

namespace least_action::bench {
namespace {

template <class S>
MatrixX<S> samples(Index rows, Index cols, std::uint64_t seed) {
  Random random(seed);
  MatrixX<S> m(rows, cols);
  for (Index j = 0; j < cols; ++j) {
    for (Index i = 0; i < rows; ++i) m(i, j) = static_cast<S>(random.normal());
  }
  return m;
}

/// 2h²B flop of each hidden layer, and the thin first and last ones.
double flop_per_pass(const MlpLayout& layout, Index batch) {
  double weights = 0;
  for (const MlpLayout::Layer& l : layout.layers()) weights += double(l.rows) * double(l.cols);
  return 2 * weights * double(batch);
}

/// A training step of a Hamiltonian network at the level of lib/nn: ∇H, residual, its VJP with
/// θ̄, and Adam's update of θ.
Row hamiltonian_step(std::vector<Index> hidden, Index batch, double native, double wasm) {
  const MlpLayout layout{2, hidden, 1, Activation::kTanh, {}};
  const MlpDerivatives<float> network(layout, 0);
  const auto tape = network.make_tape(batch);
  const Index n = network.num_parameters();
  VectorX<float> theta(n), theta_bar(n), m = VectorX<float>::Zero(n), v = m;
  initialize<float>(Initializer::kOrthogonal, layout, Random(1), theta);
  const MatrixX<float> x = samples<float>(2, batch, 2), target = samples<float>(2, batch, 3);
  MatrixX<float> grad(2, batch), cotangent(2, batch), hv(2, batch), no_value;
  const auto step = [&] {
    network.gradient(theta, x, no_value, grad, *tape);
    cotangent = (grad - target) / float(batch);
    theta_bar.setZero();
    network.gradient_pullback(theta, cotangent, hv, theta_bar, *tape);
    m.array() += 0.1f * (theta_bar.array() - m.array());
    v.array() += 0.001f * (theta_bar.array().square() - v.array());
    theta.array() -= 1e-6f * m.array() / (v.array().sqrt() + 1e-8f);
  };
  Row row;
  row.name = "HNN step 2-";
  for (const Index width : hidden) row.name += std::to_string(width) + "-";
  row.name += "1, " + std::to_string(batch);
  row.milliseconds = median_milliseconds(step);
  row.flop = 6 * flop_per_pass(layout, batch);
  row.native_target = native;
  row.wasm_target = wasm;
  return row;
}

/// The network passes of a Lagrangian training step with two degrees of freedom.
Row lagrangian_step(std::vector<Index> hidden, Index batch, double native, double wasm) {
  const MlpLayout layout{4, hidden, 1, Activation::kSoftplus, {}};
  const MlpDerivatives<float> network(layout, 2);
  const auto tape = network.make_tape(batch);
  const Index n = network.num_parameters();
  VectorX<float> theta(n), theta_bar(n);
  initialize<float>(Initializer::kLagrangian, layout, Random(1), theta);
  const MatrixX<float> x = samples<float>(4, batch, 2), a = samples<float>(4, batch, 3);
  const MatrixX<float> u = samples<float>(2, batch, 4), c = samples<float>(4, batch, 5);
  MatrixX<float> grad(4, batch), hessian(8, batch), x_bar(4, batch), no_value;
  Row row;
  row.name = "LNN passes 4-";
  for (const Index width : hidden) row.name += std::to_string(width) + "-";
  row.name += "1, " + std::to_string(batch);
  row.milliseconds = median_milliseconds(
      [&] {
        network.gradient(theta, x, no_value, grad, *tape);
        network.hessian_columns(theta, 2, hessian, *tape);
        theta_bar.setZero();
        network.mixed_pullback(theta, a, u, c, 1.0f, x_bar, theta_bar, *tape);
      },
      9);
  row.flop = 14 * flop_per_pass(layout, batch);
  row.native_target = native;
  row.wasm_target = wasm;
  return row;
}

/// ∇H in double for a few samples at once, as a roll-out does.
Row roll_out(Index width, Index batch) {
  const MlpLayout layout{2, {width, width}, 1, Activation::kTanh, {}};
  const MlpDerivatives<double> network(layout, 0);
  const auto tape = network.make_tape(batch);
  Vector theta(network.num_parameters());
  initialize<double>(Initializer::kOrthogonal, layout, Random(1), theta);
  const Matrix x = samples<double>(2, batch, 2);
  Matrix grad(2, batch), no_value;
  Row row;
  row.name = "grad H, double, 2-" + std::to_string(width) + "-" + std::to_string(width) +
             "-1, " + std::to_string(batch);
  row.milliseconds =
      median_milliseconds([&] { network.gradient(theta, x, no_value, grad, *tape); });
  row.flop = 2 * flop_per_pass(layout, batch);
  return row;
}

}  // namespace

std::vector<Row> network_benchmarks(const Machine&) {
  return {hamiltonian_step({200, 200}, 750, 3.1, 20),
          hamiltonian_step({32, 32}, 256, 0.05, 0.25),
          lagrangian_step({64, 64}, 256, 0.5, 2.2),
          lagrangian_step({500, 500}, 512, 36, 190),
          roll_out(32, 1),
          roll_out(200, 1),
          roll_out(200, 16)};
}

}  // namespace least_action::bench
