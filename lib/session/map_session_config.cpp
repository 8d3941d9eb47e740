#include "session/map_session_config.h"

#include <cmath>
#include <utility>

#include "base/contract.h"
#include "session/map_cost.h"
#include "session/query_pairs.h"
#include "session/settings_table.h"

namespace least_action {
namespace {

constexpr Index kMaxMapWidth = 128, kMaxMapLayers = 6;

std::vector<std::string> names_of(const auto& rows) {
  std::vector<std::string> names;
  for (const auto& row : rows) names.emplace_back(row.name);
  return names;
}

bool read_whole(std::string_view text, Index least, Index most, Index& value) {
  double number = 0;
  if (!parse_number(text, number) || number != std::floor(number) ||
      !(number >= static_cast<double>(least) && number <= static_cast<double>(most))) {
    return false;
  }
  value = static_cast<Index>(number);
  return true;
}

std::string depth_sentence(const MapModelConfig& map) {
  const bool zeros = map.kind == MapKind::kAugmentedNeuralOde;
  return (zeros ? "An augmented neural ODE has 1 to " : "A residual network has 1 to ") +
         std::to_string(largest_depth(map.kind)) +
         (zeros ? " added dimensions, not " : " blocks, not ");
}

std::string model_fault(const MapModelConfig& map) {
  if (has_hidden_layers(map.kind)) {
    if (map.hidden.empty() || static_cast<Index>(map.hidden.size()) > kMaxMapLayers) {
      return "A map's network has 1 to " + std::to_string(kMaxMapLayers) +
             " hidden layers, not " + std::to_string(map.hidden.size()) + ".";
    }
    for (const Index width : map.hidden) {
      if (width >= 1 && width <= kMaxMapWidth) continue;
      return "A layer's width must be a whole number from 1 to " +
             std::to_string(kMaxMapWidth) + ", not " + std::to_string(width) + ".";
    }
  }
  const Index most = largest_depth(map.kind);
  if (most > 0 && (map.depth < 1 || map.depth > most))
    return depth_sentence(map) + std::to_string(map.depth) + ".";
  return {};
}

std::string read_map(std::string_view text, MapModelConfig& map) {
  const std::vector<std::string_view> parts = split(text, ':');
  const std::vector<std::string> kinds = names_of(map_kinds());
  bool known = false;
  for (const MapKindTraits& row : map_kinds()) {
    if (row.name != parts[0]) continue;
    map = usual_map(row.kind);
    known = true;
  }
  if (!known)
    return "No map is called " + quoted(parts[0]) + "." + did_you_mean(parts[0], kinds);
  std::size_t next = 1;
  if (has_hidden_layers(map.kind)) {
    if (next < parts.size()) {
      map.hidden.clear();
      for (const std::string_view width : split(parts[next], ',')) {
        Index value = 0;
        if (!read_whole(width, 1, kMaxMapWidth, value)) {
          return "A layer's width must be a whole number from 1 to " +
                 std::to_string(kMaxMapWidth) + ", not " + quoted(width) + ".";
        }
        map.hidden.push_back(value);
      }
      ++next;
    }
    if (next < parts.size()) {
      bool found = false;
      std::vector<std::string> names;
      for (const Activation activation : kActivations) {
        names.emplace_back(name(activation));
        if (name(activation) != parts[next]) continue;
        map.activation = activation;
        found = true;
      }
      if (!found) {
        return "No activation is called " + quoted(parts[next]) + "." +
               did_you_mean(parts[next], names);
      }
      ++next;
    }
  }
  const Index most = largest_depth(map.kind);
  if (next < parts.size() && most > 0) {
    if (!read_whole(parts[next], 1, most, map.depth))
      return depth_sentence(map) + quoted(parts[next]) + ".";
    ++next;
  }
  if (next < parts.size())
    return "Map " + quoted(text) + " has more parts than its kind has settings.";
  return model_fault(map);
}

}  // namespace

MapSessionConfig::MapSessionConfig() : models(telling_maps(task)) {}

Index largest_depth(MapKind kind) {
  switch (kind) {
    case MapKind::kAugmentedNeuralOde:
      return 8;
    case MapKind::kInvertibleResidual:
      return 20;
    case MapKind::kOneNeuron:
      return 200;
    case MapKind::kNeuralOde:
    case MapKind::kFullyConnected:
      break;
  }
  return 0;
}

MapModelConfig usual_map(MapKind kind) {
  MapModelConfig map;
  map.kind = kind;
  if (kind == MapKind::kInvertibleResidual) map.depth = 5;
  if (kind == MapKind::kOneNeuron) map.depth = 20;
  if (kind == MapKind::kFullyConnected) map.hidden = {2, 2, 2};
  return map;
}

std::vector<MapModelConfig> telling_maps(MapTask task) {
  std::vector<MapKind> kinds{MapKind::kNeuralOde, MapKind::kAugmentedNeuralOde,
                             MapKind::kInvertibleResidual};
  if (task == MapTask::kDisc)
    kinds = {MapKind::kFullyConnected, MapKind::kOneNeuron, MapKind::kNeuralOde};
  std::vector<MapModelConfig> maps;
  for (const MapKind kind : kinds) maps.push_back(usual_map(kind));
  return maps;
}

std::string maps_text(const std::vector<MapModelConfig>& models) {
  std::string text;
  for (const MapModelConfig& map : models) {
    if (!text.empty()) text += '+';
    text += traits(map.kind).name;
    if (has_hidden_layers(map.kind)) {
      for (std::size_t k = 0; k < map.hidden.size(); ++k)
        text += (k == 0 ? ":" : ",") + std::to_string(map.hidden[k]);
      text += ':' + std::string(name(map.activation));
    }
    if (largest_depth(map.kind) > 0) text += ':' + std::to_string(map.depth);
  }
  return text;
}

std::string read_maps(std::string_view text, std::vector<MapModelConfig>& models) {
  std::vector<MapModelConfig> read;
  // A '+' may have become a space on the way.
  std::string joined(text.substr(0, 2000));
  for (char& c : joined)
    if (c == ' ') c = '+';
  for (const std::string_view part : split(joined, '+')) {
    if (read.size() == kMaxMaps)
      return "At most " + std::to_string(kMaxMaps) + " maps are compared.";
    MapModelConfig map;
    if (std::string fault = read_map(part, map); !fault.empty()) return fault;
    read.push_back(std::move(map));
  }
  models = std::move(read);
  return {};
}

namespace {

using enum Setting::Kind;
using C = MapSessionConfig;
using Row = ConfigRow<C>;

void task_choices(NumericSetting& setting) {
  for (const MapTaskTraits& each : map_tasks())
    setting.add_choice(each.task, each.name, each.title);
}

/// Another task brings the maps that tell most about it.
void set_task(C& config, double value) {
  const auto task = static_cast<MapTask>(value);
  if (config.task != task) config.models = telling_maps(task);
  config.task = task;
}

void map_kind_names(NumericSetting& row) {
  for (const MapKindTraits& each : map_kinds()) {
    row.setting.choices.emplace_back(each.name);
    row.setting.choice_labels.emplace_back(each.title);
  }
}

constexpr RowLine<C> kRows[] = {
    {{kChoice, "task", "Task",
      "What the maps are to do: each has something that some of them cannot.", 0, 0, kRestarts,
      task_choices},
     {field<&C::task>.get, set_task}},
    {{kText, "models", "Maps", "1 to 3 maps, each kind:widths:activation:depth, joined by +.",
      0, 0, kRestarts, map_kind_names},
     as_text<C>(
         [](const C& config) { return maps_text(config.models); },
         [](C& config, std::string_view text) { return read_maps(text, config.models); })},
    {{kNumber, "lr", "Learning rate",
      "Adam's step at the start; it falls to 0 along half a cosine.", 1e-5, 1,
      kRestarts | kLogarithmic},
     field<&C::learning_rate>},
    {{kInteger, "steps", "Steps", "Training steps until it stops by itself.", 10, 100000,
      kRestarts | kLogarithmic},
     field<&C::steps>},
    {{kInteger, "batch", "Batch", "Fresh examples in each training step.", 1, 1024,
      kRestarts | kLogarithmic},
     field<&C::batch>},
    {{kInteger, "seed", "Seed", "Of starting parameters and examples.", 0, 4294967295.0,
      kRestarts | kLogarithmic},
     field<&C::seed>}};

const std::vector<Row>& rows() {
  static const std::vector<Row> all = [] {
    std::vector<Row> made;
    add_rows(made, kRows);
    return made;
  }();
  return all;
}

}  // namespace

const std::vector<Setting>& map_settings() {
  static const std::vector<Setting> all = settings_of(rows());
  return all;
}

std::string map_setting_text(const MapSessionConfig& config, std::string_view key) {
  const Row* row = find_row(rows(), key);
  if (row == nullptr) fail("map_setting_text", "no setting is called " + quoted(key));
  return row->write(config);
}

std::optional<std::string> set_map_setting(MapSessionConfig& config, std::string_view key,
                                           std::string_view text) {
  const Row* row = find_row(rows(), key);
  std::string fault =
      row != nullptr ? row->read(config, text) : unknown_setting_fault(key, map_settings());
  if (fault.empty()) return std::nullopt;
  return fault;
}

std::string to_query(const MapSessionConfig& config) {
  MapSessionConfig usual;
  usual.task = config.task;
  usual.models = telling_maps(config.task);
  std::string query;
  for (const Setting& row : map_settings()) {
    const std::string value = map_setting_text(config, row.key);
    const std::string plain = row.key == "task" ? map_setting_text(MapSessionConfig(), row.key)
                                                : map_setting_text(usual, row.key);
    if (value != plain) query += (query.empty() ? "" : "&") + row.key + '=' + value;
  }
  return query;
}

ParsedMapConfig parse_map_config(std::string_view query) {
  ParsedMapConfig parsed;
  const auto pairs = read_query_pairs(query, parsed.faults);
  // The task first: the maps depend on it.
  for (const bool task : {true, false}) {
    for (const auto& [key, text] : pairs) {
      if ((key == "task") != task) continue;
      if (auto fault = set_map_setting(parsed.config, key, text))
        parsed.faults.push_back(std::move(*fault));
    }
  }
  const std::vector<std::string> faults = find_faults(parsed.config);
  if (!faults.empty()) {
    // What does not go together: everything but the task is the default again.
    const MapTask task = parsed.config.task;
    parsed.config = {};
    parsed.config.task = task;
    parsed.config.models = telling_maps(task);
    parsed.faults.insert(parsed.faults.end(), faults.begin(), faults.end());
  }
  return parsed;
}

std::vector<std::string> find_faults(const MapSessionConfig& config) {
  std::vector<std::string> faults;
  bool known = false;
  for (const MapTaskTraits& row : map_tasks()) known = known || row.task == config.task;
  if (!known) {
    faults.push_back("The task is none of those there are.");
    return faults;
  }
  if (config.models.empty() || config.models.size() > kMaxMaps) {
    faults.push_back("1 to " + std::to_string(kMaxMaps) + " maps are compared, not " +
                     std::to_string(config.models.size()) + ".");
  }
  for (const MapModelConfig& map : config.models)
    if (std::string fault = model_fault(map); !fault.empty()) faults.push_back(fault);
  // A value is in range where its setting reads back what it wrote.
  MapSessionConfig copy = config;
  for (const char* key : {"lr", "steps", "batch", "seed"})
    if (auto fault = set_map_setting(copy, key, map_setting_text(config, key)))
      faults.push_back(*fault);
  // What makes no sense has no cost.
  if (!faults.empty()) return faults;
  if (std::string fault = map_cost_fault(config); !fault.empty())
    faults.push_back(std::move(fault));
  return faults;
}

}  // namespace least_action
