#include "ode/implicit_midpoint.h"

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <limits>

namespace least_action {
namespace {

constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
/// A relative change this small is rounding of the field's values: no iteration makes it less.
constexpr double kSolved = 4 * kEpsilon;
/// Where the change has stopped shrinking, it is taken for the field's own rounding below this.
constexpr double kStagnated = 1e-11;
/// Fixed-point iteration that contracts more slowly than this costs more than Newton.
constexpr double kSlowContraction = 0.3;
constexpr int kMaxFixedPoint = 40;
constexpr int kMaxNewton = 25;

}  // namespace

/// (I − ½h ∂f/∂x) correction = residual.
struct ImplicitMidpoint::NewtonSystem {
  explicit NewtonSystem(Index dimension)
      : matrix(dimension, dimension), residual(dimension), lu(dimension) {}

  Matrix matrix;
  Vector residual;
  Eigen::PartialPivLU<Matrix> lu;
};

ImplicitMidpoint::ImplicitMidpoint(const VectorField<double>& field, Index max_batch)
    : calls_(field, max_batch), newton_(std::make_unique<NewtonSystem>(field.dimension())) {
  const Index dimension = field.dimension();
  d_.setZero(dimension, max_batch);
  delta_ = state_ = rate_ = direction_ = d_;
  jacobian_columns_.setZero(dimension, max_batch * dimension);
  middle_.setZero(max_batch);
}

ImplicitMidpoint::~ImplicitMidpoint() = default;

bool ImplicitMidpoint::step(ConstVectorRef t, ConstVectorRef h, MatrixRef x) {
  check_step<double>("ImplicitMidpoint::step", d_.rows(), d_.cols(), t, h, x);
  const Index batch = x.cols();
  auto d = d_.leftCols(batch);
  middle_.head(batch) = t + 0.5 * h;

  d.setZero();
  evaluate(h, x);
  if (!delta_.leftCols(batch).allFinite()) {
    x.setConstant(std::numeric_limits<double>::quiet_NaN());
    return true;
  }
  Outcome outcome = iterate_fixed_point(h, x);
  if (outcome != Outcome::kSolved) outcome = iterate_newton(h, x);
  if (outcome != Outcome::kSolved) return false;
  x += 2 * d;
  return true;
}

/// Writes delta = ½h f(t + ½h, x + d) − d: the fixed-point update of d, and Newton's residual.
void ImplicitMidpoint::evaluate(ConstVectorRef h, const Eigen::Ref<const Matrix>& x) {
  const Index batch = x.cols();
  auto state = state_.leftCols(batch);
  auto rate = rate_.leftCols(batch);
  state = x + d_.leftCols(batch);
  calls_.forward(middle_.head(batch), state, rate);
  delta_.leftCols(batch) = 0.5 * (rate * h.asDiagonal()) - d_.leftCols(batch);
}

/// The size of delta relative to the state, the largest over the samples; NaN where any of them
/// is not finite (a maximum over the samples, or Eigen's over a column, could lose it).
double ImplicitMidpoint::change(const Eigen::Ref<const Matrix>& x) const {
  const Index batch = x.cols();
  if (!delta_.leftCols(batch).allFinite() || !d_.leftCols(batch).allFinite()) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  double largest = 0;
  for (Index sample = 0; sample < batch; ++sample) {
    const double size = delta_.col(sample).lpNorm<Eigen::Infinity>();
    if (size == 0) continue;
    const double scale =
        x.col(sample).lpNorm<Eigen::Infinity>() + d_.col(sample).lpNorm<Eigen::Infinity>();
    largest = std::max(largest, size / scale);
  }
  return largest;
}

/// Begins with delta evaluated at d = 0.
ImplicitMidpoint::Outcome ImplicitMidpoint::iterate_fixed_point(
    ConstVectorRef h, const Eigen::Ref<const Matrix>& x) {
  const Index batch = x.cols();
  double previous = std::numeric_limits<double>::infinity();
  for (int iteration = 0; iteration < kMaxFixedPoint; ++iteration) {
    d_.leftCols(batch) += delta_.leftCols(batch);
    const double size = change(x);
    if (size <= kSolved) return Outcome::kSolved;
    if (!std::isfinite(size)) return Outcome::kNonFinite;
    if (size <= kStagnated && size >= previous) return Outcome::kSolved;
    if (iteration >= 2 && size > kSlowContraction * previous && size > kStagnated) break;
    previous = size;
    evaluate(h, x);
  }
  return Outcome::kTooSlow;
}

ImplicitMidpoint::Outcome ImplicitMidpoint::iterate_newton(ConstVectorRef h,
                                                           const Eigen::Ref<const Matrix>& x) {
  const Index batch = x.cols();
  auto d = d_.leftCols(batch);
  d.setZero();  // The fixed-point iterates may be far away.
  double previous = std::numeric_limits<double>::infinity();
  for (int iteration = 0; iteration < kMaxNewton; ++iteration) {
    evaluate(h, x);
    newton_correction(h, batch);
    ++newton_iterations_;
    d += delta_.leftCols(batch);
    const double size = change(x);
    if (!std::isfinite(size)) return Outcome::kNonFinite;
    if (size <= kSolved || (size <= kStagnated && size >= 0.5 * previous))
      return Outcome::kSolved;
    previous = size;
  }
  return Outcome::kTooSlow;
}

/// delta ← (I − ½h ∂f/∂x)⁻¹ delta, at the point of the last `evaluate`.
void ImplicitMidpoint::newton_correction(ConstVectorRef h, Index batch) {
  const Index dimension = d_.rows();
  for (Index j = 0; j < dimension; ++j) {
    direction_.leftCols(batch).setZero();
    direction_.row(j).head(batch).setOnes();
    calls_.jvp(direction_.leftCols(batch), jacobian_columns_.middleCols(j * d_.cols(), batch));
  }
  auto& [matrix, residual, lu] = *newton_;
  for (Index sample = 0; sample < batch; ++sample) {
    for (Index j = 0; j < dimension; ++j) {
      matrix.col(j) = -0.5 * h[sample] * jacobian_columns_.col(j * d_.cols() + sample);
    }
    matrix.diagonal().array() += 1;
    lu.compute(matrix);
    // Not lu.solve in place, which would allocate for the permutation.
    residual = delta_.col(sample);
    auto correction = delta_.col(sample);
    correction = lu.permutationP() * residual;
    lu.matrixLU().triangularView<Eigen::UnitLower>().solveInPlace(correction);
    lu.matrixLU().triangularView<Eigen::Upper>().solveInPlace(correction);
  }
}

}  // namespace least_action
