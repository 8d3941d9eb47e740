#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/types.h"
#include "ode/solve_options.h"
#include "ode/vector_field.h"
#include "sensitivity/stage_tapes.h"

namespace least_action {

/// How the gradient of a function of a solution x(t₀), …, x(t_K) of ẋ = f(t, x; θ) is computed.
/// With N steps of s stages, and a batch's network evaluation as the unit of memory:
enum class SensitivityMethod {
  kFullTape,           ///< Exact; keeps every stage: O(N s), none is evaluated on the way back.
  kSymplecticAdjoint,  ///< Exact; keeps a state a step and one evaluation: O(N) states.
  kCheckpointing,      ///< Exact; keeps a fixed number of states (binomial, revolve): O(log N).
  kBacksolve,          ///< Approximate; x and λ integrated backward together: constant.
  kInterpolating,      ///< Approximate; λ integrated backward along the dense output: O(N).
  kReversible          ///< Exact; a reversible method retraces its own steps: constant.
};

struct SensitivityTraits {
  SensitivityMethod method;
  std::string_view name;    ///< "full", "symplectic", "checkpoint", "backsolve",
                            ///< "interpolating", "reversible"
  std::string_view title;   ///< For people: "Symplectic adjoint".
  std::string_view help;    ///< One line.
  std::string_view memory;  ///< "O(N)" …
  bool exact;               ///< The gradient of the discrete solution, to rounding.
};
const std::vector<SensitivityTraits>& sensitivity_methods();
const SensitivityTraits& traits(SensitivityMethod method);
SensitivityMethod sensitivity_named(std::string_view name);  ///< Throws, naming the known ones.

struct SensitivityOptions {
  SensitivityMethod sensitivity = SensitivityMethod::kSymplecticAdjoint;
  /// Method, step or tolerances. Steps end at the observation times exactly. Adaptive methods
  /// differentiate with the step sequence (as fractions of each interval) held fixed.
  SolveOptions solve = {};
  /// Fixed-step methods: equal steps in every interval between observations; 0: as many as
  /// solve.step asks for.
  Index substeps = 0;
  Index checkpoints = 0;  ///< kCheckpointing: states kept; 0: ⌈log₂ N⌉ + 1.
  /// What a step that is done again keeps on the way back, but for kFullTape: kPerStage costs
  /// the memory of s network evaluations instead of one, and s − 1 evaluations a step less.
  StageTapes stage_tapes = StageTapes::kOne;
  double coupling = 0.999;  ///< kReversible: λ of McCallum & Foster, in (0, 1].
  /// kBacksolve, kInterpolating: tolerances of the way back; 0: those of the way forward.
  double adjoint_relative_tolerance = 0, adjoint_absolute_tolerance = 0;

  bool operator==(const SensitivityOptions&) const = default;
};
/// What is wrong with the options, in words; empty where nothing is.
std::optional<std::string> find_fault(const SensitivityOptions& options);

struct SensitivityStatistics {
  SolveStatistics forward, backward;  ///< Evaluations and steps of either way, batched calls.
  Index vjps = 0;
  std::size_t peak_bytes = 0;  ///< The most memory held at a time, tapes included.
};

/// A solve of a batch and its reverse mode behind one interface. Construct once, then alternate
/// `forward` and `backward`; neither allocates (methods that choose their steps may have to
/// grow what they keep between two steps, once). Not thread-safe.
///
/// Shapes: x: dimension × B. times: B × (K + 1), or 1 × (K + 1) where all samples share them;
/// each row increasing or decreasing, two neighbours may be equal (the state is then the same:
/// padding for short trajectories; such an interval costs no step and adds nothing to dC/dt).
/// states: dimension × B·(K + 1), block k is time k.
template <class S>
class Sensitivity {
 public:
  virtual ~Sensitivity() = default;

  /// Solves from x0 at times.col(0) and writes the states at all times; block 0 is x0. Where a
  /// sample fails, its later states are NaN, the others are right, and the status and `message`
  /// are the worst sample's. `field` must be of the kind given at construction (the same sizes
  /// and tapes), but may have other parameters. Throws std::invalid_argument on wrong sizes or
  /// times that are not finite and monotone.
  virtual SolveStatus forward(const VectorField<S>& field, ConstMatrixRef times,
                              ConstMatrixRefX<S> x0, MatrixRefX<S> states) = 0;

  /// For states_bar = ∂C/∂states of the last `forward` writes x̄₀ = dC/dx₀, adds dC/dθ to
  /// `theta_bar` (or empty: not computed), and writes dC/dt of every time of every sample to
  /// `times_bar` (B × (K + 1), or empty), where C depends on the times through the states
  /// alone. Failed samples contribute nothing, and their x̄₀ is 0. `field` must be as in
  /// `forward`.
  virtual SolveStatus backward(const VectorField<S>& field, ConstMatrixRefX<S> states_bar,
                               MatrixRefX<S> x0_bar, VectorRefX<S> theta_bar,
                               MatrixRef times_bar) = 0;

  virtual SolveStatus status(Index sample) const = 0;           ///< Of the last forward.
  virtual const std::string& message() const = 0;               ///< Empty where all went well.
  virtual const SensitivityStatistics& statistics() const = 0;  ///< Of the last two calls.
  virtual FieldHealth health() const = 0;                       ///< Worst of the last forward.
  virtual Index max_batch() const = 0;
  virtual Index max_points() const = 0;  ///< The largest K.
};

/// Makes the sensitivity for up to `max_batch` samples and `max_points` = K observation times
/// after the first. Throws std::invalid_argument for a fault in the options, or a method that
/// does not fit the field.
template <class S>
std::unique_ptr<Sensitivity<S>> make_sensitivity(const SensitivityOptions& options,
                                                 const VectorField<S>& field, Index max_batch,
                                                 Index max_points);

}  // namespace least_action
