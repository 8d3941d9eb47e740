#pragma once

#include <cstdint>
#include <cstring>
#include <utility>

#include "base/types.h"

/// Portable SIMD for the network kernels by the compilers' vector extensions: one source for
/// AVX-512, AVX, SSE and WebAssembly. Private to lib/nn.
namespace least_action::simd {

// kTileRows × kTileVectors accumulators of a matrix product and kOuterVectors × kOuterColumns
// of a weight gradient fill the register file, leaving room for their operands.
#if defined(__AVX512F__)
inline constexpr int kBytes = 64;
inline constexpr int kTileRows = 6, kTileVectors = 4, kOuterVectors = 3, kOuterColumns = 8;
#elif defined(__AVX__)
inline constexpr int kBytes = 32;
inline constexpr int kTileRows = 6, kTileVectors = 2, kOuterVectors = 3, kOuterColumns = 4;
#else
inline constexpr int kBytes = 16;
inline constexpr int kTileRows = 4, kTileVectors = 2, kOuterVectors = 2, kOuterColumns = 4;
#endif

#if defined(__clang__)
#define LEAST_ACTION_UNROLL _Pragma("clang loop unroll(full)")
#else
#define LEAST_ACTION_UNROLL _Pragma("GCC unroll 32")
#endif

template <class S>
struct Types;
template <>
struct Types<float> {
  typedef float V __attribute__((vector_size(kBytes)));
  typedef std::int32_t I __attribute__((vector_size(kBytes)));
};
template <>
struct Types<double> {
  typedef double V __attribute__((vector_size(kBytes)));
  typedef std::int64_t I __attribute__((vector_size(kBytes)));
};

/// A vector of S, and of integers of the same width (comparison masks: 0 or −1 a lane).
template <class S>
using Vec = typename Types<S>::V;
template <class S>
using IntVec = typename Types<S>::I;

template <class S>
inline constexpr Index kLanes = static_cast<Index>(kBytes / sizeof(S));

template <class S>
inline constexpr Index round_up(Index n) {
  return (n + kLanes<S> - 1) / kLanes<S> * kLanes<S>;
}

template <class S>
inline Vec<S> load(const S* from) {
  Vec<S> v;
  std::memcpy(&v, from, sizeof v);
  return v;
}
template <class S>
inline void store(S* to, Vec<S> v) {
  std::memcpy(to, &v, sizeof v);
}
template <class S>
inline Vec<S> splat(S value) {
  return value - Vec<S>{};  // x − 0 is x, signed zeros too, and so folds to a broadcast.
}

/// Σ of the lanes.
template <class S>
inline S sum(Vec<S> v) {
  S total = 0;
  for (Index i = 0; i < kLanes<S>; ++i) total += v[i];
  return total;
}

namespace internal {
template <class S, int... I>
inline Vec<S> interleave_low(Vec<S> a, Vec<S> b, std::integer_sequence<int, I...>) {
  return __builtin_shufflevector(a, b, (I % 2 * int(kLanes<S>) + I / 2)...);
}
template <class S, int... I>
inline Vec<S> interleave_high(Vec<S> a, Vec<S> b, std::integer_sequence<int, I...>) {
  return __builtin_shufflevector(a, b, (I % 2 * int(kLanes<S>) + (I + int(kLanes<S>)) / 2)...);
}
}  // namespace internal

/// Transposes the square m in place: log₂ rounds of a perfect shuffle of rows m[i], m[i + L/2].
template <class S>
inline void transpose(Vec<S>* m) {
  constexpr int kSize = static_cast<int>(kLanes<S>);
  constexpr std::make_integer_sequence<int, kSize> lanes{};
  LEAST_ACTION_UNROLL
  for (int round = 1; round < kSize; round *= 2) {
    Vec<S> next[kSize];
    LEAST_ACTION_UNROLL
    for (int i = 0; i < kSize / 2; ++i) {
      next[2 * i] = internal::interleave_low<S>(m[i], m[i + kSize / 2], lanes);
      next[2 * i + 1] = internal::interleave_high<S>(m[i], m[i + kSize / 2], lanes);
    }
    LEAST_ACTION_UNROLL
    for (int i = 0; i < kSize; ++i) m[i] = next[i];
  }
}

}  // namespace least_action::simd
