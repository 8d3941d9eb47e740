#include "ode/radau_system.h"

#include <Eigen/Eigenvalues>
#include <cmath>
#include <complex>

#include "ode/collocation.h"

namespace least_action {
namespace {

using Complex = std::complex<double>;

/// T, Λ, and what else the tableau decides.
struct RadauBasis {
  RadauBasis() {
    const CollocationTableau& tableau = radau_tableau();
    nodes << 0, tableau.c[0], tableau.c[1], tableau.c[2];
    const Eigen::Matrix3d inverse = Eigen::Matrix3d(tableau.a).inverse();
    const Eigen::EigenSolver<Eigen::Matrix3d> eigen(inverse);
    for (Index i = 0; i < 3; ++i) {
      const Complex value = eigen.eigenvalues()[i];
      const Eigen::Vector3cd vector = eigen.eigenvectors().col(i);
      if (std::abs(value.imag()) < 1e-8) {
        gamma = value.real();
        t.col(0) = vector.real();
      } else if (value.imag() > 0) {
        alpha = value.real();
        beta = value.imag();
        t.col(1) = vector.real();
        t.col(2) = vector.imag();
      }
    }
    t_inverse = t.inverse();
    const double root = 7 * std::sqrt(6.0);
    error << (-13 - root) / 3, (-13 + root) / 3, -1.0 / 3;
  }

  Eigen::Vector4d nodes;  // 0, c₁, c₂, c₃
  Eigen::Matrix3d t, t_inverse;
  double gamma, alpha, beta;
  Eigen::Vector3d error;  // e of the estimate (γ/h − ∂f/∂x)⁻¹ (f(t, x) + Σ eᵢZᵢ/h)
};

const RadauBasis& basis() {
  static const RadauBasis of_radau;
  return of_radau;
}

/// lu.solve without its temporary, which would allocate.
template <class Lu, class In, class Out>
void solve(const Lu& lu, const In& rhs, Out& solution) {
  solution = lu.permutationP() * rhs;
  lu.matrixLU().template triangularView<Eigen::UnitLower>().solveInPlace(solution);
  lu.matrixLU().template triangularView<Eigen::Upper>().solveInPlace(solution);
}

}  // namespace

RadauSystem::RadauSystem(Index n)
    : jacobian_(Matrix::Zero(n, n)),
      matrix_(n, n),
      w_(n, 3),
      correction_(n, 3),
      complex_matrix_(n, n),
      real_factors_(n),
      complex_factors_(n),
      rhs_(n),
      solution_(n),
      error_(Vector::Zero(n)),
      complex_rhs_(n),
      complex_solution_(n) {
  (void)basis();
}

void RadauSystem::set_jacobian_column(Index j, ConstVectorRef column) {
  jacobian_.col(j) = column;
  h_ = 0;
}

bool RadauSystem::factorize(double h) {
  if (h == h_) return false;
  matrix_ = -jacobian_;
  matrix_.diagonal().array() += basis().gamma / h;
  real_factors_.compute(matrix_);
  complex_matrix_.real() = -jacobian_;
  complex_matrix_.imag().setZero();
  complex_matrix_.diagonal().array() += Complex(basis().alpha, -basis().beta) / h;
  complex_factors_.compute(complex_matrix_);
  h_ = h;
  return true;
}

void RadauSystem::find_correction(const Eigen::Ref<const Matrix>& z,
                                  const Eigen::Ref<const Matrix>& rates) {
  const double alpha = basis().alpha / h_, beta = basis().beta / h_, gamma = basis().gamma / h_;
  w_.noalias() = z.lazyProduct(basis().t_inverse.transpose());
  correction_.noalias() = rates.lazyProduct(basis().t_inverse.transpose());
  rhs_ = correction_.col(0) - gamma * w_.col(0);
  complex_rhs_.real() = correction_.col(1) - alpha * w_.col(1) - beta * w_.col(2);
  complex_rhs_.imag() = correction_.col(2) + beta * w_.col(1) - alpha * w_.col(2);
  solve(real_factors_, rhs_, solution_);
  solve(complex_factors_, complex_rhs_, complex_solution_);
  correction_.col(0) = solution_;
  correction_.col(1) = complex_solution_.real();
  correction_.col(2) = complex_solution_.imag();
}

void RadauSystem::apply_correction(MatrixRef z) {
  w_ += correction_;
  z.noalias() = w_.lazyProduct(basis().t.transpose());
}

void RadauSystem::find_error(ConstVectorRef rate, const Eigen::Ref<const Matrix>& z) {
  rhs_ = rate;
  for (Index i = 0; i < 3; ++i) rhs_ += basis().error[i] / h_ * z.col(i);
  solve(real_factors_, rhs_, error_);
}

Eigen::Vector3d radau_weights(double sigma) {
  const Eigen::Vector4d& c = basis().nodes;
  Eigen::Vector3d weights;
  for (Index i = 1; i < 4; ++i) {
    double weight = 1;
    for (Index j = 0; j < 4; ++j) {
      if (j != i) weight *= (sigma - c[j]) / (c[i] - c[j]);
    }
    weights[i - 1] = weight;
  }
  return weights;
}

}  // namespace least_action
