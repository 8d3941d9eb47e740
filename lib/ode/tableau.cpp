#include "ode/tableau.h"

#include "base/contract.h"

namespace least_action {
namespace {

ButcherTableau make_euler() {
  ButcherTableau tableau;
  tableau.name = "Euler";
  tableau.order = 1;
  tableau.a = Matrix::Zero(1, 1);
  tableau.b = Vector::Ones(1);
  tableau.c = Vector::Zero(1);
  return tableau;
}

ButcherTableau make_midpoint() {
  ButcherTableau tableau;
  tableau.name = "explicit midpoint";
  tableau.order = 2;
  tableau.a = Matrix::Zero(2, 2);
  tableau.a(1, 0) = 0.5;
  tableau.b = Vector::Unit(2, 1);
  tableau.c = 0.5 * Vector::Unit(2, 1);
  return tableau;
}

ButcherTableau make_rk4() {
  ButcherTableau tableau;
  tableau.name = "Runge–Kutta 4";
  tableau.order = 4;
  tableau.a = Matrix::Zero(4, 4);
  tableau.a(1, 0) = tableau.a(2, 1) = 0.5;
  tableau.a(3, 2) = 1;
  tableau.b = (Vector(4) << 1.0 / 6, 1.0 / 3, 1.0 / 3, 1.0 / 6).finished();
  tableau.c = (Vector(4) << 0, 0.5, 0.5, 1).finished();
  return tableau;
}

ButcherTableau make_dormand_prince() {
  ButcherTableau tableau;
  tableau.name = "Dormand–Prince 5(4)";
  tableau.order = 5;
  tableau.error_order = 4;
  tableau.first_same_as_last = true;
  Matrix& a = tableau.a;
  a = Matrix::Zero(7, 7);
  a.row(1).head(1) << 1.0 / 5;
  a.row(2).head(2) << 3.0 / 40, 9.0 / 40;
  a.row(3).head(3) << 44.0 / 45, -56.0 / 15, 32.0 / 9;
  a.row(4).head(4) << 19372.0 / 6561, -25360.0 / 2187, 64448.0 / 6561, -212.0 / 729;
  a.row(5).head(5) << 9017.0 / 3168, -355.0 / 33, 46732.0 / 5247, 49.0 / 176, -5103.0 / 18656;
  a.row(6).head(6) << 35.0 / 384, 0, 500.0 / 1113, 125.0 / 192, -2187.0 / 6784, 11.0 / 84;
  tableau.b = a.row(6).transpose();
  tableau.c = (Vector(7) << 0, 1.0 / 5, 3.0 / 10, 4.0 / 5, 8.0 / 9, 1, 1).finished();
  tableau.error = (Vector(7) << 71.0 / 57600, 0, -71.0 / 16695, 71.0 / 1920, -17253.0 / 339200,
                   22.0 / 525, -1.0 / 40)
                      .finished();
  tableau.dense = (Vector(7) << -12715105075.0 / 11282082432, 0, 87487479700.0 / 32700410799,
                   -10690763975.0 / 1880347072, 701980252875.0 / 199316789632,
                   -1453857185.0 / 822651844, 69997945.0 / 29380423)
                      .finished();
  return tableau;
}

}  // namespace

const ButcherTableau& euler_tableau() {
  static const ButcherTableau tableau = make_euler();
  return tableau;
}

const ButcherTableau& midpoint_tableau() {
  static const ButcherTableau tableau = make_midpoint();
  return tableau;
}

const ButcherTableau& rk4_tableau() {
  static const ButcherTableau tableau = make_rk4();
  return tableau;
}

const ButcherTableau& dormand_prince_tableau() {
  static const ButcherTableau tableau = make_dormand_prince();
  return tableau;
}

void dense_weights(const ButcherTableau& tableau, double sigma, VectorRef weights) {
  const Index s = tableau.stages();
  if (tableau.dense.size() != s) {
    fail("dense_weights", std::string(tableau.name) + " has no dense output");
  }
  if (weights.size() != s) fail_size("dense_weights", "weights", weights.size(), s, "stages");
  const double rest = 1 - sigma;
  for (Index i = 0; i < s; ++i) {
    const double first = i == 0 ? 1 : 0;
    const double last = i == s - 1 ? 1 : 0;
    const double b = tableau.b[i];
    const double hermite = sigma * (b + rest * (first - b + sigma * (2 * b - first - last)));
    weights[i] = hermite + sigma * sigma * rest * rest * tableau.dense[i];
  }
}

}  // namespace least_action
