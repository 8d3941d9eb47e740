#include "ode/stormer_verlet.h"

#include <limits>

#include "base/contract.h"

namespace least_action {

Index check_separable(const char* where, const VectorField<double>& field) {
  if (!field.is_separable() || field.dimension() % 2 != 0) {
    fail(where,
         "the field is not separable, expected x = (q, p) with H = T(p) + V(q); "
         "implicit midpoint is symplectic for any Hamiltonian field");
  }
  return field.dimension() / 2;
}

StormerVerlet::StormerVerlet(const VectorField<double>& field, Index max_batch)
    : calls_(field, max_batch), velocity_(check_separable("StormerVerlet", field), max_batch) {
  force_.setZero(velocity_.rows(), max_batch);
  force_q_ = force_;
  force_t_.setZero(max_batch);
  middle_.setZero(max_batch);
}

void StormerVerlet::restart() {
  force_batch_ = 0;
  calls_.reset();
}

/// Times are compared up to rounding: who steps from t₀ + kh does not arrive at t₀ + (k+1)h to
/// the last bit, and a force that old is as good.
bool StormerVerlet::force_is_known(ConstVectorRef t, ConstVectorRef h,
                                   const Eigen::Ref<const Matrix>& q) const {
  const Index batch = q.cols();
  if (force_batch_ != batch || force_q_.leftCols(batch) != q) return false;
  const auto slack =
      8 * std::numeric_limits<double>::epsilon() * (t.array().abs() + h.array().abs());
  return ((t - force_t_.head(batch)).array().abs() <= slack).all();
}

bool StormerVerlet::step(ConstVectorRef t, ConstVectorRef h, MatrixRef x) {
  const Index n = velocity_.rows();
  const Index batch = x.cols();
  check_step<double>("StormerVerlet::step", 2 * n, velocity_.cols(), t, h, x);
  auto q = x.topRows(n);
  auto p = x.bottomRows(n);
  auto velocity = velocity_.leftCols(batch);
  auto force = force_.leftCols(batch);

  if (!force_is_known(t, h, q)) calls_.force(t, q, force);
  p += 0.5 * (force * h.asDiagonal());  // p½

  middle_.head(batch) = t + 0.5 * h;
  calls_.velocity(middle_.head(batch), p, velocity);
  q += velocity * h.asDiagonal();  // q₁

  force_t_.head(batch) = t + h;
  force_q_.leftCols(batch) = q;
  force_batch_ = batch;
  calls_.force(force_t_.head(batch), q, force);
  p += 0.5 * (force * h.asDiagonal());  // p₁
  return true;
}

}  // namespace least_action
