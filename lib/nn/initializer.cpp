#include "nn/initializer.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string>

#include "base/contract.h"
#include "base/unknown_name.h"
#include "nn/activation.h"

namespace least_action {
namespace {

constexpr Initializer kInitializers[] = {Initializer::kGlorot, Initializer::kOrthogonal,
                                         Initializer::kLagrangian};

}  // namespace

std::string_view name(Initializer initializer) {
  switch (initializer) {
    case Initializer::kGlorot:
      return "glorot";
    case Initializer::kOrthogonal:
      return "orthogonal";
    case Initializer::kLagrangian:
      return "lagrangian";
  }
  return "unknown";
}

Initializer initializer_named(std::string_view text) {
  for (const Initializer initializer : kInitializers) {
    if (name(initializer) == text) return initializer;
  }
  fail_unknown("initializer_named", "initializer", text,
               names_of(kInitializers, [](Initializer each) { return name(each); }));
}

namespace {

Matrix glorot(Index rows, Index cols, Random& random) {
  const double bound = std::sqrt(6.0 / static_cast<double>(rows + cols));
  Matrix w(rows, cols);
  for (Index j = 0; j < cols; ++j) {
    for (Index i = 0; i < rows; ++i) w(i, j) = random.uniform(-bound, bound);
  }
  return w;
}

double dot(const double* x, const double* y, Index n) {
  double sums[4] = {0, 0, 0, 0};  // Four chains of additions instead of one.
  Index i = 0;
  for (; i + 4 <= n; i += 4) {
    for (Index k = 0; k < 4; ++k) sums[k] += x[i + k] * y[i + k];
  }
  for (; i < n; ++i) sums[0] += x[i] * y[i];
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

/// Q of the QR factorisation with a positive diagonal of R, which makes Q uniform on the
/// orthogonal matrices (Mezzadri, Notices of the AMS 54 (2007) 592). By Gram–Schmidt, every
/// column projected twice, so that rounding leaves nothing of the earlier ones.
Matrix orthogonal(Index rows, Index cols, Random& random) {
  const Index large = std::max(rows, cols), small = std::min(rows, cols);
  Matrix q(large, small);
  for (Index j = 0; j < small; ++j) {
    double* column = q.data() + j * large;
    for (Index i = 0; i < large; ++i) column[i] = random.normal();
    for (int pass = 0; pass < 2; ++pass) {
      for (Index k = 0; k < j; ++k) {
        const double* earlier = q.data() + k * large;
        const double along = dot(column, earlier, large);
        for (Index i = 0; i < large; ++i) column[i] -= along * earlier[i];
      }
    }
    const double norm = std::sqrt(dot(column, column, large));
    for (Index i = 0; i < large; ++i) column[i] /= norm;
  }
  if (rows >= cols) return q;
  return q.transpose();
}

// --- kLagrangian ---
//
// Write e_k = ∂f/∂a_k and J_k = ∂z_k/∂q̇. The mass matrix of a scalar network is
//
//   M = ∂²f/∂q̇² = Σ_k J_kᵀ diag(e_k ⊙ σ''(z_k)) J_k,
//
// a sum over neurons of rank-one terms whose sign is that of e σ''. With zero-mean weights the
// e's are as often negative as positive: M is a random indefinite matrix of mean zero, at every
// width, and M q̈ = … is ill-posed at one sample or another. So the signs are arranged instead:
//
// 1. σ'' > 0. The biases centre every z at z* where σ'' is positive on average over ±τ
//    (softplus and SiLU: 0; tanh: −1; sine: −π/4), and the first layer's z has a standard
//    deviation τ, for inputs of unit variance, small enough to stay there (a bounded f cannot
//    be convex for ever).
// 2. e > 0 and nearly uniform. W_{m+1} = (ω/h) 1ᵀ, and with the centring projector
//    P = I − 11ᵀ/h
//      W_k = (μ/h) 1 1ᵀ + P N P,   N_ij ~ N(0, g²/h),
//    whose mean part hands a uniform e down as a uniform e (μ E σ' = 1), while the centred
//    noise, which makes the neurons of a layer differ, moves it only by the spread of σ'.
// 3. An isotropic first layer. W_1 has orthonormal columns times τ√(h/d), so that its term of
//    M is ω E[σ''] τ²/d times the identity, and cross terms ∂²f/∂q∂q̇ vanish on average.
// 4. Scale. With g = κ/E σ' layer k adds about κ^{2(k−1)} times the first layer's term; ω makes
//    the sum the identity: M ≈ I whatever the width and the depth, deviating by O(h^{−1/2}).
//
// The expectations are those of z ~ N(z*, v), v = τ² in layer 1 and g² Var σ(z) above, by
// quadrature. An input with a scale counts in its scaled coordinate (M ≈ diag of scale²).

constexpr double kSpread = 0.6;  // κ

struct Centre {
  double z, deviation;  ///< z*, τ
};
Centre centre(Activation activation) {
  switch (activation) {
    case Activation::kTanh:
      return {-1, 0.4};
    case Activation::kSoftplus:
      return {0, 1};
    case Activation::kSine:
      return {-0.7853981633974483, 0.5};
    case Activation::kSilu:
      return {0, 0.7};
  }
  return {0, 1};
}

/// Mean and variance of σ(z), means of σ' and σ'', for z ~ N(z*, variance).
struct Moments {
  double value = 0, variance = 0, first = 0, second = 0;
};
Moments moments(Activation activation, double z, double variance) {
  Moments m;
  double total = 0;
  constexpr int kPoints = 401;  // The trapezoidal rule, exact to rounding for a Gaussian.
  for (int i = 0; i < kPoints; ++i) {
    const double t = -8 + 16.0 * i / (kPoints - 1);
    const double weight = std::exp(-t * t / 2);
    const ActivationJet jet = activation_jet(activation, z + std::sqrt(variance) * t);
    total += weight;
    m.value += weight * jet.value;
    m.variance += weight * jet.value * jet.value;
    m.first += weight * jet.first;
    m.second += weight * jet.second;
  }
  m.value /= total;
  m.variance = m.variance / total - m.value * m.value;
  m.first /= total;
  m.second /= total;
  return m;
}

/// P N P: normal draws with every row and column centred.
Matrix centred_noise(Index rows, Index cols, double deviation, Random& random) {
  Matrix n(rows, cols);
  for (Index j = 0; j < cols; ++j) {
    for (Index i = 0; i < rows; ++i) n(i, j) = deviation * random.normal();
  }
  if (rows > 1) {
    for (Index j = 0; j < cols; ++j) n.col(j).array() -= n.col(j).mean();
  }
  if (cols > 1) {
    for (Index i = 0; i < rows; ++i) n.row(i).array() -= n.row(i).mean();
  }
  return n;
}

void initialize_lagrangian(const MlpLayout& layout, const Random& random, Vector& theta) {
  const auto layers = layout.layers();
  const std::size_t hidden = layout.hidden.size();
  const auto weights = [&](std::size_t k) {
    return Eigen::Map<Matrix>(theta.data() + layers[k].weight_offset, layers[k].rows,
                              layers[k].cols);
  };
  if (hidden == 0) {  // Affine: there is no mass matrix to look after.
    Random draws = random.split(0);
    weights(0) = glorot(layers[0].rows, layers[0].cols, draws);
    return;
  }
  const Centre start = centre(layout.activation);
  double variance = start.deviation * start.deviation;
  double terms = 0, second = 0;  // Σ κ^{2(k−1)}; E σ'' of the first layer.
  Moments below;
  for (std::size_t k = 0; k < hidden; ++k) {
    const Index rows = layers[k].rows, cols = layers[k].cols;
    Random draws = random.split(k);
    double bias = start.z;
    if (k == 0) {
      const double size = std::sqrt(double(std::max(rows, cols)) / double(cols));
      weights(k) = start.deviation * size * orthogonal(rows, cols, draws);
    } else {
      const double gain = kSpread / below.first;
      weights(k) = centred_noise(rows, cols, gain / std::sqrt(double(cols)), draws);
      weights(k).array() += 1 / (below.first * double(cols));
      bias -= below.value / below.first;  // The mean part's own contribution.
      variance = gain * gain * below.variance;
    }
    theta.segment(layers[k].bias_offset, rows).setConstant(bias);
    below = moments(layout.activation, start.z, variance);
    if (k == 0) second = below.second;
    terms += std::pow(kSpread, 2.0 * double(k));
  }
  // ω: e of the first layer is ω/h, since every μ E σ' = 1.
  const double tau = start.deviation;
  const double omega = double(layers[0].cols) / (second * tau * tau * terms);
  const double h = double(layers[hidden].cols);
  weights(hidden).setConstant(omega / h);
  // f(0) near 0: only differences of a Lagrangian matter, but large constants cost digits.
  theta.segment(layers[hidden].bias_offset, layers[hidden].rows)
      .setConstant(-omega * below.value);
}

}  // namespace

template <class S>
void initialize(Initializer initializer, const MlpLayout& layout, Random random,
                VectorRefX<S> theta) {
  layout.check();
  if (theta.size() != layout.num_parameters())
    fail_size("initialize", "theta", theta.size(), layout.num_parameters(),
              "layout.num_parameters()");
  Vector drawn = Vector::Zero(theta.size());
  if (initializer == Initializer::kLagrangian) {
    initialize_lagrangian(layout, random, drawn);
  } else {
    std::uint64_t stream = 0;
    for (const MlpLayout::Layer& layer : layout.layers()) {
      Random draws = random.split(stream++);
      Eigen::Map<Matrix>(drawn.data() + layer.weight_offset, layer.rows, layer.cols) =
          initializer == Initializer::kOrthogonal ? orthogonal(layer.rows, layer.cols, draws)
                                                  : glorot(layer.rows, layer.cols, draws);
    }
  }
  theta = drawn.cast<S>();
}

template void initialize<float>(Initializer, const MlpLayout&, Random, VectorRefX<float>);
template void initialize<double>(Initializer, const MlpLayout&, Random, VectorRefX<double>);

}  // namespace least_action
