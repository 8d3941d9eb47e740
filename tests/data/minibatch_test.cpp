#include "data/minibatch.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

using namespace least_action;

namespace {

std::vector<Index> drawn(Minibatches& batches, int calls) {
  std::vector<Index> all;
  for (int i = 0; i < calls; ++i) {
    const auto batch = batches.next();
    all.insert(all.end(), batch.begin(), batch.end());
  }
  return all;
}

}  // namespace

TEST_SUITE("data/minibatch") {
  TEST_CASE("every epoch visits each index once, in a new order, and every batch is full") {
    // Oracle: invariant; 10 indices by 4 divide only after two epochs.
    Minibatches batches(10, 4, Random(3));
    CHECK(batches.batch_size() == 4);
    CHECK(batches.next().size() == 4);
    Minibatches fresh(10, 4, Random(3));
    const std::vector<Index> all = drawn(fresh, 10);  // Four epochs.
    REQUIRE(all.size() == 40);
    std::vector<std::vector<Index>> epochs;
    for (std::size_t epoch = 0; epoch < 4; ++epoch) {
      const auto begin = all.begin() + static_cast<std::ptrdiff_t>(10 * epoch);
      epochs.emplace_back(begin, begin + 10);
      std::vector<Index> sorted = epochs.back();
      std::sort(sorted.begin(), sorted.end());
      for (std::size_t i = 0; i < 10; ++i) CHECK(sorted[i] == static_cast<Index>(i));
    }
    CHECK(epochs[0] != epochs[1]);
    CHECK(epochs[1] != epochs[2]);
    CHECK(epochs[2] != epochs[3]);
  }

  TEST_CASE("every index is first about equally often, also after an epoch it was first in") {
    // Oracle: analytic; bounds are five standard deviations of a binomial count.
    int counts[5] = {0, 0, 0, 0, 0}, repeats = 0;
    Index previous = -1;
    Minibatches batches(5, 1, Random(17));
    const int epochs = 5000;
    for (int epoch = 0; epoch < epochs; ++epoch) {
      for (int i = 0; i < 5; ++i) {
        const Index index = batches.next()[0];
        if (i == 0) {
          ++counts[index];
          repeats += index == previous ? 1 : 0;
          previous = index;
        }
      }
    }
    for (const int count : counts) CHECK(std::abs(count - epochs / 5) < 5 * 28.3);
    CHECK(std::abs(repeats - epochs / 5) < 5 * 28.3);
  }

  TEST_CASE("a full batch is all indices in order, whatever the seed") {
    const std::vector<Index> natural = {0, 1, 2};
    for (const Index size : {Index{0}, Index{3}, Index{100}}) {
      Minibatches batches(3, size, Random(5));
      CHECK(batches.batch_size() == 3);
      CHECK(drawn(batches, 1) == natural);
      CHECK(drawn(batches, 1) == natural);
      CHECK(batches.state().random == Random(5).state());
    }
  }

  TEST_CASE("the state resumes in the middle of an epoch, in an object of another seed") {
    Minibatches batches(10, 4, Random(3));
    drawn(batches, 4);
    const Minibatches::State state = batches.state();
    CHECK(state.position == 6);
    const std::vector<Index> expected = drawn(batches, 9);
    Minibatches resumed(10, 4, Random(99));
    resumed.set_state(state);
    CHECK(drawn(resumed, 9) == expected);
  }

  TEST_CASE("a damaged state is refused and changes nothing") {
    Minibatches batches(4, 2, Random(3));
    const Minibatches::State good = batches.state();
    const auto refused = [&batches](const Minibatches::State& state) {
      CHECK_THROWS_AS(batches.set_state(state), std::invalid_argument);
    };
    Minibatches::State bad = good;
    bad.permutation.pop_back();
    refused(bad);
    bad = good;
    bad.permutation[0] = bad.permutation[1];
    refused(bad);
    bad = good;
    bad.permutation[2] = 4;
    refused(bad);
    bad = good;
    bad.position = 5;
    refused(bad);
    bad = good;
    bad.random = {0, 0, 0, 0};
    refused(bad);
    CHECK(batches.state().permutation == good.permutation);
    CHECK(batches.state().random == good.random);
  }

  TEST_CASE("no indices or a negative batch are refused") {
    CHECK_THROWS_AS(Minibatches(0, 1, Random(1)), std::invalid_argument);
    CHECK_THROWS_AS(Minibatches(3, -1, Random(1)), std::invalid_argument);
  }
}
