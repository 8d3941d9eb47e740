#include <cmath>

#include "base/contract.h"
#include "session/plane.h"

namespace least_action {
namespace {

constexpr std::string_view kWhere = "Session::portrait";
constexpr Index kMaxNodes = 512;

void check(const PortraitRequest& request, Index dimension) {
  for (const auto& [name, component] : {std::pair("x_component", request.x_component),
                                        std::pair("y_component", request.y_component)}) {
    if (component < 0 || component >= dimension) {
      fail_value(kWhere, name, static_cast<double>(component),
                 "from 0 to " + std::to_string(dimension - 1));
    }
  }
  if (request.x_component == request.y_component) {
    fail(kWhere, "both axes show component " + std::to_string(request.x_component) +
                     "; expected two different ones");
  }
  for (const Index nodes : {request.columns, request.rows}) {
    if (nodes < 2 || nodes > kMaxNodes) {
      fail_value(kWhere, "columns or rows", static_cast<double>(nodes),
                 "from 2 to " + std::to_string(kMaxNodes));
    }
  }
  for (const auto& [low, high] :
       {std::pair(request.x_min, request.x_max), std::pair(request.y_min, request.y_max)}) {
    if (!std::isfinite(low) || !std::isfinite(high) || !(low < high)) {
      fail(kWhere,
           "the range " + to_text(low) + " … " + to_text(high) + " is empty or not finite");
    }
  }
}

float shown(double value) { return std::isfinite(value) ? static_cast<float>(value) : NAN; }

}  // namespace

Portrait make_portrait(const Dynamics& dynamics, const PortraitRequest& request,
                       const Vector& base) {
  const Index dimension = dynamics.system().dimension();
  check(request, dimension);
  if (base.size() != dimension) fail_size(kWhere, "base", base.size(), dimension);
  if (!base.allFinite()) fail(kWhere, "base has a component that is not finite");

  Portrait portrait;
  portrait.columns = request.columns;
  portrait.rows = request.rows;
  const auto nodes = static_cast<std::size_t>(request.columns * request.rows);
  portrait.dx.reserve(nodes);
  portrait.dy.reserve(nodes);
  const bool with_energy = request.energy && dynamics.has_energy();
  if (with_energy) portrait.energy.reserve(nodes);

  Dynamics::Workspace workspace = dynamics.make_workspace(request.columns);
  Matrix x = base.replicate(1, request.columns);
  Matrix rates(dimension, request.columns);
  Vector energy(request.columns);
  const Vector across = Vector::LinSpaced(request.columns, request.x_min, request.x_max);
  const Vector up = Vector::LinSpaced(request.rows, request.y_min, request.y_max);
  x.row(request.x_component) = across.transpose();
  for (Index row = 0; row < request.rows; ++row) {
    x.row(request.y_component).setConstant(up[row]);
    dynamics.canonical_rates(x, rates, workspace);
    if (with_energy) dynamics.energy(x, energy, workspace);
    for (Index column = 0; column < request.columns; ++column) {
      portrait.dx.push_back(shown(rates(request.x_component, column)));
      portrait.dy.push_back(shown(rates(request.y_component, column)));
      if (with_energy) portrait.energy.push_back(shown(energy[column]));
    }
  }
  return portrait;
}

}  // namespace least_action
