#include "maps/one_neuron_residual_network.h"

#include <cmath>
#include <stdexcept>

#include "maps/call_checks.h"

namespace least_action {
namespace {

const MapSpec& checked(const MapSpec& spec) {
  if (const auto fault = find_fault(spec)) throw std::invalid_argument(*fault);
  return spec;
}

}  // namespace

template <class S>
struct OneNeuronResidualNetwork<S>::BlockTape final : LearnedMap<S>::Tape {
  BlockTape(const OneNeuronResidualNetwork& map, Index samples)
      : blocks(map.spec_.blocks), max_samples(samples) {
    states.setZero(map.spec_.inputs, samples * map.num_states());
    neurons.setZero(samples, blocks);
    bar.setZero(map.spec_.inputs, samples);
    neuron_bar.setZero(samples);
  }
  Index capacity() const override { return max_samples; }
  std::size_t bytes() const override {
    return sizeof(*this) + sizeof(S) * static_cast<std::size_t>(states.size() + neurons.size() +
                                                                bar.size() + neuron_bar.size());
  }
  Index evaluations() const override { return blocks; }
  const std::string& fault() const override { return no_fault; }

  Index blocks, max_samples, batch = 0;
  MatrixX<S> states;   // s_0 … s_L, a block of columns each
  MatrixX<S> neurons;  // max(0, wᵀs + b), a column for each block
  MatrixX<S> bar;
  VectorX<S> neuron_bar;
  std::string no_fault;
};

template <class S>
OneNeuronResidualNetwork<S>::OneNeuronResidualNetwork(const MapSpec& spec)
    : spec_(checked(spec)), read_out_(spec.inputs, spec.outputs, spec.read_out) {}

template <class S>
Index OneNeuronResidualNetwork<S>::num_parameters() const {
  return spec_.blocks * block_size() + read_out_.num_parameters();
}

template <class S>
void OneNeuronResidualNetwork<S>::initialize(const Random& random, VectorRefX<S> theta) const {
  map_checks::check_theta("OneNeuronResidualNetwork::initialize", theta.size(),
                          num_parameters());
  const Index d = spec_.inputs;
  for (Index k = 0; k < spec_.blocks; ++k) {
    Random draw = random.split(static_cast<std::uint64_t>(k));
    auto block = theta.segment(k * block_size(), block_size());
    double length = 0;
    do {
      for (Index i = 0; i < d; ++i) block[i] = S(draw.normal());
      length = double(block.head(d).norm());
    } while (!(length > 1e-3));
    block.head(d) /= S(length);
    const double push = 0.5 / std::sqrt(double(spec_.blocks));
    for (Index i = 0; i < d; ++i) block[d + i] = S(push * draw.normal());
    block[2 * d] = S(draw.uniform(-1, 1));
  }
  read_out_.initialize(random.split(std::uint64_t(1) << 32),
                       theta.tail(read_out_.num_parameters()));
}

template <class S>
std::unique_ptr<typename OneNeuronResidualNetwork<S>::Tape>
OneNeuronResidualNetwork<S>::make_tape(Index capacity) const {
  map_checks::check_capacity("OneNeuronResidualNetwork::make_tape", capacity);
  return std::make_unique<BlockTape>(*this, capacity);
}

template <class S>
void OneNeuronResidualNetwork<S>::forward(ConstVectorRefX<S> theta, ConstMatrixRefX<S> x,
                                          MatrixRefX<S> y, Tape& tape) const {
  const char* where = "OneNeuronResidualNetwork::forward";
  auto& mine = map_checks::tape_of<BlockTape>(where, tape);
  map_checks::check_theta(where, theta.size(), num_parameters());
  map_checks::check_forward(where, x, y, this->inputs(), this->outputs(), mine.max_samples);
  const Index d = spec_.inputs, batch = x.cols();
  mine.batch = batch;
  mine.states.leftCols(batch) = x;
  for (Index k = 0; k < spec_.blocks; ++k) {
    const auto block = theta.segment(k * block_size(), block_size());
    const auto state = mine.states.middleCols(k * batch, batch);
    auto next = mine.states.middleCols((k + 1) * batch, batch);
    auto neuron = mine.neurons.col(k).head(batch);
    neuron.noalias() = state.transpose().lazyProduct(block.head(d));
    neuron = (neuron.array() + block[2 * d]).max(S(0));
    next = state;
    next.noalias() += block.segment(d, d).lazyProduct(neuron.transpose());
  }
  read_out_.forward(theta.tail(read_out_.num_parameters()),
                    mine.states.middleCols(spec_.blocks * batch, batch), y);
}

template <class S>
void OneNeuronResidualNetwork<S>::vjp(ConstVectorRefX<S> theta, ConstMatrixRefX<S> y_bar,
                                      MatrixRefX<S> x_bar, VectorRefX<S> theta_bar,
                                      Tape& tape) const {
  const char* where = "OneNeuronResidualNetwork::vjp";
  auto& mine = map_checks::tape_of<BlockTape>(where, tape);
  map_checks::check_theta(where, theta.size(), num_parameters());
  map_checks::check_vjp(where, y_bar, x_bar, theta_bar, this->inputs(), this->outputs(),
                        num_parameters(), mine.batch);
  const Index d = spec_.inputs, batch = mine.batch;
  const bool wants_theta = theta_bar.size() != 0;
  auto bar = mine.bar.leftCols(batch);
  read_out_.vjp(theta.tail(read_out_.num_parameters()),
                mine.states.middleCols(spec_.blocks * batch, batch), y_bar, bar,
                theta_bar.tail(wants_theta ? read_out_.num_parameters() : 0));
  auto z_bar = mine.neuron_bar.head(batch);
  for (Index k = spec_.blocks - 1; k >= 0; --k) {
    const auto block = theta.segment(k * block_size(), block_size());
    const auto state = mine.states.middleCols(k * batch, batch);
    const auto neuron = mine.neurons.col(k).head(batch);
    z_bar.noalias() = bar.transpose().lazyProduct(block.segment(d, d));
    z_bar = (neuron.array() > S(0)).select(z_bar, S(0));
    if (wants_theta) {
      auto block_bar = theta_bar.segment(k * block_size(), block_size());
      block_bar.head(d).noalias() += state.lazyProduct(z_bar);
      block_bar.segment(d, d).noalias() += bar.lazyProduct(neuron);
      block_bar[2 * d] += z_bar.sum();
    }
    bar.noalias() += block.head(d).lazyProduct(z_bar.transpose());
  }
  if (x_bar.size() != 0) x_bar = bar;
}

template <class S>
void OneNeuronResidualNetwork<S>::states(MatrixRefX<S> states, Tape& tape) const {
  auto& mine = map_checks::tape_of<BlockTape>("OneNeuronResidualNetwork::states", tape);
  map_checks::check_states("OneNeuronResidualNetwork::states", states, spec_.inputs,
                           num_states(), mine.batch);
  states = mine.states.leftCols(mine.batch * num_states());
}

template class OneNeuronResidualNetwork<float>;
template class OneNeuronResidualNetwork<double>;

}  // namespace least_action
