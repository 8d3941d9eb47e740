#include "nn/initializer.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string>

#include "base/contract.h"

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
  std::string known[std::size(kInitializers)];
  for (std::size_t i = 0; i < std::size(kInitializers); ++i) {
    if (name(kInitializers[i]) == text) return kInitializers[i];
    known[i] = name(kInitializers[i]);
  }
  const std::string near = nearest_name(text, known, std::size(known));
  fail("initializer_named", "no initializer is called \"" + std::string(text) + "\"" +
                                (near.empty() ? "" : "; did you mean " + near + "?") +
                                " (known: glorot, orthogonal, lagrangian)");
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

}  // namespace

template <class S>
void initialize(Initializer initializer, const MlpLayout& layout, Random random,
                VectorRefX<S> theta) {
  layout.check();
  if (theta.size() != layout.num_parameters())
    fail_size("initialize", "theta", theta.size(), layout.num_parameters(),
              "layout.num_parameters()");
  theta.setZero();
  std::uint64_t stream = 0;
  for (const MlpLayout::Layer& layer : layout.layers()) {
    Random draws = random.split(stream++);
    const Matrix w = initializer == Initializer::kOrthogonal
                         ? orthogonal(layer.rows, layer.cols, draws)
                         : glorot(layer.rows, layer.cols, draws);
    theta.segment(layer.weight_offset, w.size()) =
        Eigen::Map<const Vector>(w.data(), w.size()).template cast<S>();
  }
}

template void initialize<float>(Initializer, const MlpLayout&, Random, VectorRefX<float>);
template void initialize<double>(Initializer, const MlpLayout&, Random, VectorRefX<double>);

}  // namespace least_action
