#include "data/noise.h"

#include <doctest/doctest.h>

#include <cmath>
#include <stdexcept>

using namespace least_action;

TEST_SUITE("data/noise") {
  TEST_CASE("each component gets its own standard deviation, without bias or correlation") {
    // Oracle: analytic; five standard errors for 20000 draws.
    const auto system = make_system("double-pendulum");
    const Index count = 20000;
    Matrix states = Matrix::Constant(4, count, 2.5);
    Random random(13);
    add_noise(*system, 0.2, random, states);
    states.array() -= 2.5;
    const double tolerance = 5 / std::sqrt(static_cast<double>(count));
    for (Index i = 0; i < 4; ++i) {
      const SystemCoordinate& c = system->coordinates()[static_cast<std::size_t>(i % 2)];
      const double sigma = 0.2 * (i < 2 ? c.typical_position : c.typical_velocity);
      states.row(i) /= sigma;
    }
    const Matrix covariance = states * states.transpose() / static_cast<double>(count);
    for (Index i = 0; i < 4; ++i) {
      CHECK(std::abs(states.row(i).mean()) < tolerance);
      CHECK(std::abs(covariance(i, i) - 1) < std::sqrt(2.0) * tolerance);
      for (Index j = 0; j < i; ++j) CHECK(std::abs(covariance(i, j)) < tolerance);
    }
  }

  TEST_CASE("no noise changes nothing and draws nothing") {
    const auto system = make_system("spring");
    Matrix states = Matrix::Constant(2, 3, 0.25);
    Random random(13);
    const Random::State before = random.state();
    add_noise(*system, 0, random, states);
    CHECK(states == Matrix::Constant(2, 3, 0.25));
    CHECK(random.state() == before);
  }

  TEST_CASE("a wrong number of rows or a negative level is refused") {
    const auto system = make_system("spring");
    Matrix states = Matrix::Zero(2, 3), tall = Matrix::Zero(3, 3);
    Random random(13);
    CHECK_THROWS_AS(add_noise(*system, 0.1, random, tall), std::invalid_argument);
    CHECK_THROWS_AS(add_noise(*system, -0.1, random, states), std::invalid_argument);
    CHECK_THROWS_AS(add_noise(*system, std::nan(""), random, states), std::invalid_argument);
  }
}
