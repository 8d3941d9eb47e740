#include <emscripten/bind.h>

#include <chrono>
#include <cmath>
#include <memory>
#include <string>

#include "answer.h"
#include "base/contract.h"
#include "session/session.h"
#include "view_bindings.h"

namespace least_action::web {
namespace {

using emscripten::val;

SessionConfig checked_config(const std::string& query) {
  ParsedConfig parsed = parse_config(query);
  if (!parsed.faults.empty()) throw BadConfig(parsed.faults);
  return parsed.config;
}

// Indices and counts arrive as doubles; js/arguments.mjs has checked that they are whole.
Index index(double value) { return static_cast<Index>(value); }

double milliseconds_now() {
  using Clock = std::chrono::steady_clock;
  return std::chrono::duration<double, std::milli>(Clock::now().time_since_epoch()).count();
}

/// A session behind the boundary. Every method gives an answer (see answer.h).
class RawSession final {
 public:
  static val create(const std::string& query) {
    return answer([&] {
      auto raw = std::make_shared<RawSession>();
      raw->session_ = std::make_unique<Session>(checked_config(query));
      return val(raw);
    });
  }

  val query() {
    return answer([&] { return val(to_query(session_->config())); });
  }
  val configure(const std::string& query) {
    return answer([&] {
      const ConfigureReport report = session_->configure(checked_config(query));
      if (!report.faults.empty()) throw BadConfig(report.faults);
      return val(report.restarted);
    });
  }
  val set_initial_state(const val& x0) {
    return answer([&] {
      session_->set_initial_state(numbers(x0));
      return val::undefined();
    });
  }
  val advance(double steps) {
    return answer([&] {
      session_->advance(index(steps));
      return val::undefined();
    });
  }
  val train(double milliseconds) {
    return answer([&] {
      const double end = milliseconds_now() + milliseconds;
      session_->start();
      while (session_->view().training) {
        const double left = end - milliseconds_now();
        if (left <= 0) break;
        session_->poll(std::min(left, 50.0));
      }
      session_->pause();
      return val::undefined();
    });
  }
  val reset() {
    return answer([&] {
      session_->reset();
      return val::undefined();
    });
  }
  val view() {
    return answer([&] {
      session_->refresh();
      return to_object(session_->view());
    });
  }
  val portrait(double model, const val& request) {
    return answer([&] {
      PortraitRequest wanted;
      wanted.x_component = index(request["xComponent"].as<double>());
      wanted.y_component = index(request["yComponent"].as<double>());
      wanted.x_min = request["xMin"].as<double>();
      wanted.x_max = request["xMax"].as<double>();
      wanted.y_min = request["yMin"].as<double>();
      wanted.y_max = request["yMax"].as<double>();
      wanted.columns = index(request["columns"].as<double>());
      wanted.rows = index(request["rows"].as<double>());
      wanted.base = numbers(request["base"]);
      return to_object(session_->portrait(index(model), wanted));
    });
  }
  val section(double model, const val& request) {
    return answer([&] {
      SectionRequest wanted;
      wanted.section_component = index(request["sectionComponent"].as<double>());
      wanted.x_component = index(request["xComponent"].as<double>());
      wanted.y_component = index(request["yComponent"].as<double>());
      wanted.energy = request["energy"].as<double>();
      wanted.starts = index(request["starts"].as<double>());
      wanted.duration = request["duration"].as<double>();
      return to_object(session_->section(index(model), wanted));
    });
  }
  val rollout(double model, const val& x0, const val& times) {
    return answer([&] {
      const std::vector<double> when = numbers(times);
      return to_object(session_->rollout(
          index(model), numbers(x0),
          Eigen::Map<const Vector>(when.data(), static_cast<Index>(when.size()))));
    });
  }
  val set_pinned(const val& starts) {
    return answer([&] {
      std::vector<std::vector<double>> all;
      const auto count = starts["length"].as<std::size_t>();
      for (std::size_t i = 0; i < count; ++i) all.push_back(numbers(starts[i]));
      session_->set_pinned(all);
      return val::undefined();
    });
  }
  val accuracy_dial(double model, const val& request) {
    return answer([&] {
      AccuracyRequest wanted;
      wanted.method = request["method"].as<std::string>();
      wanted.settings = numbers(request["settings"]);
      return to_object(session_->accuracy_dial(index(model), wanted));
    });
  }
  val round_trip(double model) {
    return answer([&] { return to_object(session_->round_trip(index(model))); });
  }
  val theta(double model) {
    return answer([&] {
      const std::vector<double> theta = session_->theta(index(model));
      return float64_array(theta.data(), theta.size());
    });
  }
  val set_theta(double model, const val& theta) {
    return answer([&] {
      session_->set_theta(index(model), numbers(theta));
      return val::undefined();
    });
  }
  val save() {
    return answer([&] { return uint8_array(session_->save()); });
  }
  val load(const std::string& bytes) {
    return answer([&] {
      reading_file([&] { session_->load(bytes); });
      return val::undefined();
    });
  }
  val dataset_csv() {
    return answer([&] { return val(session_->dataset_csv()); });
  }
  val history_csv() {
    return answer([&] { return val(session_->history_csv()); });
  }

