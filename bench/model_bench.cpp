#include "bench.h"
#include "models/dynamics_model.h"

namespace least_action::bench {
namespace {

/// A training step of a model as a trainer takes it: ẋ = f(x; θ), residual, VJP with θ̄, Adam.
/// `passes`: network passes of one step, for the flop count.
Row training_step(ModelKind kind, Index degrees_of_freedom, std::vector<Index> hidden,
                  Activation activation, Index batch, double passes, double native = 0,
                  double wasm = 0) {
  ModelSpec spec;
  spec.kind = kind;
  spec.degrees_of_freedom = degrees_of_freedom;
  spec.hidden = hidden;
  spec.activation = activation;
  const auto model = make_model<float>(spec);
  const auto tape = model->make_tape(batch);
  const Index d = model->dimension(), size = model->num_parameters();
  VectorX<float> theta(size), theta_bar(size), m = VectorX<float>::Zero(size), v = m;
  model->initialize(Random(1), theta);
  Random random(2);
  MatrixX<float> x(d, batch), target(d, batch), x_dot(d, batch), w(d, batch), x_bar(d, batch);
  for (Index b = 0; b < batch; ++b) {
    for (Index i = 0; i < d; ++i) {
      x(i, b) = static_cast<float>(random.normal());
      target(i, b) = static_cast<float>(random.normal());
    }
  }
  const auto step = [&] {
    model->forward(theta, x, x_dot, *tape);
    w = (x_dot - target) / static_cast<float>(batch);
    theta_bar.setZero();
    model->vjp(theta, w, x_bar, theta_bar, *tape);
    m.array() += 0.1f * (theta_bar.array() - m.array());
    v.array() += 0.001f * (theta_bar.array().square() - v.array());
    // Too small a rate to move anything: every call does the same work.
    theta.array() -= 1e-6f * m.array() / (v.array().sqrt() + 1e-8f);
  };
  Row row;
  row.name = std::string(traits(kind).name) + " step " + std::to_string(d) + "-";
  double weights = 0;
  Index inputs = d;
  for (const Index width : hidden) {
    row.name += std::to_string(width) + "-";
    weights += static_cast<double>(inputs) * static_cast<double>(width);
    inputs = width;
  }
  row.name += std::to_string(traits(kind).has_energy ? 1 : d) + ", " + std::to_string(batch);
  row.milliseconds = median_milliseconds(step, 9);
  row.flop = passes * 2 * weights * static_cast<double>(batch);
  row.native_target = native;
  row.wasm_target = wasm;
  return row;
}

}  // namespace

std::vector<Row> model_benchmarks(const Machine&) {
  const ModelKind hnn = ModelKind::kHamiltonian, lnn = ModelKind::kLagrangian;
  const Activation tanh = Activation::kTanh, softplus = Activation::kSoftplus;
  return {training_step(hnn, 1, {200, 200}, tanh, 750, 6, 3.1, 20),
          training_step(hnn, 1, {32, 32}, tanh, 256, 6, 0.05, 0.25),
          training_step(lnn, 2, {64, 64}, softplus, 256, 14, 0.5, 2.2),
          training_step(lnn, 2, {500, 500}, softplus, 512, 14, 36, 190),
          training_step(ModelKind::kNeuralOde, 1, {32, 32}, tanh, 256, 3)};
}

}  // namespace least_action::bench
