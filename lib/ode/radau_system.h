#pragma once

#include <Eigen/LU>

#include "base/types.h"

namespace least_action {

/// The linear algebra of one sample's steps with Radau IIA (three stages, Radau5): simplified
/// Newton iteration for the increments Z = (Z₁, Z₂, Z₃), dimension n × 3, and the error
/// estimate, with one Jacobian J = ∂f/∂x. In the basis Z = T W in which A⁻¹ = T Λ T⁻¹, Λ = γ ⊕
/// (α β; −β α), a correction takes a real and a complex system of dimension n:
///
///   (γ/h − J) ΔW₁ = (T⁻¹F − ΛW/h)₁,
///   ((α − iβ)/h − J) (ΔW₂ + iΔW₃) = (T⁻¹F − ΛW/h)₂ + i (T⁻¹F − ΛW/h)₃.
///
/// Construction allocates, nothing else does.
///
/// Reference: Hairer & Wanner, Solving ODEs II, §IV.8.
class RadauSystem final {
 public:
  explicit RadauSystem(Index dimension);

  /// Column j of J; the factors are then out of date.
  void set_jacobian_column(Index j, ConstVectorRef column);
  /// Makes the factors for a step h ≠ 0; false where they were there.
  bool factorize(double h);

  /// Finds ΔW for increments and rates f(t + cᵢh, x + Zᵢ) (n × 3 each) with the step of the
  /// factors, to be read from `correction`, in the basis of W (n × 3).
  void find_correction(const Eigen::Ref<const Matrix>& z,
                       const Eigen::Ref<const Matrix>& rates);
  const Matrix& correction() const { return correction_; }
  /// Writes Z + T ΔW.
  void apply_correction(MatrixRef z);

  /// The error estimate (γ/h − J)⁻¹ (rate + Σ eᵢ Zᵢ/h) of the solved increments, with rate =
  /// f(t, x): O(h⁴), and bounded for h J → −∞.
  void find_error(ConstVectorRef rate, const Eigen::Ref<const Matrix>& z);
  const Vector& error() const { return error_; }

 private:
  double h_ = 0;  // Of the factors; 0: there are none.
  Matrix jacobian_, matrix_, w_, correction_;
  Eigen::MatrixXcd complex_matrix_;
  Eigen::PartialPivLU<Matrix> real_factors_;
  Eigen::PartialPivLU<Eigen::MatrixXcd> complex_factors_;
  Vector rhs_, solution_, error_;
  Eigen::VectorXcd complex_rhs_, complex_solution_;
};

/// Weights of Z₁, Z₂, Z₃ in the collocation polynomial: u(t + σh) = x + Σ wᵢ Zᵢ, for any σ.
Eigen::Vector3d radau_weights(double sigma);

}  // namespace least_action
