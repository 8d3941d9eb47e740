#include "session/map_cost.h"

#include <algorithm>

#include "maps/learned_map.h"
#include "maps/map_task.h"
#include "nn/mlp.h"
#include "session/training_cost.h"

namespace least_action {
namespace {

// What a page comes back from within a second or two, and what fits besides its other memory.
constexpr double kMostWork = 1e9, kMostBytes = 300.0 * 1024 * 1024;
// A flow's tapes beyond which it does without the full one.
constexpr double kLargeTapes = 64.0 * 1024 * 1024;

constexpr double kShownPoints = 300;  // those followed through the maps: 289 at most
constexpr double kFinerSteps = 4;     // of the flow that tells the solver's error
constexpr double kBackAndForth = 3;   // a training step, in forward passes

bool is_flow(MapKind kind) {
  return kind == MapKind::kNeuralOde || kind == MapKind::kAugmentedNeuralOde;
}

double evaluations(const MapSpec& spec) {
  return static_cast<double>(spec.shown_states * spec.sensitivity.substeps) *
         evaluations_per_step(spec.sensitivity.solve.method);
}

double grid_points(MapTask task) {
  return traits(task).is_classification ? static_cast<double>(kDecisionGrid * kDecisionGrid)
                                        : 0;
}

// Memory for so many points from that of two tapes that are small and whole panels.
template <class BytesFor>
double extrapolated(double points, const BytesFor& bytes_for) {
  constexpr Index kFew = 64, kMore = 128;
  const auto few = static_cast<double>(bytes_for(kFew));
  const double slope = (static_cast<double>(bytes_for(kMore)) - few) / (kMore - kFew);
  return few + slope * std::max(0.0, points - kFew);
}

// Of the tapes that a session makes for one map.
double tape_points(const MapSessionConfig& config) {
  return static_cast<double>(config.batch + map_test_points(config.task).cols()) +
         kShownPoints + grid_points(config.task);
}

double session_bytes(const MapSessionConfig& config, const MapSpec& spec) {
  double bytes = map_tape_bytes(spec, tape_points(config));
  if (!is_flow(spec.kind)) return bytes;
  MapSpec fine = spec;
  fine.sensitivity.substeps *= static_cast<Index>(kFinerSteps);
  return bytes + map_tape_bytes(fine, kShownPoints);
}

}  // namespace

double map_tape_bytes(const MapSpec& spec, double points) {
  if (!is_flow(spec.kind)) {
    const auto map = make_map<float>(spec);
    return extrapolated(points, [&](Index few) { return map->make_tape(few)->bytes(); });
  }
  // A flow's tape knows what it holds only after a solve.
  const Index dimension =
      spec.inputs + (spec.kind == MapKind::kAugmentedNeuralOde ? spec.augmented : 0);
  MlpLayout layout;
  layout.inputs = layout.outputs = dimension;
  layout.hidden = spec.hidden;
  layout.activation = spec.activation;
  const Mlp<float> network(layout);
  const bool full = spec.sensitivity.sensitivity == SensitivityMethod::kFullTape;
  const double steps = static_cast<double>(spec.shown_states * spec.sensitivity.substeps);
  const double states = sizeof(float) * static_cast<double>(dimension) * points *
                        (steps + 2 * static_cast<double>(spec.shown_states));
  return states + (full ? evaluations(spec) : 1) * extrapolated(points, [&](Index few) {
                    return network.make_tape(few)->bytes();
                  });
}

MapSpec spec_of(const MapSessionConfig& config, const MapModelConfig& model) {
  MapSpec spec;
  spec.kind = model.kind;
  spec.hidden = has_hidden_layers(model.kind) ? model.hidden : std::vector<Index>{};
  spec.activation = model.activation;
  spec.augmented = spec.blocks = model.depth;
  spec.shown_states = 12;
  spec.sensitivity.sensitivity = SensitivityMethod::kFullTape;
  spec = fitted_to(config.task, spec);
  if (is_flow(spec.kind) && session_bytes(config, spec) > kLargeTapes)
    spec.sensitivity.sensitivity = SensitivityMethod::kSymplecticAdjoint;
  return spec;
}

MapCost estimate_cost(const MapSessionConfig& config) {
  MapCost cost;
  const double shown = tape_points(config) - static_cast<double>(config.batch);
  for (const MapModelConfig& model : config.models) {
    const MapSpec spec = spec_of(config, model);
    // Blocks have weights of their own; a flow's network is used again and again.
    const double passes = is_flow(spec.kind) ? evaluations(spec) : 1;
    const double finer = is_flow(spec.kind) ? kFinerSteps * kShownPoints : 0;
    cost.work += static_cast<double>(make_map<float>(spec)->num_parameters()) * passes *
                 std::max(kBackAndForth * static_cast<double>(config.batch), shown + finer);
    cost.bytes += session_bytes(config, spec);
  }
  return cost;
}

std::string map_cost_fault(const MapSessionConfig& config) {
  const MapCost cost = estimate_cost(config);
  constexpr const char* kRemedy = ": make the networks smaller, or compare fewer.";
  if (cost.work > kMostWork)
    return std::string("One training step or picture would take seconds") + kRemedy;
  if (cost.bytes > kMostBytes) {
    return "The maps would hold about " + bytes_text(cost.bytes) + "; at most " +
           bytes_text(kMostBytes) + " fit" + kRemedy;
  }
  return {};
}

}  // namespace least_action
