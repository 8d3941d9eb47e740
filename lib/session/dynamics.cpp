#include "session/dynamics.h"

#include <cmath>
#include <limits>

#include "base/contract.h"

namespace least_action {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

std::string_view subscript(Index i) {
  constexpr std::string_view kDigits[] = {"₁", "₂", "₃", "₄", "₅", "₆", "₇", "₈", "₉"};
  return i < 9 ? kDigits[i] : "";
}

}  // namespace

Dynamics::Dynamics(const System& system)
    : system_(&system),
      chart_(Chart::kCanonical),
      field_(std::make_unique<SystemField>(system, Chart::kCanonical)) {}

Dynamics::Dynamics(const System& system, std::shared_ptr<const DynamicsModel<double>> model)
    : system_(&system), chart_(traits(model->spec().kind).chart), model_(std::move(model)) {
  theta_ = Vector::Zero(model_->num_parameters());
  field_ = std::make_unique<ModelField<double>>(*model_, theta_);
}

bool Dynamics::has_energy() const {
  return is_truth() || traits(model_->spec().kind).has_energy;
}

Dynamics::Workspace Dynamics::make_workspace(Index capacity) const {
  const Index dimension = system_->dimension();
  Workspace workspace;
  workspace.field_tape_ = field_->make_tape(capacity);
  if (model_) workspace.model_tape_ = model_->make_tape(capacity);
  workspace.own_ = Matrix::Zero(dimension, capacity);
  workspace.own_rates_ = Matrix::Zero(dimension, capacity);
  workspace.energy_ = Matrix::Zero(1, capacity);
  workspace.times_ = Vector::Zero(capacity);
  workspace.shifted_ = Vector::Zero(dimension);
  workspace.forward_ = Vector::Zero(dimension);
  workspace.backward_ = Vector::Zero(dimension);
  return workspace;
}

void Dynamics::canonical_rates(ConstMatrixRef x, MatrixRef rates, Workspace& workspace) const {
  const Index batch = x.cols();
  const Index n = system_->degrees_of_freedom();
  auto own = workspace.own_.leftCols(batch);
  auto own_rates = workspace.own_rates_.leftCols(batch);
  for (Index b = 0; b < batch; ++b) {
    system_->convert(Chart::kCanonical, chart_, x.col(b), own.col(b));
  }
  field_->forward(workspace.times_.head(batch), own, own_rates, *workspace.field_tape_);
  rates = own_rates;
  if (chart_ == Chart::kCanonical) return;
  for (Index b = 0; b < batch; ++b) {
    const auto rate = own_rates.col(b);
    if (!rate.allFinite()) {
      rates.col(b).setConstant(kNan);
      continue;
    }
    const double step = 1e-4 / std::max(1.0, rate.norm());
    const auto momentum_at = [&](double h, Vector& p) {
      workspace.shifted_ = own.col(b) + h * rate;
      system_->convert(Chart::kVelocity, Chart::kCanonical, workspace.shifted_, p);
    };
    momentum_at(step, workspace.forward_);
    momentum_at(-step, workspace.backward_);
    rates.col(b).tail(n) =
        (workspace.forward_.tail(n) - workspace.backward_.tail(n)) / (2 * step);
  }
}

void Dynamics::energy(ConstMatrixRef x, VectorRef energy, Workspace& workspace) const {
  const Index batch = x.cols();
  if (is_truth()) {
    for (Index b = 0; b < batch; ++b) energy[b] = system_->energy(Chart::kCanonical, x.col(b));
    return;
  }
  auto own = workspace.own_.leftCols(batch);
  for (Index b = 0; b < batch; ++b) {
    system_->convert(Chart::kCanonical, chart_, x.col(b), own.col(b));
  }
  model_->energy(theta_, own, workspace.energy_.leftCols(batch), *workspace.model_tape_);
  energy = workspace.energy_.leftCols(batch).row(0).transpose();
}

void Dynamics::convert(const System& system, Chart from, Chart to, Matrix& states) {
  if (from == to) return;
  for (Index k = 0; k < states.cols(); ++k)
    system.convert(from, to, states.col(k), states.col(k));
}

std::vector<std::string> canonical_symbols(const System& system) {
  const Index n = system.degrees_of_freedom();
  std::vector<std::string> symbols;
  for (const SystemCoordinate& coordinate : system.coordinates())
    symbols.push_back(coordinate.symbol);
  for (Index i = 0; i < n; ++i) {
    // "q₂" has the momentum "p₂"; so has the second of "x" and "y".
    const std::string& q = system.coordinates()[static_cast<std::size_t>(i)].symbol;
    if (n == 1) {
      symbols.push_back("p");
    } else if (q.size() > 1 && q[0] == 'q') {
      symbols.push_back("p" + q.substr(1));
    } else {
      symbols.push_back("p" + std::string(subscript(i)));
    }
  }
  return symbols;
}

std::vector<std::string> canonical_units(const System& system) {
  std::vector<std::string> units;
  for (const SystemCoordinate& coordinate : system.coordinates())
    units.push_back(coordinate.unit);
  for (const SystemCoordinate& coordinate : system.coordinates()) {
    // p = ∂L/∂q̇ has the unit J s / [q].
    if (coordinate.unit == "m") {
      units.push_back("kg m/s");
    } else if (coordinate.unit == "rad") {
      units.push_back("kg m²/s");
    } else {
      units.push_back("");
    }
  }
  return units;
}

std::vector<double> canonical_extents(const System& system) {
  std::vector<double> extents;
  for (const SystemCoordinate& coordinate : system.coordinates())
    extents.push_back(coordinate.typical_position);
  for (const SystemCoordinate& coordinate : system.coordinates())
    extents.push_back(coordinate.typical_momentum);
  return extents;
}

std::vector<bool> canonical_periodic(const System& system) {
  std::vector<bool> periodic;
  for (const SystemCoordinate& coordinate : system.coordinates())
    periodic.push_back(coordinate.periodic);
  periodic.resize(static_cast<std::size_t>(system.dimension()), false);
  return periodic;
}

}  // namespace least_action
