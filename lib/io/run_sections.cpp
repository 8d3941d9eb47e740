#include "io/run_sections.h"

#include <array>
#include <stdexcept>
#include <utility>

#include "base/contract.h"
#include "ode/method.h"
#include "sensitivity/sensitivity.h"

namespace least_action {
namespace {

// Enumerators in order, as the file names them: stable, whatever becomes of the enumerations.
constexpr std::array<std::string_view, 2> kCharts{"canonical", "velocity"};
constexpr std::array<std::string_view, 3> kLosses{"derivative", "trajectory", "action"};
constexpr std::array<std::string_view, 3> kOptimizers{"sgd", "adam", "adamw"};
constexpr std::array<std::string_view, 3> kSchedules{"constant", "cosine", "warmup-cosine"};

// More degrees of freedom than any system here has by far; keeps 2n from overflowing.
constexpr Index kMaxDegreesOfFreedom = 1 << 20;

template <class Enum, std::size_t N>
void put_name(const std::array<std::string_view, N>& names, Enum value, ByteWriter& out) {
  out.put_text(names.at(static_cast<std::size_t>(value)));
}

template <class Enum, std::size_t N>
Enum get_name(const std::array<std::string_view, N>& names, const char* what, ByteReader& in) {
  const std::string text = in.get_text();
  for (std::size_t i = 0; i < N; ++i) {
    if (names[i] == text) return static_cast<Enum>(i);
  }
  in.refuse(std::string(what) + " is \"" + text + "\", which this build does not know");
}

// A name or a spec that another folder judges: its reason becomes ours.
template <class Function>
auto judged(const ByteReader& in, Function function) {
  try {
    return function();
  } catch (const std::invalid_argument& error) {
    in.refuse(error.what());
  }
}

void write_part(const std::vector<Trajectory>& part, ByteWriter& out) {
  out.put_index(static_cast<Index>(part.size()));
  for (const Trajectory& trajectory : part) {
    out.put_vector(trajectory.times);
    out.put_entries(trajectory.states);
    out.put_entries(trajectory.derivatives);
  }
}

std::vector<Trajectory> read_part(Index dimension, ByteReader& in) {
  // A trajectory has at least one time, state and derivative.
  const std::size_t least =
      sizeof(std::int64_t) + sizeof(double) * (1 + 2 * static_cast<std::size_t>(dimension));
  std::vector<Trajectory> part(static_cast<std::size_t>(in.get_count(least)));
  for (Trajectory& trajectory : part) {
    trajectory.times = in.get_vector<double>();
    const Index points = trajectory.times.size();
    trajectory.states = in.get_entries(dimension, points);
    trajectory.derivatives = in.get_entries(dimension, points);
  }
  return part;
}

void write_spec(const ModelSpec& spec, ByteWriter& out) {
  out.put_text(traits(spec.kind).name);
  out.put_index(spec.degrees_of_freedom);
  out.put_indices(spec.hidden);
  out.put_text(name(spec.activation));
  out.put_index(static_cast<Index>(spec.features.size()));
  for (const InputFeature& feature : spec.features) {
    out.put(static_cast<std::uint8_t>(feature.periodic));
    out.put(feature.scale);
  }
  out.put_index(spec.blocks);
  out.put(spec.block_time);
}

ModelSpec read_spec(ByteReader& in) {
  ModelSpec spec;
  const std::string kind = in.get_text();
  spec.kind = judged(in, [&] { return model_kind_named(kind); });
  spec.degrees_of_freedom = in.get_index();
  spec.hidden = in.get_indices();
  const std::string activation = in.get_text();
  spec.activation = judged(in, [&] { return activation_named(activation); });
  spec.features.resize(static_cast<std::size_t>(in.get_count(1 + sizeof(double))));
  for (InputFeature& feature : spec.features) {
    feature.periodic = in.get_flag();
    feature.scale = in.get<double>();
  }
  spec.blocks = in.get_index();
  spec.block_time = in.get<double>();
  judged(in, [&] { return spec.check(), 0; });
  return spec;
}

void write_options(const TrainerOptions& options, ByteWriter& out) {
  put_name(kLosses, options.loss, out);
  put_name(kOptimizers, options.optimizer, out);
  put_name(kSchedules, options.schedule, out);
  for (const double value :
       {options.learning_rate, options.momentum, options.beta1, options.beta2, options.epsilon,
        options.weight_decay, options.gradient_clip}) {
    out.put(value);
  }
  for (const Index value : {options.warmup_steps, options.total_steps, options.batch_size,
                            options.segment_length, options.substeps, options.test_every}) {
    out.put_index(value);
  }
  out.put(options.seed);
}

TrainerOptions read_options(ByteReader& in) {
  TrainerOptions options;
  options.loss = get_name<LossKind>(kLosses, "the loss", in);
  options.optimizer = get_name<OptimizerKind>(kOptimizers, "the optimiser", in);
  options.schedule = get_name<ScheduleKind>(kSchedules, "the schedule", in);
  for (double* value :
       {&options.learning_rate, &options.momentum, &options.beta1, &options.beta2,
        &options.epsilon, &options.weight_decay, &options.gradient_clip}) {
    *value = in.get<double>();
  }
  for (Index* value : {&options.warmup_steps, &options.total_steps, &options.batch_size,
                       &options.segment_length, &options.substeps, &options.test_every}) {
    *value = in.get_index();
  }
  options.seed = in.get<std::uint64_t>();
  if (const auto fault = find_fault(options)) in.refuse(*fault);
  return options;
}

// What trajectory matching is solved by came later: it stands at the end of a model, and files
// of before, which have none of it, mean the defaults.
void write_solver(const TrainerOptions& options, ByteWriter& out) {
  out.put_text(traits(options.method).name);
  out.put(options.relative_tolerance);
  out.put_text(traits(options.sensitivity).name);
  out.put_index(options.checkpoints);
}

void read_solver(ByteReader& in, TrainerOptions& options) {
  if (in.remaining() == 0) return;
  options.method = judged(in, [&] { return method_named(in.get_text()); });
  options.relative_tolerance = in.get<double>();
  options.sensitivity = judged(in, [&] { return sensitivity_named(in.get_text()); });
  options.checkpoints = in.get_index();
  if (const auto fault = find_fault(options)) in.refuse(*fault);
}

// One list of a state's scalars serves both directions.
template <class State, class Function>
void for_each_index(State& state, Function function) {
  for (auto* value : {&state.step, &state.good_step, &state.recoveries, &state.epoch_position,
                      &state.optimizer_steps, &state.good_optimizer_steps, &state.failures,
                      &state.calm_steps, &state.loss_count}) {
    function(*value);
  }
}
template <class State, class Function>
void for_each_number(State& state, Function function) {
  for (auto* value :
       {&state.learning_rate_scale, &state.best_loss, &state.smoothed_loss, &state.loss_sum}) {
    function(*value);
  }
}

template <class S>
void write_state(const typename Trainer<S>::State& state, ByteWriter& out) {
  const auto put_moments = [&](const std::vector<VectorX<S>>& moments) {
    out.put_index(static_cast<Index>(moments.size()));
    for (const VectorX<S>& moment : moments) out.put_vector(moment);
  };
  out.put_vector(state.theta);
  out.put_vector(state.good_theta);
  put_moments(state.optimizer_moments);
  put_moments(state.good_moments);
  for_each_index(state, [&](Index value) { out.put_index(value); });
  for_each_number(state, [&](double value) { out.put(value); });
  for (const std::uint64_t word : state.random_state) out.put(word);
  out.put_indices(state.permutation);
  out.put_index(static_cast<Index>(state.history.size()));
  for (const HistoryEntry& entry : state.history) {
    out.put_index(entry.step);
    out.put(entry.train_loss);
    out.put(entry.test_loss);
    out.put(entry.learning_rate);
  }
}

template <class S>
typename Trainer<S>::State read_state(ByteReader& in) {
  typename Trainer<S>::State state;
  const auto get_moments = [&] {
    std::vector<VectorX<S>> moments(static_cast<std::size_t>(in.get_count(8)));
    for (VectorX<S>& moment : moments) moment = in.get_vector<S>();
    return moments;
  };
  state.theta = in.get_vector<S>();
  state.good_theta = in.get_vector<S>();
  state.optimizer_moments = get_moments();
  state.good_moments = get_moments();
  for_each_index(state, [&](Index& value) { value = in.get_index(); });
  for_each_number(state, [&](double& value) { value = in.get<double>(); });
  for (std::uint64_t& word : state.random_state) word = in.get<std::uint64_t>();
  state.permutation = in.get_indices();
  state.history.resize(static_cast<std::size_t>(in.get_count(4 * sizeof(double))));
  for (HistoryEntry& entry : state.history) {
    entry.step = in.get_index();
    entry.train_loss = in.get<double>();
    entry.test_loss = in.get<double>();
    entry.learning_rate = in.get<double>();
  }
  return state;
}

}  // namespace

void write_dataset(const Dataset& dataset, ByteWriter& out) {
  put_name(kCharts, dataset.chart, out);
  out.put_index(dataset.degrees_of_freedom);
  write_part(dataset.train, out);
  write_part(dataset.test, out);
}

Dataset read_dataset(ByteReader& in) {
  Dataset dataset;
  dataset.chart = get_name<Chart>(kCharts, "the chart", in);
  dataset.degrees_of_freedom = in.get_index();
  if (dataset.degrees_of_freedom < 1 || dataset.degrees_of_freedom > kMaxDegreesOfFreedom) {
    in.refuse("the degrees of freedom are " + std::to_string(dataset.degrees_of_freedom) +
              "; expected 1 to " + std::to_string(kMaxDegreesOfFreedom));
  }
  dataset.train = read_part(dataset.dimension(), in);
  dataset.test = read_part(dataset.dimension(), in);
  return dataset;
}

void write_model(const ModelRecord& record, ByteWriter& out) {
  write_spec(record.spec, out);
  write_options(record.options, out);
  out.put_index(record.dataset);
  const bool is_double = std::holds_alternative<Trainer<double>::State>(record.state);
  out.put(static_cast<std::uint8_t>(is_double));
  if (is_double) {
    write_state<double>(std::get<Trainer<double>::State>(record.state), out);
  } else {
    write_state<float>(std::get<Trainer<float>::State>(record.state), out);
  }
  write_solver(record.options, out);
}

ModelRecord read_model(ByteReader& in) {
  ModelRecord record;
  record.spec = read_spec(in);
  record.options = read_options(in);
  record.dataset = in.get_index();
  if (in.get_flag()) {
    record.state = read_state<double>(in);
  } else {
    record.state = read_state<float>(in);
  }
  read_solver(in, record.options);
  return record;
}

}  // namespace least_action
