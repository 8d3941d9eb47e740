#include "ode/tableau.h"

namespace least_action {
namespace {

ButcherTableau make_dormand_prince() {
  ButcherTableau tableau;
  tableau.name = "Dormand–Prince 5(4)";
  tableau.order = 5;
  tableau.error_order = tableau.dense_order = 4;
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

ButcherTableau make_bogacki_shampine() {
  ButcherTableau tableau;
  tableau.name = "Bogacki–Shampine 3(2)";
  tableau.order = tableau.dense_order = 3;
  tableau.error_order = 2;
  tableau.first_same_as_last = true;
  Matrix& a = tableau.a;
  a = Matrix::Zero(4, 4);
  a.row(1).head(1) << 1.0 / 2;
  a.row(2).head(2) << 0, 3.0 / 4;
  a.row(3).head(3) << 2.0 / 9, 1.0 / 3, 4.0 / 9;
  tableau.b = a.row(3).transpose();
  tableau.c = (Vector(4) << 0, 1.0 / 2, 3.0 / 4, 1).finished();
  tableau.error = (Vector(4) << -5.0 / 72, 1.0 / 12, 1.0 / 9, -1.0 / 8).finished();
  return tableau;
}

ButcherTableau make_tsitouras() {
  ButcherTableau tableau;
  tableau.name = "Tsitouras 5(4)";
  tableau.order = 5;
  tableau.error_order = tableau.dense_order = 4;
  tableau.first_same_as_last = true;
  tableau.c = (Vector(7) << 0, 0.161, 0.327, 0.9, 0.98002554090450968573, 1, 1).finished();
  Matrix& a = tableau.a;
  a = Matrix::Zero(7, 7);
  a.row(2).segment(1, 1) << 0.33548065549235698854;
  a.row(3).segment(1, 2) << -6.3594484899750748431, 4.3622954328695814110;
  a.row(4).segment(1, 3) << -11.748883564062827878, 7.4955393428898362083,
      -0.092495066361755249257;
  a.row(5).segment(1, 4) << -12.920969317847109292, 8.1593678985761586432,
      -0.071584973281400997225, -0.028269050394068382909;
  a.row(6).segment(1, 5) << 0.01, 0.47988965041449959958, 1.3790085741037418932,
      -3.2900695154360806799, 2.3247105240997739824;
  // The first column follows from the rows' sums.
  a.col(0) = tableau.c - a.rowwise().sum();
  tableau.b = a.row(6).transpose();
  tableau.error = (Vector(7) << 0.0017800110522257714134, 0.00081643445965674690320,
                   -0.0078808780102619960103, 0.14471100717326290754, -0.58235716545255522502,
                   0.45808210592918694666, -1.0 / 66)
                      .finished();
  tableau.dense = (Vector(7) << -1.0530884977290216, 0.1017, 2.490627285651252793,
                   -16.54810288924490272, 47.37952196281928122, -34.87065786149660974, 2.5)
                      .finished();
  return tableau;
}

}  // namespace

const ButcherTableau& dormand_prince_tableau() {
  static const ButcherTableau tableau = make_dormand_prince();
  return tableau;
}

const ButcherTableau& bogacki_shampine_tableau() {
  static const ButcherTableau tableau = make_bogacki_shampine();
  return tableau;
}

const ButcherTableau& tsitouras_tableau() {
  static const ButcherTableau tableau = make_tsitouras();
  return tableau;
}

}  // namespace least_action
