#pragma once

#include <cmath>
#include <limits>
#include <type_traits>

#include "nn/simd.h"

/// Elementary functions on whole vectors, by argument reduction and a Taylor polynomial long
/// enough for the scalar type. NaN goes through. Private to lib/nn.
namespace least_action::simd {

template <class S>
inline constexpr bool kIsFloat = std::is_same_v<S, float>;

template <class S>
inline Vec<S> select(IntVec<S> mask, Vec<S> yes, Vec<S> no) {
  return mask ? yes : no;
}
template <class S>
inline Vec<S> absolute(Vec<S> x) {
  constexpr auto kMagnitude =
      std::numeric_limits<std::conditional_t<kIsFloat<S>, std::int32_t, std::int64_t>>::max();
  return (Vec<S>)((IntVec<S>)x & kMagnitude);
}
/// |x| with the sign bit of `sign`.
template <class S>
inline Vec<S> copy_sign(Vec<S> x, Vec<S> sign) {
  constexpr auto kSign =
      std::numeric_limits<std::conditional_t<kIsFloat<S>, std::int32_t, std::int64_t>>::min();
  return (Vec<S>)(((IntVec<S>)x & ~kSign) | ((IntVec<S>)sign & kSign));
}

/// Adding 1.5·2^(mantissa bits) rounds to the nearest integer and leaves it in the low bits.
template <class S>
inline constexpr S kRounder = kIsFloat<S> ? S(0x1.8p23) : S(0x1.8p52);

/// e^x = 2ⁿ (1 + q) with |r| ≤ ln 2 / 2, q = e^r − 1 to full relative accuracy; x within
/// ±87 (float) or ±708 (double).
template <class S>
struct SplitExp {
  Vec<S> scale, q;
};
template <class S>
inline SplitExp<S> split_exp(Vec<S> x) {
  // ln 2 in two parts: the products n · kHigh are exact.
  constexpr S kHigh = kIsFloat<S> ? S(0x1.62e4p-1) : S(0x1.62e42fefp-1);
  constexpr S kLow = kIsFloat<S> ? S(0x1.7f7d1cf79abcap-20) : S(0x1.473de6af278edp-34);
  const Vec<S> shifted = x * S(1.4426950408889634074) + kRounder<S>;
  const Vec<S> n = shifted - kRounder<S>;
  const Vec<S> r = (x - n * kHigh) - n * kLow;
  Vec<S> p;
  if constexpr (kIsFloat<S>) {
    p = r * S(1.0 / 5040) + S(1.0 / 720);
  } else {
    p = r * S(1.0 / 6227020800.0) + S(1.0 / 479001600);
    p = p * r + S(1.0 / 39916800);
    p = p * r + S(1.0 / 3628800);
    p = p * r + S(1.0 / 362880);
    p = p * r + S(1.0 / 40320);
    p = p * r + S(1.0 / 5040);
    p = p * r + S(1.0 / 720);
  }
  p = p * r + S(1.0 / 120);
  p = p * r + S(1.0 / 24);
  p = p * r + S(1.0 / 6);
  p = p * r + S(0.5);
  // The integer in `shifted` becomes the exponent of 2ⁿ.
  constexpr int kMantissa = kIsFloat<S> ? 23 : 52;
  constexpr int kBias = kIsFloat<S> ? 127 : 1023;
  const IntVec<S> exponent = (IntVec<S>)shifted - (IntVec<S>)splat<S>(kRounder<S>);
  return {(Vec<S>)((exponent + kBias) << kMantissa), p * (r * r) + r};
}

/// e^x − 1 for x in [0, 80] or so: exact in relative terms near 0.
template <class S>
inline Vec<S> expm1_positive(Vec<S> x) {
  const SplitExp<S> e = split_exp<S>(x);
  return e.scale * e.q + (e.scale - 1);
}

/// e^x for x ≤ 0; 0 where the result would leave the normal range.
template <class S>
inline Vec<S> exp_negative(Vec<S> x) {
  constexpr S kLowest = kIsFloat<S> ? S(-87) : S(-708);
  const SplitExp<S> e = split_exp<S>(select<S>(x < kLowest, splat<S>(kLowest), x));
  return select<S>(x < kLowest, Vec<S>{}, e.scale * e.q + e.scale);
}

/// tanh z and its derivative 1 − tanh² z, both to full relative accuracy:
/// tanh |z| = (e − 1)/(e + 1) and σ' = 4e/(e + 1)² with e = e^{2|z|}.
template <class S>
inline void tanh(Vec<S> z, Vec<S>& value, Vec<S>& first) {
  constexpr S kLargest = kIsFloat<S> ? S(80) : S(700);
  Vec<S> y = absolute<S>(z) * S(2);
  y = select<S>(y > kLargest, splat<S>(kLargest), y);
  const Vec<S> em1 = expm1_positive<S>(y);
  const Vec<S> inverse = S(1) / (em1 + S(2));
  value = copy_sign<S>(em1 * inverse, z);
  first = (S(4) * (em1 + S(1)) * inverse) * inverse;
}

/// The logistic s = 1/(1 + e^{−z}) and e^{−|z|}.
template <class S>
inline void logistic(Vec<S> z, Vec<S>& s, Vec<S>& e) {
  e = exp_negative<S>(-absolute<S>(z));
  // For z < 0: s = e/(1 + e), which keeps its relative accuracy. (A NaN is in e.)
  s = select<S>(z < S(0), e, splat<S>(1)) / (S(1) + e);
}

/// log(1 + e) for 0 ≤ e ≤ 1: log c + 2 artanh t, t = (1 + e − c)/(1 + e + c), with c = 1 where
/// that is close and c = 1.65 elsewhere, so that |t| < 0.16.
template <class S>
inline Vec<S> log1p_unit(Vec<S> e) {
  const IntVec<S> large = e > S(0.35);
  const Vec<S> c_less_1 = select<S>(large, splat<S>(S(0.65)), Vec<S>{});
  const Vec<S> log_c = select<S>(large, splat<S>(S(0.50077528791248925)), Vec<S>{});
  const Vec<S> t = (e - c_less_1) / (e + (c_less_1 + S(2)));
  const Vec<S> u = t * t;
  Vec<S> p;
  if constexpr (kIsFloat<S>) {
    p = u * S(2.0 / 9) + S(2.0 / 7);
  } else {
    p = u * S(2.0 / 21) + S(2.0 / 19);
    p = p * u + S(2.0 / 17);
    p = p * u + S(2.0 / 15);
    p = p * u + S(2.0 / 13);
    p = p * u + S(2.0 / 11);
    p = p * u + S(2.0 / 9);
    p = p * u + S(2.0 / 7);
  }
  p = p * u + S(2.0 / 5);
  p = p * u + S(2.0 / 3);
  return log_c + (p * (u * t) + t * S(2));
}

/// softplus z = max(z, 0) + log(1 + e^{−|z|}) and its derivative, the logistic.
template <class S>
inline void softplus(Vec<S> z, Vec<S>& value, Vec<S>& first) {
  Vec<S> e;
  logistic<S>(z, first, e);
  value = select<S>(z > S(0), z, Vec<S>{}) + log1p_unit<S>(e);
}

/// sin z and cos z: z = n π/2 + r in three parts (Cody & Waite); vectors with an element beyond
/// the reach of that reduction go through the C library.
template <class S>
inline void sin_cos(Vec<S> z, Vec<S>& sine, Vec<S>& cosine) {
  constexpr S kReach = kIsFloat<S> ? S(8000) : S(1e6);
  const IntVec<S> beyond = absolute<S>(z) > kReach;
  bool any = false;
  for (Index i = 0; i < kLanes<S>; ++i) any |= beyond[i] != 0;
  if (any) {
    for (Index i = 0; i < kLanes<S>; ++i) {
      const S x = z[i];
      sine[i] = std::sin(x);
      cosine[i] = std::cos(x);
    }
    return;
  }
  constexpr S kFirst = kIsFloat<S> ? S(0x1.92p0) : S(0x1.921fb544p0);
  constexpr S kSecond = kIsFloat<S> ? S(0x1.fbp-12) : S(0x1.0b4611a4p-34);
  constexpr S kThird = kIsFloat<S> ? S(0x1.5110b4611a626p-22) : S(0x1.13198a2e03707p-65);
  const Vec<S> shifted = z * S(0.63661977236758134308) + kRounder<S>;
  const Vec<S> n = shifted - kRounder<S>;
  const Vec<S> r = ((z - n * kFirst) - n * kSecond) - n * kThird;
  const Vec<S> u = r * r;
  Vec<S> s, c;
  if constexpr (kIsFloat<S>) {
    s = u * S(1.0 / 362880) - S(1.0 / 5040);
    c = u * S(-1.0 / 3628800) + S(1.0 / 40320);
  } else {
    s = u * S(1.0 / 355687428096000.0) - S(1.0 / 1307674368000.0);
    s = s * u + S(1.0 / 6227020800.0);
    s = s * u - S(1.0 / 39916800);
    s = s * u + S(1.0 / 362880);
    s = s * u - S(1.0 / 5040);
    c = u * S(-1.0 / 6402373705728000.0) + S(1.0 / 20922789888000.0);
    c = c * u - S(1.0 / 87178291200.0);
    c = c * u + S(1.0 / 479001600);
    c = c * u - S(1.0 / 3628800);
    c = c * u + S(1.0 / 40320);
  }
  s = s * u + S(1.0 / 120);
  s = s * u - S(1.0 / 6);
  s = s * (u * r) + r;
  c = c * u - S(1.0 / 720);
  c = c * u + S(1.0 / 24);
  c = c * (u * u) + (S(1) - S(0.5) * u);
  // Quarter turns: odd n swaps sine and cosine; bit 1 of n and of n + 1 are their signs.
  const IntVec<S> quarter = (IntVec<S>)shifted;
  const IntVec<S> odd = (quarter & 1) != 0;
  const Vec<S> sine_size = select<S>(odd, c, s);
  const Vec<S> cosine_size = select<S>(odd, s, c);
  sine = select<S>((quarter & 2) != 0, -sine_size, sine_size);
  cosine = select<S>(((quarter + 1) & 2) != 0, -cosine_size, cosine_size);
}

}  // namespace least_action::simd
