#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/contract.h"
#include "systems/system.h"

using namespace least_action;

namespace {

std::string message_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "no exception";
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_SUITE("systems/catalog") {
  TEST_CASE("the catalog holds the eight systems under their own names") {
    const std::vector<std::string> expected = {
        "spring",  "pendulum",     "damped-pendulum", "double-pendulum",
        "duffing", "henon-heiles", "two-body",        "coupled-oscillators"};
    std::vector<std::string> names;
    for (const SystemTraits& traits : systems()) {
      names.emplace_back(traits.name);
      CHECK(make_system(traits.name)->name() == traits.name);
      CHECK(make_system(traits.name)->title() == traits.title);
    }
    CHECK(names == expected);
  }

  TEST_CASE("an unknown name is answered with the near one and the known ones") {
    const std::string near = message_of([] { make_system("pendulm"); });
    CHECK(holds(near, "no system is called \"pendulm\""));
    CHECK(holds(near, "did you mean \"pendulum\"?"));
    CHECK(holds(near, "henon-heiles"));
    const std::string far = message_of([] { make_system("xyzzy"); });
    CHECK(!holds(far, "did you mean"));
    CHECK(holds(far, "known: spring, pendulum"));
  }

  TEST_CASE("a wrong number of values names the parameters") {
    const std::string message = message_of([] { make_system("pendulum", {1.0}); });
    CHECK(holds(message, "pendulum: values has size 1, expected 3 (mass, length, gravity)"));
  }

  TEST_CASE("a value out of range is named with its range and unit") {
    const std::string message = message_of([] { make_system("pendulum", {1.0, -2.0, 9.81}); });
    CHECK(holds(message, "length is -2; it must be between 0.1 and " + to_text(10) + " m"));
    const double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK(holds(message_of([nan] { make_system("spring", {nan, 1.0}); }), "mass is nan"));
  }

  TEST_CASE("defaults lie in their ranges, and both ends of every range make a system") {
    for (const SystemTraits& traits : systems()) {
      const std::string name(traits.name);
      CAPTURE(name);
      const auto system = make_system(traits.name);
      for (std::size_t i = 0; i < system->parameters().size(); ++i) {
        const SystemParameter& parameter = system->parameters()[i];
        CAPTURE(parameter.name);
        CHECK(parameter.minimum < parameter.maximum);
        CHECK(system->values()[i] == parameter.default_value);
        for (const double end : {parameter.minimum, parameter.maximum}) {
          std::vector<double> values = system->values();
          values[i] = end;
          const auto extreme = make_system(traits.name, values);
          CHECK(extreme->values() == values);
          Vector x(extreme->dimension());
          Random random(1);
          extreme->sample_state(random, Chart::kVelocity, x);
          CHECK(x.allFinite());
          extreme->typical_state(x);
          CHECK(std::isfinite(extreme->energy(Chart::kCanonical, x)));
          CHECK(std::isfinite(extreme->typical_period()));
          CHECK(extreme->typical_period() > 0);
        }
      }
    }
  }
}
