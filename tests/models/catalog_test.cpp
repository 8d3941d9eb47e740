#include <doctest/doctest.h>

#include <set>
#include <stdexcept>
#include <string>

#include "models/dynamics_model.h"

using namespace least_action;

TEST_SUITE("models/catalog") {
  TEST_CASE("every kind has a name of its own that leads back to it") {
    std::set<std::string_view> names;
    for (const ModelTraits& known : model_kinds()) {
      CHECK(names.insert(known.name).second);
      CHECK(model_kind_named(known.name) == known.kind);
      CHECK(traits(known.kind).name == known.name);
      CHECK_FALSE(known.title.empty());
    }
    CHECK(names == std::set<std::string_view>{"node", "resnet", "hnn", "separable-hnn", "lnn"});
  }

  TEST_CASE("only the Lagrangian network lives in the velocity chart") {
    for (const ModelTraits& known : model_kinds()) {
      const bool velocity = known.chart == Chart::kVelocity;
      CHECK(velocity == (known.kind == ModelKind::kLagrangian));
    }
  }

  TEST_CASE("an unknown name is refused with the known ones and the nearest") {
    std::string message;
    try {
      model_kind_named("resnett");
    } catch (const std::invalid_argument& error) {
      message = error.what();
    }
    CHECK(message.find("\"resnett\"") != std::string::npos);
    CHECK(message.find("did you mean \"resnet\"") != std::string::npos);
    CHECK(message.find("node, resnet, hnn, separable-hnn, lnn") != std::string::npos);
    CHECK_THROWS_AS(traits(static_cast<ModelKind>(77)), std::invalid_argument);
  }

  TEST_CASE("make_model builds the kind and keeps the spec") {
    for (const ModelTraits& known : model_kinds()) {
      ModelSpec spec;
      spec.kind = known.kind;
      spec.degrees_of_freedom = 3;
      spec.hidden = {4, 5};
      const auto model = make_model<float>(spec);
      CHECK(model->spec().kind == known.kind);
      CHECK(model->spec().hidden == spec.hidden);
      CHECK(model->dimension() == 6);
      // Oracle: analytic count of weights and biases of 6-4-5-1 (or 6-4-5-6, or two 3-4-5-1).
      Index expected = 7 * 4 + 5 * 5 + 6 * 1;
      if (!known.has_energy) expected = 7 * 4 + 5 * 5 + 6 * 6;
      if (known.kind == ModelKind::kSeparableHamiltonian) expected = 2 * (4 * 4 + 5 * 5 + 6);
      CHECK(model->num_parameters() == expected);
    }
  }
}
