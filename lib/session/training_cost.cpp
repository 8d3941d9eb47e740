#include "session/training_cost.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "models/dynamics_model.h"
#include "session/experiment.h"
#include "session/summary.h"

namespace least_action {
namespace {

constexpr double kAdaptiveSteps = 3;   // between two observations
constexpr double kTestExamples = 512;  // Trainer::kMaxTestExamples: tapes serve those as well

// Network products of a forward pass and its gradient (see DynamicsModel: an LNN takes first
// and second derivatives).
double passes(ModelKind kind, Index degrees_of_freedom) {
  switch (kind) {
    case ModelKind::kNeuralOde:
    case ModelKind::kResidual:
      return 3;
    case ModelKind::kHamiltonian:
    case ModelKind::kSeparableHamiltonian:
      return 6;
    case ModelKind::kLagrangian:
      return 10 + 2 * static_cast<double>(degrees_of_freedom);
  }
  return 6;
}

// Memory of an evaluation of `batch` samples, by two that are small and whole panels.
double tape_bytes(const DynamicsModel<float>& model, double batch) {
  constexpr Index kFew = 64, kMore = 128;
  const auto few = static_cast<double>(model.make_tape(kFew)->bytes());
  const auto more = static_cast<double>(model.make_tape(kMore)->bytes());
  const double slope = std::max(0.0, (more - few) / static_cast<double>(kMore - kFew));
  return few + slope * std::max(0.0, batch - static_cast<double>(kFew));
}

// Solver steps of a segment, evaluations in each, and how many of those are alive at a time.
struct Segment {
  double steps = 0, evaluations = 0, alive = 1;
};
Segment segment(const TrainerOptions& training, ModelKind kind) {
  const bool map = kind == ModelKind::kResidual;
  const Method method = map ? Method::kEuler : training.method;
  const double points = static_cast<double>(training.segment_length);
  Segment result;
  result.steps =
      points * (!map && traits(method).adaptive ? kAdaptiveSteps
                                                : static_cast<double>(training.substeps));
  result.evaluations = evaluations_per_step(method);
  // All but the full tape make the evaluations of one step at a time.
  result.alive = result.evaluations;
  if (training.sensitivity == SensitivityMethod::kFullTape) result.alive *= result.steps;
  return result;
}

}  // namespace

double evaluations_per_step(Method method) {
  switch (method) {
    case Method::kEuler:
    case Method::kSymplecticEuler:
      return 1;
    case Method::kMidpoint:
    case Method::kStormerVerlet:
      return 2;
    case Method::kBogackiShampine32:
      return 3;
    case Method::kRk4:
    case Method::kTao2:
      return 4;
    case Method::kImplicitMidpoint:
      return 5;
    case Method::kDormandPrince54:
    case Method::kTsitouras54:
    case Method::kYoshida4:
      return 6;
    case Method::kGaussLegendre4:
      return 10;
    case Method::kDormandPrince853:
      return 12;
    case Method::kYoshida6:
      return 14;
    case Method::kGaussLegendre6:
    case Method::kRadau5:
      return 15;
    case Method::kYoshida8:
      return 30;
  }
  return 4;
}

TrainingCost estimate_training_cost(const SessionConfig& config, const System& system) {
  const TrainerOptions& training = config.training;
  const auto trajectories = static_cast<double>(config.data.trajectories);
  const auto points = static_cast<double>(config.data.samples);
  const bool segments = training.loss == LossKind::kTrajectory;
  const double reach = segments ? static_cast<double>(training.segment_length) : 0;
  const double examples = std::max(
      1.0, trajectories * (1 - config.data.test_fraction) * std::max(1.0, points - reach));
  const double wanted = static_cast<double>(training.batch_size);
  const double batch = wanted == 0 ? examples : std::min(wanted, examples);
  const double capacity = std::max(batch, std::min(kTestExamples, examples));
  const double state = sizeof(float) * static_cast<double>(system.dimension());

  TrainingCost cost;
  for (std::size_t i = 0; i < config.models.size(); ++i) {
    const auto model = make_model<float>(model_spec(config, system, static_cast<Index>(i)));
    const ModelKind kind = model->spec().kind;
    // An action needs the Lagrangian in each of three neighbouring points.
    double alive = training.loss == LossKind::kAction ? 3 : 1, evaluations = alive, states = 1;
    if (segments) {
      const Segment s = segment(training, kind);
      alive = s.alive;
      evaluations = s.steps * s.evaluations;
      states = s.steps + reach;
    }
    cost.bytes += alive * tape_bytes(*model, capacity) + states * state * capacity;
    cost.operations = std::max(
        cost.operations, 2 * static_cast<double>(model->num_parameters()) *
                             passes(kind, system.degrees_of_freedom()) * batch * evaluations);
  }
  return cost;
}

std::string training_cost_fault(const SessionConfig& config, const System& system) {
  const TrainingCost cost = estimate_training_cost(config, system);
  const bool segments = config.training.loss == LossKind::kTrajectory;
  const std::string remedy = segments ? "make the networks, the batch or the segments smaller"
                                      : "make the networks or the batch smaller";
  if (cost.bytes > kMaxTrainingBytes) {
    const bool full = segments && config.training.sensitivity == SensitivityMethod::kFullTape;
    return "Training would hold about " + bytes_text(cost.bytes) + " at a time; at most " +
           bytes_text(kMaxTrainingBytes) + " fit: " + remedy +
           (full ? ", or take the gradient by the symplectic adjoint." : ".");
  }
  if (cost.operations > kMaxStepOperations) {
    return "One training step would take about " + short_number(cost.operations) +
           " operations, minutes in a browser: " + remedy + ".";
  }
  return {};
}

std::string bytes_text(double bytes) {
  static constexpr std::array<const char*, 5> kUnits{" B", " KB", " MB", " GB", " TB"};
  std::size_t unit = 0;
  while (bytes >= 999.5 && unit + 1 < kUnits.size()) bytes /= 1024, ++unit;
  return short_number(unit == 0 ? std::round(bytes) : bytes) + kUnits[unit];
}

}  // namespace least_action
