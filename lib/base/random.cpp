#include "base/random.h"

#include <cmath>

#include "base/contract.h"

namespace least_action {
namespace {

std::uint64_t splitmix64(std::uint64_t& x) {
  x += 0x9e3779b97f4a7c15u;
  std::uint64_t z = x;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

std::uint64_t rotate_left(std::uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

}  // namespace

Random::Random(std::uint64_t seed) {
  for (std::uint64_t& word : state_) word = splitmix64(seed);
}

Random Random::split(std::uint64_t stream) const {
  std::uint64_t mixed = stream ^ 0xd1b54a32d192ed03u;
  std::uint64_t seed = splitmix64(mixed);
  for (const std::uint64_t word : state_) seed = rotate_left(seed, 17) ^ (word + mixed);
  return Random(seed);
}

std::uint64_t Random::next() {
  const std::uint64_t result = rotate_left(state_[0] + state_[3], 23) + state_[0];
  const std::uint64_t t = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= t;
  state_[3] = rotate_left(state_[3], 45);
  return result;
}

double Random::uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

double Random::uniform(double low, double high) { return low + (high - low) * uniform(); }

std::uint64_t Random::below(std::uint64_t bound) {
  if (bound == 0) fail("Random::below", "bound is 0; it must be positive");
  const std::uint64_t limit = (0 - bound) % bound;  // 2^64 mod bound
  std::uint64_t draw = next();
  while (draw < limit) draw = next();
  return draw % bound;
}

double Random::normal() {
  for (;;) {
    const double u = 2 * uniform() - 1;
    const double v = 2 * uniform() - 1;
    const double s = u * u + v * v;
    if (s > 0 && s < 1) return u * std::sqrt(-2 * std::log(s) / s);
  }
}

void Random::set_state(const State& state) {
  if (state == State{}) fail("Random::set_state", "all four words are 0; expected a state");
  state_ = state;
}

}  // namespace least_action
