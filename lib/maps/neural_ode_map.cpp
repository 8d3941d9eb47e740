#include "maps/neural_ode_map.h"

#include <stdexcept>

#include "maps/call_checks.h"
#include "maps/network_field.h"
#include "nn/initializer.h"
#include "sensitivity/sensitivity.h"

namespace least_action {
namespace {

Index dimension_of(const MapSpec& spec) {
  if (const auto fault = find_fault(spec)) throw std::invalid_argument(*fault);
  return spec.inputs + (spec.kind == MapKind::kAugmentedNeuralOde ? spec.augmented : 0);
}

MlpLayout layout_of(const MapSpec& spec, Index dimension) {
  MlpLayout layout;
  layout.inputs = dimension + (spec.time_dependent ? 1 : 0);
  layout.hidden = spec.hidden;
  layout.outputs = dimension;
  layout.activation = spec.activation;
  return layout;
}

}  // namespace

/// The tape: a solve of the flow with its reverse mode, and the states at the shown times.
template <class S>
struct NeuralOdeMap<S>::FlowTape final : LearnedMap<S>::Tape {
  FlowTape(const NeuralOdeMap& map, Index samples)
      : field(map.network_),
        solve(
            make_sensitivity<S>(map.spec_.sensitivity, field, samples, map.spec_.shown_states)),
        max_samples(samples) {
    const Index points = map.num_states();
    times.resize(1, points);
    for (Index k = 0; k < points; ++k) times(0, k) = map.depth(k) * map.spec_.duration;
    backward_times = times.rowwise().reverse();
    start.setZero(map.dimension_, samples);
    states.setZero(map.dimension_, samples * points);
    states_bar.setZero(map.dimension_, samples * points);
  }
  Index capacity() const override { return max_samples; }
  std::size_t bytes() const override {
    const auto& statistics = solve->statistics();
    return sizeof(*this) + statistics.peak_bytes +
           sizeof(S) * static_cast<std::size_t>(start.size() + 2 * states.size());
  }
  Index evaluations() const override { return solve->statistics().forward.evaluations; }
  const std::string& fault() const override { return solve->message(); }

