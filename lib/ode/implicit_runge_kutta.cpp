#include "ode/implicit_runge_kutta.h"

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <limits>

namespace least_action {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
/// A relative change this small is rounding of the field's values: no iteration makes it less.
template <class S>
constexpr double kSolved = 4 * double(std::numeric_limits<S>::epsilon());
/// Where the change has stopped shrinking, it is taken for the field's own rounding below this.
template <class S>
constexpr double kStagnated = sizeof(S) == sizeof(double) ? 1e-11 : 1e-4;
/// Fixed-point iteration that contracts more slowly than this costs more than Newton.
constexpr double kSlowContraction = 0.3;
constexpr int kMaxFixedPoint = 40;
constexpr int kMaxNewton = 25;

}  // namespace

/// (I − h (A ⊗ I) diag(∂f/∂x)) correction = residual, of size s · dimension.
template <class S>
struct ImplicitRungeKutta<S>::NewtonSystem {
  explicit NewtonSystem(Index size)
      : matrix(size, size), residual(size), permuted(size), lu(size) {}

  MatrixX<S> matrix;
  VectorX<S> residual, permuted;
  Eigen::PartialPivLU<MatrixX<S>> lu;
};

template <class S>
ImplicitRungeKutta<S>::ImplicitRungeKutta(const CollocationTableau& tableau,
                                          const VectorField<S>& field, Index max_batch)
    : tableau_(&tableau),
      a_(tableau.a.cast<S>()),
      c_(tableau.c.cast<S>()),
      d_(tableau.d.cast<S>()),
      calls_(field, max_batch * tableau.stages()),
      phases_(static_cast<std::size_t>(max_batch), Phase::kSolved),
      last_size_(static_cast<std::size_t>(max_batch)),
      newton_(std::make_unique<NewtonSystem>(field.dimension() * tableau.stages())) {
  const Index dimension = field.dimension();
  const Index columns = max_batch * stages();
  gathered_.reserve(static_cast<std::size_t>(max_batch));
  z_.setZero(dimension, columns);
  state_ = rate_ = delta_ = direction_ = z_;
  time_.setZero(columns);
  jacobian_columns_.setZero(dimension, columns * dimension);
}

template <class S>
ImplicitRungeKutta<S>::~ImplicitRungeKutta() = default;

template <class S>
std::size_t ImplicitRungeKutta<S>::bytes() const {
  const Index numbers = 5 * z_.size() + time_.size() + jacobian_columns_.size() +
                        2 * newton_->matrix.size() + Index(2 * phases_.size());
  return static_cast<std::size_t>(numbers) * sizeof(S) + calls_.bytes();
}

template <class S>
bool ImplicitRungeKutta<S>::step(ConstVectorRefX<S> t, ConstVectorRefX<S> h, MatrixRefX<S> x) {
  check_step<S>("ImplicitRungeKutta::step", z_.rows(), z_.cols() / stages(), t, h, x);
  const Index batch = x.cols();
  predict(t, h, x);
  iterate_fixed_point(t, h, x);
  iterate_newton(t, h, x);

  bool all_solved = true;
  for (Index sample = 0; sample < batch; ++sample) {
    if (phase(sample) == Phase::kSolved) {
      x.col(sample).noalias() += z(sample).lazyProduct(d_);
    } else if (phase(sample) == Phase::kNonFinite) {
      x.col(sample).setConstant(std::numeric_limits<S>::quiet_NaN());
    } else {
      all_solved = false;
    }
  }
  return all_solved;
}

/// Lists the samples in a phase; false where there are none.
template <class S>
bool ImplicitRungeKutta<S>::gather(Phase wanted, Index batch) {
  gathered_.clear();
  for (Index sample = 0; sample < batch; ++sample) {
    if (phase(sample) == wanted) gathered_.push_back(sample);
  }
  return !gathered_.empty();
}

/// Begins with Zᵢ = cᵢ h f(t, x).
template <class S>
void ImplicitRungeKutta<S>::predict(ConstVectorRefX<S> t, ConstVectorRefX<S> h,
                                    ConstMatrixRefX<S> x) {
  const Index batch = x.cols();
  auto rate = rate_.leftCols(batch);
  calls_.forward(t, x, rate);
  for (Index sample = 0; sample < batch; ++sample) {
    set_phase(sample, rate.col(sample).allFinite() ? Phase::kFixedPoint : Phase::kNonFinite);
    last_size_[static_cast<std::size_t>(sample)] = kInfinity;
    for (Index stage = 0; stage < stages(); ++stage) {
      z(sample).col(stage) = h[sample] * c_[stage] * rate.col(sample);
    }
  }
}

/// Writes delta = h Σⱼ aᵢⱼ f(t + cⱼh, x + Zⱼ) − Zᵢ of the gathered samples: the fixed-point
/// update, and Newton's residual.
template <class S>
void ImplicitRungeKutta<S>::evaluate(ConstVectorRefX<S> t, ConstVectorRefX<S> h,
                                     ConstMatrixRefX<S> x) {
  const Index s = stages();
  const Index columns = static_cast<Index>(gathered_.size()) * s;
  Index column = 0;
  for (const Index sample : gathered_) {
    state_.middleCols(column, s) = z(sample).colwise() + x.col(sample);
    time_.segment(column, s) = t[sample] + h[sample] * c_.array();
    column += s;
  }
  calls_.forward(time_.head(columns), state_.leftCols(columns), rate_.leftCols(columns), s);
  column = 0;
  for (const Index sample : gathered_) {
    auto delta = delta_.middleCols(column, s);
    delta.noalias() = h[sample] * rate_.middleCols(column, s).lazyProduct(a_.transpose());
    delta -= z(sample);
    column += s;
  }
}

