#include "base/random.h"

#include <doctest/doctest.h>

#include <cmath>
#include <stdexcept>

using least_action::Random;

TEST_SUITE("base/random") {
  TEST_CASE("the integers are xoshiro256++ from a splitmix64 seed") {
    // Oracle: the reference C of Blackman & Vigna, state {1, 2, 3, 4}: first outputs
    // 41943041, 58720359, 3588806011781223, 3591011842654386 (published test vector).
    Random random(0);
    random.set_state({1, 2, 3, 4});
    CHECK(random.next() == 41943041u);
    CHECK(random.next() == 58720359u);
    CHECK(random.next() == 3588806011781223u);
    CHECK(random.next() == 3591011842654386u);
  }

  TEST_CASE("normal has the first four moments of a standard normal") {
    // Oracle: analytic; bounds are five standard errors of each moment for 2e5 draws.
    Random random(7);
    const int count = 200000;
    double m1 = 0, m2 = 0, m3 = 0, m4 = 0;
    for (int i = 0; i < count; ++i) {
      const double z = random.normal();
      m1 += z;
      m2 += z * z;
      m3 += z * z * z;
      m4 += z * z * z * z;
    }
    CHECK(std::abs(m1 / count) < 5 * std::sqrt(1.0 / count));
    CHECK(std::abs(m2 / count - 1) < 5 * std::sqrt(2.0 / count));
    CHECK(std::abs(m3 / count) < 5 * std::sqrt(15.0 / count));
    CHECK(std::abs(m4 / count - 3) < 5 * std::sqrt(96.0 / count));
  }

  TEST_CASE("below is unbiased and stays below its bound") {
    Random random(3);
    int counts[3] = {0, 0, 0};
    for (int i = 0; i < 30000; ++i) ++counts[random.below(3)];
    for (const int count : counts)
      CHECK(std::abs(count - 10000) < 5 * std::sqrt(30000 * 2.0 / 9));
  }

  TEST_CASE("a state resumes the sequence and split streams differ") {
    Random random(11);
    random.normal();
    const Random::State state = random.state();
    const double expected = random.normal();
    Random resumed(0);
    resumed.set_state(state);
    CHECK(resumed.normal() == expected);
    CHECK(random.split(1).next() != random.split(2).next());
    CHECK(random.split(1).next() == random.split(1).next());
    CHECK_THROWS_AS(random.set_state(Random::State{}), std::invalid_argument);
  }
}
