#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "base/types.h"
#include "ode/vector_field.h"

namespace least_action {

/// The symmetric mass matrices M of a batch and their inverses, damped where M is close to
/// singular. With M = U diag(λ) Uᵀ the inverse is φ(M) = U diag(φ(λ)) Uᵀ,
///
///   φ(λ) = 1/λ                  where |λ| ≥ ε,      ε² = δ²‖M‖_F² + ε₀²,
///   φ(λ) = λ (2 − λ²/ε²) / ε²   where |λ| < ε.
///
/// φ(M) is M⁻¹ itself for a well-conditioned M; it is odd, once continuously differentiable in
/// M, and at most 1.09/ε: a direction without mass gets no acceleration instead of an infinite
/// one. δ = 10⁻⁵ caps the condition number at about 10⁵ whatever the scale of the (gauge-free)
/// Lagrangian; ε₀ = 10⁻⁶ only decides what M = 0 means.
///
/// Works in double: n × n per sample costs nothing beside a network, and a float 2 × 2
/// determinant would lose the digits that a condition number of 10⁵ leaves.
/// n = 1, 2: closed form. n > 2: elimination with pivoting. Damped samples: Jacobi rotations.
/// No call allocates. A class of LagrangianNetwork's; sizes are not checked.
class MassMatrix final {
 public:
  static constexpr double kRelativeCutoff = 1e-5;  ///< δ
  static constexpr double kAbsoluteCutoff = 1e-6;  ///< ε₀

  MassMatrix(Index degrees_of_freedom, Index capacity);

  /// Begins a new batch: forgets health and damped samples.
  void start_batch();
  /// Writes φ(M) of one sample. `mass` (n × n, column major) must be symmetric. An M with
  /// entries that are not finite is counted and gives NaN: the network itself overflowed.
  void invert(Index sample, const double* mass) {
    if (!invert_small(inverse_.data() + sample * n_ * n_, mass)) invert_large(sample, mass);
  }
  /// φ(M) (n × n, column major) of a sample.
  const double* inverse(Index sample) const { return inverse_.data() + sample * n_ * n_; }

  const FieldHealth& health() const { return health_; }
  /// The samples whose φ(M) is not M⁻¹, in order.
  const std::vector<Index>& damped_samples() const { return damped_; }

  /// What damping adds to the derivative. With q̈ = φ(M) r and u = φ(M) w,
  ///
  ///   wᵀ dφ(M) r = ⟨E − u q̈ᵀ, dM⟩   for symmetric dM;
  ///
  /// writes E (n × n, column major), 0 wherever no eigenvalue is damped. `mass` as for
  /// `invert`.
  void damping_cotangent(const double* mass, const double* w, const double* r, double* e);

  std::size_t bytes() const;

 private:
  /// The closed forms of n = 1 and 2; false where they do not apply (n > 2, damped, not
  /// finite).
  bool invert_small(double* inverse, const double* mass);
  void invert_large(Index sample, const double* mass);
  /// Eigenvalues to `lambda_`, eigenvectors to the columns of `u_`.
  void diagonalize(const double* mass);
  /// M⁻¹ to `inverse`; false where a pivot vanishes.
  bool eliminate(const double* mass, double* inverse);
  void invert_spectrally(Index sample, const double* mass, double cutoff);

  Index n_;
  std::vector<double> inverse_;                 // n² × capacity
  std::vector<double> a_, u_, lambda_, w_, r_;  // One sample's workspace.
  std::vector<Index> damped_;
  FieldHealth health_;
};

// Inline: called once a sample, and cheaper than the call.
inline bool MassMatrix::invert_small(double* inverse, const double* mass) {
  constexpr double kDelta2 = kRelativeCutoff * kRelativeCutoff;
  constexpr double kFloor2 = kAbsoluteCutoff * kAbsoluteCutoff;
  if (n_ == 2) {
    const double a = mass[0], b = mass[1], c = mass[3];
    const double determinant = a * c - b * b;
    const double cutoff2 = kDelta2 * (a * a + 2 * b * b + c * c) + kFloor2;
    // |λ|max = |a + c|/2 + √((a − c)²/4 + b²), and |λ|min = |det|/|λ|max.
    const double largest = 0.5 * std::abs(a + c) + std::sqrt(0.25 * (a - c) * (a - c) + b * b);
    const double largest2 = largest * largest;
    // False for M = 0, and for entries that are not finite.
    if (!(determinant * determinant > cutoff2 * largest2)) return false;
    const double scale = 1 / determinant;
    inverse[0] = c * scale;
    inverse[1] = inverse[2] = -b * scale;
    inverse[3] = a * scale;
    health_.worst_condition = std::max(health_.worst_condition, largest2 * std::abs(scale));
    return true;
  }
  if (n_ != 1) return false;
  const double m = mass[0];
  if (!(m * m >= kDelta2 * m * m + kFloor2) || std::isinf(m)) return false;
  inverse[0] = 1 / m;
  return true;
}

}  // namespace least_action
