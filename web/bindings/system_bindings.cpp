#include <emscripten/bind.h>

#include <memory>
#include <string>

#include "base/unknown_name.h"
#include "flow_calls.h"
#include "raw_dataset.h"
#include "session/dynamics.h"

namespace least_action::web {
namespace {

using emscripten::val;

/// make_system, which calls the argument `name`.
std::unique_ptr<System> system_named(const std::string& name) {
  for (const SystemTraits& known : systems())
    if (known.name == name) return make_system(name);
  fail_unknown("name", "system", name,
               names_of(systems(), [](const SystemTraits& each) { return each.name; }));
}

/// The values of a system's parameters, given some of them by name.
std::vector<double> parameter_values(const System& system,
                                     const std::vector<std::string>& names,
                                     const std::vector<double>& given) {
  std::vector<double> values = system.values();
  for (std::size_t i = 0; i < names.size(); ++i) {
    std::size_t j = 0;
    while (j < values.size() && system.parameters()[j].name != names[i]) ++j;
    if (j < values.size()) {
      values[j] = given[i];
      continue;
    }
    try {
      fail_unknown(
          "System.create", "parameter of the " + std::string(system.name()), names[i],
          names_of(system.parameters(), [](const SystemParameter& each) { return each.name; }));
    } catch (const std::invalid_argument& error) {
      throw UnknownOption(error.what());
    }
  }
  return values;
}

/// A mechanical system behind the boundary; charts are 0 (canonical) and 1 (velocity).
class RawSystem final {
 public:
  static val create(const std::string& name, const val& names, const val& given) {
    return answer([&] {
      const std::unique_ptr<System> defaults = system_named(name);
      auto raw = std::make_shared<RawSystem>();
      raw->system_ = make_system(
          name, parameter_values(*defaults, emscripten::vecFromJSArray<std::string>(names),
                                 numbers(given)));
      return val(raw);
    });
  }

  val description() const {
    return answer([&] {
      val object = val::object();
      object.set("name", std::string(system_->name()));
      object.set("title", std::string(system_->title()));
      object.set("description", std::string(system_->description()));
      object.set("degreesOfFreedom", static_cast<double>(system_->degrees_of_freedom()));
      val parameters = val::object();
      for (std::size_t i = 0; i < system_->values().size(); ++i)
        parameters.set(system_->parameters()[i].name, system_->values()[i]);
      object.set("parameters", parameters);
      val coordinates = val::array();
      for (std::size_t i = 0; i < system_->coordinates().size(); ++i) {
        const SystemCoordinate& from = system_->coordinates()[i];
        val coordinate = val::object();
        coordinate.set("symbol", from.symbol);
        coordinate.set("unit", from.unit);
        coordinate.set("periodic", from.periodic);
        coordinate.set("typicalPosition", from.typical_position);
        coordinate.set("typicalVelocity", from.typical_velocity);
        coordinate.set("typicalMomentum", from.typical_momentum);
        coordinates.set(i, coordinate);
      }
      object.set("coordinates", coordinates);
      object.set("isConservative", system_->is_conservative());
      object.set("isSeparable", system_->is_separable());
      object.set("typicalPeriod", system_->typical_period());
      Vector typical(system_->dimension());
      system_->typical_state(typical);
      object.set("typicalState",
                 float64_array(typical.data(), static_cast<std::size_t>(typical.size())));
      return object;
    });
  }

  val sample(int chart, const val& wanted) const {
    return answer([&] {
      SamplingOptions options;
      options.trajectories = static_cast<Index>(wanted["trajectories"].as<double>());
      options.samples = static_cast<Index>(wanted["samples"].as<double>());
      options.duration = wanted["duration"].as<double>();
      options.noise = wanted["noise"].as<double>();
      options.irregular_times = wanted["irregularTimes"].as<bool>();
      options.missing_fraction = wanted["missingFraction"].as<double>();
      options.test_fraction = wanted["testFraction"].as<double>();
      options.targets = wanted["derivatives"].as<std::string>() == "estimate"
                            ? DerivativeTargets::kFiniteDifference
                            : DerivativeTargets::kExact;
      options.seed = static_cast<std::uint64_t>(wanted["seed"].as<double>());
      return val(
          std::make_shared<RawDataset>(sample_dataset(*system_, chart_of(chart), options)));
    });
  }

  val set_solve(const std::string& method, double step, double relative_tolerance,
                double absolute_tolerance, double max_steps) {
    return answer([&] {
      calls_.set_solve(method, step, relative_tolerance, absolute_tolerance, max_steps);
      return val::undefined();
    });
  }
  int rollout(int chart, int batch, int count) {
    return status([&] { calls_.rollout(flow(chart), batch, count); });
  }
  int rates(int chart, int count) {
    return status([&] { web::rates(flow(chart), count); });
  }
  /// input: x (dimension × count). header: where the energies (count) are.
  int energy(int chart, int count) const {
    return status([&] {
      const auto x = input_matrix(system_->dimension(), count);
      auto energies = output_matrix(1, count);
      for (Index b = 0; b < count; ++b)
        energies(0, b) = system_->energy(chart_of(chart), x.col(b));
    });
  }
  /// input: x (dimension × count). header: where they are in the other chart.
  int convert(int from, int to, int count) const {
    return status([&] {
      const auto x = input_matrix(system_->dimension(), count);
      auto y = output_matrix(system_->dimension(), count);
      for (Index b = 0; b < count; ++b)
        system_->convert(chart_of(from), chart_of(to), x.col(b), y.col(b));
    });
  }

 private:
  struct Motion {
    Motion(const System& system, Chart chart) : field(system, chart), flow(field) {}
    SystemField field;
    PhaseFlow flow;
  };
  PhaseFlow& flow(int chart) {
    std::unique_ptr<Motion>& motion = motions_[chart == 0 ? 0 : 1];
    if (!motion) motion = std::make_unique<Motion>(*system_, chart_of(chart));
    return motion->flow;
  }

  std::unique_ptr<System> system_;
  std::unique_ptr<Motion> motions_[2];  // of either chart, made when first needed
  FlowCalls calls_;
};

EMSCRIPTEN_BINDINGS(least_action_system) {
  emscripten::class_<RawSystem>("RawSystem")
      .smart_ptr<std::shared_ptr<RawSystem>>("RawSystem")
      .class_function("create", &RawSystem::create)
      .function("description", &RawSystem::description)
      .function("sample", &RawSystem::sample)
      .function("setSolve", &RawSystem::set_solve)
      .function("rollout", &RawSystem::rollout)
      .function("rates", &RawSystem::rates)
      .function("energy", &RawSystem::energy)
      .function("convert", &RawSystem::convert);
}

}  // namespace
}  // namespace least_action::web
