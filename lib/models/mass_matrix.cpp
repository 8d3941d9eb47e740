#include "models/mass_matrix.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace least_action {
namespace {

/// ε of a matrix with ‖M‖_F² = `square`.
double cutoff_of(double square) {
  const double delta = MassMatrix::kRelativeCutoff, floor = MassMatrix::kAbsoluteCutoff;
  return std::sqrt(delta * delta * square + floor * floor);
}

double phi(double lambda, double epsilon) {
  if (std::abs(lambda) >= epsilon) return 1 / lambda;
  const double ratio = lambda / epsilon;
  return ratio * (2 - ratio * ratio) / epsilon;
}

double phi_derivative(double lambda, double epsilon) {
  if (std::abs(lambda) >= epsilon) return -1 / (lambda * lambda);
  const double ratio = lambda / epsilon;
  return (2 - 3 * ratio * ratio) / (epsilon * epsilon);
}

/// (φ(a) − φ(b)) / (a − b), φ'(a) where a = b: the first divided difference.
double phi_difference(double a, double b, double epsilon) {
  const bool a_damped = std::abs(a) < epsilon, b_damped = std::abs(b) < epsilon;
  if (!a_damped && !b_damped) return -1 / (a * b);
  if (a_damped && b_damped) {
    return (2 - (a * a + a * b + b * b) / (epsilon * epsilon)) / (epsilon * epsilon);
  }
  // One on each side of ±ε. Close together the quotient cancels, and φ' is continuous.
  if (std::abs(a - b) > 1e-6 * epsilon) return (phi(a, epsilon) - phi(b, epsilon)) / (a - b);
  return 0.5 * (phi_derivative(a, epsilon) + phi_derivative(b, epsilon));
}

}  // namespace

MassMatrix::MassMatrix(Index degrees_of_freedom, Index capacity) : n_(degrees_of_freedom) {
  const auto square = static_cast<std::size_t>(n_ * n_), n = static_cast<std::size_t>(n_);
  inverse_.resize(square * static_cast<std::size_t>(capacity));
  a_.resize(square);
  u_.resize(square);
  lambda_.resize(n);
  w_.resize(n);
  r_.resize(n);
  damped_.reserve(static_cast<std::size_t>(capacity));
}

void MassMatrix::start_batch() {
  damped_.clear();
  health_ = {};
}

void MassMatrix::invert_large(Index sample, const double* mass) {
  double* inverse = inverse_.data() + sample * n_ * n_;
  double square = 0, norm = 0, inverse_norm = 0;
  for (Index i = 0; i < n_ * n_; ++i) square += mass[i] * mass[i];
  const double cutoff = cutoff_of(square);
  if (n_ > 2 && eliminate(mass, inverse)) {
    for (Index j = 0; j < n_; ++j) {
      double column = 0, inverse_column = 0;
      for (Index i = 0; i < n_; ++i) {
        column += std::abs(mass[j * n_ + i]);
        inverse_column += std::abs(inverse[j * n_ + i]);
      }
      norm = std::max(norm, column);
      inverse_norm = std::max(inverse_norm, inverse_column);
    }
    // 1/|λ|min = ‖M⁻¹‖₂ ≤ ‖M⁻¹‖₁: below 1/ε no eigenvalue can be damped.
    if (inverse_norm * cutoff < 1) {
      health_.worst_condition = std::max(health_.worst_condition, norm * inverse_norm);
      return;
    }
  }
  invert_spectrally(sample, mass, cutoff);
}

void MassMatrix::invert_spectrally(Index sample, const double* mass, double cutoff) {
  double* inverse = inverse_.data() + sample * n_ * n_;
  const double infinity = std::numeric_limits<double>::infinity();
  if (!std::isfinite(cutoff)) {
    std::fill(inverse, inverse + n_ * n_, std::numeric_limits<double>::quiet_NaN());
    ++health_.damped_samples;
    health_.worst_condition = infinity;
    return;
  }
  diagonalize(mass);
  // ε₀ is the scale of "no mass at all", so that M → 0 counts as singular also where n = 1.
  double smallest = infinity, largest = kAbsoluteCutoff;
  for (const double lambda : lambda_) {
    smallest = std::min(smallest, std::abs(lambda));
    largest = std::max(largest, std::abs(lambda));
  }
  health_.worst_condition =
      std::max(health_.worst_condition, smallest > 0 ? largest / smallest : infinity);
  if (smallest < cutoff) {
    ++health_.damped_samples;
    damped_.push_back(sample);
  }
  for (Index j = 0; j < n_; ++j) {
    for (Index i = 0; i < n_; ++i) {
      double sum = 0;
      for (Index k = 0; k < n_; ++k) {
        sum += u_[k * n_ + i] * phi(lambda_[k], cutoff) * u_[k * n_ + j];
      }
      inverse[j * n_ + i] = sum;
    }
  }
}

