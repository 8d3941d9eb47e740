#include "maps/map_task.h"

#include <doctest/doctest.h>

#include <cmath>
#include <stdexcept>

#include "maps/map_evaluation.h"
#include "maps/sample_maps.h"
#include "support/no_allocation.h"

using namespace least_action;
using namespace least_action::testing;

TEST_SUITE("maps/map_task") {
  TEST_CASE("examples lie where the task has data, with the moments of uniform draws") {
    // Oracle: analytic second moments; the standard error of 20000 draws is below 1 %.
    for (const MapTaskTraits& task : map_tasks()) {
      CAPTURE(task.name);
      Random random(1);
      const Index count = 20000;
      Matrix x(task.dimension, count), y(task.outputs, count), again = y;
      draw_map_examples<double>(task.task, random, x, y);
      map_targets<double>(task.task, x, again);
      CHECK(y == again);
      CHECK(x.cwiseAbs().maxCoeff() <= task.extent);
      CHECK(std::abs(x.mean()) < 0.02);
      const double square = x.squaredNorm() / static_cast<double>(count);
      const double expected = task.task == MapTask::kFlip         ? 1.0 / 3
                              : task.task == MapTask::kReflection ? 0.5
                              : task.task == MapTask::kAnnulus    ? 0.5 * (0.125 + 1.625)
                                                                  : 2.0 / 3;
      CHECK(square == doctest::Approx(expected).epsilon(0.02));
      if (!task.is_classification) continue;
      const double share = task.task == MapTask::kAnnulus ? 0.5 : std::acos(-1.0) * 0.36 / 4;
      CHECK((y.array() > 0).cast<double>().mean() == doctest::Approx(share).epsilon(0.04));
    }
  }

  TEST_CASE("targets are what the task says") {
    Matrix x(2, 3), y(1, 3);
    x << 0.1, -1.2, 0.55, 0.2, 0.1, 0.55;
    map_targets<double>(MapTask::kAnnulus, x, y);
    CHECK(y == (Matrix(1, 3) << -1, 1, 1).finished());
    map_targets<double>(MapTask::kDisc, x, y);
    CHECK(y == (Matrix(1, 3) << 1, -1, -1).finished());
    Matrix mirrored(2, 3);
    map_targets<double>(MapTask::kReflection, x, mirrored);
    CHECK(mirrored.row(0) == -x.row(0));
    CHECK(mirrored.row(1) == x.row(1));
    CHECK_THROWS_AS(map_targets<double>(MapTask::kFlip, x, y), std::invalid_argument);
    CHECK_THROWS_AS(map_targets<double>(MapTask::kDisc, x, mirrored), std::invalid_argument);
    CHECK_THROWS_AS(map_task_named("flap"), std::invalid_argument);
  }

  TEST_CASE("the least error of an order-preserving map on the line is the variance") {
    // Oracle: analytic. n evenly spaced points on [−1, 1] have variance (n + 1)/(3(n − 1)).
    const MapSpec plain = fitted_to(MapTask::kFlip, {});
    CHECK(known_bound(MapTask::kFlip, plain).mean_square_error ==
          doctest::Approx(202.0 / 600).epsilon(1e-12));
    CHECK_FALSE(known_bound(MapTask::kFlip, plain).reason.empty());
  }

  TEST_CASE("bounds hold for the kinds they are proven for and no others") {
    const auto bound = [](MapTask task, MapKind kind, Index width) {
      MapSpec spec;
      spec.kind = kind;
      spec.hidden = {width, width};
      return known_bound(task, fitted_to(task, spec));
    };
    using enum MapKind;
    for (const MapKind kind : {kNeuralOde, kInvertibleResidual}) {
      CHECK(bound(MapTask::kFlip, kind, 8).mean_square_error > 0.3);
      CHECK(bound(MapTask::kReflection, kind, 8).worst_error == 0.5);
      CHECK(bound(MapTask::kAnnulus, kind, 8).worst_error == 1);
      CHECK(bound(MapTask::kDisc, kind, 8).no_bounded_region);
    }
    for (const MapTaskTraits& task : map_tasks()) {
      for (const MapKind kind : {kAugmentedNeuralOde, kOneNeuron}) {
        const MapBound none = bound(task.task, kind, 8);
        CHECK(std::isnan(none.mean_square_error));
        CHECK(std::isnan(none.worst_error));
        CHECK_FALSE(none.no_bounded_region);
        CHECK(none.reason.empty());
      }
    }
    CHECK(bound(MapTask::kDisc, kFullyConnected, 2).no_bounded_region);
    CHECK_FALSE(bound(MapTask::kDisc, kFullyConnected, 3).no_bounded_region);
  }

  TEST_CASE("no random flow or narrow network beats its bound") {
    // Oracle: the theorems; 40 wild parameter vectors a kind and task, in double.
    for (const MapTaskTraits& task : map_tasks()) {
      for (const MapKind kind :
           {MapKind::kNeuralOde, MapKind::kInvertibleResidual, MapKind::kFullyConnected}) {
        MapSpec spec;
        spec.kind = kind;
        spec.hidden =
            kind == MapKind::kFullyConnected ? std::vector<Index>{2, 2} : std::vector<Index>{6};
        spec.shown_states = 8;
        spec = fitted_to(task.task, spec);
        const MapBound bound = known_bound(task.task, spec);
        if (bound.reason.empty()) continue;
        const std::shared_ptr<const LearnedMap<double>> map = make_map<double>(spec);
        MapEvaluation<double> evaluation(map, task.task);
        for (std::uint64_t seed = 0; seed < 40; ++seed) {
          const MapScore score =
              evaluation.score(random_vector(map->num_parameters(), seed, 1.5));
          CAPTURE(task.name);
          CAPTURE(traits(kind).name);
          // The points of a sample stand for the curve they lie on.
          if (!std::isnan(bound.mean_square_error))
            CHECK(score.mean_square_error >= bound.mean_square_error * (1 - 1e-12));
          if (!std::isnan(bound.worst_error))
            CHECK(score.worst_error >= 0.95 * bound.worst_error);
        }
      }
    }
  }

  TEST_CASE("drawing examples does not allocate") {
    Random random(2);
    MatrixX<float> x(2, 64), y(1, 64);
    CHECK(allocations_in([&] {
            draw_map_examples<float>(MapTask::kAnnulus, random, x, y);
            draw_map_examples<float>(MapTask::kDisc, random, x, y);
          }) == 0);
  }
}

