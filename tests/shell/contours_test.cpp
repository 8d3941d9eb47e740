#include "plots/contours.h"

#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <numbers>
#include <utility>

#include "plots/streamlines.h"

using namespace least_action;

namespace {

template <class F>
std::vector<float> values_on(const PlaneGrid& grid, F f) {
  std::vector<float> values;
  for (Index row = 0; row < grid.rows; ++row) {
    for (Index column = 0; column < grid.columns; ++column) {
      values.push_back(static_cast<float>(f(grid.node_x(column), grid.node_y(row))));
    }
  }
  return values;
}

double length_of(const Polylines& curves, std::size_t curve) {
  double length = 0;
  for (std::size_t k = curves.start(curve) + 1; k < curves.ends[curve]; ++k) {
    const ImVec2 a = curves.points[k - 1], b = curves.points[k];
    length += std::hypot(b.x - a.x, b.y - a.y);
  }
  return length;
}

}  // namespace

TEST_SUITE("shell/contours") {
  TEST_CASE("the level set of x² + y² is one closed circle, to second order in the spacing") {
    // Oracle: analytic, radius r and length 2πr.
    const double radius = 0.83;
    double errors[2];
    for (int refinement = 0; refinement < 2; ++refinement) {
      const Index nodes = refinement == 0 ? 33 : 65;
      const PlaneGrid grid{{-1.2, 1.1}, {-1.3, 1.4}, nodes, nodes};
      Polylines curves;
      ContourTracer tracer;
      tracer.trace(grid, values_on(grid, [](double x, double y) { return x * x + y * y; }),
                   radius * radius, curves);
      REQUIRE(curves.size() == 1);
      const ImVec2 first = curves.points.front(), last = curves.points.back();
      CHECK(std::hypot(first.x - last.x, first.y - last.y) < 1e-6);
      CHECK(length_of(curves, 0) ==
            doctest::Approx(2 * std::numbers::pi * radius).epsilon(0.01));
      errors[refinement] = 0;
      for (const ImVec2& p : curves.points) {
        errors[refinement] =
            std::max(errors[refinement], std::abs(std::hypot(p.x, p.y) - radius));
      }
    }
    CHECK(errors[0] < 5e-3);
    CHECK(std::log2(errors[0] / errors[1]) == doctest::Approx(2).epsilon(0.25));
  }

  TEST_CASE("a refined grid is exact for cubics, keeps its nodes, and is of order four") {
    // Oracle: the function itself.
    const PlaneGrid grid{{-1, 2}, {-2, 1}, 7, 5};
    const auto cubic = [](double x, double y) { return x * x * x - 2 * x * y * y + y; };
    PlaneGrid fine;
    std::vector<float> values, scratch;
    refine(grid, values_on(grid, cubic), 3, fine, values, scratch);
    REQUIRE(fine.columns == 19);
    REQUIRE(fine.rows == 13);
    const std::vector<float> exact = values_on(fine, cubic);
    for (std::size_t i = 0; i < exact.size(); ++i)
      CHECK(values[i] == doctest::Approx(exact[i]).epsilon(1e-5));

    const auto error = [&](Index nodes) {
      const PlaneGrid coarse{{-1, 1}, {-1, 1}, nodes, nodes};
      const auto wave = [](double x, double y) { return std::sin(2 * x) * std::cos(1.5 * y); };
      refine(coarse, values_on(coarse, wave), 3, fine, values, scratch);
      const std::vector<float> truth = values_on(fine, wave);
      double worst = 0;
      for (std::size_t i = 0; i < truth.size(); ++i)
        worst = std::max(worst, std::abs(double(values[i]) - double(truth[i])));
      return worst;
    };
    CHECK(std::log2(error(9) / error(17)) == doctest::Approx(4).epsilon(0.08));
  }

  TEST_CASE("a hole in the values stays a hole and leaves what is around it finite") {
    const PlaneGrid grid{{0, 5}, {0, 5}, 6, 6};
    std::vector<float> values = values_on(grid, [](double x, double y) { return x + y; });
    values[grid.index(2, 2)] = NAN;
    PlaneGrid fine;
    std::vector<float> fine_values, scratch;
    refine(grid, values, 2, fine, fine_values, scratch);
    CHECK(std::isnan(fine_values[fine.index(4, 4)]));
    // Linear where a cubic would need the hole.
    CHECK(fine_values[fine.index(7, 0)] == doctest::Approx(3.5));
    CHECK(fine_values[fine.index(7, 4)] == doctest::Approx(5.5));
    CHECK(std::isfinite(fine_values[fine.index(0, 9)]));
  }

  TEST_CASE("a curve that leaves the grid is one open path from edge to edge") {
    const PlaneGrid grid{{0, 1}, {0, 1}, 9, 9};
    Polylines curves;
    ContourTracer tracer;
    tracer.trace(grid, values_on(grid, [](double x, double y) { return y - 0.3 * x; }), 0.41,
                 curves);
    REQUIRE(curves.size() == 1);
    // Linear values are interpolated exactly: the length of the segment from x = 0 to x = 1.
    CHECK(length_of(curves, 0) == doctest::Approx(std::hypot(1.0, 0.3)).epsilon(1e-5));
  }

  TEST_CASE("both branches of a hyperbola stay apart at a saddle") {
    const PlaneGrid grid{{-1, 1}, {-1, 1}, 20, 20};
    const auto saddle = values_on(grid, [](double x, double y) { return x * y; });
    // The middle cell's corners are ±0.0028: these levels cross all four of its edges.
    for (const double level : {0.001, -0.001}) {
      Polylines curves;
      ContourTracer tracer;
      tracer.trace(grid, saddle, level, curves);
      REQUIRE(curves.size() == 2);
      // Oracle: analytic, x y = level never leaves its two quadrants, chords included.
      for (std::size_t c = 0; c < 2; ++c) {
        for (std::size_t k = curves.start(c) + 1; k < curves.ends[c]; ++k) {
          const ImVec2 a = curves.points[k - 1], b = curves.points[k];
          CHECK(static_cast<double>((a.x + b.x) * (a.y + b.y)) * level > 0);
        }
      }
    }
  }

  TEST_CASE("cells with a value that is not finite are left out") {
    const PlaneGrid grid{{-1, 1}, {-1, 1}, 9, 9};
    auto values = values_on(grid, [](double, double y) { return y; });
    values[grid.index(4, 4)] = NAN;
    Polylines curves;
    ContourTracer tracer;
    tracer.trace(grid, values, 0.01, curves);
    REQUIRE(curves.size() == 2);
    for (const ImVec2& p : curves.points) CHECK(std::isfinite(p.x + p.y));
  }
}

