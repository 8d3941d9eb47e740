#include "ode/yoshida.h"

#include <cmath>

#include "base/contract.h"

namespace least_action {

std::span<const double> yoshida_factors(int order) {
  static const double outer = 1 / (2 - std::cbrt(2.0));
  static const double order4[] = {outer, 1 - 2 * outer, outer};
  static constexpr double kOrder6[] = {0.78451361047755726382,  0.23557321335935813368,
                                       -1.17767998417887100695, 1.31518632068391121888,
                                       -1.17767998417887100695, 0.23557321335935813368,
                                       0.78451361047755726382};
  static constexpr double kOrder8[] = {
      0.74167036435061295345,  -0.40910082580003159400, 0.19075471029623837995,
      -0.57386247111608226666, 0.29906418130365592384,  0.33462491824529818378,
      0.31529309239676659663,  -0.79688793935291635402, 0.31529309239676659663,
      0.33462491824529818378,  0.29906418130365592384,  -0.57386247111608226666,
      0.19075471029623837995,  -0.40910082580003159400, 0.74167036435061295345};
  switch (order) {
    case 4:
      return order4;
    case 6:
      return kOrder6;
    case 8:
      return kOrder8;
    default:
      fail_value("yoshida_factors", "order", order, "4, 6 or 8");
  }
}

Yoshida::Yoshida(int order, const VectorField<double>& field, Index max_batch)
    : factors_(yoshida_factors(order)), verlet_(field, max_batch) {
  t_.setZero(max_batch);
  h_.setZero(max_batch);
}

bool Yoshida::step(ConstVectorRef t, ConstVectorRef h, MatrixRef x) {
  check_step<double>("Yoshida::step", verlet_.calls().field().dimension(), t_.size(), t, h, x);
  auto factor_t = t_.head(x.cols());
  auto factor_h = h_.head(x.cols());
  factor_t = t;
  for (const double gamma : factors_) {
    factor_h = gamma * h;
    if (!verlet_.step(factor_t, factor_h, x)) return false;
    factor_t += factor_h;
  }
  return true;
}

}  // namespace least_action