TEST_SUITE("maps/map_evaluation") {
  TEST_CASE("scores are those of the outputs") {
    // Oracle: analytic. A one-neuron network with zero weights answers 0.25 everywhere.
    MapSpec spec;
    spec.kind = MapKind::kOneNeuron;
    spec.blocks = 2;
    spec = fitted_to(MapTask::kAnnulus, spec);
    const std::shared_ptr<const LearnedMap<double>> map = make_map<double>(spec);
    Vector theta = Vector::Zero(map->num_parameters());
    theta[theta.size() - 1] = 0.25;
    MapEvaluation<double> evaluation(map, MapTask::kAnnulus);
    const MapScore score = evaluation.score(theta);
    const double ring = (evaluation.targets().array() > 0).cast<double>().mean();
    CHECK(score.worst_error == doctest::Approx(1.25));
    CHECK(score.accuracy == doctest::Approx(ring));
    CHECK(score.mean_square_error ==
          doctest::Approx(ring * 0.75 * 0.75 + (1 - ring) * 1.25 * 1.25));
    theta[0] = std::nan("");
    CHECK(std::isnan(evaluation.score(theta).mean_square_error));
    CHECK(std::isnan(evaluation.score(theta).worst_error));
    CHECK(evaluation.score(theta).accuracy == 0);
    CHECK(allocations_in([&] { evaluation.score(theta); }) == 0);
    CHECK_THROWS_AS(MapEvaluation<double>(map, MapTask::kFlip), std::invalid_argument);
  }

  TEST_CASE("a bounded region is one that no path leaves") {
    // Oracle: drawn by hand.
    const auto region = [](const char* picture, bool positive) {
      std::vector<float> values;
      for (const char* c = picture; *c; ++c) values.push_back(*c == '#' ? 1.0f : -1.0f);
      return has_bounded_region(values, 5, 4, positive);
    };
    const char* island =
        "....."
        ".##.."
        ".##.."
        ".....";
    CHECK(region(island, true));
    CHECK_FALSE(region(island, false));
    const char* peninsula =
        "....."
        ".###."
        ".#..."
        ".#...";
    CHECK_FALSE(region(peninsula, true));
    CHECK_FALSE(region(peninsula, false));
    const char* ring =
        "....."
        ".###."
        ".#.#."
        ".###.";
    CHECK(region(ring, false));  // The hole.
    CHECK_FALSE(region(ring, true));
    CHECK_FALSE(has_bounded_region({0, 0, 0, 0}, 2, 2, true));
    CHECK_THROWS_AS(has_bounded_region({0, 0, 0}, 2, 2, true), std::invalid_argument);
    CHECK_THROWS_AS(has_bounded_region({}, 0, 0, true), std::invalid_argument);
  }
}
