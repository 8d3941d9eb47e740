#include <cmath>
#include <utility>

#include "base/contract.h"
#include "session/settings_table.h"

namespace least_action {
namespace {

std::string range_fault(const Setting& setting, std::string_view text) {
  const char* what = setting.kind == Setting::Kind::kInteger ? "a whole number" : "a number";
  return setting.label + " must be " + what + " from " + link_number(setting.minimum) + " to " +
         link_number(setting.maximum) + ", not " + quoted(text) + ".";
}

Setting describe(Setting::Kind kind, std::string key, std::string label, std::string help,
                 double minimum, double maximum, bool restarts) {
  Setting setting;
  setting.key = std::move(key);
  setting.label = std::move(label);
  setting.help = std::move(help);
  setting.kind = kind;
  setting.minimum = minimum;
  setting.maximum = maximum;
  setting.restarts = restarts;
  return setting;
}

// `field` is a function SessionConfig& → T&. Reading a const config through it is safe: it only
// selects a member.
template <class Field>
auto& member(const SessionConfig& config, Field field) {
  return field(const_cast<SessionConfig&>(config));
}

template <class Field>
SettingRow number(Setting setting, Field field) {
  SettingRow row;
  row.write = [field](const SessionConfig& config) {
    return link_number(static_cast<double>(member(config, field)));
  };
  row.read = [field, setting](SessionConfig& config, std::string_view text) -> std::string {
    double value = 0;
    if (!parse_number(text, value) || !(value >= setting.minimum && value <= setting.maximum) ||
        (setting.kind == Setting::Kind::kInteger && value != std::floor(value))) {
      return range_fault(setting, text);
    }
    auto& target = field(config);
    target = static_cast<std::decay_t<decltype(target)>>(value);
    return {};
  };
  row.setting = std::move(setting);
  return row;
}

template <class Field>
SettingRow boolean(Setting setting, Field field) {
  SettingRow row;
  row.write = [field](const SessionConfig& config) {
    return std::string(member(config, field) ? "1" : "0");
  };
  row.read = [field, setting](SessionConfig& config, std::string_view text) -> std::string {
    if (text != "1" && text != "0" && text != "true" && text != "false") {
      return setting.label + " must be 1 or 0, not " + quoted(text) + ".";
    }
    field(config) = text == "1" || text == "true";
    return {};
  };
  row.setting = std::move(setting);
  return row;
}

struct Choice {
  int value;
  std::string name, label;
};

template <class Field>
SettingRow choice(Setting setting, std::vector<Choice> choices, Field field) {
  for (const Choice& c : choices) {
    setting.choices.push_back(c.name);
    setting.choice_labels.push_back(c.label);
  }
  SettingRow row;
  row.write = [field, choices](const SessionConfig& config) -> std::string {
    for (const Choice& c : choices)
      if (c.value == static_cast<int>(member(config, field))) return c.name;
    return {};
  };
  row.read = [field, choices, setting](SessionConfig& config,
                                       std::string_view text) -> std::string {
    for (const Choice& c : choices) {
      if (c.name != text) continue;
      auto& target = field(config);
      target = static_cast<std::decay_t<decltype(target)>>(c.value);
      return {};
    }
    return setting.label + " cannot be " + quoted(text) + "." +
           did_you_mean(text, setting.choices);
  };
  row.setting = std::move(setting);
  return row;
}

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

SettingRow initial_state_row() {
  SettingRow row;
  row.setting = describe(Setting::Kind::kText, "x0", "Initial state",
                         "Where the compared trajectories start: q₁,…,p₁,…; empty for the "
                         "system's own.",
                         0, 0, false);
  row.write = [](const SessionConfig& config) {
    std::string text;
    for (const double value : config.initial_state) {
      if (!text.empty()) text += ',';
      text += link_number(value);
    }
    return text;
  };
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

using C = SessionConfig;
constexpr auto kInteger = Setting::Kind::kInteger;
constexpr auto kNumber = Setting::Kind::kNumber;
constexpr auto kBoolean = Setting::Kind::kBoolean;
constexpr auto kChoice = Setting::Kind::kChoice;

Setting logarithmic(Setting setting) {
  setting.logarithmic = true;
  return setting;
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

void add_training_rows(std::vector<SettingRow>& rows) {
  const auto training = [](auto pick) {
    return [pick](C & c) -> auto& { return pick(c.training); };
  };
  using T = TrainerOptions;
  rows.push_back(choice(
      describe(kChoice, "loss", "Loss",
               "Match derivatives at the samples, or whole segments of trajectories through a "
               "solver.",
               0, 0, true),
      {{static_cast<int>(LossKind::kDerivative), "derivative", "derivatives"},
       {static_cast<int>(LossKind::kTrajectory), "trajectory", "trajectories"}},
      training([](T & t) -> auto& { return t.loss; })));
  rows.push_back(choice(describe(kChoice, "optimizer", "Optimiser",
                                 "How parameters follow the gradient.", 0, 0, true),
                        {{static_cast<int>(OptimizerKind::kSgd), "sgd", "SGD with momentum"},
                         {static_cast<int>(OptimizerKind::kAdam), "adam", "Adam"},
                         {static_cast<int>(OptimizerKind::kAdamW), "adamw", "AdamW"}},
                        training([](T & t) -> auto& { return t.optimizer; })));
  rows.push_back(number(logarithmic(describe(kNumber, "lr", "Learning rate",
                                             "Size of a training step; 0.0001 to 0.03 suits "
                                             "Adam.",
                                             1e-7, 10, false)),
                        training([](T & t) -> auto& { return t.learning_rate; })));
  rows.push_back(number(
      describe(kNumber, "momentum", "Momentum", "Of SGD; Adam has its own.", 0, 0.999, false),
      training([](T & t) -> auto& { return t.momentum; })));
  rows.push_back(number(describe(kNumber, "decay", "Weight decay",
                                 "Pull of the parameters towards zero.", 0, 1, false),
                        training([](T & t) -> auto& { return t.weight_decay; })));
  rows.push_back(number(describe(kNumber, "clip", "Gradient clip",
                                 "Largest norm of a gradient; 0 for no limit.", 0, 1e6, false),
                        training([](T & t) -> auto& { return t.gradient_clip; })));
  rows.push_back(choice(
      describe(kChoice, "schedule", "Schedule",
               "How the learning rate changes over the training.", 0, 0, false),
      {{static_cast<int>(ScheduleKind::kConstant), "constant", "constant"},
       {static_cast<int>(ScheduleKind::kCosine), "cosine", "cosine"},
       {static_cast<int>(ScheduleKind::kWarmupCosine), "warmup", "warm-up, then cosine"}},
      training([](T & t) -> auto& { return t.schedule; })));
  rows.push_back(
      number(describe(kInteger, "warmup", "Warm-up",
                      "Steps over which a warm-up schedule rises.", 0, 100000, false),
             training([](T & t) -> auto& { return t.warmup_steps; })));
  rows.push_back(
      number(logarithmic(describe(kInteger, "steps", "Steps", "Training ends after this many.",
                                  1, 1000000, false)),
             training([](T & t) -> auto& { return t.total_steps; })));
  rows.push_back(
      number(describe(kInteger, "batch", "Batch",
                      "Samples (or segments) of a training step; 0 for all.", 0, 65536, true),
             training([](T & t) -> auto& { return t.batch_size; })));
  rows.push_back(number(
      describe(kInteger, "segment", "Segment length",
               "Trajectory loss: points predicted from each starting point.", 1, 500, true),
      training([](T & t) -> auto& { return t.segment_length; })));
  rows.push_back(
      number(describe(kInteger, "substeps", "Substeps",
                      "Trajectory loss: solver steps between two points.", 1, 100, true),
             training([](T & t) -> auto& { return t.substeps; })));
}

void add_rollout_rows(std::vector<SettingRow>& rows) {
  std::vector<Choice> integrators;
  for (const MethodTraits& method : methods()) {
    integrators.push_back(
        {static_cast<int>(method.method), std::string(method.name), std::string(method.title)});
  }
  rows.push_back(choice(
      describe(kChoice, "integrator", "Integrator",
               "Computes the learned trajectories. With Dormand–Prince a residual network is "
               "iterated as the map it is.",
               0, 0, false),
      std::move(integrators), [](C & c) -> auto& { return c.rollout.method; }));
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