bool MassMatrix::eliminate(const double* mass, double* inverse) {
  // Gauss–Jordan on [M | I] with row pivoting; `a_` is M, column major.
  std::copy(mass, mass + n_ * n_, a_.begin());
  std::fill(inverse, inverse + n_ * n_, 0.0);
  for (Index i = 0; i < n_; ++i) inverse[i * n_ + i] = 1;
  for (Index k = 0; k < n_; ++k) {
    Index pivot = k;
    for (Index i = k + 1; i < n_; ++i) {
      if (std::abs(a_[k * n_ + i]) > std::abs(a_[k * n_ + pivot])) pivot = i;
    }
    if (!(std::abs(a_[k * n_ + pivot]) > std::numeric_limits<double>::min())) return false;
    for (Index j = 0; pivot != k && j < n_; ++j) {
      std::swap(a_[j * n_ + k], a_[j * n_ + pivot]);
      std::swap(inverse[j * n_ + k], inverse[j * n_ + pivot]);
    }
    const double scale = 1 / a_[k * n_ + k];
    for (Index j = 0; j < n_; ++j) {
      a_[j * n_ + k] *= scale;
      inverse[j * n_ + k] *= scale;
    }
    for (Index i = 0; i < n_; ++i) {
      if (i == k) continue;
      const double factor = a_[k * n_ + i];
      for (Index j = 0; j < n_; ++j) {
        a_[j * n_ + i] -= factor * a_[j * n_ + k];
        inverse[j * n_ + i] -= factor * inverse[j * n_ + k];
      }
    }
  }
  return true;
}

void MassMatrix::diagonalize(const double* mass) {
  std::copy(mass, mass + n_ * n_, a_.begin());
  std::fill(u_.begin(), u_.end(), 0.0);
  for (Index i = 0; i < n_; ++i) u_[i * n_ + i] = 1;
  double square = 0;
  for (const double entry : a_) square += entry * entry;
  const double negligible = 0.01 * std::numeric_limits<double>::epsilon() * std::sqrt(square);
  bool rotated = true;
  for (int sweep = 0; sweep < 30 && rotated; ++sweep) {  // Converges quadratically: about six.
    rotated = false;
    for (Index p = 0; p < n_; ++p) {
      for (Index q = p + 1; q < n_; ++q) {
        const double app = a_[p * n_ + p], aqq = a_[q * n_ + q], apq = a_[q * n_ + p];
        if (std::abs(apq) <= negligible) continue;
        rotated = true;
        // t = tan of the angle that annihilates a_pq (the smaller root of t² + 2τt = 1).
        const double tau = (aqq - app) / (2 * apq);
        const double t = (tau >= 0 ? 1 : -1) / (std::abs(tau) + std::hypot(1.0, tau));
        const double c = 1 / std::hypot(1.0, t), s = t * c;
        for (Index k = 0; k < n_; ++k) {
          const double akp = a_[p * n_ + k], akq = a_[q * n_ + k];
          a_[p * n_ + k] = c * akp - s * akq;
          a_[q * n_ + k] = s * akp + c * akq;
        }
        for (Index k = 0; k < n_; ++k) {
          const double apk = a_[k * n_ + p], aqk = a_[k * n_ + q];
          a_[k * n_ + p] = c * apk - s * aqk;
          a_[k * n_ + q] = s * apk + c * aqk;
          const double ukp = u_[p * n_ + k], ukq = u_[q * n_ + k];
          u_[p * n_ + k] = c * ukp - s * ukq;
          u_[q * n_ + k] = s * ukp + c * ukq;
        }
        a_[q * n_ + p] = a_[p * n_ + q] = 0;
      }
    }
  }
  for (Index i = 0; i < n_; ++i) lambda_[i] = a_[i * n_ + i];
}

void MassMatrix::damping_cotangent(const double* mass, const double* w, const double* r,
                                   double* e) {
  double square = 0;
  for (Index i = 0; i < n_ * n_; ++i) square += mass[i] * mass[i];
  const double cutoff = cutoff_of(square);
  diagonalize(mass);
  for (Index i = 0; i < n_; ++i) {
    w_[i] = r_[i] = 0;
    for (Index k = 0; k < n_; ++k) {
      w_[i] += u_[i * n_ + k] * w[k];
      r_[i] += u_[i * n_ + k] * r[k];
    }
  }
  // In the eigenbasis wᵀ dφ(M) r = Σ_ij φ[λ_i, λ_j] ŵ_i r̂_j dM̂_ij (Daleckii & Krein), and
  // −u q̈ᵀ is its undamped part −φ(λ_i) φ(λ_j) ŵ_i r̂_j.
  double slope = 0;  // wᵀ ∂φ(M)/∂ε r
  for (Index j = 0; j < n_; ++j) {
    const double ratio = lambda_[j] / cutoff;
    if (std::abs(ratio) < 1) {
      slope += w_[j] * r_[j] * -4 * ratio * (1 - ratio * ratio) / (cutoff * cutoff);
    }
    for (Index i = 0; i < n_; ++i) {
      const bool exact = std::abs(lambda_[i]) >= cutoff && std::abs(lambda_[j]) >= cutoff;
      a_[j * n_ + i] = exact ? 0
                             : (phi_difference(lambda_[i], lambda_[j], cutoff) +
                                phi(lambda_[i], cutoff) * phi(lambda_[j], cutoff)) *
                                   w_[i] * r_[j];
    }
  }
  // Back from the eigenbasis; dε = (δ²/ε) ⟨M, dM⟩.
  const double scale = slope * kRelativeCutoff * kRelativeCutoff / cutoff;
  for (Index j = 0; j < n_; ++j) {
    for (Index i = 0; i < n_; ++i) {
      double sum = scale * mass[j * n_ + i];
      for (Index l = 0; l < n_; ++l) {
        for (Index k = 0; k < n_; ++k) {
          sum += u_[k * n_ + i] * a_[l * n_ + k] * u_[l * n_ + j];
        }
      }
      e[j * n_ + i] = sum;
    }
  }
}

std::size_t MassMatrix::bytes() const {
  return sizeof(double) * (inverse_.capacity() + a_.capacity() + u_.capacity() +
                           lambda_.capacity() + w_.capacity() + r_.capacity()) +
         sizeof(Index) * damped_.capacity();
}

}  // namespace least_action
