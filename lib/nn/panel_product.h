#pragma once

#include <algorithm>
#include <array>
#include <vector>

#include "nn/panels.h"
#include "nn/simd.h"

/// Matrix products on panels. Private to lib/nn.
namespace least_action {

/// A matrix of weights as the product kernel reads it: blocks of kTileRows rows, each column by
/// column. `data` is rows · depth long; block r0 starts at r0 · depth.
template <class S>
struct PackedMatrix {
  Index rows = 0, depth = 0;
  S* data = nullptr;
};

/// Packs W (rows × cols, column major).
template <class S>
void pack(const S* w, Index rows, Index cols, PackedMatrix<S>& packed);
/// Packs Wᵀ.
template <class S>
void pack_transposed(const S* w, Index rows, Index cols, PackedMatrix<S>& packed);

/// Rows [row, row + count) of out = W a (+ bias): one block.
template <class S>
void product_block(const PackedMatrix<S>& w, Index row, Index count, const S* a, Index width,
                   const S* bias, S* out);

/// out = W a (+ bias unless null), rows × width; calls `epilogue(row, count)` for each block of
/// rows while it is in the nearest cache.
template <class S, class Epilogue>
inline void product(const PackedMatrix<S>& w, const S* a, Index width, const S* bias, S* out,
                    Epilogue&& epilogue) {
  for (Index row = 0; row < w.rows; row += simd::kTileRows) {
    const Index count = std::min<Index>(simd::kTileRows, w.rows - row);
    product_block(w, row, count, a, width, bias, out);
    epilogue(row, count);
  }
}

/// One term Z̄ Aᵀ of a weight gradient: Z̄ transposed (width × stride, see transpose_rows) and A
/// (cols × width).
template <class S>
struct OuterTerm {
  const S* z_bar_transposed;
  const S* a;
};

/// W̄ += scale · Σ_terms Z̄ Aᵀ, contracting over the samples of the panel. W̄: rows × cols, column
/// major. Where `b_bar` is not null, b̄ += scale · Z̄ 1 of the first term.
template <class S>
void add_outer(const OuterTerm<S>* terms, Index num_terms, Index width, Index rows, Index cols,
               S scale, S* w_bar, S* b_bar);

/// out (width × round_up(rows)) = zᵀ with zeros behind the rows.
template <class S>
void transpose_rows(const S* z, Index rows, Index width, S* out);

/// out_r += scale · Σ_b x_{rb} y_b (y null: ones).
template <class S>
void add_row_dots(const S* x, Index rows, Index width, const S* y, S scale, S* out);

}  // namespace least_action
