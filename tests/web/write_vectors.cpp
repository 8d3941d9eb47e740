// Writes what the native library computes for small models, as JSON: the WebAssembly package
// must compute the same (tests/web/suite). Options have the package's names, so that a test
// passes them on as they are. Numbers under a key "trained" depend on the rounding of many
// steps; all others agree to rounding. From the build directory:
//
//   ninja web_vectors && tests/web_vectors > ../tests/web/vectors.json
#include <algorithm>
#include <cmath>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/contract.h"
#include "data/dataset.h"
#include "session/learner.h"
#include "systems/system.h"

using namespace least_action;

namespace {

// --- JSON ----------------------------------------------------------------------------------

/// Writes one document to standard output, an entry a line.
class Json final {
 public:
  void begin(std::string_view key = {}) { open(key, '{'); }
  void end() { close('}'); }
  void begin_list(std::string_view key) { open(key, '['); }
  void end_list() { close(']'); }
  void text(std::string_view key, std::string_view value) {
    next(key);
    std::cout << '"' << value << '"';
  }
  void number(std::string_view key, double value) {
    next(key);
    std::cout << to_text(value);
  }
  template <class Numbers>
  void numbers(std::string_view key, const Numbers& values) {
    next(key);
    std::cout << '[';
    const char* separator = "";
    for (const auto value : values) {
      std::cout << separator << to_text(static_cast<double>(value));
      separator = ", ";
    }
    std::cout << ']';
  }
  void matrix(std::string_view key, const Matrix& values) { numbers(key, values.reshaped()); }
  void flags(std::string_view key, const std::vector<bool>& values) {
    next(key);
    std::cout << '[';
    const char* separator = "";
    for (const bool value : values) {
      std::cout << separator << (value ? "true" : "false");
      separator = ", ";
    }
    std::cout << ']';
  }

 private:
  void next(std::string_view key) {
    if (depth_ > 0) std::cout << (is_first_ ? "\n" : ",\n") << std::string(depth_, ' ');
    is_first_ = false;
    if (!key.empty()) std::cout << '"' << key << "\": ";
  }
  void open(std::string_view key, char bracket) {
    next(key);
    std::cout << bracket;
    ++depth_;
    is_first_ = true;
  }
  void close(char bracket) {
    --depth_;
    std::cout << '\n' << std::string(depth_, ' ') << bracket;
    is_first_ = false;
    if (depth_ == 0) std::cout << '\n';
  }

