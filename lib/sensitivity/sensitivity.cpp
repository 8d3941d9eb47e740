#include "sensitivity/sensitivity.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "base/contract.h"
#include "base/unknown_name.h"
#include "ode/methods.h"
#include "sensitivity/continuous_adjoint.h"
#include "sensitivity/exact_sensitivity.h"
#include "sensitivity/reversible_sensitivity.h"

namespace least_action {
namespace {

std::string fault(const char* name, double is, const char* expected) {
  return std::string("SensitivityOptions: ") + name + " is " + to_text(is) + "; it must be " +
         expected;
}

bool is_tolerance(double value) { return value >= 0 && std::isfinite(value); }

}  // namespace

const std::vector<SensitivityTraits>& sensitivity_methods() {
  static const std::vector<SensitivityTraits> all = {
      {SensitivityMethod::kFullTape, "full", "Full tape",
       "Exact; keeps every stage of every step, so nothing is evaluated twice.", "O(N s)",
       true},
      {SensitivityMethod::kSymplecticAdjoint, "symplectic", "Symplectic adjoint",
       "Exact; keeps a state a step and does each step again on the way back.", "O(N)", true},
      {SensitivityMethod::kCheckpointing, "checkpoint", "Binomial checkpoints",
       "Exact; keeps a fixed number of states and walks to the others again.", "O(log N)",
       true},
      {SensitivityMethod::kBacksolve, "backsolve", "Backsolve adjoint",
       "Approximate; integrates state and adjoint backward together.", "constant", false},
      {SensitivityMethod::kInterpolating, "interpolating", "Interpolating adjoint",
       "Approximate; integrates the adjoint backward along the solution's dense output.",
       "O(N)", false},
      {SensitivityMethod::kReversible, "reversible", "Reversible solver",
       "Exact; retraces the steps of a method that can be undone.", "constant", true},
  };
  return all;
}

const SensitivityTraits& traits(SensitivityMethod method) {
  for (const SensitivityTraits& each : sensitivity_methods()) {
    if (each.method == method) return each;
  }
  fail_value("traits", "sensitivity", static_cast<double>(method),
             "one of sensitivity_methods()");
}

SensitivityMethod sensitivity_named(std::string_view name) {
  for (const SensitivityTraits& each : sensitivity_methods()) {
    if (each.name == name) return each.method;
  }
  fail_unknown(
      "sensitivity_named", "sensitivity", name,
      names_of(sensitivity_methods(), [](const SensitivityTraits& each) { return each.name; }));
}

std::optional<std::string> find_fault(const SensitivityOptions& o) {
  if (auto solver_fault = find_fault(o.solve)) return solver_fault;
  if (o.substeps < 0) {
    return fault("substeps", double(o.substeps), "positive, or 0 for those of solve.step");
  }
  if (o.checkpoints < 0) {
    return fault("checkpoints", double(o.checkpoints), "positive, or 0 for ⌈log₂ N⌉ + 1");
  }
  if (!(o.coupling > 0) || !(o.coupling <= 1)) {
    return fault("coupling", o.coupling, "above 0 and at most 1");
  }
  if (!is_tolerance(o.adjoint_relative_tolerance)) {
    return fault("adjoint_relative_tolerance", o.adjoint_relative_tolerance,
                 "positive and finite, or 0 for that of the way forward");
  }
  if (!is_tolerance(o.adjoint_absolute_tolerance)) {
    return fault("adjoint_absolute_tolerance", o.adjoint_absolute_tolerance,
                 "positive and finite, or 0 for that of the way forward");
  }
  return std::nullopt;
}

template <class S>
std::unique_ptr<Sensitivity<S>> make_sensitivity(const SensitivityOptions& options,
                                                 const VectorField<S>& field, Index max_batch,
                                                 Index max_points) {
  const char* where = "make_sensitivity";
  if (const auto found = find_fault(options)) throw std::invalid_argument(*found);
  if (max_batch < 1) fail_value(where, "max_batch", double(max_batch), "at least 1");
  if (max_points < 1) fail_value(where, "max_points", double(max_points), "at least 1");
  if (traits(options.solve.method).needs_separable && !field.is_separable()) {
    fail(where, std::string(traits(options.solve.method).title) +
                    " needs a separable field, H = T(p) + V(q), and this one is not; expected "
                    "another method, or a separable model");
  }
  // What is held for every sample and point must be countable and fit some memory.
  const double bytes = double(sizeof(S)) * double(field.dimension()) * double(max_batch) *
                       double(max_points + 1) * double(std::max<Index>(options.substeps, 1));
  const double most = std::min(1e11, double(std::numeric_limits<Index>::max()));
  if (!(bytes < most)) {
    fail_value(where, "the memory of all states in bytes", bytes, "below " + to_text(most));
  }
  switch (options.sensitivity) {
    case SensitivityMethod::kFullTape:
    case SensitivityMethod::kSymplecticAdjoint:
    case SensitivityMethod::kCheckpointing:
      return std::make_unique<ExactSensitivity<S>>(options, field, max_batch, max_points);
    case SensitivityMethod::kReversible:
      return std::make_unique<ReversibleSensitivity<S>>(options, field, max_batch, max_points);
    case SensitivityMethod::kBacksolve:
    case SensitivityMethod::kInterpolating:
      return std::make_unique<ContinuousAdjoint<S>>(options, field, max_batch, max_points);
  }
  fail_value(where, "sensitivity", double(options.sensitivity), "one of sensitivity_methods()");
}

template std::unique_ptr<Sensitivity<float>> make_sensitivity(const SensitivityOptions&,
                                                              const VectorField<float>&, Index,
                                                              Index);
template std::unique_ptr<Sensitivity<double>> make_sensitivity(const SensitivityOptions&,
                                                               const VectorField<double>&,
                                                               Index, Index);

}  // namespace least_action
