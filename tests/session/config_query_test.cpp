#include <doctest/doctest.h>

#include <cmath>
#include <cstdio>
#include <string>

#include "base/random.h"
#include "session/session_config.h"

using namespace least_action;

namespace {

std::string joined(const std::vector<std::string>& faults) {
  std::string text;
  for (const std::string& fault : faults) text += fault + "\n";
  return text;
}

// A value of a setting, somewhere in its range, as text.
std::string random_value(const Setting& setting, Random& random) {
  switch (setting.kind) {
    case Setting::Kind::kChoice:
      return setting.choices[random.below(setting.choices.size())];
    case Setting::Kind::kBoolean:
      return random.below(2) == 0 ? "0" : "1";
    case Setting::Kind::kInteger: {
      const double span = setting.maximum - setting.minimum;
      return std::to_string(
          static_cast<long long>(setting.minimum + std::floor(random.uniform() * span)));
    }
    case Setting::Kind::kNumber: {
      const double low = std::max(setting.minimum, 1e-9);
      const double value = setting.logarithmic
                               ? low * std::pow(setting.maximum / low, random.uniform())
                               : random.uniform(setting.minimum, setting.maximum);
      char buffer[40];
      std::snprintf(buffer, sizeof buffer, "%.17g", value);
      return buffer;
    }
    case Setting::Kind::kText:
      return setting.key == "models" ? "lnn:7,9:softplus+resnet:3:silu:5" : "";
  }
  return {};
}

}  // namespace