  std::size_t depth_ = 0;
  bool is_first_ = true;
};

// --- What is computed ----------------------------------------------------------------------

constexpr double kScale[] = {3, 2};  // of the inputs: an angle's does not matter
constexpr Index kSamples = 12;

struct Case {
  ModelKind kind;
  std::vector<Index> hidden;
  Activation activation;
  std::uint64_t seed;
  Index blocks = 1;
};
const std::vector<Case> kCases = {
    {ModelKind::kNeuralOde, {6}, Activation::kTanh, 1, 1},
    {ModelKind::kResidual, {5}, Activation::kSilu, 2, 2},
    {ModelKind::kHamiltonian, {5, 4}, Activation::kTanh, 3, 1},
    {ModelKind::kSeparableHamiltonian, {5}, Activation::kSine, 4, 1},
    {ModelKind::kLagrangian, {8}, Activation::kSoftplus, 5, 1},
};
constexpr double kBlockTime = 0.125;

Matrix states(std::initializer_list<double> entries) {
  Matrix x(2, static_cast<Index>(entries.size()) / 2);
  std::copy(entries.begin(), entries.end(), x.data());
  return x;
}

std::string_view name(LossKind loss) {
  return loss == LossKind::kDerivative   ? "derivative"
         : loss == LossKind::kTrajectory ? "trajectory"
                                         : "action";
}

ModelSpec spec_of(const Case& what) {
  ModelSpec spec;
  spec.kind = what.kind;
  spec.hidden = what.hidden;
  spec.activation = what.activation;
  spec.blocks = what.blocks;
  spec.block_time = kBlockTime;
  spec.features = {{true, 1 / kScale[0]}, {false, 1 / kScale[1]}};
  return spec;
}

void write_model_options(const Case& what, Json& json) {
  json.begin("model");
  json.text("kind", traits(what.kind).name);
  json.number("degreesOfFreedom", 1);
  json.flags("periodic", {true});
  json.numbers("scale", kScale);
  json.numbers("hidden", what.hidden);
  json.text("activation", name(what.activation));
  if (what.kind == ModelKind::kResidual) {
    json.number("blocks", static_cast<double>(what.blocks));
    json.number("blockTime", kBlockTime);
  }
  json.number("seed", static_cast<double>(what.seed));
  json.end();
}

/// Samples a damped pendulum, so that no model can be perfect; writes how.
std::shared_ptr<const Dataset> write_dataset(Chart chart, Json& json) {
  SamplingOptions options;
  options.trajectories = 5;
  options.samples = kSamples;
  options.duration = kBlockTime * 2 * static_cast<double>(kSamples - 1);
  options.noise = 0.05;
  options.seed = 3;
  auto data = std::make_shared<const Dataset>(
      sample_dataset(*make_system("damped-pendulum"), chart, options));
  json.begin("dataset");
  json.text("system", "damped-pendulum");
  json.begin("options");
  json.number("trajectories", static_cast<double>(options.trajectories));
  json.number("samples", static_cast<double>(options.samples));
  json.number("duration", options.duration);
  json.number("noise", options.noise);
  json.number("testFraction", options.test_fraction);
  json.text("derivatives", "exact");
  json.text("chart", chart == Chart::kCanonical ? "canonical" : "velocity");
  json.number("seed", static_cast<double>(options.seed));
  json.end();
  const Trajectory& last = data->test.back();
  json.begin("lastOfTest");
  json.numbers("times", last.times);
  json.matrix("states", last.states);
  json.matrix("derivatives", last.derivatives);
  json.end();
  json.end();
  return data;
}

void write_evaluations(Learner& learner, Json& json) {
  const Matrix x = states({0.3, -0.4, -1.2, 0.9, 2.5, 1.7});
  Matrix rates(2, x.cols());
  learner.flow().rates(x, rates);
  json.matrix("states", x);
  json.matrix("vectorField", rates);
  if (!traits(learner.spec().kind).has_energy) return;
  Vector energy(x.cols());
  learner.energy(x, energy);
  json.numbers("energy", energy);
}

void write_solves(Learner& learner, Json& json) {
  const Matrix x0 = states({0.5, 0, -0.8, 0.6});
  const std::vector<double> times = {0, 0.25, 0.5, 1.25};
  json.matrix("x0", x0);
  json.numbers("times", times);
  json.begin_list("rollouts");
  for (const Method method : {Method::kRk4, Method::kDormandPrince54}) {
    SolveOptions options;
    options.method = method;
    options.step = 0.05;
    const Solution& solution = learner.flow().rollout(x0, times, options);
    json.begin();
    json.begin("options");
    json.text("method", traits(method).name);
    json.number("step", options.step);
    json.number("relativeTolerance", options.relative_tolerance);
    json.number("absoluteTolerance", options.absolute_tolerance);
    json.end();
    json.matrix("states", solution.states);
    json.end();
  }
  json.end_list();

  json.begin_list("adjoints");
  Matrix bar(2, 8);
  for (Index i = 0; i < bar.size(); ++i)
    bar.data()[i] = 0.25 * static_cast<double>(i % 5) - 0.5;
  for (const SensitivityMethod sensitivity :
       {SensitivityMethod::kSymplecticAdjoint, SensitivityMethod::kCheckpointing}) {
    SensitivityOptions options;
    options.sensitivity = sensitivity;
    options.solve.method = Method::kRk4;
    options.solve.step = 0.05;
    const FlowPullback& result = learner.flow().pullback(x0, times, bar, options);
    json.begin();
    json.begin("options");
    json.text("method", "rk4");
    json.number("step", options.solve.step);
    json.text("sensitivity", traits(sensitivity).name);
    json.end();
    json.matrix("statesBar", bar);
    json.matrix("x0", result.x0_bar);
    json.numbers("theta", result.theta_bar);
    json.numbers("times", result.times_bar);
    json.end();
  }
  json.end_list();
}

void write_losses(const Learner& learner, const Dataset& data, Json& json) {
  json.begin_list("losses");
  for (const LossKind loss :
       {LossKind::kDerivative, LossKind::kTrajectory, LossKind::kAction}) {
    if (loss == LossKind::kAction && learner.spec().kind != ModelKind::kLagrangian) continue;
    for (const bool of_test : {false, true}) {
      TrainerOptions options;
      options.loss = loss;
      options.segment_length = 3;
      options.substeps = 2;
      const LossReport report = learner.loss(data, of_test, options, true);
      json.begin();
      json.begin("options");
      json.text("loss", name(loss));
      json.number("segmentLength", static_cast<double>(options.segment_length));
      json.number("substeps", static_cast<double>(options.substeps));
      json.text("method", "rk4");
      json.text("part", of_test ? "test" : "train");
      json.end();
      json.number("loss", report.loss);
      json.numbers("gradient", report.gradient);
      json.end();
    }
  }
  json.end_list();
}

void write_training(const Case& what, const std::shared_ptr<const Dataset>& data, Json& json) {
  json.begin_list("trainings");
  for (const Precision precision : {Precision::kFloat32, Precision::kFloat64}) {
    TrainerOptions options;
    options.total_steps = 50;
    options.learning_rate = 0.01;
    options.batch_size = 16;
    options.test_every = 10;
    options.seed = 7;
    Learner learner(spec_of(what), what.seed);
    learner.prepare(data, options, precision);
    learner.advance({});
    json.begin();
    json.begin("options");
    json.number("steps", static_cast<double>(options.total_steps));
    json.number("learningRate", options.learning_rate);
    json.number("batchSize", static_cast<double>(options.batch_size));
    json.number("testEvery", static_cast<double>(options.test_every));
    json.text("precision", precision == Precision::kFloat32 ? "float32" : "float64");
    json.number("seed", static_cast<double>(options.seed));
    json.end();
    json.begin("trained");
    json.number("loss", learner.loss(*data, false, options, false).loss);
    json.numbers("theta", learner.theta());
    std::vector<double> train_loss, test_loss;
    for (const HistoryEntry& entry : learner.history()) {
      train_loss.push_back(entry.train_loss);
      test_loss.push_back(entry.test_loss);
    }
    json.numbers("historyTrainLoss", train_loss);
    json.numbers("historyTestLoss", test_loss);
    json.end();
    json.end();
  }
  json.end_list();
}

}  // namespace

int main() {
  Json json;
  json.begin();
  json.begin_list("cases");
  for (const Case& what : kCases) {
    Learner learner(spec_of(what), what.seed);
    json.begin();
    write_model_options(what, json);
    const auto data = write_dataset(traits(what.kind).chart, json);
    json.numbers("theta", learner.theta());
    write_evaluations(learner, json);
    write_solves(learner, json);
    write_losses(learner, *data, json);
    write_training(what, data, json);
    json.end();
  }
  json.end_list();
  json.end();
}
