#include <string>

#include "base/contract.h"
#include "base/unknown_name.h"
#include "models/dynamics_model.h"
#include "models/hamiltonian_network.h"
#include "models/lagrangian_network.h"
#include "models/neural_ode.h"
#include "models/residual_network.h"
#include "models/separable_hamiltonian_network.h"

namespace least_action {

const std::vector<ModelTraits>& model_kinds() {
  static const std::vector<ModelTraits> kinds = {
      {ModelKind::kNeuralOde, "node", "Neural ODE", Chart::kCanonical, false},
      {ModelKind::kResidual, "resnet", "Residual network", Chart::kCanonical, false},
      {ModelKind::kHamiltonian, "hnn", "Hamiltonian network", Chart::kCanonical, true},
      {ModelKind::kSeparableHamiltonian, "separable-hnn", "Separable Hamiltonian network",
       Chart::kCanonical, true},
      {ModelKind::kLagrangian, "lnn", "Lagrangian network", Chart::kVelocity, true},
  };
  return kinds;
}

const ModelTraits& traits(ModelKind kind) {
  for (const ModelTraits& known : model_kinds()) {
    if (known.kind == kind) return known;
  }
  fail_value("traits", "kind", static_cast<double>(kind), "one of the model kinds");
}

ModelKind model_kind_named(std::string_view name) {
  for (const ModelTraits& known : model_kinds()) {
    if (known.name == name) return known.kind;
  }
  fail_unknown("models", "model", name,
               names_of(model_kinds(), [](const ModelTraits& each) { return each.name; }));
}

template <class S>
std::unique_ptr<DynamicsModel<S>> make_model(const ModelSpec& spec) {
  spec.check();
  switch (spec.kind) {
    case ModelKind::kNeuralOde:
      return std::make_unique<NeuralOde<S>>(spec);
    case ModelKind::kResidual:
      return std::make_unique<ResidualNetwork<S>>(spec);
    case ModelKind::kHamiltonian:
      return std::make_unique<HamiltonianNetwork<S>>(spec);
    case ModelKind::kSeparableHamiltonian:
      return std::make_unique<SeparableHamiltonianNetwork<S>>(spec);
    case ModelKind::kLagrangian:
      return std::make_unique<LagrangianNetwork<S>>(spec);
  }
  fail_value("make_model", "kind", static_cast<double>(spec.kind), "one of the model kinds");
}

template std::unique_ptr<DynamicsModel<float>> make_model<float>(const ModelSpec&);
template std::unique_ptr<DynamicsModel<double>> make_model<double>(const ModelSpec&);

}  // namespace least_action
