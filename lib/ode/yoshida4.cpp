#include "ode/yoshida4.h"

#include <cmath>

namespace least_action {

Yoshida4::Yoshida4(const VectorField<double>& field, Index max_batch)
    : verlet_(field, max_batch), t_(max_batch), h_(max_batch) {}

bool Yoshida4::step(ConstVectorRef t, ConstVectorRef h, MatrixRef x) {
  check_step<double>("Yoshida4::step", verlet_.calls().field().dimension(), t_.size(), t, h, x);
  static const double w1 = 1 / (2 - std::cbrt(2.0));
  const double factors[] = {w1, 1 - 2 * w1, w1};
  auto factor_t = t_.head(x.cols());
  auto factor_h = h_.head(x.cols());
  factor_t = t;
  for (const double w : factors) {
    factor_h = w * h;
    if (!verlet_.step(factor_t, factor_h, x)) return false;
    factor_t += factor_h;
  }
  return true;
}

}  // namespace least_action
