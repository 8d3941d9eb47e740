#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/types.h"
#include "nn/activation.h"
#include "sensitivity/sensitivity.h"

namespace least_action {

enum class MapKind {
  kNeuralOde,           ///< x ↦ x(T) of ẋ = f(t, x), in as many dimensions as x has
  kAugmentedNeuralOde,  ///< the same with k zeros appended to x
  kInvertibleResidual,  ///< x + g(x) with Lip(g) < 1
  kOneNeuron,           ///< x + u max(0, wᵀx + b): one neuron a block
  kFullyConnected       ///< layers that need not keep anything: what the others are compared to
};

struct MapKindTraits {
  MapKind kind;
  std::string_view name;    ///< "node", "anode", "iresnet", "one-neuron", "mlp"
  std::string_view title;   ///< For people: "Neural ODE".
  std::string_view help;    ///< One line: what it is and what it keeps.
  std::string_view source;  ///< Author and year.
  /// One-to-one and continuous both ways on the space of its states, so it keeps topology: what
  /// is inside stays inside.
  bool is_homeomorphism;
};
const std::vector<MapKindTraits>& map_kinds();
const MapKindTraits& traits(MapKind kind);
MapKind map_kind_named(std::string_view name);  ///< Throws std::invalid_argument.

/// Everything needed to build a map; θ is separate. What a kind does not use is ignored.
struct MapSpec {
  MapKind kind = MapKind::kNeuralOde;
  Index inputs = 2;
  Index outputs = 2;
  /// y = R s + r of the final state s. Without it y is s itself, or its first components where
  /// zeros were appended; then `outputs` must equal `inputs`. Fully connected: always.
  bool read_out = false;
  std::vector<Index> hidden = {32};  ///< Of f, of each g, or of the fully connected network.
  Activation activation = Activation::kTanh;
  Index augmented = 1;          ///< kAugmentedNeuralOde: zeros appended, 1 … 64.
  Index blocks = 5;             ///< kInvertibleResidual, kOneNeuron: 1 … 1000.
  double contraction = 0.9;     ///< kInvertibleResidual: Lip(g) ≤ c, in (0, 1).
  bool time_dependent = false;  ///< Neural ODEs: f sees t as a further input.
  double duration = 1;          ///< Neural ODEs: T; may be negative.
  Index shown_states = 16;      ///< Neural ODEs: equal parts of [0, T] whose ends are states.
  /// Neural ODEs: how the flow is solved and differentiated. Fixed-step methods take
  /// `sensitivity.substeps` steps (0: as solve.step asks) in each part.
  SensitivityOptions sensitivity{.solve = {.method = Method::kRk4}, .substeps = 1};
};
/// What is wrong with the spec, in words; empty where nothing is.
std::optional<std::string> find_fault(const MapSpec& spec);

}  // namespace least_action