  NetworkField<S> field;
  std::unique_ptr<Sensitivity<S>> solve;
  Matrix times, backward_times, no_times;
  Index max_samples, batch = 0;
  MatrixX<S> start, states, states_bar;
};

template <class S>
NeuralOdeMap<S>::NeuralOdeMap(const MapSpec& spec)
    : spec_(spec),
      dimension_(dimension_of(spec)),
      network_(layout_of(spec, dimension_)),
      read_out_(dimension_, spec.outputs, spec.read_out) {}

template <class S>
Index NeuralOdeMap<S>::num_parameters() const {
  return network_.num_parameters() + read_out_.num_parameters();
}

template <class S>
void NeuralOdeMap<S>::initialize(const Random& random, VectorRefX<S> theta) const {
  map_checks::check_theta("NeuralOdeMap::initialize", theta.size(), num_parameters());
  const Index n = network_.num_parameters();
  least_action::initialize<S>(Initializer::kGlorot, network_.layout(), random.split(0),
                              theta.head(n));
  const MlpLayout::Layer last = network_.layout().layers().back();
  theta.segment(last.weight_offset, last.rows * last.cols) *= S(0.5);
  read_out_.initialize(random.split(1), theta.tail(read_out_.num_parameters()));
}

template <class S>
std::unique_ptr<typename NeuralOdeMap<S>::Tape> NeuralOdeMap<S>::make_tape(
    Index capacity) const {
  map_checks::check_capacity("NeuralOdeMap::make_tape", capacity);
  return std::make_unique<FlowTape>(*this, capacity);
}

template <class S>
void NeuralOdeMap<S>::forward(ConstVectorRefX<S> theta, ConstMatrixRefX<S> x, MatrixRefX<S> y,
                              Tape& tape) const {
  const char* where = "NeuralOdeMap::forward";
  auto& mine = map_checks::tape_of<FlowTape>(where, tape);
  map_checks::check_theta(where, theta.size(), num_parameters());
  map_checks::check_forward(where, x, y, this->inputs(), this->outputs(), mine.max_samples);
  mine.batch = 0;
  const Index batch = x.cols();
  auto start = mine.start.leftCols(batch);
  start.topRows(x.rows()) = x;
  start.bottomRows(dimension_ - x.rows()).setZero();
  mine.field.bind(theta.data());
  auto states = mine.states.leftCols(batch * num_states());
  mine.solve->forward(mine.field, mine.times, start, states);
  mine.batch = batch;
  read_out_.forward(theta.tail(read_out_.num_parameters()), states.rightCols(batch), y);
}

template <class S>
void NeuralOdeMap<S>::vjp(ConstVectorRefX<S> theta, ConstMatrixRefX<S> y_bar,
                          MatrixRefX<S> x_bar, VectorRefX<S> theta_bar, Tape& tape) const {
  const char* where = "NeuralOdeMap::vjp";
  auto& mine = map_checks::tape_of<FlowTape>(where, tape);
  map_checks::check_theta(where, theta.size(), num_parameters());
  map_checks::check_vjp(where, y_bar, x_bar, theta_bar, this->inputs(), this->outputs(),
                        num_parameters(), mine.batch);
  const Index batch = mine.batch, points = num_states();
  const bool wants_theta = theta_bar.size() != 0;
  auto states_bar = mine.states_bar.leftCols(batch * points);
  states_bar.setZero();
  read_out_.vjp(theta.tail(read_out_.num_parameters()),
                mine.states.middleCols((points - 1) * batch, batch), y_bar,
                states_bar.rightCols(batch),
                theta_bar.tail(wants_theta ? read_out_.num_parameters() : 0));
  mine.field.bind(theta.data());
  auto start_bar = mine.start.leftCols(batch);
  mine.solve->backward(mine.field, states_bar, start_bar,
                       theta_bar.head(wants_theta ? network_.num_parameters() : 0),
                       mine.no_times);
  if (x_bar.size() != 0) x_bar = start_bar.topRows(this->inputs());
}

template <class S>
void NeuralOdeMap<S>::states(MatrixRefX<S> states, Tape& tape) const {
  auto& mine = map_checks::tape_of<FlowTape>("NeuralOdeMap::states", tape);
  map_checks::check_states("NeuralOdeMap::states", states, dimension_, num_states(),
                           mine.batch);
  states = mine.states.leftCols(mine.batch * num_states());
}

template <class S>
bool NeuralOdeMap<S>::is_invertible() const {
  return !spec_.read_out && dimension_ == spec_.inputs;
}

template <class S>
InverseReport NeuralOdeMap<S>::inverse(ConstVectorRefX<S> theta, ConstMatrixRefX<S> y,
                                       MatrixRefX<S> x, Tape& tape,
                                       const InverseOptions& options) const {
  if (!is_invertible()) return LearnedMap<S>::inverse(theta, y, x, tape, options);
  const char* where = "NeuralOdeMap::inverse";
  auto& mine = map_checks::tape_of<FlowTape>(where, tape);
  map_checks::check_theta(where, theta.size(), num_parameters());
  map_checks::check_forward(where, y, x, this->outputs(), this->inputs(), mine.max_samples);
  mine.batch = 0;
  mine.field.bind(theta.data());
  auto states = mine.states.leftCols(y.cols() * num_states());
  const SolveStatus status = mine.solve->forward(mine.field, mine.backward_times, y, states);
  x = states.rightCols(y.cols());
  InverseReport report;
  report.iterations = mine.solve->statistics().forward.steps;
  if (status != SolveStatus::kReachedEnd || !x.allFinite()) {
    report.status = InverseStatus::kNonFinite;
    report.message =
        "The flow could not be followed backward: " +
        (mine.fault().empty() ? std::string("its states are not finite") : mine.fault());
  }
  return report;
}

template class NeuralOdeMap<float>;
template class NeuralOdeMap<double>;

}  // namespace least_action
