#include <utility>

#include "session/settings_table.h"

namespace least_action {
namespace {

using enum Setting::Kind;
using C = SessionConfig;

void system_names(NumericSetting& row) {
  for (const SystemTraits& system : systems()) {
    row.setting.choices.emplace_back(system.name);
    row.setting.choice_labels.emplace_back(system.title);
  }
}

std::string read_system(C& config, std::string_view text) {
  std::vector<std::string> known;
  for (const SystemTraits& system : systems()) {
    known.emplace_back(system.name);
    if (system.name != text) continue;
    if (config.system != text) {
      config.parameters.clear();
      config.initial_state.clear();
      config.pinned.clear();
    }
    config.system = text;
    return {};
  }
  return "No system is called " + quoted(text) + "." + did_you_mean(text, known);
}

void model_kind_names(NumericSetting& row) {
  for (const ModelTraits& kind : model_kinds()) {
    row.setting.choices.emplace_back(kind.name);
    row.setting.choice_labels.emplace_back(kind.title);
  }
}

constexpr std::size_t kLongestList = 2000;  // of numbers in a link

std::string numbers_text(const std::vector<double>& values) {
  std::string text;
  for (const double value : values) {
    if (!text.empty()) text += ',';
    text += link_number(value);
  }
  return text;
}

std::string read_initial_state(C& config, std::string_view text) {
  if (text.empty()) {
    config.initial_state.clear();
    return {};
  }
  if (text.size() > 1000 || !read_numbers(text, config.initial_state)) {
    return "Initial state must be numbers with commas between them, not " + quoted(text) + ".";
  }
  return {};
}

std::string pinned_text(const C& config) {
  std::string text;
  for (const std::vector<double>& start : config.pinned) {
    if (!text.empty()) text += ';';
    text += numbers_text(start);
  }
  return text;
}

std::string read_pinned(C& config, std::string_view text) {
  std::vector<std::vector<double>> starts;
  const std::vector<std::string_view> parts = split(text.substr(0, kLongestList), ';');
  if (text.size() > kLongestList || parts.size() > kMaxPinned) {
    return "At most " + std::to_string(kMaxPinned) + " starts can be pinned.";
  }
  for (const std::string_view part : parts) {
    if (text.empty()) break;
    if (!read_numbers(part, starts.emplace_back())) {
      return "Pinned starts must be numbers with commas between them, and semicolons between "
             "the starts, not " +
             quoted(text) + ".";
    }
  }
  config.pinned = std::move(starts);
  return {};
}

void target_choices(NumericSetting& setting) {
  setting.add_choice(DerivativeTargets::kExact, "exact", "exact");
  setting.add_choice(DerivativeTargets::kFiniteDifference, "difference", "finite differences");
}

constexpr SettingRowLine kWhat[] = {
    {{kChoice, "system", "System", "The mechanical system that is observed and learned.", 0, 0,
      kRestarts, system_names},
     as_text<C>([](const C& config) { return config.system; }, read_system)},
    {{kText, "models", "Models",
      "1 to 4 models trained on the same data, each kind:widths:activation, joined by +.", 1,
      kMaxModels, kRestarts, model_kind_names},
     as_text<C>(
         [](const C& config) { return models_text(config.models); },
         [](C& config, std::string_view text) { return read_models(text, config.models); })}};

template <auto member>
inline constexpr auto observed = field<&C::data, member>;
using D = SamplingOptions;

constexpr SettingRowLine kData[] = {
    {{kInteger, "trajectories", "Trajectories",
      "How many motions are observed, training and test together.", 1, 2000, kRestarts},
     observed<&D::trajectories>},
    {{kInteger, "samples", "Samples", "Observations per trajectory.", 2, 2000, kRestarts},
     observed<&D::samples>},
    {{kNumber, "duration", "Duration", "Length of each observed trajectory [s].", 0.01, 1000,
      kRestarts | kLogarithmic},
     observed<&D::duration>},
    {{kNumber, "noise", "Noise",
      "Standard deviation of the observation noise, in units of each component's typical size.",
      0, 2, kRestarts},
     observed<&D::noise>},
    {{kBoolean, "irregular", "Irregular times",
      "Observation times drawn at random instead of a regular grid.", 0, 1, kRestarts},
     observed<&D::irregular_times>},
    {{kNumber, "missing", "Missing",
      "Part of the components of a state that are not observed, each for itself.", 0, 0.9,
      kRestarts},
     observed<&D::missing_fraction>},
    {{kChoice, "targets", "Derivative targets",
      "Where the derivatives that models learn come from: the true system, or differences of "
      "the observed states.",
      0, 0, kRestarts, target_choices},
     observed<&D::targets>},
    {{kNumber, "test", "Test fraction", "Part of the trajectories kept for testing.", 0, 0.9,
      kRestarts},
     observed<&D::test_fraction>}};

template <auto member>
inline constexpr auto shown = field<&C::rollout, member>;
using S = SolveOptions;

constexpr SettingRowLine kRollout[] = {
    {{kChoice, "integrator", "Integrator",
      "Computes the learned trajectories. With Dormand–Prince a residual network is iterated "
      "as the map it is.",
      0, 0, kPlain, add_method_choices},
     shown<&S::method>},
    {{kNumber, "step", "Step", "Largest step of fixed-step integrators [s].", 1e-5, 10,
      kLogarithmic},
     shown<&S::step>},
    {{kNumber, "rtol", "Relative tolerance", "Of the adaptive integrator.", 1e-13, 0.1,
      kLogarithmic},
     shown<&S::relative_tolerance>},
    {{kNumber, "atol", "Absolute tolerance", "Of the adaptive integrator.", 1e-15, 0.1,
      kLogarithmic},
     shown<&S::absolute_tolerance>},
    {{kNumber, "periods", "Periods", "Length of the compared trajectories, in typical periods.",
      0.1, 200},
     field<&C::rollout_periods>},
    {{kText, "x0", "Initial state",
      "Where the compared trajectories start: q₁,…,p₁,…; empty for the system's own."},
     as_text<C>([](const C& config) { return numbers_text(config.initial_state); },
                read_initial_state)},
    {{kText, "pins", "Pinned starts",
      "Further starts whose trajectories are shown, as the initial state, with semicolons "
      "between them.",
      0, static_cast<double>(kMaxPinned)},
     as_text<C>(pinned_text, read_pinned)},
    // Below 2^53, so a seed is the same number in JavaScript.
    {{kInteger, "seed", "Seed", "Starts every random number: data, parameters, minibatches.", 0,
      9007199254740991.0, kRestarts},
     field<&C::seed>}};

}  // namespace

void add_method_choices(NumericSetting& setting) {
  for (const MethodTraits& each : methods())
    setting.add_choice(each.method, each.name, each.title, each.help);
}

const std::vector<SettingRow>& setting_rows() {
  static const std::vector<SettingRow> rows = [] {
    std::vector<SettingRow> all;
    add_rows(all, kWhat);
    add_rows(all, kData);
    add_rows(all, training_lines());
    add_rows(all, kRollout);
    return all;
  }();
  return rows;
}

const SettingRow* find_setting_row(std::string_view key) {
  return find_row(setting_rows(), key);
}

const std::vector<Setting>& settings() {
  static const std::vector<Setting> all = settings_of(setting_rows());
  return all;
}

}  // namespace least_action
