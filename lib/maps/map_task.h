#pragma once

#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/types.h"
#include "maps/map_spec.h"

namespace least_action {

/// Tasks on which it is known what a map can and cannot do.
enum class MapTask {
  kFlip,        ///< x ↦ −x on [−1, 1]
  kReflection,  ///< (x₁, x₂) ↦ (−x₁, x₂) on the unit disc
  kAnnulus,     ///< −1 for |x| ≤ ½, +1 for 1 ≤ |x| ≤ 3/2: one class encloses the other
  kDisc         ///< +1 for |x| ≤ 0.6, −1 in the rest of the square [−1, 1]²
};

struct MapTaskTraits {
  MapTask task;
  std::string_view name;       ///< "flip", "reflection", "annulus", "disc"
  std::string_view title;      ///< For people: "Turn a line around".
  std::string_view statement;  ///< One sentence: what is asked.
  std::string_view lesson;     ///< One or two: what is proven about it, with the source.
  Index dimension, outputs;
  bool is_classification;  ///< Targets ±1 through a linear read-out; the sign decides.
  double extent;           ///< Half-width of the window that holds every x.
};
const std::vector<MapTaskTraits>& map_tasks();
const MapTaskTraits& traits(MapTask task);
MapTask map_task_named(std::string_view name);  ///< Throws std::invalid_argument.

/// `spec` with the task's dimensions, and a read-out where it is a classification.
MapSpec fitted_to(MapTask task, MapSpec spec);

/// Writes the target of each x (dimension × B) to y (outputs × B).
template <class S>
void map_targets(MapTask task, ConstMatrixRefX<S> x, MatrixRefX<S> y);

/// Draws x uniformly where the task has data (annulus: either class with probability ½), and
/// its targets. Does not allocate.
template <class S>
void draw_map_examples(MapTask task, Random& random, MatrixRefX<S> x, MatrixRefX<S> y);

/// A fixed set of points that covers the same region evenly, boundaries of the classes
/// included: 201 for the line, sorted; some hundreds in the plane.
Matrix map_test_points(MapTask task);

/// What is proven about a kind of map on a task. NaN and false: nothing.
struct MapBound {
  /// No parameters reach a smaller mean square error on `map_test_points`.
  double mean_square_error = std::numeric_limits<double>::quiet_NaN();
  /// Somewhere the error |F(x) − y| is at least this.
  double worst_error = std::numeric_limits<double>::quiet_NaN();
  /// No component of a decision region is bounded: each reaches every window's border.
  bool no_bounded_region = false;
  std::string reason;  ///< One sentence; empty where nothing is proven.
};

/// Flip: an increasing map m has Cov(m(x), −x) ≤ 0, so E(m(x) + x)² ≥ Var x, reached by the
/// constant E(−x): the isotonic regression, computed on the test points (1/3 for uniform x).
/// Reflection: were |F − y| < ½ everywhere, F's image of the unit circle would wind round F(0)
/// backward, as the mirror image does; a map that can be deformed into the identity winds it
/// forward. Annulus: a plane homeomorphism puts the inner disc inside the image of the circle
/// |x| = 1, so a linear function takes on the circle a value at most that of any inner point:
/// one of the two errors is at least 1. The same follows for networks without bounded regions.
/// The statements are about exact flows: a solver with steps too long may break them.
MapBound known_bound(MapTask task, const MapSpec& spec);

}  // namespace least_action
