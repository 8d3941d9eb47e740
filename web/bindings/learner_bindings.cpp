#include <emscripten/bind.h>

#include <memory>
#include <string>

#include "flow_calls.h"
#include "learner_options.h"
#include "raw_dataset.h"

namespace least_action::web {
namespace {

using emscripten::val;

val describe(const Learner& learner) {
  const ModelSpec& spec = learner.spec();
  const ModelTraits& kind = traits(spec.kind);
  val object = val::object();
  object.set("kind", std::string(kind.name));
  object.set("title", std::string(kind.title));
  object.set("chart", kind.chart == Chart::kCanonical ? 0 : 1);
  object.set("degreesOfFreedom", static_cast<double>(spec.degrees_of_freedom));
  val hidden = val::array(), periodic = val::array(), scale = val::array();
  for (std::size_t i = 0; i < spec.hidden.size(); ++i)
    hidden.set(i, static_cast<double>(spec.hidden[i]));
  for (std::size_t i = 0; i < spec.features.size(); ++i) {
    periodic.set(i, spec.features[i].periodic);
    scale.set(i, 1 / spec.features[i].scale);
  }
  object.set("hidden", hidden);
  object.set("periodic", periodic);
  object.set("scale", scale);
  object.set("activation", std::string(name(spec.activation)));
  object.set("blocks", static_cast<double>(spec.blocks));
  object.set("blockTime", spec.block_time);
  object.set("numParameters", static_cast<double>(learner.num_parameters()));
  object.set("hasEnergy", kind.has_energy);
  return object;
}

/// A model with its parameters and training behind the boundary.
class RawLearner final {
 public:
  explicit RawLearner(Learner learner) : learner_(std::move(learner)) {}

  static val create(const val& options, double seed) {
    return answer([&] {
      return val(std::make_shared<RawLearner>(
          Learner(model_spec(options), static_cast<std::uint64_t>(seed))));
    });
  }
  static val load(const std::string& bytes) {
    return answer([&] {
      return val(
          std::make_shared<RawLearner>(reading_file([&] { return Learner::load(bytes); })));
    });
  }
  val save() const {
    return answer([&] { return uint8_array(learner_.save()); });
  }
  val description() const {
    return answer([&] { return describe(learner_); });
  }
  val parameter_blocks() const {
    return answer([&] {
      val all = val::array();
      const std::vector<ParameterBlock> blocks = learner_.parameter_blocks();
      for (std::size_t i = 0; i < blocks.size(); ++i) {
        val block = val::object();
        block.set("name", blocks[i].name);
        block.set("offset", static_cast<double>(blocks[i].offset));
        val shape = val::array();
        shape.set(0, static_cast<double>(blocks[i].rows));
        if (!blocks[i].is_bias) shape.set(1, static_cast<double>(blocks[i].columns));
        block.set("shape", shape);
        all.set(i, block);
      }
      return all;
    });
  }

  // --- Evaluations: see FlowCalls ------------------------------------------------------------

  val set_solve(const std::string& method, double step, double relative_tolerance,
                double absolute_tolerance, double max_steps) {
    return answer([&] {
      calls_.set_solve(method, step, relative_tolerance, absolute_tolerance, max_steps);
      return val::undefined();
    });
  }
  val set_adjoint(const std::string& sensitivity, double checkpoints) {
    return answer([&] {
      calls_.set_adjoint(sensitivity, checkpoints);
      return val::undefined();
    });
  }
  // The first argument is a system's chart; a model has one of its own.
  int rollout(int, int batch, int count) {
    return status([&] { calls_.rollout(learner_.flow(), batch, count); });
  }
  int pullback(int, int batch, int count) {
    return status([&] { calls_.pullback(learner_.flow(), batch, count); });
  }
  int rates(int, int count) {
    return status([&] { web::rates(learner_.flow(), count); });
  }
  int energy(int, int count) {
    return status([&] {
      energies_.resize(count);
      learner_.energy(input_matrix(learner_.flow().dimension(), count), energies_);
      mailbox().header[0] = address(energies_.data());
    });
  }
  /// {loss, gradient}; the gradient is empty unless asked for.
  val loss(const std::shared_ptr<RawDataset>& data, const val& options, bool with_gradient) {
    return answer([&] {
      const LossReport report =
          learner_.loss(*data->dataset(), options["part"].as<std::string>() == "test",
                        trainer_options(options), with_gradient);
      val object = val::object();
      object.set("loss", report.loss);
      object.set("gradient", float64_array(report.gradient.data(),
                                           static_cast<std::size_t>(report.gradient.size())));
      return object;
    });
  }

