#include "maps/spectral_norm.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/contract.h"

namespace least_action {

template <class S>
SpectralNorm<S>::SpectralNorm(Index rows, Index cols, int squarings) : wide_(rows <= cols) {
  if (rows < 1 || cols < 1)
    fail_shape("SpectralNorm", "the matrix", rows, cols, 1, 1, "or larger");
  if (squarings < 1 || squarings > 20)
    fail_value("SpectralNorm", "squarings", squarings, "from 1 to 20");
  const Index p = std::min(rows, cols);
  powers_.assign(static_cast<std::size_t>(squarings) + 1, MatrixX<S>::Zero(p, p));
  gradient_.setZero(rows, cols);
  scratch_.setZero(rows, cols);
}

template <class S>
double SpectralNorm<S>::worst_ratio() const {
  const double order = std::ldexp(1.0, static_cast<int>(powers_.size()));  // 2K
  return std::pow(static_cast<double>(powers_[0].rows()), 1 / order);
}

template <class S>
S SpectralNorm<S>::bound(ConstMatrixRefX<S> w) {
  if (w.rows() != gradient_.rows() || w.cols() != gradient_.cols()) {
    fail_shape("SpectralNorm::bound", "w", w.rows(), w.cols(), gradient_.rows(),
               gradient_.cols());
  }
  // Scaled first: the squares of large entries may overflow.
  const S size = w.cwiseAbs().maxCoeff();
  if (!w.allFinite()) return bound_ = std::numeric_limits<S>::quiet_NaN();
  if (size == 0) return bound_ = 0;
  scratch_ = w / size;
  if (wide_) {
    powers_[0].noalias() = scratch_.lazyProduct(scratch_.transpose());
  } else {
    powers_[0].noalias() = scratch_.transpose().lazyProduct(scratch_);
  }
  // log tr(Gᴷ)/2K, gathered from the scales of the squarings: log ‖G‖/2, …
  double logarithm = 0, weight = 0.5;
  for (std::size_t i = 0; i < powers_.size(); ++i, weight /= 2) {
    if (i > 0) powers_[i].noalias() = powers_[i - 1].lazyProduct(powers_[i - 1]);
    const S norm = powers_[i].norm();
    powers_[i] /= norm;
    logarithm += weight * std::log(static_cast<double>(norm));
  }
  logarithm += 2 * weight * std::log(static_cast<double>(powers_.back().trace()));
  return bound_ = size * static_cast<S>(std::exp(logarithm));
}

template <class S>
const MatrixX<S>& SpectralNorm<S>::gradient(ConstMatrixRefX<S> w) {
  gradient_ = w;
  if (bound_ == 0) {
    gradient_.setZero();
    return gradient_;
  }
  // G^{K−1} = G G² G⁴ … G^{K/2}.
  for (std::size_t i = 0; i + 1 < powers_.size(); ++i) {
    if (wide_) {
      scratch_.noalias() = powers_[i].lazyProduct(gradient_);
    } else {
      scratch_.noalias() = gradient_.lazyProduct(powers_[i]);
    }
    gradient_ = scratch_ / scratch_.cwiseAbs().maxCoeff();
  }
  gradient_ *= bound_ / gradient_.cwiseProduct(w).sum();
  return gradient_;
}

template class SpectralNorm<float>;
template class SpectralNorm<double>;

}  // namespace least_action
