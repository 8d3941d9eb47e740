#include "models/dynamics_model.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include "models/call_contract.h"
#include "models/network_layout.h"

namespace least_action {
namespace {

// Far beyond what can be trained, small enough that no product of sizes overflows.
constexpr Index kMaxDegreesOfFreedom = 256, kMaxLayers = 64, kMaxWidth = Index{1} << 20;
constexpr Index kMaxBlocks = 1024, kMaxParameters = Index{1} << 27;

void check_range(const char* name, Index is, Index low, Index high) {
  if (is < low || is > high) {
    fail("ModelSpec", std::string(name) + " is " + std::to_string(is) + "; it must be from " +
                          std::to_string(low) + " to " + std::to_string(high));
  }
}

std::logic_error unsupported(const ModelSpec& spec, const char* what) {
  return std::logic_error("DynamicsModel: a " + std::string(traits(spec.kind).title) +
                          " has no " + what);
}

}  // namespace

void ModelSpec::check() const {
  const auto& kinds = model_kinds();
  if (std::none_of(kinds.begin(), kinds.end(),
                   [this](const ModelTraits& known) { return known.kind == kind; })) {
    fail_value("ModelSpec", "kind", static_cast<double>(kind), "one of the model kinds");
  }
  if (std::find(kActivations.begin(), kActivations.end(), activation) == kActivations.end()) {
    fail_value("ModelSpec", "activation", static_cast<double>(activation),
               "one of the activations");
  }
  check_range("degrees_of_freedom", degrees_of_freedom, 1, kMaxDegreesOfFreedom);
  check_range("number of hidden layers", static_cast<Index>(hidden.size()), 0, kMaxLayers);
  for (const Index width : hidden) check_range("hidden width", width, 1, kMaxWidth);
  if (hidden.empty() && kind == ModelKind::kLagrangian) {
    fail("ModelSpec",
         "a Lagrangian network without a hidden layer has no mass matrix; "
         "it needs at least one");
  }
  const auto dimension = 2 * degrees_of_freedom;
  if (!features.empty() && static_cast<Index>(features.size()) != dimension) {
    fail_size("ModelSpec", "features", static_cast<Index>(features.size()), dimension,
              "one for each state component, or none");
  }
  for (const InputFeature& feature : features) {
    if (!std::isfinite(feature.scale) || feature.scale == 0) {
      fail_value("ModelSpec", "feature scale", feature.scale, "finite and not zero");
    }
  }
  Index networks = 1, outputs = 1;
  if (kind == ModelKind::kNeuralOde || kind == ModelKind::kResidual) outputs = dimension;
  if (kind == ModelKind::kSeparableHamiltonian) networks = 2;
  if (kind == ModelKind::kResidual) {
    check_range("blocks", blocks, 1, kMaxBlocks);
    if (!std::isfinite(block_time) || block_time <= 0) {
      fail_value("ModelSpec", "block_time", block_time, "positive and finite");
    }
    networks = blocks;
  }
  // In double: kMaxWidth² · kMaxLayers is exact enough, and cannot overflow.
  double parameters = 0, inputs = 2.0 * static_cast<double>(dimension);
  for (const Index width : hidden) {
    parameters += (inputs + 1) * static_cast<double>(width);
    inputs = static_cast<double>(width);
  }
  parameters = static_cast<double>(networks) *
               (parameters + (inputs + 1) * static_cast<double>(outputs));
  if (parameters > static_cast<double>(kMaxParameters)) {
    fail_value("ModelSpec", "number of parameters", parameters,
               "at most " + std::to_string(kMaxParameters));
  }
}

template <class S>
void DynamicsModel<S>::energy(ConstVectorRefX<S>, ConstMatrixRefX<S>, MatrixRefX<S>,
                              Tape&) const {
  throw unsupported(spec(), "learned energy");
}

template <class S>
void DynamicsModel<S>::velocity(ConstVectorRefX<S>, ConstMatrixRefX<S>, MatrixRefX<S>,
                                Tape&) const {
  throw unsupported(spec(), "velocity of p alone: it is not separable");
}

template <class S>
void DynamicsModel<S>::force(ConstVectorRefX<S>, ConstMatrixRefX<S>, MatrixRefX<S>,
                             Tape&) const {
  throw unsupported(spec(), "force of q alone: it is not separable");
}

template class DynamicsModel<float>;
template class DynamicsModel<double>;

}  // namespace least_action
