#include "nn/panel_product.h"

namespace least_action {
namespace {

using simd::kLanes;
using simd::kOuterColumns;
using simd::kOuterVectors;
using simd::kTileRows;
using simd::kTileVectors;
using simd::load;
using simd::splat;
using simd::store;
using simd::Vec;

/// R rows × N vectors of out = W a + bias, with every accumulator in a register.
template <class S, int R, int N>
void tile(const S* w, Index depth, const S* a, Index width, const S* bias, S* out) {
  Vec<S> sum[R][N];
  LEAST_ACTION_UNROLL
  for (int r = 0; r < R; ++r) {
    const Vec<S> start = bias != nullptr ? splat(bias[r]) : Vec<S>{};
    LEAST_ACTION_UNROLL
    for (int n = 0; n < N; ++n) sum[r][n] = start;
  }
  for (Index k = 0; k < depth; ++k, w += R, a += width) {
    Vec<S> x[N];
    LEAST_ACTION_UNROLL
    for (int n = 0; n < N; ++n) x[n] = load(a + n * kLanes<S>);
    LEAST_ACTION_UNROLL
    for (int r = 0; r < R; ++r) {
      const Vec<S> weight = splat(w[r]);
      LEAST_ACTION_UNROLL
      for (int n = 0; n < N; ++n) sum[r][n] += weight * x[n];
    }
  }
  LEAST_ACTION_UNROLL
  for (int r = 0; r < R; ++r) {
    LEAST_ACTION_UNROLL
    for (int n = 0; n < N; ++n) store<S>(out + r * width + n * kLanes<S>, sum[r][n]);
  }
}

template <class S>
using Tile = void (*)(const S*, Index, const S*, Index, const S*, S*);

/// tiles()[(R − 1) kTileVectors + N − 1] = tile<S, R, N>.
template <class S, int... I>
constexpr std::array<Tile<S>, sizeof...(I)> tiles(std::integer_sequence<int, I...>) {
  return {&tile<S, I / kTileVectors + 1, I % kTileVectors + 1>...};
}
template <class S>
constexpr auto kTiles = tiles<S>(std::make_integer_sequence<int, kTileRows * kTileVectors>{});

/// V vectors of rows × C columns of W̄ += scale Σ Z̄ Aᵀ. The last vector may reach `excess` rows
/// beyond the matrix; those are not written.
template <class S, int V, int C>
void outer_tile(const OuterTerm<S>* terms, Index num_terms, Index width, Index stride,
                Index row, Index column, S scale, S* w_bar, Index rows) {
  Vec<S> sum[C][V] = {};
  for (Index t = 0; t < num_terms; ++t) {
    const S* z = terms[t].z_bar_transposed + row;
    const S* a = terms[t].a + column * width;
    for (Index b = 0; b < width; ++b, z += stride, ++a) {
      Vec<S> x[V];
      LEAST_ACTION_UNROLL
      for (int v = 0; v < V; ++v) x[v] = load(z + v * kLanes<S>);
      LEAST_ACTION_UNROLL
      for (int c = 0; c < C; ++c) {
        const Vec<S> y = splat(a[c * width]);
        LEAST_ACTION_UNROLL
        for (int v = 0; v < V; ++v) sum[c][v] += x[v] * y;
      }
    }
  }
  const Vec<S> factor = splat(scale);
  const bool whole = row + V * kLanes<S> <= rows;
  LEAST_ACTION_UNROLL
  for (int c = 0; c < C; ++c) {
    S* to = w_bar + (column + c) * rows + row;
    LEAST_ACTION_UNROLL
    for (int v = 0; v < V; ++v, to += kLanes<S>) {
      if (whole || v + 1 < V) {
        store<S>(to, load(to) + factor * sum[c][v]);
      } else {
        const Index rest = rows - row - v * kLanes<S>;
        for (Index i = 0; i < rest; ++i) to[i] += scale * sum[c][v][i];
      }
    }
  }
}

/// V vectors of rows, every column.
template <class S, int V>
void outer_rows(const OuterTerm<S>* terms, Index num_terms, Index width, Index stride,
                Index row, Index rows, Index cols, S scale, S* w_bar) {
  Index column = 0;
  for (; column + kOuterColumns <= cols; column += kOuterColumns) {
    outer_tile<S, V, kOuterColumns>(terms, num_terms, width, stride, row, column, scale, w_bar,
                                    rows);
  }
  if constexpr (kOuterColumns > 4) {
    for (; column + 4 <= cols; column += 4) {
      outer_tile<S, V, 4>(terms, num_terms, width, stride, row, column, scale, w_bar, rows);
    }
  }
  for (; column + 2 <= cols; column += 2) {
    outer_tile<S, V, 2>(terms, num_terms, width, stride, row, column, scale, w_bar, rows);
  }
  for (; column < cols; ++column) {
    outer_tile<S, V, 1>(terms, num_terms, width, stride, row, column, scale, w_bar, rows);
  }
}

}  // namespace

template <class S>
void pack(const S* w, Index rows, Index cols, PackedMatrix<S>& packed) {
  S* to = packed.data;
  for (Index row = 0; row < rows; row += kTileRows) {
    const Index count = std::min<Index>(kTileRows, rows - row);
    for (Index k = 0; k < cols; ++k) {
      for (Index r = 0; r < count; ++r) *to++ = w[k * rows + row + r];
    }
  }
}

template <class S>
void pack_transposed(const S* w, Index rows, Index cols, PackedMatrix<S>& packed) {
  S* to = packed.data;
  for (Index column = 0; column < cols; column += kTileRows) {
    const Index count = std::min<Index>(kTileRows, cols - column);
    for (Index k = 0; k < rows; ++k) {
      for (Index c = 0; c < count; ++c) *to++ = w[(column + c) * rows + k];
    }
  }
}

template <class S>
void product_block(const PackedMatrix<S>& w, Index row, Index count, const S* a, Index width,
                   const S* bias, S* out) {
  const Index vectors = width / kLanes<S>;
  const S* weights = w.data + row * w.depth;
  const S* block_bias = bias == nullptr ? nullptr : bias + row;
  S* to = out + row * width;
  for (Index v = 0; v < vectors; v += kTileVectors) {
    const Index n = std::min<Index>(kTileVectors, vectors - v);
    const auto kernel = kTiles<S>[static_cast<std::size_t>((count - 1) * kTileVectors + n - 1)];
    kernel(weights, w.depth, a + v * kLanes<S>, width, block_bias, to + v * kLanes<S>);
  }
}

template <class S>
void add_outer(const OuterTerm<S>* terms, Index num_terms, Index width, Index rows, Index cols,
               S scale, S* w_bar, S* b_bar) {
  const Index stride = simd::round_up<S>(rows);
  Index row = 0;
  for (; row + (kOuterVectors - 1) * kLanes<S> < rows; row += kOuterVectors * kLanes<S>) {
    outer_rows<S, kOuterVectors>(terms, num_terms, width, stride, row, rows, cols, scale,
                                 w_bar);
  }
  if constexpr (kOuterVectors > 2) {
    if (row + kLanes<S> < rows) {
      outer_rows<S, 2>(terms, num_terms, width, stride, row, rows, cols, scale, w_bar);
      row += 2 * kLanes<S>;
    }
  }
  if (row < rows)
    outer_rows<S, 1>(terms, num_terms, width, stride, row, rows, cols, scale, w_bar);

  if (b_bar == nullptr) return;
  for (row = 0; row < rows; row += kLanes<S>) {
    Vec<S> sum{};
    const S* z = terms[0].z_bar_transposed + row;
    for (Index b = 0; b < width; ++b, z += stride) sum += load(z);
    const Index rest = std::min(kLanes<S>, rows - row);
    for (Index i = 0; i < rest; ++i) b_bar[row + i] += scale * sum[i];
  }
}

template <class S>
void transpose_rows(const S* z, Index rows, Index width, S* out) {
  const Index stride = simd::round_up<S>(rows);
  for (Index row = 0; row < rows; row += kLanes<S>) {
    const Index count = std::min(kLanes<S>, rows - row);
    for (Index b = 0; b < width; b += kLanes<S>) {
      Vec<S> block[kLanes<S>];
      for (Index i = 0; i < kLanes<S>; ++i) {
        block[i] = i < count ? load(z + (row + i) * width + b) : Vec<S>{};
      }
      simd::transpose<S>(block);
      for (Index i = 0; i < kLanes<S>; ++i) store<S>(out + (b + i) * stride + row, block[i]);
    }
  }
}

template <class S>
void add_row_dots(const S* x, Index rows, Index width, const S* y, S scale, S* out) {
  for (Index r = 0; r < rows; ++r, x += width) {
    Vec<S> sum{};
    for (Index b = 0; b < width; b += kLanes<S>) {
      sum += y == nullptr ? load(x + b) : load(x + b) * load(y + b);
    }
    out[r] += scale * simd::sum<S>(sum);
  }
}

#define LEAST_ACTION_INSTANTIATE(S)                                                       \
  template void pack<S>(const S*, Index, Index, PackedMatrix<S>&);                        \
  template void pack_transposed<S>(const S*, Index, Index, PackedMatrix<S>&);             \
  template void product_block<S>(const PackedMatrix<S>&, Index, Index, const S*, Index,   \
                                 const S*, S*);                                           \
  template void add_outer<S>(const OuterTerm<S>*, Index, Index, Index, Index, S, S*, S*); \
  template void transpose_rows<S>(const S*, Index, Index, S*);                            \
  template void add_row_dots<S>(const S*, Index, Index, const S*, S, S*);
LEAST_ACTION_INSTANTIATE(float)
LEAST_ACTION_INSTANTIATE(double)
#undef LEAST_ACTION_INSTANTIATE

}  // namespace least_action
