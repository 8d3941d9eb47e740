#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "maps/map_task.h"
#include "session/session_config.h"

namespace least_action {

/// One map of a comparison.
struct MapModelConfig {
  MapKind kind = MapKind::kNeuralOde;
  std::vector<Index> hidden = {16};  ///< Ignored by the one-neuron network.
  Activation activation = Activation::kTanh;
  Index depth = 1;  ///< Appended zeros (augmented neural ODE) or blocks (residual networks).
  bool operator==(const MapModelConfig&) const = default;
};

/// A kind of map as it is offered first.
MapModelConfig usual_map(MapKind kind);
/// Whether `depth` means something to a kind: 0 or the most it may be; and `hidden`.
Index largest_depth(MapKind kind);
inline bool has_hidden_layers(MapKind kind) { return kind != MapKind::kOneNeuron; }

/// Everything that defines an experiment with maps: two equal configs give the same numbers.
struct MapSessionConfig {
  MapTask task = MapTask::kFlip;
  std::vector<MapModelConfig> models;  ///< 1 to 3, trained on the same task.
  double learning_rate = 1e-2;
  Index steps = 1000;  ///< After which training stops by itself.
  Index batch = 128;   ///< Examples a step.
  std::uint64_t seed = 1;

  MapSessionConfig();  ///< The line, and the maps that tell most about it.
  bool operator==(const MapSessionConfig&) const = default;
};

inline constexpr std::size_t kMaxMaps = 3;

/// The maps that tell most about a task.
std::vector<MapModelConfig> telling_maps(MapTask task);

/// "node:16:tanh+anode:16:tanh:1+one-neuron:20": kind:widths:activation[:depth], and back. The
/// one-neuron network has its depth alone. `read_maps` returns what is wrong, as a sentence,
/// leaving `models` alone; empty where they were read.
std::string maps_text(const std::vector<MapModelConfig>& models);
std::string read_maps(std::string_view text, std::vector<MapModelConfig>& models);

/// The settings of such an experiment, for user interfaces, links and scripts: "task",
/// "models", "lr", "steps", "batch", "seed". Texts and faults as for the mechanics settings;
/// choosing another task also chooses the maps that tell most about it.
const std::vector<Setting>& map_settings();
std::string map_setting_text(const MapSessionConfig& config, std::string_view key);
std::optional<std::string> set_map_setting(MapSessionConfig& config, std::string_view key,
                                           std::string_view text);

/// "task=annulus&models=…": only what differs from the default.
std::string to_query(const MapSessionConfig& config);
/// Never throws: what cannot be read keeps its default and is explained in `faults`.
struct ParsedMapConfig {
  MapSessionConfig config;
  std::vector<std::string> faults;
};
ParsedMapConfig parse_map_config(std::string_view query);

/// What is wrong with a config, one sentence each; empty where it can run.
std::vector<std::string> find_faults(const MapSessionConfig& config);

}  // namespace least_action
