#include "session/phase_flow.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "base/contract.h"

namespace least_action {
namespace {

constexpr Index kMostColumns = 256;  // of one call of the field: larger ones leave the caches
constexpr double kMostApplications = 1e6;  // of a map in one call
// Of an application of a map: as near to a multiple of it must every time be. Coarse enough for
// times that went through single precision.
constexpr double kNearMultiple = 1e-4;
// A step may be so much larger that rounding of the times never asks for one more, and kept
// small enough that kMostApplications never take one less.
constexpr double kStepAllowance = 1 + 1e-7;

void check_states(const char* where, ConstMatrixRef x, Index dimension) {
  if (x.rows() != dimension) {
    fail_shape(where, "x", x.rows(), x.cols(), dimension, x.cols(), "dimension × states");
  }
  if (!x.allFinite()) fail(where, "a state has a component that is NaN or infinite");
}

void check_start(const char* where, ConstMatrixRef x0, Index dimension) {
  if (x0.rows() != dimension || x0.cols() < 1) {
    fail_shape(where, "x0", x0.rows(), x0.cols(), dimension, std::max<Index>(1, x0.cols()),
               "dimension × samples, at least one");
  }
  if (!x0.allFinite()) fail(where, "x0 has a component that is NaN or infinite");
}

}  // namespace

struct PhaseFlow::Implementation {
  const VectorField<double>* field;
  double map_time;
  Index dimension;

  std::unique_ptr<VectorField<double>::Tape> tape;  // of `rates`
  Vector no_times;

  std::optional<Solver> solver;
  SolveOptions solved_with;
  Index solver_batch = 0;
  std::vector<double> map_times;  // `times` where the field is a map's: multiples, from 0
  std::string map_remark;
  SolveExtras no_extras;
  Solution solution;

  std::unique_ptr<Sensitivity<double>> sensitivity;
  SensitivityOptions differentiated_with;
  Matrix times_row, times_bar;  // 1 × (K + 1), B × (K + 1)
  FlowPullback pulled_back, next_pullback;

  Implementation(const VectorField<double>& of, double map)
      : field(&of), map_time(map), dimension(of.dimension()) {
    if (map > 0) map_remark = "Iterated as a map of " + to_text(map) + " s.";
  }

