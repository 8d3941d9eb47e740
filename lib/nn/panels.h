#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <limits>
#include <new>
#include <utility>

#include "base/types.h"
#include "nn/simd.h"

/// Batches in the lanes. The samples of a batch are cut into panels of kPanel; within a panel
/// an array of r rows is stored row by row, each row `width` neighbouring samples. So weights
/// are broadcast, every vector is full whatever the width of a layer, and all the arrays of a
/// panel stay in the cache through all passes. The last panel is only as wide as the lanes
/// require. Private to lib/nn.
namespace least_action {

inline constexpr Index kPanel = 64;

/// One aligned, zeroed allocation.
template <class S>
class AlignedBuffer final {
 public:
  explicit AlignedBuffer(Index size = 0) : size_(size) {
    if (size == 0) return;
    const auto bytes = static_cast<std::size_t>(size) * sizeof(S);
    data_ = static_cast<S*>(::operator new (bytes, std::align_val_t{64}));
    std::memset(static_cast<void*>(data_), 0, bytes);
  }
  ~AlignedBuffer() {
    if (data_ != nullptr) ::operator delete (data_, std::align_val_t{64});
  }
  AlignedBuffer(AlignedBuffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  AlignedBuffer& operator=(AlignedBuffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }

  S* data() { return data_; }
  const S* data() const { return data_; }
  Index size() const { return size_; }

 private:
  S* data_ = nullptr;
  Index size_;
};

/// The samples [first, first + count) as one panel of `width` lanes.
struct Panel {
  Index first, count, width;
};

inline Index num_panels(Index batch) { return (batch + kPanel - 1) / kPanel; }
template <class S>
inline Panel panel_at(Index batch, Index index) {
  const Index first = index * kPanel;
  const Index count = std::min(kPanel, batch - first);
  return {first, count, simd::round_up<S>(count)};
}

/// Elements of `rows` kept rows for each sample of a batch. Throws std::bad_alloc where they
/// cannot be addressed: an Index of WebAssembly has 32 bits, and would wrap.
template <class S>
inline Index kept_size(Index rows, Index batch) {
  const double samples = static_cast<double>(kPanel) * static_cast<double>(num_panels(batch));
  const double bytes = static_cast<double>(rows) * samples * static_cast<double>(sizeof(S));
  if (bytes >= static_cast<double>(std::numeric_limits<Index>::max())) throw std::bad_alloc();
  return rows * kPanel * num_panels(batch);
}

/// What the lanes beyond the batch hold: a sample again (so that nothing overflows there that
/// would not anyway), or zero (cotangents and directions, so that they contribute nothing).
enum class Padding { kRepeat, kZero };

/// rows × width from the panel's columns of `x`.
template <class S>
inline void load_columns(ConstMatrixRefX<S> x, const Panel& panel, Padding padding, S* rows) {
  const Index stride = x.outerStride();
  const S* column = x.data() + panel.first * stride;
  for (Index i = 0; i < x.rows(); ++i) {
    S* row = rows + i * panel.width;
    for (Index b = 0; b < panel.count; ++b) row[b] = column[b * stride + i];
    const S fill = padding == Padding::kRepeat ? column[i] : S(0);
    for (Index b = panel.count; b < panel.width; ++b) row[b] = fill;
  }
}

/// The panel's columns of y (rows first_row, …) from rows × width.
template <class S>
inline void store_columns(const S* rows, Index num_rows, const Panel& panel, Index first_row,
                          MatrixRefX<S>& y) {
  const Index stride = y.outerStride();
  S* column = y.data() + panel.first * stride + first_row;
  for (Index i = 0; i < num_rows; ++i) {
    const S* row = rows + i * panel.width;
    for (Index b = 0; b < panel.count; ++b) column[b * stride + i] = row[b];
  }
}

/// Hands out the arrays of a panel one after another, counted in rows.
class RowLayout final {
 public:
  Index add(Index rows) {
    const Index offset = rows_;
    rows_ += rows;
    return offset;
  }
  Index rows() const { return rows_; }

 private:
  Index rows_ = 0;
};

}  // namespace least_action
