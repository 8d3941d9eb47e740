#include "maps/map_task.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/contract.h"
#include "base/unknown_name.h"
#include "maps/isotonic_regression.h"

namespace least_action {
namespace {

constexpr double kInner = 0.5, kRing = 1, kOuter = 1.5, kDiscRadius = 0.6;

/// Keeps topology: a homeomorphism of its own space, followed by at most a linear read-out.
bool keeps_topology(const MapSpec& spec) { return traits(spec.kind).is_homeomorphism; }

bool is_narrow(const MapSpec& spec) {
  return spec.kind == MapKind::kFullyConnected && spec.activation != Activation::kSine &&
         std::all_of(spec.hidden.begin(), spec.hidden.end(),
                     [&](Index width) { return width <= spec.inputs; });
}

template <class S>
void put_polar(MatrixRefX<S> x, Index column, double radius, double angle) {
  x(0, column) = S(radius * std::cos(angle));
  x(1, column) = S(radius * std::sin(angle));
}

/// Rings of equal area between two radii, `angles` points each.
void append_rings(double from, double to, Index rings, Index angles, Matrix& points) {
  const Index first = points.cols();
  points.conservativeResize(2, first + rings * angles);
  for (Index i = 0; i < rings; ++i) {
    const double share = rings > 1 ? double(i) / double(rings - 1) : 0.0;
    const double radius = std::sqrt(from * from + share * (to * to - from * from));
    for (Index j = 0; j < angles; ++j) {
      const double angle =
          2 * std::numbers::pi * (double(j) + 0.5 * double(i % 2)) / double(angles);
      put_polar<double>(points, first + i * angles + j, radius, angle);
    }
  }
}

}  // namespace

const std::vector<MapTaskTraits>& map_tasks() {
  static const std::vector<MapTaskTraits> tasks{
      {MapTask::kFlip, "flip", "Turn a line around", "Send every point x of [−1, 1] to −x.",
       "Paths of an ODE on a line cannot cross, so its flow keeps the order of points: the "
       "best "
       "any such map can do is to send all to 0, with mean square error 1/3 (Zhang et al. "
       "2020).",
       1, 1, false, 1},
      {MapTask::kReflection, "reflection", "Reflect a disc",
       "Send every point (x₁, x₂) of the unit disc to its mirror image (−x₁, x₂).",
       "A flow in the plane can be wound back into the identity, a mirror image cannot: "
       "somewhere the error is at least 1/2 (Zhang et al. 2020).",
       2, 2, false, 1},
      {MapTask::kAnnulus, "annulus", "Free the inner disc",
       "Tell the inner disc from the ring around it by a linear read-out.",
       "A flow in the plane keeps inside what is inside, so no line parts the two classes "
       "afterwards; with a third dimension one can be lifted off (Dupont et al. 2019).",
       2, 1, true, kOuter},
      {MapTask::kDisc, "disc", "Enclose a disc", "Tell a disc from the rest of the plane.",
       "One neuron in each residual block is enough to approximate any region; a fully "
       "connected network no wider than its input has no bounded region at all (Lin & Jegelka "
       "2018).",
       2, 1, true, 1}};
  return tasks;
}

const MapTaskTraits& traits(MapTask task) {
  for (const MapTaskTraits& row : map_tasks())
    if (row.task == task) return row;
  fail_value("traits", "the task", static_cast<double>(task), "one of map_tasks()");
}

MapTask map_task_named(std::string_view name) {
  for (const MapTaskTraits& row : map_tasks()) {
    if (row.name == name) return row.task;
  }
  fail_unknown("maps", "task", name,
               names_of(map_tasks(), [](const MapTaskTraits& row) { return row.name; }));
}

MapSpec fitted_to(MapTask task, MapSpec spec) {
  const MapTaskTraits& wanted = traits(task);
  spec.inputs = wanted.dimension;
  spec.outputs = wanted.outputs;
  spec.read_out = wanted.is_classification;
  return spec;
}

template <class S>
void map_targets(MapTask task, ConstMatrixRefX<S> x, MatrixRefX<S> y) {
  const MapTaskTraits& wanted = traits(task);
  if (x.rows() != wanted.dimension) {
    fail_size("map_targets", "x", x.rows(), wanted.dimension, "rows");
  }
  if (y.rows() != wanted.outputs || y.cols() != x.cols()) {
    fail_shape("map_targets", "y", y.rows(), y.cols(), wanted.outputs, x.cols());
  }
  switch (task) {
    case MapTask::kFlip:
      y = -x;
      break;
    case MapTask::kReflection:
      y.row(0) = -x.row(0);
      y.row(1) = x.row(1);
      break;
    case MapTask::kAnnulus:
      for (Index b = 0; b < x.cols(); ++b)
        y(0, b) = x.col(b).norm() < S(0.5 * (kInner + kRing)) ? S(-1) : S(1);
      break;
    case MapTask::kDisc:
      for (Index b = 0; b < x.cols(); ++b)
        y(0, b) = x.col(b).norm() <= S(kDiscRadius) ? S(1) : S(-1);
      break;
  }
}

template <class S>
void draw_map_examples(MapTask task, Random& random, MatrixRefX<S> x, MatrixRefX<S> y) {
  if (x.rows() != traits(task).dimension)
    fail_size("draw_map_examples", "x", x.rows(), traits(task).dimension, "rows");
  const auto polar = [&](Index column, double from, double to) {
    const double square = random.uniform(from * from, to * to);
    const double angle = random.uniform(0, 2 * std::numbers::pi);
    put_polar<S>(x, column, std::sqrt(square), angle);
  };
  for (Index b = 0; b < x.cols(); ++b) {
    switch (task) {
      case MapTask::kFlip:
        x(0, b) = S(random.uniform(-1, 1));
        break;
      case MapTask::kReflection:
        polar(b, 0, 1);
        break;
      case MapTask::kAnnulus:
        if (random.uniform() < 0.5) {
          polar(b, 0, kInner);
        } else {
          polar(b, kRing, kOuter);
        }
        break;
      case MapTask::kDisc:
        x(0, b) = S(random.uniform(-1, 1));
        x(1, b) = S(random.uniform(-1, 1));
        break;
    }
  }
  map_targets<S>(task, x, y);
}

Matrix map_test_points(MapTask task) {
  Matrix points(2, 0);
  switch (task) {
    case MapTask::kFlip: {
      const Vector line = Vector::LinSpaced(201, -1, 1);
      return line.transpose();
    }
    case MapTask::kReflection:
      append_rings(0, 1, 8, 48, points);
      break;
    case MapTask::kAnnulus:
      append_rings(0, kInner, 5, 48, points);
      append_rings(kRing, kOuter, 5, 96, points);
      break;
    case MapTask::kDisc: {
      constexpr Index kSide = 25;
      points.resize(2, kSide * kSide);
      const Vector line = Vector::LinSpaced(kSide, -1, 1);
      for (Index i = 0; i < kSide * kSide; ++i)
        points.col(i) << line[i % kSide], line[i / kSide];
      break;
    }
  }
  return points;
}

MapBound known_bound(MapTask task, const MapSpec& spec) {
  MapBound bound;
  const bool flow = keeps_topology(spec);
  switch (task) {
    case MapTask::kFlip: {
      if (!flow || spec.read_out) break;
      const Vector y = -map_test_points(task).row(0).transpose();
      bound.mean_square_error =
          (isotonic_regression(y) - y).squaredNorm() / static_cast<double>(y.size());
      bound.reason = "It keeps the order of points on the line, and −x turns it around.";
      break;
    }
    case MapTask::kReflection:
      if (!flow || spec.read_out) break;
      bound.worst_error = 0.5;
      bound.reason = "It keeps orientation, and a mirror image reverses it.";
      break;
    case MapTask::kAnnulus:
      if (!flow && !is_narrow(spec)) break;
      bound.worst_error = 1;
      bound.no_bounded_region = true;
      bound.reason = flow ? "It keeps the inner disc inside the ring, where no line parts them."
                          : "No wider than its input, it has no bounded decision region.";
      break;
    case MapTask::kDisc:
      if (!flow && !is_narrow(spec)) break;
      bound.no_bounded_region = true;
      bound.reason = flow ? "A line's preimage under it is unbounded on both sides: no region "
                            "can close."
                          : "No wider than its input, it has no bounded decision region.";
      break;
  }
  return bound;
}

template void map_targets<float>(MapTask, ConstMatrixRefX<float>, MatrixRefX<float>);
template void map_targets<double>(MapTask, ConstMatrixRefX<double>, MatrixRefX<double>);
template void draw_map_examples<float>(MapTask, Random&, MatrixRefX<float>, MatrixRefX<float>);
template void draw_map_examples<double>(MapTask, Random&, MatrixRefX<double>,
                                        MatrixRefX<double>);

}  // namespace least_action