TEST_SUITE("shell/streamlines") {
  TEST_CASE("streamlines of a rotation are circles around its centre") {
    // Oracle: invariant, x² + y² is constant along the flow (−y, x).
    FlowGrid flow;
    flow.plane = {{-1, 1}, {-1, 1}, 41, 41};
    flow.dx = values_on(flow.plane, [](double, double y) { return -y; });
    flow.dy = values_on(flow.plane, [](double x, double) { return x; });
    Polylines curves;
    StreamlineTracer tracer;
    tracer.trace(flow, 200, 200, 24, curves);
    REQUIRE(curves.size() >= 5);
    for (std::size_t c = 0; c < curves.size(); ++c) {
      const ImVec2 start = curves.points[curves.start(c)];
      const double radius = std::hypot(start.x, start.y);
      for (std::size_t k = curves.start(c); k < curves.ends[c]; ++k) {
        CHECK(std::hypot(curves.points[k].x, curves.points[k].y) ==
              doctest::Approx(radius).epsilon(0.03));
      }
    }
  }

  TEST_CASE(
      "where a flow converges, no two lines pass through the same square of half the spacing") {
    FlowGrid flow;
    flow.plane = {{0, 1}, {0, 1}, 31, 31};
    flow.dx = values_on(flow.plane, [](double, double) { return 1.0; });
    flow.dy = values_on(flow.plane, [](double, double y) { return -3 * (y - 0.5); });
    Polylines curves;
    StreamlineTracer tracer;
    constexpr double kScale = 300, kSquare = 10;
    tracer.trace(flow, kScale, kScale, 2 * kSquare, curves);
    REQUIRE(curves.size() >= 8);
    std::map<std::pair<int, int>, std::size_t> owner;
    int shared = 0;
    for (std::size_t c = 0; c < curves.size(); ++c) {
      for (std::size_t k = curves.start(c); k < curves.ends[c]; ++k) {
        const double u = kScale * static_cast<double>(curves.points[k].x) / kSquare;
        const double v = kScale * static_cast<double>(curves.points[k].y) / kSquare;
        // Points on a border belong to either side, as rounding has it.
        if (std::abs(u - std::round(u)) < 1e-3 || std::abs(v - std::round(v)) < 1e-3) continue;
        const auto square = std::pair(static_cast<int>(u), static_cast<int>(v));
        if (owner.emplace(square, c).first->second != c) ++shared;
      }
    }
    CHECK(shared == 0);
  }
}
