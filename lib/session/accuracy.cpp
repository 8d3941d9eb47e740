#include "session/accuracy.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "analysis/accuracy_dial.h"
#include "analysis/round_trip.h"
#include "base/contract.h"
#include "session/clock.h"
#include "session/rollout.h"
#include "session/session_state.h"
#include "session/summary.h"

namespace least_action {
namespace {

constexpr Index kMostSettings = 64;
// Of one table. A smooth model takes a tenth; the limit keeps one that is not smooth from
// holding up its caller for more than about a second: so the larger the network, the fewer.
constexpr double kEvaluations = 100000, kEvaluationsPerPeriod = 20000, kFewEvaluations = 2000;
constexpr double kMostPeriods = 20;
constexpr double kSmallNetwork = 5000;     // parameters
constexpr double kLagrangianShare = 0.25;  // An LNN takes second derivatives, and solves.
// Of the reference, whatever the settings: so that a sweep of one setting a call solves it
// once.
constexpr double kReferenceTolerance = 1e-13;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

std::vector<double> usual_settings(const MethodTraits& method, double period) {
  if (method.adaptive) return logarithmic_range(1e-2, 1e-10, 9);
  std::vector<double> steps;
  for (double step = period / 10; steps.size() < 8; step /= 2) steps.push_back(step);
  return steps;
}

Index evaluations_allowed(const Dynamics& dynamics, double periods) {
  double most = std::max(kEvaluations, kEvaluationsPerPeriod * std::min(periods, kMostPeriods));
  if (dynamics.is_truth()) return static_cast<Index>(most);
  const auto size = static_cast<double>(dynamics.model()->num_parameters());
  most = std::max(kFewEvaluations, most * std::min(1.0, kSmallNetwork / size));
  if (dynamics.model()->spec().kind == ModelKind::kLagrangian) most *= kLagrangianShare;
  return static_cast<Index>(most);
}

std::string not_a_flow(const Dynamics& dynamics) {
  const ModelSpec& spec = dynamics.model()->spec();
  return "A residual network is a map of " + short_number(map_time(spec)) + " s made of " +
         std::to_string(spec.blocks) + (spec.blocks == 1 ? " block" : " blocks");
}

Vector as_vector(const std::vector<double>& values) {
  return Eigen::Map<const Vector>(values.data(), static_cast<Index>(values.size()));
}

std::vector<double> as_list(const Vector& values) {
  return {values.data(), values.data() + values.size()};
}

bool is_map(const Dynamics& dynamics) {
  return !dynamics.is_truth() && map_time(dynamics.model()->spec()) > 0;
}

/// The state in the dynamics' own chart.
Vector own_state(const Dynamics& dynamics, const Vector& canonical) {
  Vector own = canonical;
  dynamics.system().convert(Chart::kCanonical, dynamics.chart(), canonical, own);
  return own;
}

std::function<void(Matrix&)> canonical_view(const Dynamics& dynamics) {
  return [&dynamics](Matrix& states) {
    Dynamics::convert(dynamics.system(), dynamics.chart(), Chart::kCanonical, states);
  };
}

/// The roll-out's options, made to suit the dynamics.
SolveOptions suited(const Dynamics& dynamics, SolveOptions options, std::string& note) {
  if (traits(options.method).needs_separable && !dynamics.field().is_separable()) {
    note = "Not separable: implicit midpoint instead of " +
           std::string(traits(options.method).title) + ".";
    options.method = Method::kImplicitMidpoint;
  }
  return options;
}

}  // namespace

bool Session::Implementation::ReferenceKey::operator==(const ReferenceKey& other) const {
  // Sizes first: Eigen compares only equal ones.
  return model == other.model && theta.size() == other.theta.size() &&
         start.size() == other.start.size() && theta == other.theta && start == other.start &&
         times == other.times;
}

AccuracyView Session::accuracy_dial(Index model, const AccuracyRequest& request) const {
  constexpr std::string_view kWhere = "Session::accuracy_dial";
  const Implementation& state = *implementation_;
  const Dynamics& dynamics = state.dynamics(model);
  if (static_cast<Index>(request.settings.size()) > kMostSettings) {
    fail_value(kWhere, "the number of settings", static_cast<double>(request.settings.size()),
               "at most " + std::to_string(kMostSettings));
  }
  AccuracyDialOptions options;
  options.solve = config().rollout;
  if (!request.method.empty()) options.solve.method = method_named(request.method);

  AccuracyView view;
  options.solve = suited(dynamics, options.solve, view.message);
  const MethodTraits& method = traits(options.solve.method);
  view.method = method.title;
  view.by_tolerance = method.adaptive;
  const double period = system().typical_period();
  options.settings =
      request.settings.empty() ? usual_settings(method, period) : request.settings;
  if (const auto fault = find_fault(options)) fail(kWhere, *fault);
  if (is_map(dynamics)) {
    view.message = not_a_flow(dynamics) +
                   ": it has no tolerance, its depth was fixed when it was trained.";
    return view;
  }

  const Vector own = own_state(dynamics, state.initial_state());
  if (!own.allFinite()) {
    view.message = "The initial state has no velocity.";
    return view;
  }
  options.scale = as_vector(canonical_extents(system()));
  options.max_evaluations = evaluations_allowed(dynamics, config().rollout_periods);
  options.view = canonical_view(dynamics);
  options.clock = now_milliseconds;
  const std::vector<double> times = as_list(state.view.times);
  options.reference_tolerance = kReferenceTolerance;
  Implementation::ReferenceKey key{model, dynamics.theta(), own, times};
  std::optional<Implementation::KeptReference>& kept = implementation_->reference;
  if (!kept || !(kept->key == key)) {
    kept = Implementation::KeptReference{
        std::move(key), accuracy_reference(dynamics.field(), own, times, options)};
    view.reference_evaluations = kept->reference.evaluations;
  }
  const AccuracyTable table =
      ::least_action::accuracy_dial(dynamics.field(), own, times, options, kept->reference);
  for (const AccuracyRow& row : table.rows) {
    view.points.push_back({row.setting, row.error, row.evaluations, row.steps, row.rejected,
                           row.milliseconds, row.reached, row.message});
  }
  view.reference_tolerance = table.reference_tolerance;
  if (!table.message.empty()) view.message += (view.message.empty() ? "" : " ") + table.message;
  return view;
}

RoundTripView Session::round_trip(Index model) const {
  const Implementation& state = *implementation_;
  const Dynamics& dynamics = state.dynamics(model);
  RoundTripView view;
  const Vector start = state.initial_state();
  view.start = as_list(start);
  view.error = kNan;
  if (is_map(dynamics)) {
    view.message = not_a_flow(dynamics) +
                   ": no solve goes back through it, and only where its blocks are "
                   "contractions is there an inverse at all.";
    return view;
  }
  const Vector own = own_state(dynamics, start);
  if (!own.allFinite()) {
    view.message = "The initial state has no velocity.";
    return view;
  }
  RoundTripOptions options;
  std::string note;
  options.solve = suited(dynamics, config().rollout, note);
  options.scale = as_vector(canonical_extents(system()));
  options.max_evaluations = evaluations_allowed(dynamics, config().rollout_periods);
  options.view = canonical_view(dynamics);
  const Vector& times = state.view.times;
  const RoundTrip trip = ::least_action::round_trip(dynamics.field(), own, times[0],
                                                    times[times.size() - 1], options);
  view.returned = trip.returned_to_start();
  view.error = trip.error;
  view.evaluations = trip.evaluations;
  view.message = note + (note.empty() ? "" : " ") + trip.message;
  if (view.returned) view.end = as_list(trip.returned.col(0));
  return view;
}

}  // namespace least_action