  // --- Parameters and training ---------------------------------------------------------------

  /// header: where θ is, and its size.
  int theta() const {
    return status([&] {
      mailbox().header[0] = address(learner_.theta().data());
      mailbox().header[1] = static_cast<double>(learner_.theta().size());
    });
  }
  /// input: θ.
  int set_theta(int size) {
    return status(
        [&] { learner_.set_theta(Eigen::Map<const Vector>(mailbox().input.data(), size)); });
  }
  val prepare(const std::shared_ptr<RawDataset>& data, const val& options) {
    return answer([&] {
      learner_.prepare(data->dataset(), trainer_options(options),
                       precision_named(options["precision"].as<std::string>()));
      return val::undefined();
    });
  }
  /// At most so many steps and milliseconds (0: no such limit). header as in `progress`.
  int advance(int steps, double milliseconds) {
    return status([&] {
      learner_.advance({steps, milliseconds});
      write_progress();
    });
  }
  int start_background() {
    return status([&] { learner_.start_background(); });
  }
  void request_stop() { learner_.request_stop(); }
  /// header[7]: whether the thread is at work; the others as in `progress`.
  int poll_background() {
    return status([&] {
      const bool is_running = learner_.poll_background();
      write_progress();
      mailbox().header[7] = is_running ? 1 : 0;
    });
  }
  /// header: status, step, total steps, train and test loss, learning rate, whether text has a
  /// message.
  int progress() const {
    return status([&] { write_progress(); });
  }
  /// output: step, train loss, test loss and learning rate, each of all entries. header: where,
  /// number of entries.
  int history() const {
    return status([&] {
      const std::vector<HistoryEntry>& history = learner_.history();
      auto table = output_matrix(static_cast<Index>(history.size()), 4);
      for (Index i = 0; i < table.rows(); ++i) {
        const HistoryEntry& entry = history[static_cast<std::size_t>(i)];
        table(i, 0) = static_cast<double>(entry.step);
        table(i, 1) = entry.train_loss;
        table(i, 2) = entry.test_loss;
        table(i, 3) = entry.learning_rate;
      }
      mailbox().header[1] = static_cast<double>(history.size());
    });
  }

 private:
  void write_progress() const {
    Mailbox& out = mailbox();
    out.header[0] = static_cast<double>(learner_.status());
    out.header[1] = static_cast<double>(learner_.step());
    out.header[2] = static_cast<double>(learner_.total_steps());
    out.header[3] = learner_.train_loss();
    out.header[4] = learner_.test_loss();
    out.header[5] = learner_.learning_rate();
    out.header[6] = learner_.message().empty() ? 0 : 1;
    if (!learner_.message().empty()) out.text = learner_.message();
  }

  Learner learner_;
  FlowCalls calls_;
  Vector energies_;
};

EMSCRIPTEN_BINDINGS(least_action_learner) {
  emscripten::class_<RawLearner>("RawLearner")
      .smart_ptr<std::shared_ptr<RawLearner>>("RawLearner")
      .class_function("create", &RawLearner::create)
      .class_function("load", &RawLearner::load)
      .function("save", &RawLearner::save)
      .function("description", &RawLearner::description)
      .function("parameterBlocks", &RawLearner::parameter_blocks)
      .function("setSolve", &RawLearner::set_solve)
      .function("setAdjoint", &RawLearner::set_adjoint)
      .function("rollout", &RawLearner::rollout)
      .function("pullback", &RawLearner::pullback)
      .function("rates", &RawLearner::rates)
      .function("energy", &RawLearner::energy)
      .function("loss", &RawLearner::loss)
      .function("theta", &RawLearner::theta)
      .function("setTheta", &RawLearner::set_theta)
      .function("prepare", &RawLearner::prepare)
      .function("advance", &RawLearner::advance)
      .function("startBackground", &RawLearner::start_background)
      .function("requestStop", &RawLearner::request_stop)
      .function("pollBackground", &RawLearner::poll_background)
      .function("progress", &RawLearner::progress)
      .function("history", &RawLearner::history);
}

}  // namespace
}  // namespace least_action::web
