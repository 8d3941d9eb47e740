#include "ode/collocation.h"

#include <Eigen/LU>
#include <cmath>

#include "base/contract.h"

namespace least_action {
namespace {

/// A and b integrate polynomials of degree s − 1 exactly, which is what the integrals of the
/// Lagrange polynomials do: Σⱼ aᵢⱼ cⱼᵏ = cᵢᵏ⁺¹/(k+1) and Σⱼ bⱼ cⱼᵏ = 1/(k+1), k < s.
CollocationTableau collocation(std::string_view name, int order, const Vector& nodes) {
  const Index s = nodes.size();
  Matrix powers(s, s), integrals(s, s);
  Vector to_the_end(s);
  for (Index k = 0; k < s; ++k) {
    const double next = static_cast<double>(k + 1);
    powers.row(k) = nodes.array().pow(static_cast<double>(k)).transpose();
    integrals.row(k) = nodes.array().pow(next).transpose() / next;
    to_the_end[k] = 1 / next;
  }
  const auto lu = powers.fullPivLu();
  CollocationTableau tableau;
  tableau.name = name;
  tableau.order = order;
  tableau.c = nodes;
  tableau.a = lu.solve(integrals).transpose();
  tableau.b = lu.solve(to_the_end);
  tableau.d = tableau.a.transpose().fullPivLu().solve(tableau.b);
  tableau.symmetric = tableau.symplectic = order == 2 * static_cast<int>(s);
  return tableau;
}

Vector around_the_middle(std::initializer_list<double> offsets) {
  Vector nodes(static_cast<Index>(offsets.size()));
  Index i = 0;
  for (const double offset : offsets) nodes[i++] = 0.5 + offset;
  return nodes;
}

}  // namespace

const CollocationTableau& gauss_tableau(int stages) {
  static const double third = std::sqrt(3.0) / 6, tenth = std::sqrt(15.0) / 10;
  static const CollocationTableau one =
      collocation("implicit-midpoint", 2, around_the_middle({0}));
  static const CollocationTableau two =
      collocation("gauss4", 4, around_the_middle({-third, third}));
  static const CollocationTableau three =
      collocation("gauss6", 6, around_the_middle({-tenth, 0, tenth}));
  switch (stages) {
    case 1:
      return one;
    case 2:
      return two;
    case 3:
      return three;
    default:
      fail_value("gauss_tableau", "stages", stages, "1, 2 or 3");
  }
}

const CollocationTableau& radau_tableau() {
  static const CollocationTableau tableau = [] {
    const double root = std::sqrt(6.0);
    return collocation("radau5", 5, Eigen::Vector3d((4 - root) / 10, (4 + root) / 10, 1));
  }();
  return tableau;
}

}  // namespace least_action
