#include "ode/symplectic_euler.h"

#include "ode/stormer_verlet.h"

namespace least_action {

SymplecticEuler::SymplecticEuler(const VectorField<double>& field, Index max_batch)
    : calls_(field, max_batch),
      rate_(check_separable("SymplecticEuler", field), max_batch),
      end_(max_batch) {}

bool SymplecticEuler::step(ConstVectorRef t, ConstVectorRef h, MatrixRef x) {
  const Index n = rate_.rows();
  const Index batch = x.cols();
  check_step<double>("SymplecticEuler::step", 2 * n, rate_.cols(), t, h, x);
  auto q = x.topRows(n);
  auto p = x.bottomRows(n);
  auto rate = rate_.leftCols(batch);

  calls_.force(t, q, rate);
  p += rate * h.asDiagonal();

  end_.head(batch) = t + h;
  calls_.velocity(end_.head(batch), p, rate);
  q += rate * h.asDiagonal();
  return true;
}

}  // namespace least_action
