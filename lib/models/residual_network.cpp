#include "models/residual_network.h"

#include <algorithm>
#include <vector>

#include "models/call_contract.h"
#include "models/network_layout.h"
#include "nn/initializer.h"

namespace least_action {
namespace {

template <class S>
struct ResidualTape final : VectorField<S>::Tape {
  ResidualTape(const Mlp<S>& block, Index blocks, Index samples)
      : max_samples(samples),
        state(block.inputs(), samples),
        step(block.inputs(), samples),
        sum(block.inputs(), samples) {
    for (Index k = 0; k < blocks; ++k) networks.push_back(block.make_tape(samples));
  }
  Index capacity() const override { return max_samples; }
  std::size_t bytes() const override {
    std::size_t total = sizeof(*this) + sizeof(S) * static_cast<std::size_t>(3 * state.size());
    for (const auto& network : networks) total += call_contract::bytes_of(*network);
    return total;
  }

  std::vector<std::unique_ptr<MlpTape<S>>> networks;
  Index max_samples, batch = 0;
  MatrixX<S> state, step, sum;  // 2n × capacity each
};

MlpLayout layout_of(const ModelSpec& spec) {
  spec.check();
  const Index dimension = 2 * spec.degrees_of_freedom;
  return network_layout(spec, 0, dimension, dimension);
}

}  // namespace

template <class S>
ResidualNetwork<S>::ResidualNetwork(const ModelSpec& spec)
    : spec_(spec), block_(layout_of(spec)) {}

template <class S>
std::vector<ParameterBlock> ResidualNetwork<S>::parameter_blocks() const {
  std::vector<ParameterBlock> blocks;
  Index offset = 0;
  for (Index k = 0; k < spec_.blocks; ++k) {
    offset = append_blocks("block" + std::to_string(k) + ".network", block_.layout(), offset,
                           blocks);
  }
  return blocks;
}

template <class S>
void ResidualNetwork<S>::initialize(const Random& random, VectorRefX<S> theta) const {
  call_contract::check_theta("ResidualNetwork::initialize", theta.size(), num_parameters());
  const Index size = block_.num_parameters();
  const MlpLayout::Layer last = block_.layout().layers().back();
  const S scale = static_cast<S>(std::min(1.0, spec_.block_time));
  for (Index k = 0; k < spec_.blocks; ++k) {
    VectorRefX<S> block_theta = theta.segment(k * size, size);
    least_action::initialize<S>(Initializer::kGlorot, block_.layout(),
                                random.split(static_cast<std::uint64_t>(k)), block_theta);
    block_theta.segment(last.weight_offset, last.rows * last.cols) *= scale;
  }
}

template <class S>
std::unique_ptr<typename ResidualNetwork<S>::Tape> ResidualNetwork<S>::make_tape(
    Index capacity) const {
  return std::make_unique<ResidualTape<S>>(block_, spec_.blocks, capacity);
}

template <class S>
void ResidualNetwork<S>::run_blocks(ConstVectorRefX<S> theta, ConstMatrixRefX<S> x,
                                    MatrixRefX<S> increment, Tape& tape) const {
  const char* where = "ResidualNetwork::forward";
  auto& mine = call_contract::tape_of<ResidualTape<S>>(where, tape);
  call_contract::check_theta(where, theta.size(), num_parameters());
  call_contract::check_input(where, "x", x.rows(), x.cols(), this->dimension(),
                             mine.max_samples);
  call_contract::check_shape(where, "x_dot", increment.rows(), increment.cols(), x.rows(),
                             x.cols());
  const Index size = block_.num_parameters(), batch = x.cols();
  mine.batch = 0;
  auto state = mine.state.leftCols(batch), step = mine.step.leftCols(batch);
  block_.forward(theta.head(size), x, increment, *mine.networks[0]);
  for (Index k = 1; k < spec_.blocks; ++k) {
    // The increments are summed on their own: Φ(x) − x would cancel.
    state = x + increment;  // x_k
    block_.forward(theta.segment(k * size, size), state, step,
                   *mine.networks[static_cast<std::size_t>(k)]);
    increment += step;
  }
  mine.batch = batch;
}

template <class S>
void ResidualNetwork<S>::forward(ConstVectorRefX<S> theta, ConstMatrixRefX<S> x,
                                 MatrixRefX<S> x_dot, Tape& tape) const {
  run_blocks(theta, x, x_dot, tape);
  x_dot /= static_cast<S>(duration());
}

template <class S>
void ResidualNetwork<S>::advance(ConstVectorRefX<S> theta, ConstMatrixRefX<S> x,
                                 MatrixRefX<S> next, Tape& tape) const {
  run_blocks(theta, x, next, tape);
  next += x;
}

template <class S>
void ResidualNetwork<S>::vjp(ConstVectorRefX<S> theta, ConstMatrixRefX<S> w,
                             MatrixRefX<S> x_bar, VectorRefX<S> theta_bar, Tape& tape) const {
  const char* where = "ResidualNetwork::vjp";
  auto& mine = call_contract::tape_of<ResidualTape<S>>(where, tape);
  call_contract::check_vjp<S>(where, theta, w, x_bar, theta_bar, num_parameters(),
                              this->dimension(), mine.batch);
  const Index size = block_.num_parameters(), batch = mine.batch;
  auto x_k_bar = mine.state.leftCols(batch), step = mine.step.leftCols(batch);
  auto cotangent = mine.sum.leftCols(batch);
  cotangent = w / static_cast<S>(duration());
  // x̄_K of Σ f_k is the cotangent itself; x̄_{k−1} = x̄_k + J_kᵀ x̄_k. What x_bar collects is
  // x̄_k without the cotangent, because f is Φ(x) − x.
  for (Index k = spec_.blocks - 1; k >= 0; --k) {
    if (k == spec_.blocks - 1) {
      x_k_bar = cotangent;
    } else {
      x_k_bar = cotangent + x_bar;
    }
    VectorRefX<S> block_bar = theta_bar.size() == 0 ? VectorRefX<S>(theta_bar.head(0))
                                                    : theta_bar.segment(k * size, size);
    block_.pullback(theta.segment(k * size, size), x_k_bar, step, block_bar,
                    *mine.networks[static_cast<std::size_t>(k)]);
    if (k == spec_.blocks - 1) {
      x_bar = step;
    } else {
      x_bar += step;
    }
  }
}

template <class S>
void ResidualNetwork<S>::jvp(ConstVectorRefX<S> theta, ConstMatrixRefX<S> v,
                             MatrixRefX<S> x_dot_tangent, Tape& tape) const {
  const char* where = "ResidualNetwork::jvp";
  auto& mine = call_contract::tape_of<ResidualTape<S>>(where, tape);
  call_contract::check_jvp<S>(where, theta, v, x_dot_tangent, num_parameters(),
                              this->dimension(), mine.batch);
  const Index size = block_.num_parameters(), batch = mine.batch;
  auto x_k_tangent = mine.state.leftCols(batch), step = mine.step.leftCols(batch);
  block_.pushforward(theta.head(size), v, x_dot_tangent, *mine.networks[0]);
  for (Index k = 1; k < spec_.blocks; ++k) {
    x_k_tangent = v + x_dot_tangent;
    block_.pushforward(theta.segment(k * size, size), x_k_tangent, step,
                       *mine.networks[static_cast<std::size_t>(k)]);
    x_dot_tangent += step;
  }
  x_dot_tangent /= static_cast<S>(duration());
}

template class ResidualNetwork<float>;
template class ResidualNetwork<double>;

}  // namespace least_action
