#include "flow/density.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <string>

#include "base/contract.h"
#include "base/unknown_name.h"

namespace least_action {
namespace {

using std::numbers::pi;

constexpr double kBlur = 0.12;  // Of moons and rings.

/// log Σ exp over a few terms, computed without overflow.
class LogSum final {
 public:
  void add(double term) {
    if (term <= largest_) {
      sum_ += std::exp(term - largest_);
    } else {
      sum_ = sum_ * std::exp(largest_ - term) + 1;
      largest_ = term;
    }
  }
  double value() const { return largest_ + std::log(sum_); }

 private:
  double largest_ = -std::numeric_limits<double>::max(), sum_ = 0;
};

/// log of a centred normal density with deviations (s, t) along the axes.
double log_normal(double x, double y, double s, double t) {
  const double u = x / s, v = y / t;
  return -0.5 * (u * u + v * v) - std::log(2 * pi * s * t);
}

class GaussianMixture final : public Density {
 public:
  static constexpr int kCount = 8;
  static constexpr double kRadius = 1.6, kDeviation = 0.25;

  DensityKind kind() const override { return DensityKind::kGaussianMixture; }
  void sample(Random& random, MatrixRef x) const override {
    for (Index b = 0; b < x.cols(); ++b) {
      const double angle = angle_of(static_cast<int>(random.below(kCount)));
      x(0, b) = kRadius * std::cos(angle) + kDeviation * random.normal();
      x(1, b) = kRadius * std::sin(angle) + kDeviation * random.normal();
    }
  }
  double log_density(double x, double y) const override {
    LogSum sum;
    for (int i = 0; i < kCount; ++i) {
      const double angle = angle_of(i);
      sum.add(log_normal(x - kRadius * std::cos(angle), y - kRadius * std::sin(angle),
                         kDeviation, kDeviation));
    }
    return sum.value() - std::log(kCount);
  }

 private:
  static double angle_of(int i) { return 2 * pi * i / kCount; }
};

class TwoMoons final : public Density {
 public:
  static constexpr double kScale = 1.25;  // The radius of the half circles.

  DensityKind kind() const override { return DensityKind::kTwoMoons; }
  void sample(Random& random, MatrixRef x) const override {
    for (Index b = 0; b < x.cols(); ++b) {
      const bool second = random.below(2) == 1;
      const Point centre = point(second, pi * random.uniform());
      x(0, b) = centre.x + kBlur * random.normal();
      x(1, b) = centre.y + kBlur * random.normal();
    }
  }
  double log_density(double x, double y) const override {
    // ½ Σ_moons 1/π ∫₀^π N(x; c(φ)) dφ by Simpson's rule: the step along the arc is 0.25
    // blurs, for which the rule is exact to 1e-6 of the density.
    LogSum sum;
    for (const bool second : {false, true}) {
      for (int i = 0; i <= kIntervals; ++i) {
        const Point centre = point(second, pi * i / kIntervals);
        const double weight = i == 0 || i == kIntervals ? 1 : i % 2 == 1 ? 4 : 2;
        sum.add(log_normal(x - centre.x, y - centre.y, kBlur, kBlur) +
                std::log(weight / (3 * kIntervals)));
      }
    }
    return sum.value() - std::log(2.0);
  }

 private:
  static constexpr int kIntervals = 128;
  struct Point {
    double x, y;
  };
  static Point point(bool second, double angle) {
    const double c = std::cos(angle), s = std::sin(angle);
    return second ? Point{kScale * (0.5 - c), kScale * (0.25 - s)}
                  : Point{kScale * (c - 0.5), kScale * (s - 0.25)};
  }
};

/// log(e^{−z} I₀(z)), z ≥ 0: the power series where it is short (all its terms are positive),
/// else the asymptotic one (Abramowitz & Stegun 9.6.12, 9.7.1).
double log_scaled_bessel(double z) {
  double term = 1, sum = 1;
  if (z < 30) {
    for (int k = 1; term > 1e-17 * sum; ++k) {
      term *= z * z / (4.0 * k * k);
      sum += term;
    }
    return std::log(sum) - z;
  }
  for (int k = 1; k < 12; ++k) {
    term *= (2.0 * k - 1) * (2.0 * k - 1) / (8.0 * k * z);
    sum += term;
  }
  return std::log(sum) - 0.5 * std::log(2 * pi * z);
}

class Rings final : public Density {
 public:
  static constexpr std::array<double, 2> kRadii{0.8, 1.8};