TEST_SUITE("session/config_query") {
  TEST_CASE("the default experiment is the empty text") {
    CHECK(to_query(SessionConfig()) == "");
    const ParsedConfig parsed = parse_config("");
    CHECK(parsed.faults.empty());
    CHECK(parsed.config == SessionConfig());
    CHECK(find_faults(SessionConfig()).empty());
  }

  // Oracle: the identity. Every setting is drawn at random, full 53-bit mantissas included.
  TEST_CASE("every setting survives the way to text and back, bit for bit") {
    Random random(7);
    int compared = 0;
    for (int round = 0; round < 300; ++round) {
      SessionConfig config;
      for (const Setting& setting : settings()) {
        if (random.below(3) == 0) continue;
        const std::string text = random_value(setting, random);
        const auto fault = set_setting(config, setting.key, text);
        CAPTURE(setting.key);
        CAPTURE(text);
        REQUIRE(!fault);
      }
      if (!find_faults(config).empty()) continue;
      const std::string query = to_query(config);
      const ParsedConfig parsed = parse_config(query);
      CAPTURE(query);
      REQUIRE_MESSAGE(parsed.faults.empty(), joined(parsed.faults));
      for (const Setting& setting : settings()) {
        CAPTURE(setting.key);
        CHECK(setting_text(parsed.config, setting.key) == setting_text(config, setting.key));
      }
      CHECK(parsed.config.training.learning_rate == config.training.learning_rate);
      CHECK(parsed.config.data.noise == config.data.noise);
      CHECK(parsed.config.models == config.models);
      CHECK(parsed.config.seed == config.seed);
      CHECK(to_query(parsed.config) == query);
      ++compared;
    }
    CHECK(compared > 50);
  }

  TEST_CASE("parameters and the initial state survive the way to text and back") {
    SessionConfig config;
    REQUIRE(!set_setting(config, "system", "double-pendulum"));
    REQUIRE(!set_setting(config, "p.length2", "1.2345678901234567"));
    config.initial_state = {0.1, -1.0 / 3, 1e-20, 2};
    const ParsedConfig parsed = parse_config("#" + to_query(config));
    CHECK(parsed.faults.empty());
    CHECK(parsed.config.parameters == config.parameters);
    CHECK(parsed.config.initial_state == config.initial_state);
    CHECK(setting_text(parsed.config, "p.length2") == "1.2345678901234567");
  }

  TEST_CASE("only what differs from the default is written") {
    SessionConfig config;
    config.data.noise = 0.25;
    config.seed = 99;
    CHECK(to_query(config) == "noise=0.25&seed=99");
  }

  TEST_CASE("the order of settings does not matter, and escapes are understood") {
    const ParsedConfig a = parse_config("?x0=0.5,0,0.25,0&p.lambda=0.9&system=henon-heiles");
    CHECK(joined(a.faults) == "");
    CHECK(a.config.initial_state.size() == 4);
    const ParsedConfig b = parse_config("models=hnn%3A8%2C4%3Asine+node%3A16%3Asilu");
    CHECK(joined(b.faults) == "");
    REQUIRE(b.config.models.size() == 2);
    CHECK(b.config.models[0].hidden == std::vector<Index>{8, 4});
    CHECK(b.config.models[1].activation == Activation::kSilu);
    // A program that decodes forms makes a space of '+'.
    CHECK(parse_config("models=hnn:8,4:sine node:16:silu").config == b.config);
  }

  TEST_CASE("nonsense falls back to the default with a sentence each, and can run") {
    for (const std::string query : {"models=hnn:1000000000:tanh",
                                    "models=hnn:1e308",
                                    "models=hnn:-3",
                                    "models=hnn:nan",
                                    "models=hnn:2.5",
                                    "models=hnn:",
                                    "models=",
                                    "models=hnn:1,1,1,1,1,1",
                                    "models=hnm:8",
                                    "models=hnn:8:relu",
                                    "models=hnn:8:tanh:2",
                                    "models=resnet:8:tanh:1e9",
                                    "models=hnn:8:tanh:1:1",
                                    "models=hnn+hnn+hnn+hnn+hnn",
                                    "lr=nan",
                                    "lr=inf",
                                    "lr=-1",
                                    "lr=1e308",
                                    "lr=",
                                    "lr=0x",
                                    "noise=1e400",
                                    "samples=1e300",
                                    "samples=2.5",
                                    "samples=0",
                                    "trajectories=2000&samples=2000",
                                    "trajectories=1&test=0.5",
                                    "seed=-1",
                                    "seed=1e19",
                                    "system=penduluum",
                                    "p.lenght=1",
                                    "p.length=1e9",
                                    "p.length=nan",
                                    "x0=1",
                                    "x0=1,2,3",
                                    "x0=nan,0",
                                    "x0=1e300,0",
                                    "x0=,",
                                    "step=1e-5&integrator=rk4&periods=200",
                                    "loss=trajectory&segment=100&samples=50",
                                    "targets=difference&samples=2",
                                    "integrator=rk5",
                                    "irregular=maybe",
                                    "colour=red",
                                    "preset=nope",
                                    "lr",
                                    "%zz=%zz",
                                    "batch=1e9",
                                    "duration=0",
                                    "rtol=0",
                                    "=",
                                    "p.=1",
                                    "\xff\xfe=\x80"}) {
      CAPTURE(query);
      const ParsedConfig parsed = parse_config(query);
      REQUIRE(parsed.faults.size() == 1);
      CHECK(parsed.faults[0].size() > 20);
      CHECK(parsed.faults[0].back() != ' ');
      CHECK(find_faults(parsed.config).empty());
    }
    CHECK(parse_config("lr=nan").config == SessionConfig());
    CHECK(parse_config(std::string(100000, 'a')).faults.size() == 1);
  }

  TEST_CASE("a misspelt name is answered by the nearest known one") {
    CHECK(joined(parse_config("niose=0.1").faults).find("noise") != std::string::npos);
    CHECK(joined(parse_config("system=pendulun").faults).find("\"pendulum\"") !=
          std::string::npos);
    CHECK(joined(parse_config("p.lenght=1").faults).find("\"length\"") != std::string::npos);
  }

  TEST_CASE("one bad value does not take the good ones with it") {
    const ParsedConfig parsed = parse_config("lr=bad&noise=0.3&seed=12");
    CHECK(parsed.faults.size() == 1);
    CHECK(parsed.config.data.noise == 0.3);
    CHECK(parsed.config.seed == 12);
  }

  // Oracle: the contract "never throws, always runnable", on random bytes and mutated links.
  TEST_CASE("no text whatever throws or gives a config that cannot run") {
    Random random(11);
    const std::string valid =
        "system=duffing&models=hnn:8:tanh+node:8:tanh&noise=0.1&lr=0.01&x0=1,0.5&p.beta=1.5";
    for (int round = 0; round < 600; ++round) {
      std::string text = valid;
      const auto edits = 1 + random.below(6);
      for (std::uint64_t i = 0; i < edits; ++i) {
        const auto at = random.below(text.size());
        if (random.below(3) == 0) text.erase(at, 1 + random.below(5));
        if (text.empty()) break;
        text[random.below(text.size())] = static_cast<char>(random.below(256));
      }
      CAPTURE(text);
      CHECK(find_faults(parse_config(text).config).empty());
    }
  }

  TEST_CASE("every preset parses without a fault, under its own name too") {
    CHECK(presets().size() >= 6);
    for (const Preset& preset : presets()) {
      CAPTURE(preset.name);
      const ParsedConfig parsed = parse_config(preset.query);
      CHECK(joined(parsed.faults) == "");
      const ParsedConfig named = parse_config("preset=" + preset.name);
      CHECK(joined(named.faults) == "");
      CHECK(named.config == parsed.config);
      CHECK(!preset.title.empty());
      CHECK(!preset.description.empty());
    }
    CHECK(parse_config("preset=spring&seed=5").config.seed == 5);
    CHECK(parse_config("preset=spring&seed=5").config.system == "spring");
  }
}

