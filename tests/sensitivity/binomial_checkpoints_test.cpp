#include "sensitivity/binomial_checkpoints.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "support/sensitivity_problem.h"

using namespace least_action;
using namespace least_action::testing;

namespace {

/// The fewest steps walked to reverse n steps with c states held, the start's among them, by
/// trying every place of the next one.
std::vector<std::vector<Index>> fewest_by_search(Index steps, Index checkpoints) {
  std::vector<std::vector<Index>> t(std::size_t(checkpoints + 1),
                                    std::vector<Index>(std::size_t(steps + 1), 0));
  for (std::size_t n = 1; n <= std::size_t(steps); ++n) t[1][n] = Index(n * (n - 1) / 2);
  for (std::size_t c = 2; c <= std::size_t(checkpoints); ++c) {
    for (std::size_t n = 2; n <= std::size_t(steps); ++n) {
      Index best = std::numeric_limits<Index>::max();
      for (std::size_t first = 1; first < n; ++first) {
        best = std::min(best, Index(first) + t[c - 1][n - first] + t[c][first]);
      }
      t[c][n] = best;
    }
  }
  return t;
}

}  // namespace

TEST_SUITE("sensitivity/binomial_checkpoints") {
  TEST_CASE("the formula and the places give the fewest steps there are") {
    // Oracle: dynamic programming over every place.
    const auto fewest = fewest_by_search(60, 7);
    for (Index c = 1; c <= 7; ++c) {
      for (Index n = 1; n <= 60; ++n) {
        const Index best = fewest[std::size_t(c)][std::size_t(n)];
        CHECK(fewest_steps(n, c) == best);
        if (c == 1 || n == 1) continue;
        const Index first = next_checkpoint(n, c);
        REQUIRE(first >= 1);
        REQUIRE(first < n);
        CHECK(first + fewest[std::size_t(c - 1)][std::size_t(n - first)] +
                  fewest[std::size_t(c)][std::size_t(first)] ==
              best);
      }
    }
  }

  TEST_CASE("a sensitivity walks exactly that many steps") {
    // Oracle: t(N, c) − (N − 1), since the first walk is the way forward's, and the N steps
    // that are pulled back.
    const SensitivityProblem problem;
    for (const Index substeps : {1, 2, 5, 16}) {
      for (const Index checkpoints : {1, 2, 3, 5, 80}) {
        SensitivityOptions options;
        options.sensitivity = SensitivityMethod::kCheckpointing;
        options.solve.method = Method::kRk4;
        options.substeps = substeps;
        options.checkpoints = checkpoints;
        const ParametricField<double> field(problem.theta);
        const auto made = make_sensitivity<double>(options, field, 3, 4);
        Gradient gradient;
        Matrix no_times(0, 0);
        made->forward(field, problem.times, problem.x0, gradient.states);
        const Index n = 4 * substeps;
        CHECK(made->statistics().forward.evaluations == 4 * n);
        made->backward(field, gradient.states, gradient.x0_bar, gradient.theta_bar, no_times);
        const Index c = std::min(checkpoints, n);
        CHECK(made->statistics().backward.steps == n + fewest_steps(n, c) - (n - 1));
      }
    }
  }

  TEST_CASE("counts stay countable") {
    CHECK(binomial_reach(3, -1) == 0);
    CHECK(binomial_reach(3, 0) == 1);
    CHECK(binomial_reach(3, 2) == 10);
    CHECK(binomial_reach(1000, 1000) == std::numeric_limits<Index>::max());
    CHECK(default_checkpoints(1) == 1);
    CHECK(default_checkpoints(2) == 2);
    CHECK(default_checkpoints(1000) == 11);
    CHECK(default_checkpoints(1024) == 11);
    // 21 checkpoints for a million steps: under seven walks.
    CHECK(fewest_steps(1000000, default_checkpoints(1000000)) < 7 * 1000000);
  }
}
