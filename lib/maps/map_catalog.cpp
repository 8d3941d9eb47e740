#include <cmath>
#include <stdexcept>

#include "base/contract.h"
#include "base/unknown_name.h"
#include "maps/fully_connected_map.h"
#include "maps/invertible_residual_network.h"
#include "maps/neural_ode_map.h"
#include "maps/one_neuron_residual_network.h"

namespace least_action {
namespace {

constexpr Index kMaxDimension = 64, kMaxWidth = 4096, kMaxBlocks = 1000, kMaxStates = 1000;

std::string whole_number_fault(const char* what, Index is, Index most) {
  return std::string("MapSpec: ") + what + " is " + std::to_string(is) +
         "; it must be from 1 to " + std::to_string(most);
}

std::string number_fault(const char* what, double is, const char* expected) {
  return std::string("MapSpec: ") + what + " is " + to_text(is) + "; it must be " + expected;
}

bool is_flow(MapKind kind) {
  return kind == MapKind::kNeuralOde || kind == MapKind::kAugmentedNeuralOde;
}

}  // namespace

const std::vector<MapKindTraits>& map_kinds() {
  static const std::vector<MapKindTraits> kinds{
      {MapKind::kNeuralOde, "node", "Neural ODE",
       "The flow of a learned field in as many dimensions as the data: paths never cross.",
       "Chen et al. 2018", true},
      {MapKind::kAugmentedNeuralOde, "anode", "Augmented neural ODE",
       "The same with further dimensions, which start at 0 and give the paths room to pass.",
       "Dupont et al. 2019", false},
      {MapKind::kInvertibleResidual, "iresnet", "i-ResNet",
       "Residual blocks whose increments are contractions, so each can be undone.",
       "Behrmann et al. 2019", true},
      {MapKind::kOneNeuron, "one-neuron", "One-neuron ResNet",
       "Residual blocks of a single ReLU neuron each: enough of them approximate any function.",
       "Lin & Jegelka 2018", false},
      {MapKind::kFullyConnected, "mlp", "Fully connected network",
       "Layers that keep nothing of their input; no wider than it, it cannot enclose a region.",
       "Johnson 2019", false}};
  return kinds;
}

const MapKindTraits& traits(MapKind kind) {
  for (const MapKindTraits& row : map_kinds())
    if (row.kind == kind) return row;
  fail_value("traits", "the kind of map", static_cast<double>(kind), "one of map_kinds()");
}

MapKind map_kind_named(std::string_view name) {
  for (const MapKindTraits& row : map_kinds()) {
    if (row.name == name) return row.kind;
  }
  fail_unknown("maps", "map", name,
               names_of(map_kinds(), [](const MapKindTraits& row) { return row.name; }));
}

std::optional<std::string> find_fault(const MapSpec& spec) {
  const auto within = [](Index value, Index most) { return value >= 1 && value <= most; };
  if (!within(spec.inputs, kMaxDimension))
    return whole_number_fault("inputs", spec.inputs, kMaxDimension);
  if (!within(spec.outputs, kMaxDimension))
    return whole_number_fault("outputs", spec.outputs, kMaxDimension);
  if (spec.hidden.size() > 32)
    return whole_number_fault("the number of hidden layers",
                              static_cast<Index>(spec.hidden.size()), 32);
  for (const Index width : spec.hidden)
    if (!within(width, kMaxWidth))
      return whole_number_fault("a hidden width", width, kMaxWidth);
  if (!spec.read_out && spec.kind != MapKind::kFullyConnected && spec.outputs != spec.inputs) {
    return "MapSpec: outputs is " + std::to_string(spec.outputs) +
           "; without a read-out it must equal inputs, " + std::to_string(spec.inputs);
  }
  if (spec.kind == MapKind::kAugmentedNeuralOde && !within(spec.augmented, kMaxDimension))
    return whole_number_fault("augmented", spec.augmented, kMaxDimension);
  if ((spec.kind == MapKind::kInvertibleResidual || spec.kind == MapKind::kOneNeuron) &&
      !within(spec.blocks, kMaxBlocks)) {
    return whole_number_fault("blocks", spec.blocks, kMaxBlocks);
  }
  if (spec.kind == MapKind::kInvertibleResidual &&
      !(spec.contraction > 0 && spec.contraction < 1)) {
    return number_fault("contraction", spec.contraction, "between 0 and 1");
  }
  if (!is_flow(spec.kind)) return std::nullopt;
  if (!std::isfinite(spec.duration) || spec.duration == 0)
    return number_fault("duration", spec.duration, "finite and not 0");
  if (!within(spec.shown_states, kMaxStates))
    return whole_number_fault("shown_states", spec.shown_states, kMaxStates);
  return find_fault(spec.sensitivity);
}

template <class S>
InverseReport LearnedMap<S>::inverse(ConstVectorRefX<S>, ConstMatrixRefX<S>, MatrixRefX<S>,
                                     Tape&, const InverseOptions&) const {
  throw std::logic_error("LearnedMap::inverse: this map has none (a " +
                         std::string(traits(spec().kind).title) +
                         (spec().read_out ? " with a read-out)" : ")"));
}

template <class S>
std::unique_ptr<LearnedMap<S>> make_map(const MapSpec& spec) {
  switch (spec.kind) {
    case MapKind::kNeuralOde:
    case MapKind::kAugmentedNeuralOde:
      return std::make_unique<NeuralOdeMap<S>>(spec);
    case MapKind::kInvertibleResidual:
      return std::make_unique<InvertibleResidualNetwork<S>>(spec);
    case MapKind::kOneNeuron:
      return std::make_unique<OneNeuronResidualNetwork<S>>(spec);
    case MapKind::kFullyConnected:
      return std::make_unique<FullyConnectedMap<S>>(spec);
  }
  fail_value("make_map", "the kind of map", static_cast<double>(spec.kind),
             "one of map_kinds()");
}

template class LearnedMap<float>;
template class LearnedMap<double>;
template std::unique_ptr<LearnedMap<float>> make_map(const MapSpec&);
template std::unique_ptr<LearnedMap<double>> make_map(const MapSpec&);

}  // namespace least_action
