#include <utility>

#include "session/setting_builders.h"

namespace least_action {
namespace {

using namespace setting_builders;

SettingRow system_row() {
  SettingRow row;
  row.setting = describe(Setting::Kind::kChoice, "system", "System",
                         "The mechanical system that is observed and learned.", 0, 0, true);
  for (const SystemTraits& system : systems()) {
    row.setting.choices.emplace_back(system.name);
    row.setting.choice_labels.emplace_back(system.title);
  }
  row.write = [](const SessionConfig& config) { return config.system; };
  row.read = [known = row.setting.choices](SessionConfig& config,
                                           std::string_view text) -> std::string {
    for (const std::string& system : known) {
      if (system != text) continue;
      if (config.system != system) {
        config.parameters.clear();
        config.initial_state.clear();
        config.pinned.clear();
      }
      config.system = system;
      return {};
    }
    return "No system is called " + quoted(text) + "." + did_you_mean(text, known);
  };
  return row;
}

SettingRow models_row() {
  SettingRow row;
  row.setting = describe(
      Setting::Kind::kText, "models", "Models",
      "1 to 4 models trained on the same data, each kind:widths:activation, joined by +.", 1,
      kMaxModels, true);
  for (const ModelTraits& kind : model_kinds()) {
    row.setting.choices.emplace_back(kind.name);
    row.setting.choice_labels.emplace_back(kind.title);
  }
  row.write = [](const SessionConfig& config) { return models_text(config.models); };
  row.read = [](SessionConfig& config, std::string_view text) {
    return read_models(text, config.models);
  };
  return row;
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

SettingRow initial_state_row() {
  SettingRow row;
  row.setting = describe(Setting::Kind::kText, "x0", "Initial state",
                         "Where the compared trajectories start: q₁,…,p₁,…; empty for the "
                         "system's own.",
                         0, 0, false);
  row.write = [](const SessionConfig& config) { return numbers_text(config.initial_state); };
  row.read = [](SessionConfig& config, std::string_view text) -> std::string {
    if (text.empty()) {
      config.initial_state.clear();
      return {};
    }
    if (text.size() > 1000 || !read_numbers(text, config.initial_state)) {
      return "Initial state must be numbers with commas between them, not " + quoted(text) +
             ".";
    }
    return {};
  };
  return row;
}

SettingRow pinned_row() {
  SettingRow row;
  row.setting =
      describe(Setting::Kind::kText, "pins", "Pinned starts",
               "Further starts whose trajectories are shown, as the initial state, with "
               "semicolons between them.",
               0, static_cast<double>(kMaxPinned), false);
  row.write = [](const SessionConfig& config) {
    std::string text;
    for (const std::vector<double>& start : config.pinned) {
      if (!text.empty()) text += ';';
      text += numbers_text(start);
    }
    return text;
  };
  row.read = [](SessionConfig& config, std::string_view text) -> std::string {
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
  };
  return row;
}

void add_data_rows(std::vector<SettingRow>& rows) {
  rows.push_back(number(
      describe(kInteger, "trajectories", "Trajectories",
               "How many motions are observed, training and test together.", 1, 2000, true),
      [](C & c) -> auto& { return c.data.trajectories; }));
  rows.push_back(number(
      describe(kInteger, "samples", "Samples", "Observations per trajectory.", 2, 2000, true),
      [](C & c) -> auto& { return c.data.samples; }));
  rows.push_back(number(
      logarithmic(describe(kNumber, "duration", "Duration",
                           "Length of each observed trajectory [s].", 0.01, 1000, true)),
      [](C & c) -> auto& { return c.data.duration; }));
  rows.push_back(number(
      describe(kNumber, "noise", "Noise",
               "Standard deviation of the observation noise, in units of each "
               "component's typical size.",
               0, 2, true),
      [](C & c) -> auto& { return c.data.noise; }));
  rows.push_back(boolean(
      describe(kBoolean, "irregular", "Irregular times",
               "Observation times drawn at random instead of a regular grid.", 0, 1, true),
      [](C & c) -> auto& { return c.data.irregular_times; }));
  rows.push_back(number(
      describe(kNumber, "missing", "Missing",
               "Part of the components of a state that are not observed, each for itself.", 0,
               0.9, true),
      [](C & c) -> auto& { return c.data.missing_fraction; }));
  rows.push_back(choice(
      describe(kChoice, "targets", "Derivative targets",
               "Where the derivatives that models learn come from: the true system, or "
               "differences of the observed states.",
               0, 0, true),
      {{static_cast<int>(DerivativeTargets::kExact), "exact", "exact"},
       {static_cast<int>(DerivativeTargets::kFiniteDifference), "difference",
        "finite differences"}},
      [](C & c) -> auto& { return c.data.targets; }));
  rows.push_back(number(
      describe(kNumber, "test", "Test fraction", "Part of the trajectories kept for testing.",
               0, 0.9, true),
      [](C & c) -> auto& { return c.data.test_fraction; }));
}

void add_rollout_rows(std::vector<SettingRow>& rows) {
  rows.push_back(choice(
      describe(kChoice, "integrator", "Integrator",
               "Computes the learned trajectories. With Dormand–Prince a residual network is "
               "iterated as the map it is.",
               0, 0, false),
      method_choices(), [](C & c) -> auto& { return c.rollout.method; }));
  rows.push_back(number(
      logarithmic(describe(kNumber, "step", "Step",
                           "Largest step of fixed-step integrators [s].", 1e-5, 10, false)),
      [](C & c) -> auto& { return c.rollout.step; }));
  rows.push_back(number(
      logarithmic(describe(kNumber, "rtol", "Relative tolerance", "Of the adaptive integrator.",
                           1e-13, 0.1, false)),
      [](C & c) -> auto& { return c.rollout.relative_tolerance; }));
  rows.push_back(number(
      logarithmic(describe(kNumber, "atol", "Absolute tolerance", "Of the adaptive integrator.",
                           1e-15, 0.1, false)),
      [](C & c) -> auto& { return c.rollout.absolute_tolerance; }));
  rows.push_back(number(
      describe(kNumber, "periods", "Periods",
               "Length of the compared trajectories, in typical periods.", 0.1, 200, false),
      [](C & c) -> auto& { return c.rollout_periods; }));
  rows.push_back(initial_state_row());
  rows.push_back(pinned_row());
}

std::vector<SettingRow> make_rows() {
  std::vector<SettingRow> rows;
  rows.push_back(system_row());
  rows.push_back(models_row());
  add_data_rows(rows);
  add_training_rows(rows);
  add_rollout_rows(rows);
  // Below 2^53, so a seed is the same number in JavaScript.
  rows.push_back(number(
      describe(kInteger, "seed", "Seed",
               "Starts every random number: data, parameters, minibatches.", 0,
               9007199254740991.0, true),
      [](C & c) -> auto& { return c.seed; }));
  return rows;
}

}  // namespace

const std::vector<SettingRow>& setting_rows() {
  static const std::vector<SettingRow> rows = make_rows();
  return rows;
}

const SettingRow* find_setting_row(std::string_view key) {
  for (const SettingRow& row : setting_rows())
    if (row.setting.key == key) return &row;
  return nullptr;
}

const std::vector<Setting>& settings() {
  static const std::vector<Setting> all = [] {
    std::vector<Setting> list;
    for (const SettingRow& row : setting_rows()) list.push_back(row.setting);
    return list;
  }();
  return all;
}

}  // namespace least_action