/// Adds the change to Z of the sample gathered at `column` and returns its size relative to the
/// state; NaN where anything is not finite (a maximum could lose it).
template <class S>
double ImplicitRungeKutta<S>::update(Index column, ConstMatrixRefX<S> x) {
  const Index sample = gathered_[static_cast<std::size_t>(column)];
  const auto delta = delta_.middleCols(column * stages(), stages());
  z(sample) += delta;
  if (!z(sample).allFinite()) return std::numeric_limits<double>::quiet_NaN();
  const S size = delta.template lpNorm<Eigen::Infinity>();
  if (size == 0) return 0;
  return size / (x.col(sample).template lpNorm<Eigen::Infinity>() +
                 z(sample).template lpNorm<Eigen::Infinity>());
}

template <class S>
void ImplicitRungeKutta<S>::iterate_fixed_point(ConstVectorRefX<S> t, ConstVectorRefX<S> h,
                                                ConstMatrixRefX<S> x) {
  for (int iteration = 0; gather(Phase::kFixedPoint, x.cols()); ++iteration) {
    evaluate(t, h, x);
    for (std::size_t i = 0; i < gathered_.size(); ++i) {
      const Index sample = gathered_[i];
      double& previous = last_size_[static_cast<std::size_t>(sample)];
      const double size = update(static_cast<Index>(i), x);
      if (size <= kSolved<S> || (size <= kStagnated<S> && size >= previous)) {
        set_phase(sample, Phase::kSolved);
      } else if (!std::isfinite(size) || iteration + 1 == kMaxFixedPoint ||
                 (iteration >= 2 && size > kSlowContraction * previous &&
                  size > kStagnated<S>)) {
        set_phase(sample, Phase::kNewton);
      }
      previous = size;
    }
  }
}

template <class S>
void ImplicitRungeKutta<S>::iterate_newton(ConstVectorRefX<S> t, ConstVectorRefX<S> h,
                                           ConstMatrixRefX<S> x) {
  for (int iteration = 0; gather(Phase::kNewton, x.cols()); ++iteration) {
    if (iteration == 0) {
      for (const Index sample : gathered_) {
        z(sample).setZero();  // The fixed-point iterates may be far away.
        last_size_[static_cast<std::size_t>(sample)] = kInfinity;
      }
    }
    evaluate(t, h, x);
    correct(h);
    for (std::size_t i = 0; i < gathered_.size(); ++i) {
      const Index sample = gathered_[i];
      double& previous = last_size_[static_cast<std::size_t>(sample)];
      const double size = update(static_cast<Index>(i), x);
      ++newton_iterations_;
      if (size <= kSolved<S> || (size <= kStagnated<S> && size >= 0.5 * previous)) {
        set_phase(sample, Phase::kSolved);
      } else if (iteration == 0 &&
                 !rate_.middleCols(Index(i) * stages(), stages()).allFinite()) {
        set_phase(sample, Phase::kNonFinite);  // At x itself.
      } else if (!std::isfinite(size) || iteration + 1 == kMaxNewton) {
        set_phase(sample, Phase::kFailed);
      }
      previous = size;
    }
  }
}

/// delta ← (I − h (A ⊗ I) diag(∂f/∂x))⁻¹ delta, at the point of the last `evaluate`.
template <class S>
void ImplicitRungeKutta<S>::correct(ConstVectorRefX<S> h) {
  const Index s = stages(), dimension = z_.rows();
  const Index columns = static_cast<Index>(gathered_.size()) * s;
  auto direction = direction_.leftCols(columns);
  for (Index j = 0; j < dimension; ++j) {
    direction.setZero();
    direction.row(j).setOnes();
    calls_.jvp(direction, jacobian_columns_.middleCols(j * z_.cols(), columns), s);
  }
  auto& [matrix, residual, permuted, lu] = *newton_;
  Index column = 0;
  for (const Index sample : gathered_) {
    for (Index stage = 0; stage < s; ++stage) {
      for (Index j = 0; j < dimension; ++j) {
        const auto derivative = jacobian_columns_.col(j * z_.cols() + column + stage);
        for (Index i = 0; i < s; ++i) {
          matrix.col(stage * dimension + j).segment(i * dimension, dimension) =
              -h[sample] * a_(i, stage) * derivative;
        }
      }
    }
    matrix.diagonal().array() += 1;
    lu.compute(matrix);
    // Not lu.solve in place, which would allocate for the permutation.
    auto delta = delta_.middleCols(column, s).reshaped();
    residual = delta;
    permuted = lu.permutationP() * residual;
    lu.matrixLU().template triangularView<Eigen::UnitLower>().solveInPlace(permuted);
    lu.matrixLU().template triangularView<Eigen::Upper>().solveInPlace(permuted);
    delta = permuted;
    column += s;
  }
}

template class ImplicitRungeKutta<float>;
template class ImplicitRungeKutta<double>;

}  // namespace least_action
