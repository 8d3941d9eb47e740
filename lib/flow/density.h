#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/types.h"

namespace least_action {

enum class DensityKind { kGaussianMixture, kTwoMoons, kRings, kPinwheel, kCheckerboard };

struct DensityTraits {
  DensityKind kind;
  std::string_view name;   ///< "gaussians", "moons", "rings", "pinwheel", "checkerboard"
  std::string_view title;  ///< For people: "Two moons".
  std::string_view help;   ///< One line.
  /// −∫ p log p dx [nat]: the least mean negative log-likelihood any model can have. Exact for
  /// the checkerboard, else by quadrature, to all digits given.
  double entropy;
};
const std::vector<DensityTraits>& densities();
const DensityTraits& traits(DensityKind kind);
/// Throws std::invalid_argument naming the known ones.
DensityKind density_named(std::string_view name);

/// A probability density in the plane that can be sampled and evaluated: what a normalising
/// flow is trained on, with the truth at hand. All have mean about 0, spread about 1 and lie
/// within [−3, 3]² but for a negligible part, so no data needs scaling.
///
///   gaussians     eight of equal weight and deviation 0.25 on a circle of radius 1.6
///   moons         two interleaved half circles, blurred by a Gaussian of deviation 0.12
///   rings         circles of radius 0.8 and 1.8 of equal weight, blurred likewise
///   pinwheel      five Gaussians (deviations 0.45 along, 0.15 across a ray, 1.4 from the
///                 centre) under the twist x ↦ R(¾|x|) x, which keeps areas, so the density is
///                 that of the Gaussians at the untwisted point
///   checkerboard  uniform on the eight even unit squares of [−2, 2]²
///
/// The first four have log p > −∞ everywhere and are smooth (the pinwheel but at 0).
class Density {
 public:
  virtual ~Density() = default;
  virtual DensityKind kind() const = 0;

  /// Draws every column of x (2 × B), the same on every platform for one state of `random`
  /// (to the rounding of the elementary functions). Does not allocate.
  virtual void sample(Random& random, MatrixRef x) const = 0;

  /// log p at one point [nat]; −∞ outside the support.
  virtual double log_density(double x, double y) const = 0;
};

std::unique_ptr<Density> make_density(DensityKind kind);

}  // namespace least_action
