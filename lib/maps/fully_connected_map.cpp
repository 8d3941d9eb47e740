#include "maps/fully_connected_map.h"

#include <stdexcept>

#include "maps/call_checks.h"
#include "nn/initializer.h"

namespace least_action {
namespace {

MlpLayout layout_of(const MapSpec& spec) {
  if (const auto fault = find_fault(spec)) throw std::invalid_argument(*fault);
  MlpLayout layout;
  layout.inputs = spec.inputs;
  layout.hidden = spec.hidden;
  layout.outputs = spec.outputs;
  layout.activation = spec.activation;
  return layout;
}

}  // namespace

template <class S>
struct FullyConnectedMap<S>::NetworkTape final : LearnedMap<S>::Tape {
  NetworkTape(const FullyConnectedMap& map, Index samples)
      : network(map.network_.make_tape(samples)),
        input(MatrixX<S>::Zero(map.spec_.inputs, samples)),
        max_samples(samples) {}
  Index capacity() const override { return max_samples; }
  std::size_t bytes() const override {
    return sizeof(*this) + map_checks::bytes_of(*network) +
           sizeof(S) * static_cast<std::size_t>(input.size());
  }
  Index evaluations() const override { return 1; }
  const std::string& fault() const override { return no_fault; }

  std::unique_ptr<MlpTape<S>> network;
  MatrixX<S> input;
  Index max_samples, batch = 0;
  std::string no_fault;
};

template <class S>
FullyConnectedMap<S>::FullyConnectedMap(const MapSpec& spec)
    : spec_(spec), network_(layout_of(spec)) {}

template <class S>
void FullyConnectedMap<S>::initialize(const Random& random, VectorRefX<S> theta) const {
  map_checks::check_theta("FullyConnectedMap::initialize", theta.size(), num_parameters());
  least_action::initialize<S>(Initializer::kGlorot, network_.layout(), random, theta);
}

template <class S>
std::unique_ptr<typename FullyConnectedMap<S>::Tape> FullyConnectedMap<S>::make_tape(
    Index capacity) const {
  map_checks::check_capacity("FullyConnectedMap::make_tape", capacity);
  return std::make_unique<NetworkTape>(*this, capacity);
}

template <class S>
void FullyConnectedMap<S>::forward(ConstVectorRefX<S> theta, ConstMatrixRefX<S> x,
                                   MatrixRefX<S> y, Tape& tape) const {
  const char* where = "FullyConnectedMap::forward";
  auto& mine = map_checks::tape_of<NetworkTape>(where, tape);
  map_checks::check_theta(where, theta.size(), num_parameters());
  map_checks::check_forward(where, x, y, this->inputs(), this->outputs(), mine.max_samples);
  mine.batch = 0;
  network_.forward(theta, x, y, *mine.network);
  mine.batch = x.cols();
  mine.input.leftCols(mine.batch) = x;
}

template <class S>
void FullyConnectedMap<S>::vjp(ConstVectorRefX<S> theta, ConstMatrixRefX<S> y_bar,
                               MatrixRefX<S> x_bar, VectorRefX<S> theta_bar, Tape& tape) const {
  const char* where = "FullyConnectedMap::vjp";
  auto& mine = map_checks::tape_of<NetworkTape>(where, tape);
  map_checks::check_theta(where, theta.size(), num_parameters());
  map_checks::check_vjp(where, y_bar, x_bar, theta_bar, this->inputs(), this->outputs(),
                        num_parameters(), mine.batch);
  network_.pullback(theta, y_bar, x_bar, theta_bar, *mine.network);
}

template <class S>
void FullyConnectedMap<S>::states(MatrixRefX<S> states, Tape& tape) const {
  auto& mine = map_checks::tape_of<NetworkTape>("FullyConnectedMap::states", tape);
  map_checks::check_states("FullyConnectedMap::states", states, spec_.inputs, 1, mine.batch);
  states = mine.input.leftCols(mine.batch);
}

template class FullyConnectedMap<float>;
template class FullyConnectedMap<double>;

}  // namespace least_action
