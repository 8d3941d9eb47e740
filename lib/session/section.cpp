#include <algorithm>
#include <cmath>
#include <optional>

#include "base/contract.h"
#include "session/plane.h"
#include "session/rollout.h"
#include "session/summary.h"

namespace least_action {
namespace {

constexpr std::string_view kWhere = "Session::section";
constexpr Index kMaxStarts = 64;
constexpr double kMaxDuration = 5000;
constexpr Index kTimesPerPeriod = 80;
constexpr Index kMostIntervals = 200000;
// Of a learned field, for all starts at once. A smooth model takes 250 in a period; the limit
// keeps one that is not from holding up its caller for more than about a second.
constexpr Index kLeastEvaluations = 5000, kEvaluationsPerPeriod = 1000;
constexpr double kMostPeriods = 50;
constexpr double kPi = 3.14159265358979323846;

struct Plane {
  Index section, x, y;
};

Plane check(const System& system, const SectionRequest& request) {
  const Index dimension = system.dimension();
  Plane plane{request.section_component, request.x_component, request.y_component};
  if (plane.section == -1) plane.section = system.section_component();
  for (const Index component : {plane.x, plane.y}) {
    if (component < 0 || component >= dimension) {
      fail_value(kWhere, "component", static_cast<double>(component),
                 "from 0 to " + std::to_string(dimension - 1));
    }
  }
  if (plane.section < 0 || plane.section >= system.degrees_of_freedom()) {
    fail_value(kWhere, "section_component", static_cast<double>(plane.section),
               "a position: from 0 to " + std::to_string(system.degrees_of_freedom() - 1));
  }
  if (request.starts < 1 || request.starts > kMaxStarts) {
    fail_value(kWhere, "starts", static_cast<double>(request.starts),
               "from 1 to " + std::to_string(kMaxStarts));
  }
  if (!(request.duration > 0 && request.duration <= kMaxDuration)) {
    fail_value(kWhere, "duration", request.duration,
               "positive and at most " + to_text(kMaxDuration));
  }
  if (!std::isfinite(request.energy)) {
    fail_value(kWhere, "energy", request.energy, "finite");
  }
  return plane;
}

// Completes a state of the section (x and y set, section component 0) by the momentum of the
// section's coordinate so that H = energy and the crossing is upwards. H is convex in that
// momentum, so its minimum is found by golden section and the upper root by bisection.
std::optional<Vector> on_level(const System& system, Vector state, const Plane& plane,
                               double energy) {
  const Index n = system.degrees_of_freedom();
  double& p = state[n + plane.section];
  const auto excess = [&](double momentum) {
    p = momentum;
    return system.hamiltonian(state.head(n), state.tail(n)) - energy;
  };
  const double reach =
      8 * system.coordinates()[static_cast<std::size_t>(plane.section)].typical_momentum;
  constexpr double kGolden = 0.61803398874989485;
  double low = -reach, high = reach;
  for (int i = 0; i < 60; ++i) {
    const double left = high - kGolden * (high - low), right = low + kGolden * (high - low);
    if (excess(left) < excess(right)) {
      high = right;
    } else {
      low = left;
    }
  }
  low = 0.5 * (low + high);
  high = reach;
  if (!(excess(low) <= 0) || !(excess(high) >= 0)) return std::nullopt;
  for (int i = 0; i < 60; ++i) {
    const double middle = 0.5 * (low + high);
    (excess(middle) <= 0 ? low : high) = middle;
  }
  p = 0.5 * (low + high);
  return state;
}

// Starts spread evenly over the allowed part of the plane by the R₂ sequence (Roberts 2018), a
// generalised golden-ratio sequence: deterministic, and the first k are spread well for every
// k.
Matrix find_starts(const System& system, const SectionRequest& request, const Plane& plane) {
  const Index dimension = system.dimension();
  const std::vector<double> extents = canonical_extents(system);
  constexpr double kPlastic = 1.32471795724474602596;
  constexpr Index kMaxTries = 4000;
  Matrix starts(dimension, request.starts);
  Index found = 0;
  const auto extent = [&](Index i) { return extents[static_cast<std::size_t>(i)]; };
  for (Index k = 1; k <= kMaxTries && found < request.starts; ++k) {
    const double a = std::fmod(0.5 + static_cast<double>(k) / kPlastic, 1.0);
    const double b = std::fmod(0.5 + static_cast<double>(k) / (kPlastic * kPlastic), 1.0);
    Vector state = Vector::Zero(dimension);
    state[plane.x] = (2 * a - 1) * extent(plane.x);
    state[plane.y] = (2 * b - 1) * extent(plane.y);
    const std::optional<Vector> level = on_level(system, state, plane, request.energy);
    if (level && level->allFinite()) starts.col(found++) = *level;
  }
  starts.conservativeResize(Eigen::NoChange, found);
  return starts;
}

double wrapped(double angle) { return std::remainder(angle, 2 * kPi); }

// Cubic through four equidistant values at −1, 0, 1, 2.
double cubic(const double* y, double s) {
  const double a = s + 1, c = s - 1, d = s - 2;
  return -y[0] * s * c * d / 6 + y[1] * a * c * d / 2 - y[2] * a * s * d / 2 +
         y[3] * a * s * c / 6;
}

// Appends the upward crossings of one canonical trajectory on an equidistant grid. The crossing
// and the point there come from cubics through four times: error O(Δt⁴).
void collect_crossings(const System& system, const Matrix& states, const Plane& plane,
                       Index start, Section& section) {
  const std::vector<bool> periodic = canonical_periodic(system);
  const auto is_angle = [&](Index i) { return periodic[static_cast<std::size_t>(i)]; };
  for (Index k = 1; k + 2 < states.cols(); ++k) {
    double g[4], x[4], y[4];
    for (Index j = 0; j < 4; ++j) {
      g[j] = states(plane.section, k - 1 + j);
      x[j] = states(plane.x, k - 1 + j);
      y[j] = states(plane.y, k - 1 + j);
    }
    if (is_angle(plane.section)) {
      const double turns = g[1] - wrapped(g[1]);
      for (double& value : g) value -= turns;
      if (g[1] > kPi / 2 || g[1] < -kPi / 2) continue;
    }
    if (!(g[1] < 0 && g[2] >= 0)) continue;
    double low = 0, high = 1;
    for (int i = 0; i < 50; ++i) {
      const double middle = 0.5 * (low + high);
      (cubic(g, middle) < 0 ? low : high) = middle;
    }
    const double px = cubic(x, high), py = cubic(y, high);
    section.x.push_back(static_cast<float>(is_angle(plane.x) ? wrapped(px) : px));
    section.y.push_back(static_cast<float>(is_angle(plane.y) ? wrapped(py) : py));
    section.start.push_back(start);
  }
}

}  // namespace

Section make_section(const Dynamics& dynamics, const SectionRequest& request,
                     const SolveOptions& options) {
  const System& system = dynamics.system();
  Section section;
  if (system.degrees_of_freedom() < 2 ||
      (request.section_component == -1 && system.section_component() == -1)) {
    section.message = "A " + std::string(system.title()) + " has no Poincaré section.";
    return section;
  }
  const Plane plane = check(system, request);
  // On the section its own coordinate is 0 and its momentum follows from the energy, so the
  // plane must be spanned by two others for starts to exist.
  const auto is_crossed = [&](Index component) {
    return component == plane.section ||
           component == plane.section + system.degrees_of_freedom();
  };
  if (plane.x == plane.y || is_crossed(plane.x) || is_crossed(plane.y)) {
    section.message = "A section needs two different axes besides the crossed coordinate.";
    return section;
  }
  Matrix starts = find_starts(system, request, plane);
  const Index batch = starts.cols();
  if (batch == 0) {
    section.message =
        "No motion of energy " + to_text(request.energy) + " crosses this section.";
    return section;
  }
  Dynamics::convert(system, Chart::kCanonical, dynamics.chart(), starts);

  // A residual network is the map it was trained as: between its points there is nothing.
  const double map = dynamics.is_truth() ? 0 : map_time(dynamics.model()->spec());
  const double spacing =
      map > 0 ? map : system.typical_period() / static_cast<double>(kTimesPerPeriod);
  const Index intervals = std::clamp<Index>(
      static_cast<Index>(std::ceil(request.duration / spacing)), 4, kMostIntervals);
  std::vector<double> times;
  for (Index k = 0; k <= intervals; ++k) times.push_back(static_cast<double>(k) * spacing);
  SolveOptions accurate = options;
  accurate.method = map > 0 ? Method::kEuler : Method::kDormandPrince54;
  accurate.step = spacing;
  const double periods = std::min(kMostPeriods, request.duration / system.typical_period());
  const Index limit = steps_within(
      evaluation_limit(periods, kLeastEvaluations, kEvaluationsPerPeriod, accurate));
  const bool limited = !dynamics.is_truth() && map == 0 && limit < accurate.max_steps;
  if (map > 0) accurate.max_steps = kMostIntervals;
  if (limited) accurate.max_steps = limit;
  const Solution solution = solve(dynamics.field(), starts, times, accurate);
  if (limited && solution.status == SolveStatus::kStepLimit) {
    section.message = "The learned motion is too rough to be followed beyond t = " +
                      short_number(solution.times.back()) + " s of " +
                      short_number(times.back()) + " s: that took " +
                      std::to_string(solution.statistics.evaluations) + " evaluations.";
  } else if (!solution.ok()) {
    section.message = solution.message;
  }

  const Index reached = static_cast<Index>(solution.times.size());
  for (Index b = 0; b < batch; ++b) {
    Matrix states(system.dimension(), reached);
    for (Index k = 0; k < reached; ++k) states.col(k) = solution.states.col(k * batch + b);
    Dynamics::convert(system, dynamics.chart(), Chart::kCanonical, states);
    collect_crossings(system, states, plane, b, section);
  }
  return section;
}

}  // namespace least_action
