#include "models/neural_ode.h"

#include "models/call_contract.h"
#include "models/network_layout.h"
#include "nn/initializer.h"

namespace least_action {
namespace {

template <class S>
struct NeuralOdeTape final : VectorField<S>::Tape {
  NeuralOdeTape(const Mlp<S>& mlp, Index samples)
      : network(mlp.make_tape(samples)), max_samples(samples) {}
  Index capacity() const override { return max_samples; }
  std::size_t bytes() const override {
    return sizeof(*this) + call_contract::bytes_of(*network);
  }

  std::unique_ptr<MlpTape<S>> network;
  Index max_samples, batch = 0;
};

MlpLayout layout_of(const ModelSpec& spec) {
  spec.check();
  const Index dimension = 2 * spec.degrees_of_freedom;
  return network_layout(spec, 0, dimension, dimension);
}

}  // namespace

template <class S>
NeuralOde<S>::NeuralOde(const ModelSpec& spec) : spec_(spec), mlp_(layout_of(spec)) {}

template <class S>
std::vector<ParameterBlock> NeuralOde<S>::parameter_blocks() const {
  std::vector<ParameterBlock> blocks;
  append_blocks("network", mlp_.layout(), 0, blocks);
  return blocks;
}

template <class S>
void NeuralOde<S>::initialize(const Random& random, VectorRefX<S> theta) const {
  call_contract::check_theta("NeuralOde::initialize", theta.size(), num_parameters());
  least_action::initialize<S>(Initializer::kGlorot, mlp_.layout(), random, theta);
}

template <class S>
std::unique_ptr<typename NeuralOde<S>::Tape> NeuralOde<S>::make_tape(Index capacity) const {
  return std::make_unique<NeuralOdeTape<S>>(mlp_, capacity);
}

template <class S>
void NeuralOde<S>::forward(ConstVectorRefX<S> theta, ConstMatrixRefX<S> x, MatrixRefX<S> x_dot,
                           Tape& tape) const {
  auto& mine = call_contract::tape_of<NeuralOdeTape<S>>("NeuralOde::forward", tape);
  mine.batch = 0;
  mlp_.forward(theta, x, x_dot, *mine.network);
  mine.batch = x.cols();
}

template <class S>
void NeuralOde<S>::vjp(ConstVectorRefX<S> theta, ConstMatrixRefX<S> w, MatrixRefX<S> x_bar,
                       VectorRefX<S> theta_bar, Tape& tape) const {
  const char* where = "NeuralOde::vjp";
  auto& mine = call_contract::tape_of<NeuralOdeTape<S>>(where, tape);
  call_contract::check_vjp<S>(where, theta, w, x_bar, theta_bar, num_parameters(),
                              this->dimension(), mine.batch);
  mlp_.pullback(theta, w, x_bar, theta_bar, *mine.network);
}

template <class S>
void NeuralOde<S>::jvp(ConstVectorRefX<S> theta, ConstMatrixRefX<S> v,
                       MatrixRefX<S> x_dot_tangent, Tape& tape) const {
  const char* where = "NeuralOde::jvp";
  auto& mine = call_contract::tape_of<NeuralOdeTape<S>>(where, tape);
  call_contract::check_jvp<S>(where, theta, v, x_dot_tangent, num_parameters(),
                              this->dimension(), mine.batch);
  mlp_.pushforward(theta, v, x_dot_tangent, *mine.network);
}

template class NeuralOde<float>;
template class NeuralOde<double>;

}  // namespace least_action
