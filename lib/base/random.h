#pragma once

#include <array>
#include <cstdint>

namespace least_action {

/// Seeded random numbers that are the same on every platform: xoshiro256++ (Blackman & Vigna,
/// ACM TOMS 47 (2021) 36) seeded by splitmix64. The standard library's distributions are
/// implementation-defined (the same seed gives another sequence natively and in WASM), so the
/// transforms here are ours: the integers and `uniform` agree bit for bit everywhere, `normal`
/// to the rounding of `log`.
class Random final {
 public:
  using State = std::array<std::uint64_t, 4>;

  explicit Random(std::uint64_t seed);

  /// A generator whose sequence is independent of this one's for each `stream` (a weight
  /// matrix, a trajectory, …), so adding a draw in one place moves no other.
  Random split(std::uint64_t stream) const;

  std::uint64_t next();

  /// Uniform on [0, 1) with 53 bits.
  double uniform();
  /// Uniform on [low, high).
  double uniform(double low, double high);
  /// Uniform integer on [0, bound) without modulo bias; bound > 0.
  std::uint64_t below(std::uint64_t bound);
  /// Standard normal by Marsaglia's polar method (the second value of a pair is dropped, so
  /// that the four words of `state` are the whole state).
  double normal();

  const State& state() const { return state_; }
  void set_state(const State& state);  ///< Throws std::invalid_argument when all zero.

 private:
  State state_;
};

}  // namespace least_action
