#include "models/hamiltonian_network.h"

#include "models/call_contract.h"
#include "models/network_layout.h"
#include "models/symplectic_gradient.h"
#include "nn/initializer.h"

namespace least_action {
namespace {

template <class S>
struct HamiltonianTape final : VectorField<S>::Tape {
  HamiltonianTape(const MlpDerivatives<S>& hamiltonian, Index samples)
      : network(hamiltonian.make_tape(samples)),
        max_samples(samples),
        gradient(hamiltonian.inputs(), samples),
        direction(hamiltonian.inputs(), samples) {}
  Index capacity() const override { return max_samples; }
  std::size_t bytes() const override {
    return sizeof(*this) + call_contract::bytes_of(*network) +
           sizeof(S) * static_cast<std::size_t>(gradient.size() + direction.size());
  }

  std::unique_ptr<MlpDerivativesTape<S>> network;
  Index max_samples, batch = 0;
  MatrixX<S> gradient, direction;  // 2n × capacity each
};

MlpLayout layout_of(const ModelSpec& spec) {
  spec.check();
  return network_layout(spec, 0, 2 * spec.degrees_of_freedom, 1);
}

}  // namespace

template <class S>
HamiltonianNetwork<S>::HamiltonianNetwork(const ModelSpec& spec)
    : spec_(spec), hamiltonian_(layout_of(spec), 0) {}

template <class S>
std::vector<ParameterBlock> HamiltonianNetwork<S>::parameter_blocks() const {
  std::vector<ParameterBlock> blocks;
  append_blocks("network", hamiltonian_.layout(), 0, blocks);
  return blocks;
}

template <class S>
void HamiltonianNetwork<S>::initialize(const Random& random, VectorRefX<S> theta) const {
  call_contract::check_theta("HamiltonianNetwork::initialize", theta.size(), num_parameters());
  least_action::initialize<S>(Initializer::kOrthogonal, hamiltonian_.layout(), random, theta);
}

template <class S>
std::unique_ptr<typename HamiltonianNetwork<S>::Tape> HamiltonianNetwork<S>::make_tape(
    Index capacity) const {
  return std::make_unique<HamiltonianTape<S>>(hamiltonian_, capacity);
}

template <class S>
void HamiltonianNetwork<S>::forward(ConstVectorRefX<S> theta, ConstMatrixRefX<S> x,
                                    MatrixRefX<S> x_dot, Tape& tape) const {
  const char* where = "HamiltonianNetwork::forward";
  auto& mine = call_contract::tape_of<HamiltonianTape<S>>(where, tape);
  call_contract::check_input(where, "x", x.rows(), x.cols(), this->dimension(),
                             mine.max_samples);
  call_contract::check_shape(where, "x_dot", x_dot.rows(), x_dot.cols(), x.rows(), x.cols());
  mine.batch = 0;
  auto gradient = mine.gradient.leftCols(x.cols());
  MatrixX<S> no_value;
  hamiltonian_.gradient(theta, x, no_value, gradient, *mine.network);
  apply_symplectic<S>(gradient, x_dot);
  mine.batch = x.cols();
}

template <class S>
void HamiltonianNetwork<S>::vjp(ConstVectorRefX<S> theta, ConstMatrixRefX<S> w,
                                MatrixRefX<S> x_bar, VectorRefX<S> theta_bar,
                                Tape& tape) const {
  const char* where = "HamiltonianNetwork::vjp";
  auto& mine = call_contract::tape_of<HamiltonianTape<S>>(where, tape);
  call_contract::check_vjp<S>(where, theta, w, x_bar, theta_bar, num_parameters(),
                              this->dimension(), mine.batch);
  auto v = mine.direction.leftCols(mine.batch);
  apply_symplectic_transposed<S>(w, v);
  if (theta_bar.size() == 0) {
    hamiltonian_.hessian_product(theta, v, x_bar, *mine.network);
  } else {
    hamiltonian_.gradient_pullback(theta, v, x_bar, theta_bar, *mine.network);
  }
}

template <class S>
void HamiltonianNetwork<S>::jvp(ConstVectorRefX<S> theta, ConstMatrixRefX<S> v,
                                MatrixRefX<S> x_dot_tangent, Tape& tape) const {
  const char* where = "HamiltonianNetwork::jvp";
  auto& mine = call_contract::tape_of<HamiltonianTape<S>>(where, tape);
  call_contract::check_jvp<S>(where, theta, v, x_dot_tangent, num_parameters(),
                              this->dimension(), mine.batch);
  auto product = mine.direction.leftCols(mine.batch);
  hamiltonian_.hessian_product(theta, v, product, *mine.network);
  apply_symplectic<S>(product, x_dot_tangent);
}

template <class S>
void HamiltonianNetwork<S>::energy(ConstVectorRefX<S> theta, ConstMatrixRefX<S> x,
                                   MatrixRefX<S> energy, Tape& tape) const {
  const char* where = "HamiltonianNetwork::energy";
  auto& mine = call_contract::tape_of<HamiltonianTape<S>>(where, tape);
  call_contract::check_input(where, "x", x.rows(), x.cols(), this->dimension(),
                             mine.max_samples);
  call_contract::check_shape(where, "energy", energy.rows(), energy.cols(), 1, x.cols());
  mine.batch = 0;  // The network's tape now belongs to these states.
  auto gradient = mine.gradient.leftCols(x.cols());
  hamiltonian_.gradient(theta, x, energy, gradient, *mine.network);
}

template class HamiltonianNetwork<float>;
template class HamiltonianNetwork<double>;

}  // namespace least_action