  /// The times as multiples of the map's, counted from the first; throws where they are none.
  void iterate_over(const char* where, const std::vector<double>& times);
  /// What a field that stands for a map is solved with, whatever was asked for.
  SolveOptions iterated(SolveOptions options) const;
  void prepare_solver(Index batch, const SolveOptions& options);
  void prepare_sensitivity(Index batch, Index points, const SensitivityOptions& options);
};

void PhaseFlow::Implementation::iterate_over(const char* where,
                                             const std::vector<double>& times) {
  map_times.resize(times.size());
  double before = -1;
  for (std::size_t k = 0; k < times.size(); ++k) {
    const double exact = (times[k] - times[0]) / map_time;
    const double count = std::round(exact);
    const std::string name = "times[" + std::to_string(k) + "]";
    if (!std::isfinite(times[k])) fail_value(where, name, times[k], "finite");
    if (!(std::abs(exact - count) <= kNearMultiple)) {
      fail_value(where, name, times[k],
                 "a multiple of " + to_text(map_time) + " after the first time, " +
                     to_text(times[0]) +
                     ": a residual network is a map over that time, and knows no others");
    }
    if (!(count > before)) {
      fail_value(where, name, times[k],
                 "later than the time before it: a residual network is a map forward in time");
    }
    if (count > kMostApplications) {
      fail_value(where, name, times[k],
                 "at most " + to_text(kMostApplications) + " times " + to_text(map_time) +
                     " after the first, one application of the residual network each");
    }
    before = count;
    map_times[k] = count * map_time;
  }
}

SolveOptions PhaseFlow::Implementation::iterated(SolveOptions options) const {
  options.method = Method::kEuler;
  options.step = map_time * kStepAllowance;
  return options;
}

void PhaseFlow::Implementation::prepare_solver(Index batch, const SolveOptions& options) {
  if (solver && options == solved_with && batch <= solver_batch) return;
  // The old one goes only when the new one is there: a fault in the options changes nothing.
  Solver fresh(*field, batch, options);
  solver.emplace(std::move(fresh));
  solved_with = options;
  solver_batch = batch;
}

void PhaseFlow::Implementation::prepare_sensitivity(Index batch, Index points,
                                                    const SensitivityOptions& options) {
  if (sensitivity && options == differentiated_with && batch <= sensitivity->max_batch() &&
      points <= sensitivity->max_points()) {
    return;
  }
  sensitivity = make_sensitivity<double>(options, *field, batch, points);
  differentiated_with = options;
}

PhaseFlow::PhaseFlow(const VectorField<double>& field, double map_time)
    : implementation_(std::make_unique<Implementation>(field, map_time)) {
  if (!(map_time >= 0) || !std::isfinite(map_time)) {
    fail_value("PhaseFlow", "map_time", map_time, "positive and finite, or 0 for no map");
  }
}

PhaseFlow::~PhaseFlow() = default;
PhaseFlow::PhaseFlow(PhaseFlow&&) noexcept = default;
PhaseFlow& PhaseFlow::operator=(PhaseFlow&&) noexcept = default;

Index PhaseFlow::dimension() const { return implementation_->dimension; }

void PhaseFlow::rates(ConstMatrixRef x, MatrixRef rates) {
  const char* where = "PhaseFlow::rates";
  Implementation& flow = *implementation_;
  check_states(where, x, flow.dimension);
  if (rates.rows() != x.rows() || rates.cols() != x.cols()) {
    fail_shape(where, "rates", rates.rows(), rates.cols(), x.rows(), x.cols(), "as x");
  }
  if (!flow.tape) {
    flow.no_times.setZero(kMostColumns);
    flow.tape = flow.field->make_tape(kMostColumns);
  }
  for (Index first = 0; first < x.cols(); first += kMostColumns) {
    const Index count = std::min(kMostColumns, x.cols() - first);
    flow.field->forward(flow.no_times.head(count), x.middleCols(first, count),
                        rates.middleCols(first, count), *flow.tape);
  }
}

const Solution& PhaseFlow::rollout(ConstMatrixRef x0, const std::vector<double>& times,
                                   const SolveOptions& options) {
  const char* where = "PhaseFlow::rollout";
  Implementation& flow = *implementation_;
  check_start(where, x0, flow.dimension);
  Solution& solution = flow.solution;
  if (flow.map_time == 0) {
    flow.prepare_solver(x0.cols(), options);
    flow.solver->solve(x0, times, solution, flow.no_extras);
    return solution;
  }
  if (const auto fault = find_fault(options)) fail("SolveOptions", *fault);
  flow.iterate_over(where, times);
  flow.prepare_solver(x0.cols(), flow.iterated(options));
  flow.solver->solve(x0, flow.map_times, solution, flow.no_extras);
  solution.remark = flow.map_remark;
  solution.times.assign(times.begin(),
                        times.begin() + static_cast<std::ptrdiff_t>(solution.times.size()));
  return solution;
}

const FlowPullback& PhaseFlow::pullback(ConstMatrixRef x0, const std::vector<double>& times,
                                        ConstMatrixRef states_bar,
                                        const SensitivityOptions& options) {
  const char* where = "PhaseFlow::pullback";
  Implementation& flow = *implementation_;
  check_start(where, x0, flow.dimension);
  const auto count = static_cast<Index>(times.size());
  if (count < 1) fail(where, "times is empty; expected the starting time at least");
  const Index batch = x0.cols();
  if (states_bar.rows() != x0.rows() || states_bar.cols() != batch * count) {
    fail_shape(where, "states_bar", states_bar.rows(), states_bar.cols(), x0.rows(),
               batch * count, "dimension × (samples · times)");
  }
  if (!states_bar.allFinite()) {
    fail(where, "states_bar has a component that is NaN or infinite");
  }
  for (Index k = 0; k < count; ++k) {
    const double t = times[static_cast<std::size_t>(k)];
    if (!std::isfinite(t)) {
      fail_value(where, "times[" + std::to_string(k) + "]", t, "finite");
    }
  }
  if (const auto fault = find_fault(options)) fail(where, *fault);
  SensitivityOptions used = options;
  const std::vector<double>* solved = &times;
  if (flow.map_time > 0) {
    flow.iterate_over(where, times);
    used.solve = flow.iterated(options.solve);
    used.substeps = 0;
    solved = &flow.map_times;
  }
  // Written beside the last one: a wrong call that only the sensitivity notices changes
  // nothing.
  FlowPullback& result = flow.next_pullback;
  if (count > 1) flow.prepare_sensitivity(batch, count - 1, used);
  result.states.resize(x0.rows(), batch * count);
  result.x0_bar.resize(x0.rows(), batch);
  result.theta_bar.setZero(flow.field->num_parameters());
  result.times_bar.setZero(count);
  if (count == 1) {  // The state at the first time is x0 itself.
    result.status = SolveStatus::kReachedEnd;
    result.message.clear();
    result.states = x0;
    result.x0_bar = states_bar;
    result.statistics = {};
    std::swap(flow.pulled_back, flow.next_pullback);
    return flow.pulled_back;
  }
  flow.times_row = Eigen::Map<const Eigen::RowVectorXd>(solved->data(), count);
  flow.times_bar.resize(batch, count);
  Sensitivity<double>& sensitivity = *flow.sensitivity;
  const SolveStatus forward =
      sensitivity.forward(*flow.field, flow.times_row, x0, result.states);
  const SolveStatus backward = sensitivity.backward(*flow.field, states_bar, result.x0_bar,
                                                    result.theta_bar, flow.times_bar);
  result.status = forward != SolveStatus::kReachedEnd ? forward : backward;
  result.message = sensitivity.message();
  result.times_bar = flow.times_bar.colwise().sum().transpose();
  result.statistics = sensitivity.statistics();
  std::swap(flow.pulled_back, flow.next_pullback);
  return flow.pulled_back;
}

}  // namespace least_action