TEST_SUITE("session/config_faults") {
  TEST_CASE("what C++ code gets wrong is found before anything runs") {
    const auto faults_of = [](auto change) {
      SessionConfig config;
      change(config);
      return find_faults(config).size();
    };
    CHECK(faults_of([](SessionConfig&) {}) == 0);
    CHECK(faults_of([](SessionConfig& c) { c.models.clear(); }) == 1);
    CHECK(faults_of([](SessionConfig& c) { c.models.resize(5); }) == 1);
    CHECK(faults_of([](SessionConfig& c) { c.models[0].hidden = {0}; }) == 1);
    CHECK(faults_of([](SessionConfig& c) { c.models[0].hidden.clear(); }) == 1);
    CHECK(faults_of([](SessionConfig& c) { c.system = "brick"; }) == 1);
    CHECK(faults_of([](SessionConfig& c) { c.parameters = {1}; }) == 1);
    CHECK(faults_of([](SessionConfig& c) { c.parameters = {1, NAN, 9.81}; }) == 1);
    CHECK(faults_of([](SessionConfig& c) { c.data.noise = NAN; }) == 1);
    CHECK(faults_of([](SessionConfig& c) { c.data.samples = -7; }) == 1);
    CHECK(faults_of([](SessionConfig& c) { c.training.learning_rate = 0; }) == 1);
    CHECK(faults_of([](SessionConfig& c) { c.initial_state = {1}; }) == 1);
    CHECK(faults_of([](SessionConfig& c) { c.rollout_periods = 1e9; }) == 1);
  }
}

TEST_SUITE("session/settings") {
  TEST_CASE("the table is complete: keys are unique, help and labels are there") {
    for (const Setting& setting : settings()) {
      CAPTURE(setting.key);
      CHECK(!setting.label.empty());
      CHECK(setting.help.size() > 10);
      CHECK(setting.choices.size() == setting.choice_labels.size());
      CHECK((setting.kind != Setting::Kind::kChoice || setting.choices.size() > 1));
      int alike = 0;
      for (const Setting& other : settings()) alike += other.key == setting.key ? 1 : 0;
      CHECK(alike == 1);
    }
  }

  TEST_CASE("choosing another system resets its parameters and the initial state") {
    SessionConfig config;
    REQUIRE(!set_setting(config, "p.length", "2"));
    config.initial_state = {1, 0};
    REQUIRE(!set_setting(config, "system", "pendulum"));
    CHECK(setting_text(config, "p.length") == "2");
    REQUIRE(!set_setting(config, "system", "spring"));
    CHECK(config.parameters.empty());
    CHECK(config.initial_state.empty());
    CHECK(find_faults(config).empty());
  }

  TEST_CASE("a refused value changes nothing") {
    SessionConfig config;
    const auto fault = set_setting(config, "lr", "fast");
    REQUIRE(fault);
    CHECK(fault->find("Learning rate") != std::string::npos);
    CHECK(config == SessionConfig());
    CHECK_THROWS_AS(setting_text(config, "nope"), std::invalid_argument);
  }
}