 private:
  std::unique_ptr<Session> session_;
};

val raw_settings() {
  return answer([] {
    val all = val::array();
    for (std::size_t i = 0; i < settings().size(); ++i) all.set(i, to_object(settings()[i]));
    return all;
  });
}

val raw_presets() {
  return answer([] {
    val all = val::array();
    for (std::size_t i = 0; i < presets().size(); ++i) {
      val preset = val::object();
      preset.set("name", presets()[i].name);
      preset.set("title", presets()[i].title);
      preset.set("description", presets()[i].description);
      preset.set("query", presets()[i].query);
      all.set(i, preset);
    }
    return all;
  });
}

val parameter_object(const SystemParameter& parameter) {
  val object = val::object();
  object.set("name", parameter.name);
  object.set("symbol", parameter.symbol);
  object.set("unit", parameter.unit);
  object.set("defaultValue", parameter.default_value);
  object.set("minimum", parameter.minimum);
  object.set("maximum", parameter.maximum);
  object.set("description", parameter.description);
  return object;
}

val raw_systems() {
  return answer([] {
    val all = val::array();
    for (std::size_t i = 0; i < systems().size(); ++i) {
      const std::unique_ptr<System> system = make_system(systems()[i].name);
      val object = val::object();
      object.set("name", std::string(system->name()));
      object.set("title", std::string(system->title()));
      object.set("description", std::string(system->description()));
      object.set("degreesOfFreedom", static_cast<double>(system->degrees_of_freedom()));
      val parameters = val::array();
      for (std::size_t j = 0; j < system->parameters().size(); ++j)
        parameters.set(j, parameter_object(system->parameters()[j]));
      object.set("parameters", parameters);
      all.set(i, object);
    }
    return all;
  });
}

val raw_parse_config(const std::string& query) {
  return answer([&] {
    const ParsedConfig parsed = parse_config(query);
    val object = val::object();
    object.set("query", to_query(parsed.config));
    object.set("faults", string_array(parsed.faults));
    return object;
  });
}

val raw_methods() {
  return answer([] {
    val all = val::array();
    for (std::size_t i = 0; i < methods().size(); ++i) {
      const MethodTraits& method = methods()[i];
      val object = val::object();
      object.set("name", std::string(method.name));
      object.set("title", std::string(method.title));
      object.set("help", std::string(method.help));
      object.set("order", method.order);
      object.set("adaptive", method.adaptive);
      object.set("symplectic", method.symplectic);
      object.set("needsSeparable", method.needs_separable);
      object.set("implicit", method.implicit);
      all.set(i, object);
    }
    return all;
  });
}

val raw_sensitivities() {
  return answer([] {
    val all = val::array();
    for (std::size_t i = 0; i < sensitivity_methods().size(); ++i) {
      const SensitivityTraits& method = sensitivity_methods()[i];
      val object = val::object();
      object.set("name", std::string(method.name));
      object.set("title", std::string(method.title));
      object.set("help", std::string(method.help));
      object.set("memory", std::string(method.memory));
      object.set("exact", method.exact);
      all.set(i, object);
    }
    return all;
  });
}

EMSCRIPTEN_BINDINGS(least_action) {
  emscripten::class_<RawSession>("RawSession")
      .smart_ptr<std::shared_ptr<RawSession>>("RawSession")
      .class_function("create", &RawSession::create)
      .function("query", &RawSession::query)
      .function("configure", &RawSession::configure)
      .function("setInitialState", &RawSession::set_initial_state)
      .function("advance", &RawSession::advance)
      .function("train", &RawSession::train)
      .function("reset", &RawSession::reset)
      .function("view", &RawSession::view)
      .function("portrait", &RawSession::portrait)
      .function("section", &RawSession::section)
      .function("rollout", &RawSession::rollout)
      .function("setPinned", &RawSession::set_pinned)
      .function("accuracyDial", &RawSession::accuracy_dial)
      .function("roundTrip", &RawSession::round_trip)
      .function("theta", &RawSession::theta)
      .function("setTheta", &RawSession::set_theta)
      .function("save", &RawSession::save)
      .function("load", &RawSession::load)
      .function("datasetCsv", &RawSession::dataset_csv)
      .function("historyCsv", &RawSession::history_csv);
  emscripten::function("settings", &raw_settings);
  emscripten::function("presets", &raw_presets);
  emscripten::function("systems", &raw_systems);
  emscripten::function("methods", &raw_methods);
  emscripten::function("sensitivities", &raw_sensitivities);
  emscripten::function("parseConfig", &raw_parse_config);
}

}  // namespace
}  // namespace least_action::web