  DensityKind kind() const override { return DensityKind::kRings; }
  void sample(Random& random, MatrixRef x) const override {
    for (Index b = 0; b < x.cols(); ++b) {
      const double radius = kRadii[random.below(kRadii.size())];
      const double angle = 2 * pi * random.uniform();
      x(0, b) = radius * std::cos(angle) + kBlur * random.normal();
      x(1, b) = radius * std::sin(angle) + kBlur * random.normal();
    }
  }
  double log_density(double x, double y) const override {
    // A blurred circle: e^{−(r² + R²)/2σ²} I₀(rR/σ²)/2πσ² = N(r − R) · e^{−z} I₀(z).
    const double r = std::hypot(x, y);
    LogSum sum;
    for (const double radius : kRadii) {
      const double z = r * radius / (kBlur * kBlur);
      sum.add(log_normal(r - radius, 0, kBlur, kBlur) + log_scaled_bessel(z));
    }
    return sum.value() - std::log(static_cast<double>(kRadii.size()));
  }
};

class Pinwheel final : public Density {
 public:
  static constexpr int kArms = 5;
  static constexpr double kRadius = 1.4, kAlong = 0.45, kAcross = 0.15, kTwist = 0.75;

  DensityKind kind() const override { return DensityKind::kPinwheel; }
  void sample(Random& random, MatrixRef x) const override {
    for (Index b = 0; b < x.cols(); ++b) {
      const double arm = 2 * pi * static_cast<double>(random.below(kArms)) / kArms;
      const double u = kRadius + kAlong * random.normal(), v = kAcross * random.normal();
      const double angle = arm + kTwist * std::hypot(u, v);
      x(0, b) = std::cos(angle) * u - std::sin(angle) * v;
      x(1, b) = std::sin(angle) * u + std::cos(angle) * v;
    }
  }
  double log_density(double x, double y) const override {
    const double twist = kTwist * std::hypot(x, y);
    LogSum sum;
    for (int i = 0; i < kArms; ++i) {
      const double angle = 2 * pi * i / kArms + twist;
      const double c = std::cos(angle), s = std::sin(angle);
      sum.add(log_normal(c * x + s * y - kRadius, c * y - s * x, kAlong, kAcross));
    }
    return sum.value() - std::log(kArms);
  }
};

class Checkerboard final : public Density {
 public:
  DensityKind kind() const override { return DensityKind::kCheckerboard; }
  void sample(Random& random, MatrixRef x) const override {
    for (Index b = 0; b < x.cols(); ++b) {
      const auto row = static_cast<int>(random.below(4));
      const int column = 2 * static_cast<int>(random.below(2)) + row % 2;
      x(0, b) = column - 2 + random.uniform();
      x(1, b) = row - 2 + random.uniform();
    }
  }
  double log_density(double x, double y) const override {
    const double column = std::floor(x) + 2, row = std::floor(y) + 2;
    const bool inside = column >= 0 && column < 4 && row >= 0 && row < 4;
    if (!inside || std::fmod(row + column, 2) != 0) {
      return -std::numeric_limits<double>::infinity();
    }
    return -std::log(8.0);
  }
};

}  // namespace

const std::vector<DensityTraits>& densities() {
  static const std::vector<DensityTraits> all = {
      {DensityKind::kTwoMoons, "moons", "Two moons", "Two interleaved half circles.",
       1.41146966},
      {DensityKind::kRings, "rings", "Rings",
       "Two concentric circles: a flow can only come near their hole.", 2.00851685},
      {DensityKind::kPinwheel, "pinwheel", "Pinwheel", "Five Gaussians, twisted.", 1.73946008},
      {DensityKind::kCheckerboard, "checkerboard", "Checkerboard",
       "Uniform on eight squares: the hard one, for its edges.", std::log(8.0)},
      {DensityKind::kGaussianMixture, "gaussians", "Eight Gaussians",
       "Eight islands on a circle.", 2.10520029}};
  return all;
}

const DensityTraits& traits(DensityKind kind) {
  for (const DensityTraits& each : densities()) {
    if (each.kind == kind) return each;
  }
  fail_value("traits", "kind", static_cast<double>(kind), "one of densities()");
}

DensityKind density_named(std::string_view name) {
  for (const DensityTraits& each : densities()) {
    if (each.name == name) return each.kind;
  }
  fail_unknown("density_named", "density", name,
               names_of(densities(), [](const DensityTraits& each) { return each.name; }));
}

std::unique_ptr<Density> make_density(DensityKind kind) {
  switch (kind) {
    case DensityKind::kGaussianMixture:
      return std::make_unique<GaussianMixture>();
    case DensityKind::kTwoMoons:
      return std::make_unique<TwoMoons>();
    case DensityKind::kRings:
      return std::make_unique<Rings>();
    case DensityKind::kPinwheel:
      return std::make_unique<Pinwheel>();
    case DensityKind::kCheckerboard:
      return std::make_unique<Checkerboard>();
  }
  fail_value("make_density", "kind", static_cast<double>(kind), "one of densities()");
}

}  // namespace least_action
